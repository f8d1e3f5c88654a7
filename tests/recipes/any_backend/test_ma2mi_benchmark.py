"""The benchmark of MA2MI, in all that needs no network: labels, people, folders, figures."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keras_ma2mi.evaluation import Fold, holm_adjusted, leave_one_subject_out, score
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.synthesis.script import write_script
from ma2mi_recipes.baselines import BASELINES
from ma2mi_recipes.ma2mi_benchmark import (
    FULL_PLAN,
    QUICK_PLAN,
    Condition,
    Family,
    Plan,
    RenderedSet,
    Results,
    check_disjoint,
    families_beside,
    for_choosing,
    in_style,
    results_document,
    run_conditions,
    standard_conditions,
    standard_families,
)
from ma2mi_recipes.ma2mi_benchmark.archived_run import still_needed
from ma2mi_recipes.ma2mi_benchmark.cells import cells_of
from ma2mi_recipes.ma2mi_benchmark.conditions import check_conditions
from ma2mi_recipes.ma2mi_benchmark.goals import judged_goals
from ma2mi_recipes.ma2mi_benchmark.known_labels import with_known_labels
from ma2mi_recipes.ma2mi_benchmark.picture import write_ma2mi_picture
from ma2mi_recipes.ma2mi_benchmark.starts import starts_of
from ma2mi_recipes.ma2mi_benchmark.tables import ma2mi_markdown

TINY = Plan(
    "tiny",
    macro=RenderedSet("macro", 1, 1, seed=1, style="plain"),
    micro=RenderedSet("micro", 3, 5, seed=2, style="plain", fps=20.0),
    fractions=(0.5, 1.0),
    seeds=(0, 1),
    size=32,
)
SIMPLE = [Condition(name, training={"model": name}) for name in ("majority", "linear_svm")]


@given(
    counts=st.lists(st.integers(1, 12), min_size=2, max_size=4),
    shares=st.lists(st.floats(0.01, 1.0), min_size=2, max_size=4),
    seed=st.integers(0, 50),
)
@settings(max_examples=40, deadline=None)
def test_a_smaller_share_of_labels_is_part_of_a_larger_one_and_has_every_class(
    counts: list[int], shares: list[float], seed: int
) -> None:
    labels = np.repeat(np.arange(len(counts)), counts).astype(np.int32)
    labels = np.random.default_rng(seed).permutation(np.concatenate([labels, labels]))
    rows = np.arange(len(labels))
    train, test = rows[rows % 3 > 0], rows[rows % 3 == 0]
    fold = Fold("somebody", train, test)
    drawn = [with_known_labels(fold, labels, share, seed) for share in sorted(shares)]
    for share, part in zip(sorted(shares), drawn, strict=True):
        np.testing.assert_array_equal(part.test, test)
        assert set(part.train) <= set(train)
        for name in set(labels[train]):
            there = int((labels[train] == name).sum())
            assert abs((labels[part.train] == name).sum() - max(1, share * there)) <= 0.5
    for smaller, larger in pairwise(drawn):
        assert set(smaller.train) <= set(larger.train)
    np.testing.assert_array_equal(with_known_labels(fold, labels, 1.0, seed).train, train)


def test_whose_labels_are_known_depends_on_seed_and_fold_alone() -> None:
    labels = np.tile(np.arange(5, dtype=np.int32), 12)
    subjects = [f"s{row // 10}" for row in range(60)]
    one, other = leave_one_subject_out(subjects)[:2]
    drawn = with_known_labels(one, labels, 0.25, seed=3).train
    shuffled = Fold(one.name, one.train[::-1], one.test)
    np.testing.assert_array_equal(with_known_labels(shuffled, labels, 0.25, seed=3).train, drawn)
    assert set(with_known_labels(one, labels, 0.25, seed=4).train) != set(drawn)
    # Of the clips that both folds train on, others are drawn.
    both = set(one.train) & set(other.train)
    assert set(with_known_labels(other, labels, 0.25, seed=3).train) & both != set(drawn) & both
    assert not {subjects[row] for row in drawn} & {subjects[row] for row in one.test}
    with pytest.raises(ValueError, match="Received: fraction=0"):
        with_known_labels(one, labels, 0.0, seed=3)


@pytest.mark.parametrize("plan", [FULL_PLAN, QUICK_PLAN], ids=lambda plan: plan.name)
def test_options_are_chosen_on_other_people_and_seeds_than_are_reported(plan: Plan) -> None:
    choosing = for_choosing(plan)
    assert not set(plan.seeds) & set(choosing.seeds)
    sets = [plan.macro, plan.micro, choosing.macro, choosing.micro]
    faces = [
        write_script(
            one.kind, subject=0, clip=0, label=None, size=48, fps=30.0, seed=one.seed
        ).identity
        for one in sets
    ]
    assert len({face.texture_seed for face in faces}) == 4
    assert len({face.nose_tip_y for face in faces}) == 4
    with pytest.raises(ValueError, match="different people"):
        check_disjoint(plan, in_style(choosing, "plain"), in_style(choosing, "plain"))
    with pytest.raises(ValueError, match="different seeds"):
        check_disjoint(plan, replace(choosing, seeds=plan.seeds))


def test_the_full_plan_is_what_was_asked_for() -> None:
    assert FULL_PLAN.micro.subjects >= 16
    assert len(FULL_PLAN.seeds) >= 5
    assert FULL_PLAN.fractions == (0.1, 0.25, 0.5, 1.0)
    names = {condition.label for condition in standard_conditions(FULL_PLAN)}
    assert len(names) == 5 * 3 + len(BASELINES)
    epochs = [FULL_PLAN.epochs_at(share) for share in FULL_PLAN.fractions]
    assert epochs == [95, 60, 43, 30]


def test_one_reconstruction_serves_two_branches_and_position_alone(tmp_path: Path) -> None:
    plan = replace(TINY, methods=("scratch", "naive_transfer", "ma2mi"))
    conditions = standard_conditions(plan)
    starts = starts_of(plan, conditions, tmp_path)
    # Seeds times reconstructions (one without fusion, for action alone) and classifiers.
    assert len(starts) == 2 * (2 + 3)
    cells = cells_of(plan, conditions, tmp_path)
    assert len({cell.path for cell in cells}) == len(cells) == (3 * 3 + len(BASELINES)) * 2 * 2
    ours = {
        cell.condition: cell.start.folder
        for cell in cells
        if cell.condition.startswith("ma2mi") and cell.start is not None
    }
    assert ours["ma2mi, both"] == ours["ma2mi, position"] != ours["ma2mi, action"]


def test_what_a_classification_begins_with_comes_before_it(tmp_path: Path) -> None:
    plan = replace(TINY, seeds=(0,), pretraining_backend="other")
    chained = Condition("then", pretraining={}, then_classify={})
    starts = starts_of(plan, [chained, Condition("ma2mi", pretraining={})], tmp_path)
    assert [start.depth for start in starts] == [0, 1]
    reconstruction, classification = starts
    assert classification.after == reconstruction
    assert reconstruction.backend == "other" != classification.backend
    # Where the classification is told of but its network is needed, so is what it begins with.
    classification.facts_path.parent.mkdir(parents=True)
    reconstruction.facts_path.parent.mkdir(parents=True)
    for start in starts:
        start.facts_path.write_text("{}")
    assert still_needed(starts, []) == []
    assert still_needed(starts, [classification]) == starts


def test_changed_options_are_kept_apart(tmp_path: Path) -> None:
    plan = replace(TINY, seeds=(0,), fractions=(1.0,))
    usual = Condition("ma2mi", pretraining={})

    def path(condition: Condition, plan: Plan = plan) -> Path:
        return cells_of(plan, [condition], tmp_path)[0].path

    changed = [
        replace(usual, pretraining={"code_channels": 4}),
        replace(usual, training={"layer_decay": 0.7}),
        replace(usual, preprocessing={"gap_seconds": (0.1, 0.2)}),
        replace(usual, task="classification"),
        replace(usual, then_classify={}),
        replace(usual, then_classify={"epochs": 3}),
        replace(usual, then_classify={}, pretraining={"code_channels": 4}),
        replace(usual, branches="action"),
        replace(usual, name="ours"),
    ]
    other_plans = [
        replace(plan, micro=replace(plan.micro, seed=9)),
        replace(plan, macro=replace(plan.macro, fps=25.0)),
        replace(plan, epochs=5),
        replace(plan, pretraining_epochs=5),
    ]
    paths = [path(usual), *map(path, changed), *(path(usual, other) for other in other_plans)]
    assert len({one.parent for one in paths}) == len(paths)
    assert path(usual, replace(plan, fractions=(1.0, 0.5), seeds=(0, 1))) == path(usual)


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ([Condition("a", training={"depth": 3})], "condition a: its training changes depth"),
        ([Condition("a", pretraining={"depth": 3})], "PretrainOptions does not have"),
        ([Condition("a", preprocessing={"depth": 3})], "PreprocessOptions does not have"),
        ([Condition("a", then_classify={})], "a: then_classify comes after a reconstruction"),
        ([Condition("a", {}, then_classify={"depth": 3})], "its then_classify changes depth"),
        ([Condition("a"), Condition("a")], "two conditions are named a, both"),
        ([], "nothing to compare"),
    ],
)
def test_impossible_conditions_are_refused(conditions: list[Condition], said: str) -> None:
    with pytest.raises(InputError, match=said):
        check_conditions(conditions, TINY)


@pytest.mark.parametrize(
    "change", [{"methods": ("magic",)}, {"branches": ()}, {"fractions": (0.0, 1.0)}]
)
def test_impossible_plans_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InputError, match=r"magic|nothing|above 0"):
        replace(TINY, **change)


@pytest.fixture(scope="module")
def simple(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return run_conditions(TINY, SIMPLE, tmp_path_factory.mktemp("simple"))


def test_a_run_that_was_cut_off_goes_on_and_gives_the_same(simple: Results) -> None:
    before = {cell.path: cell.path.read_bytes() for cell in simple.cells}
    lost, *others = simple.cells
    times = {cell.path: cell.path.stat().st_mtime_ns for cell in others}
    # As after a kill between the two files of a cell.
    lost.path.unlink()
    told: list[tuple[str, int, int]] = []
    again = run_conditions(TINY, SIMPLE, lost.out, on_step=lambda *step: told.append(step))
    assert told[-2:] == [("fine-tuning", 7, 8), ("fine-tuning", 8, 8)]
    assert {cell.path: cell.path.read_bytes() for cell in again.cells} == before
    assert {path: path.stat().st_mtime_ns for path in times} == times
    # Another seed finds what is there, and adds to it.
    told.clear()
    run_conditions(
        replace(TINY, seeds=(1, 2)), SIMPLE, lost.out, on_step=lambda *step: told.append(step)
    )
    assert ("fine-tuning", 4, 8) in told


def test_every_clip_is_predicted_by_what_did_not_see_its_person(simple: Results) -> None:
    for fraction in TINY.fractions:
        table = simple.predictions("linear_svm", fraction)
        assert (table["subject"] == table["fold"]).all()
        assert len(table) == 15 * len(TINY.seeds)
        assert not table.duplicated(["clip_id", "seed"]).any()
    # Of two other people with five classes each: half is one clip a class.
    assert simple.facts("linear_svm", 0.5)["train_clips"] == 5
    assert simple.facts("linear_svm", 1.0)["train_clips"] == 10


def test_figures_are_those_of_the_predictions(simple: Results) -> None:
    document = results_document(simple, families_beside(simple.conditions), resamples=50)
    text = json.dumps(document, allow_nan=False)
    assert json.dumps(json.loads(text)) == text
    row = next(
        row
        for row in document["rows"]
        if (row["condition"], row["fraction"]) == ("linear_svm", 1.0)
    )
    table = simple.predictions("linear_svm", 1.0)
    by_seed = [score(part, simple.classes).uf1 for _, part in table.groupby("seed")]
    assert row["uf1"]["value"] == pytest.approx(np.mean(by_seed))
    assert list(row["uf1_of_seeds"].values()) == pytest.approx(by_seed)
    line = document["comparisons"][1]
    assert (line["a"], line["b"], line["fraction"]) == ("majority", "linear_svm", 1.0)
    majority = document["rows"][1]["uf1"]["value"]
    assert line["difference"] == pytest.approx(row["uf1"]["value"] - majority)
    raw = [line["p_value"] for line in document["comparisons"]]
    assert [line["p_holm"] for line in document["comparisons"]] == holm_adjusted(raw)
    assert [goal["met"] for goal in document["goals"]] == [None] * len(document["goals"])


def test_the_report_names_every_condition_and_the_picture_draws_them(
    simple: Results, tmp_path: Path
) -> None:
    import cv2

    document = results_document(simple, families_beside(simple.conditions), resamples=50)
    machine = {"cpu": "a", "cpus": 1, "system": "b", "python": "c", "versions": {"keras": "3"}}
    told = {"machine": machine, "command": "do it", "backend": "x", "seconds": 1.0, "workers": 1}
    # As if one of them had been a network.
    for row in document["rows"][:2]:
        row.update(baseline=False, method="ma2mi", condition="ma2mi, both")
    text = ma2mi_markdown({**told, **document})
    for words in ("MA2MI", "linear SVM", "| 50 % | 100 % |", "do it", "not measured here"):
        assert words in text
    write_ma2mi_picture(document, tmp_path / "curves.png")
    image = cv2.imread(str(tmp_path / "curves.png"))
    assert image is not None
    # BGR of the colours of MA2MI and of the baselines.
    for colour in ((0x52, 0x4E, 0xC4), (0x9A, 0x9A, 0x9A)):
        assert (image == colour).all(axis=-1).sum() > 100


def _line(a: str, b: str, fraction: float, difference: float, p: float) -> dict[str, Any]:
    return {
        "a": a,
        "b": b,
        "fraction": fraction,
        "difference": difference,
        "low": difference - 0.01,
        "high": difference + 0.01,
        "p_holm": p,
    }


def test_goals_say_what_was_found() -> None:
    goals = judged_goals(
        [
            _line("scratch, both", "ma2mi, both", 0.25, 0.1, 0.3),
            _line("naive_transfer, both", "ma2mi, both", 0.25, 0.049, 0.0001),
            _line("scratch, both", "ma2mi, both", 1.0, 0.02, 0.0004),
            _line("naive_transfer, both", "ma2mi, both", 1.0, 0.02, 0.05),
            _line("ma2mi, action", "ma2mi, both", 1.0, -0.2, 0.001),
            _line("naive_transfer, both", "ma2mi_then_labels, both", 0.25, 0.06, 0.2),
        ]
    )
    assert [goal["met"] for goal in goals] == [True, False, True, False, False, None, True, None]
    assert "above scratch: met. The difference is +10.0 points" in goals[0]["sentence"]
    assert "p < 0.001" in goals[2]["sentence"]
    assert "not met" in goals[4]["sentence"]
    assert "-20.0 points" in goals[4]["sentence"]


def test_methods_and_branches_are_compared_where_both_are_there() -> None:
    plan = replace(TINY, methods=("scratch", "ma2mi"), baselines=False)
    assert standard_families(standard_conditions(plan)) == [
        Family("Does MA2MI help?", (("scratch, both", "ma2mi, both"),)),
        Family("Does MA2MI help the action branch alone?", (("scratch, action", "ma2mi, action"),)),
        Family(
            "Are two branches better than one? (scratch)",
            (("scratch, action", "scratch, both"), ("scratch, position", "scratch, both")),
        ),
        Family(
            "Are two branches better than one? (ma2mi)",
            (("ma2mi, action", "ma2mi, both"), ("ma2mi, position", "ma2mi, both")),
        ),
    ]
    labelled = replace(plan, methods=("naive_transfer", "ma2mi", "ma2mi_then_labels"))
    families = {one.question: one.pairs for one in standard_families(standard_conditions(labelled))}
    assert families["Do MA2MI and the labels of the macro clips add up?"] == tuple(
        (f"{other}, {branches}", f"ma2mi_then_labels, {branches}")
        for branches in ("both", "action")
        for other in ("naive_transfer", "ma2mi")
    )
    alone = replace(plan, branches=("action",), methods=("ma2mi",))
    assert standard_families(standard_conditions(alone)) == []
    (simple,) = standard_families(standard_conditions(replace(alone, baselines=True)))
    assert simple.question == "Is MA2MI above simple baselines?"
    assert simple.pairs[0] == ("majority", "ma2mi, action")
