"""The summary of a run."""

import json

import pandas as pd
import pytest

from keras_ma2mi.evaluation import bootstrap_over_subjects, score, subject_table, summarise
from tests.keras_ma2mi.evaluation.tables import CLASSES, random_table, table


def test_pooled_and_per_dataset_figures_are_the_scores_and_their_intervals():
    x, y = random_table(0), random_table(1).assign(dataset="e")
    y["clip_id"] = "e/" + y["clip_id"]
    summary = summarise(pd.concat([x, y]), CLASSES)
    assert list(summary["per_dataset"]) == ["d", "e"]
    assert summary["pooled"]["n_subjects"] == 40
    assert summary["pooled"]["uf1"]["value"] == pytest.approx(score(pd.concat([x, y]), CLASSES).uf1)
    block = summary["per_dataset"]["e"]["uar"]
    assert block["value"] == pytest.approx(score(y, CLASSES).uar)
    assert (block["low"], block["high"]) == bootstrap_over_subjects(y, CLASSES)["uar"]
    assert block["spread"] is None


def test_a_summary_is_strict_json_even_where_nothing_is_known():
    summary = summarise(table("a:nn a:pp"), CLASSES)
    restored = json.loads(json.dumps(summary, allow_nan=False))
    assert restored["pooled"]["accuracy"] == {
        "value": 1.0,
        "low": None,
        "high": None,
        "spread": None,
    }
    assert restored["pooled"]["absent_classes"] == ["surprise"]
    assert restored["majority_baseline"]["accuracy"] == 0.5


def test_several_seeds_are_averaged_and_kept_apart():
    rows = pd.concat([table("a:nn b:pp").assign(seed=1), table("a:nn b:pn").assign(seed=2)])
    pooled = summarise(rows, CLASSES)["pooled"]
    assert pooled["seeds"] == [1, 2]
    assert pooled["n_clips"] == 2
    assert pooled["accuracy"]["value"] == 0.75
    assert pooled["per_seed"]["2"]["accuracy"] == 0.5
    assert pooled["per_class"]["positive"] == {"recall": 0.5, "f1": 0.5, "support": 1}
    assert pooled["confusion"] == [[2, 0, 0], [1, 1, 0], [0, 0, 0]]


def test_subjects_are_listed_with_their_clips_and_hits():
    rows = pd.concat([table("b:nn b:pn a:ss").assign(seed=seed) for seed in (0, 1)])
    rows.loc[(rows["seed"] == 1) & (rows["subject"] == "a"), "prediction"] = "negative"
    subjects = subject_table(rows, CLASSES)
    assert subjects["subject"].tolist() == ["d/a", "d/b"]
    assert subjects["n_clips"].tolist() == [1, 2]
    assert subjects["correct"].tolist() == [0.5, 1.0]
    assert subjects["accuracy"].tolist() == [0.5, 0.5]
