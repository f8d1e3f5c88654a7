"""The benchmark of shifts, in all that needs no network: people, folders, figures, tables."""

import json
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from keras_ma2mi.evaluation import holm_adjusted, score
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.ma2mi_benchmark import Condition, Plan, RenderedSet
from ma2mi_recipes.ma2mi_benchmark.compiled import CompiledClassifier
from ma2mi_recipes.ma2mi_benchmark.work import do_all
from ma2mi_recipes.shifts_benchmark import (
    FULL_SHIFTS,
    QUICK_SHIFTS,
    ShiftPlan,
    ShiftResults,
    run_shifts,
    shifts_document,
    stage,
)
from ma2mi_recipes.shifts_benchmark import results as figures
from ma2mi_recipes.shifts_benchmark.picture import write_shifts_picture
from ma2mi_recipes.shifts_benchmark.results import unit_of
from ma2mi_recipes.shifts_benchmark.stage import predictions_of
from ma2mi_recipes.shifts_benchmark.tables import shifts_markdown
from ma2mi_recipes.shifts_benchmark.training import Training

TINY = ShiftPlan(
    Plan(
        "tiny",
        macro=RenderedSet("macro", 1, 5, seed=1),
        micro=RenderedSet("micro", 2, 5, seed=2),
        methods=("scratch", "ma2mi"),
        branches=("both",),
        fractions=(0.5, 1.0),
        seeds=(0, 1),
        size=32,
    ),
    fine_tuning_styles=("plain",),
    pretraining_styles=("plain",),
    test_styles=("plain", "photograph"),
    test_subjects=2,
    test_clips_per_subject=5,
    test_seed=3,
)
MACHINE = {"cpu": "a", "cpus": 1, "system": "b", "python": "c", "versions": {"keras": "3"}}


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> ShiftResults:
    """What needs no network, of the tiny plan."""
    simple = [Condition(name, training={"model": name}) for name in ("majority", "linear_svm")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stage, "standard_conditions", lambda plan: simple)
        return run_shifts(TINY, tmp_path_factory.mktemp("shifts"))


def way(results: ShiftResults, name: str, fraction: float = 1.0) -> list[Training]:
    (found,) = (
        one
        for one in results.ways()
        if (one[0].condition.name, one[0].fraction) == (name, fraction)
    )
    return found


@pytest.mark.parametrize("plan", [FULL_SHIFTS, QUICK_SHIFTS])
def test_people_tested_on_are_in_no_other_set(plan: ShiftPlan) -> None:
    assert "photograph" in plan.test_styles
    assert set(plan.fine_tuning_styles) <= set(plan.test_styles)
    learnt = plan.plan.macro.people | plan.plan.micro.people
    assert not any(learnt & test.people for test in plan.tests)
    for seed in (plan.plan.micro.seed, plan.plan.micro.seed + 100):
        with pytest.raises(ValueError, match=f"Received: test_seed={seed}"):
            replace(plan, test_seed=seed)


@pytest.mark.parametrize("field", ["fine_tuning_styles", "pretraining_styles"])
def test_nothing_is_learnt_from_the_photograph(field: str) -> None:
    with pytest.raises(InputError, match="style to learn from photograph"):
        replace(TINY, **{field: ("plain", "photograph")})
    with pytest.raises(InputError, match="to test in cubist"):
        replace(TINY, test_styles=("cubist",))


def test_every_test_clip_is_predicted_by_every_seed(results: ShiftResults) -> None:
    assert len(results.trainings) == 2 * 2 * 2
    for seeds in results.ways():
        assert [one.seed for one in seeds] == [0, 1]
        for style in TINY.test_styles:
            table = predictions_of(seeds, style)
            assert len(table) == 20 and table["clip_id"].nunique() == 10
            people = {"plain": 2, "photograph": 1}[style]
            assert table["subject"].nunique() == people
    # Half of two clips a class is one.
    assert way(results, "linear_svm", 0.5)[0].facts()["train_clips"] == 5


def test_what_was_learnt_is_the_same_whatever_it_is_tested_on(
    results: ShiftResults, tmp_path: Path
) -> None:
    trained = way(results, "linear_svm")[0]
    alone = replace(trained, tests=trained.tests[1:])
    assert alone.path != trained.path
    alone.fit(CompiledClassifier())
    columns = [name for name in alone.predictions("photograph") if name.startswith("prob")]
    np.testing.assert_array_equal(
        alone.predictions("photograph")[columns], trained.predictions("photograph")[columns]
    )


def test_a_run_that_was_cut_off_goes_on(results: ShiftResults) -> None:
    before = {one.path: one.path.read_bytes() for one in results.trainings}
    lost, *others = results.trainings
    times = {one.path: one.path.stat().st_mtime_ns for one in others}
    lost.path.unlink()
    told: list[tuple[str, int, int]] = []
    do_all("fine-tuning", results.trainings, lost.out, 1, lambda *step: told.append(step))
    assert told == [("fine-tuning", 7, 8), ("fine-tuning", 8, 8)]
    assert {one.path: one.path.read_bytes() for one in results.trainings} == before
    assert {path: path.stat().st_mtime_ns for path in times} == times


def test_figures_are_those_of_the_predictions(results: ShiftResults) -> None:
    document = shifts_document(results, resamples=50)
    text = json.dumps(document, allow_nan=False)
    assert json.dumps(json.loads(text)) == text
    rows = {(row["method"], row["fraction"], row["test"]): row for row in document["rows"]}
    assert len(rows) == len(document["rows"]) == 2 * 2 * 2
    for style in TINY.test_styles:
        row = rows["linear_svm", 1.0, style]
        table = predictions_of(way(results, "linear_svm"), style)
        by_seed = [score(part, results.classes).uf1 for _, part in table.groupby("seed")]
        assert row["uf1"]["value"] == pytest.approx(np.mean(by_seed))
        home = rows["linear_svm", 1.0, "plain"]["uf1"]["value"]
        assert row["change"] == pytest.approx(row["uf1"]["value"] - home)
        assert row["uf1"]["low"] <= row["uf1"]["value"] <= row["uf1"]["high"]
    assert unit_of("photograph") == rows["majority", 1.0, "photograph"]["unit"] == "clips"
    assert unit_of("dim") == rows["majority", 1.0, "plain"]["unit"] == "people"


def test_methods_are_compared_after_the_same_clips(
    results: ShiftResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As if the baselines had been networks, and one of them had been pre-trained twice.
    scratch, ours = way(results, "majority"), way(results, "linear_svm")
    named = {
        id(one): Condition(name, pretraining=None if name == "scratch" else {})
        for seeds, name in ((scratch, "scratch"), (ours, "ma2mi"))
        for one in seeds
    }
    tables = {
        (name, style): predictions_of(seeds, style)
        for name, seeds in (("scratch", scratch), ("ma2mi", ours))
        for style in TINY.test_styles
    }
    pretended = [
        [replace(one, condition=named[id(one)]) for one in scratch],
        [replace(one, condition=named[id(one)]) for one in ours],
        [
            replace(one, condition=named[id(one)], plan=TINY.learning("plain", "natural"))
            for one in ours
        ],
    ]
    monkeypatch.setattr(
        figures,
        "predictions_of",
        lambda seeds, style: tables[seeds[0].condition.name, style],
    )
    lines = figures._comparisons(results, pretended, 50)
    asked = [(line["question"].split()[1], line["test"]) for line in lines]
    assert asked == [("MA2MI", "plain"), ("MA2MI", "photograph")] * 2 + [
        ("it", "plain"),
        ("it", "photograph"),
    ]
    assert [line["b"]["pretraining_style"] for line in lines] == [
        "plain", "plain", "natural", "natural", "natural", "natural",
    ]  # fmt: skip
    assert all(line["difference"] == 0 for line in lines[4:])
    first = [line["p_value"] for line in lines[:4]]
    assert [line["p_holm"] for line in lines[:4]] == holm_adjusted(first)


def test_the_report_says_that_the_photograph_is_one_person(results: ShiftResults) -> None:
    told = {"machine": MACHINE, "command": "do it", "backend": "x", "seconds": 1.0, "workers": 1}
    text = shifts_markdown({**told, **shifts_document(results, resamples=50)})
    for words in (
        "# When the world shifts: measured",
        "one person, in variants",
        "fine-tuned on plain with 50 % of the labels",
        "| method | pre-trained on | plain | photograph |",
        "linear SVM",
        "do it",
    ):
        assert words in text


def test_the_picture_tells_a_pretraining_in_another_style_from_one_in_the_same(
    results: ShiftResults, tmp_path: Path
) -> None:
    document = shifts_document(results, resamples=50)
    networks = [
        {**row, "method": "ma2mi", "baseline": False, "pretraining_style": style}
        for row in document["rows"]
        if row["method"] == "linear_svm"
        for style in ("plain", "natural")
    ]
    colour = (0x52, 0x4E, 0xC4)  # BGR of MA2MI.

    def coloured(rows: list[dict[str, object]]) -> int:
        write_shifts_picture({**document, "rows": rows}, tmp_path / "shifts.png")
        image = cv2.imread(str(tmp_path / "shifts.png"))
        assert image is not None
        return int((image == colour).all(axis=-1).sum())

    same, another = (
        coloured([row for row in networks if row["pretraining_style"] == style])
        for style in ("plain", "natural")
    )
    # A hollow marker has only its rim in the colour.
    assert same > another > 50
    assert coloured(document["rows"]) == 0
