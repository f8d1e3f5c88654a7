"""Which epoch counts, with a classifier whose quality after each epoch is known."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning import (
    EpochEnd,
    FoldEnd,
    Listeners,
    TrainOptions,
    epochs_left,
    fold_runner,
    plan_run,
    train_folds,
)
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.any_backend.scripted_classifier import ScriptedClassifier
from tests.recipes.made_up_clips import made_up_clips

Skill = Callable[[np.ndarray, int], np.ndarray]


def best_at(epoch: int) -> Skill:
    return lambda rows, now: np.full(len(rows), 0.9 - 0.1 * abs(now - epoch))


def lucky_once(rows: np.ndarray, now: int) -> np.ndarray:
    """Right about each subject in one epoch only, another for each of the four subjects."""
    return np.where(rows // 4 + 1 == now, 0.9, 0.2)


def trained(
    select: str,
    skill: Skill,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    clips: LabelledClips | None = None,
    listeners: Listeners | None = None,
) -> tuple[RunDirectory, ScriptedClassifier]:
    options = TrainOptions(epochs=5, select=select)  # type: ignore[arg-type]
    plan = plan_run(clips or made_up_clips(), options, [0])
    run = RunDirectory.create(folder / select, plan.describe(folder / "a.store"))
    classifier = ScriptedClassifier(skill=skill)
    monkeypatch.setattr(fold_runner, "build_classifier", lambda *_: classifier)
    told: list[EpochEnd] = []
    due = epochs_left(run, plan)
    train_folds(run, plan, listeners or Listeners(on_epoch=told.append))
    assert listeners or sum(end.steps for end in told) == due
    return run, classifier


def accuracy(run: RunDirectory, name: str = "predictions.csv") -> float:
    table = run.read_table(name)
    return float((table["label"] == table["prediction"]).mean())


def test_last_takes_the_last_epoch_however_good_an_earlier_one_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = trained("last", best_at(1), tmp_path, monkeypatch)
    assert (
        accuracy(run) == 0.0
        or run.read_table("predictions.csv")["probability_left"].between(0.49, 0.51).all()
    )
    assert set(run.read_table("fits.csv")["epochs"]) == {5}


def test_nested_takes_the_epoch_that_is_best_on_inner_subjects_and_refits_that_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, classifier = trained("nested", best_at(2), tmp_path, monkeypatch)
    assert accuracy(run) == 1.0
    assert set(run.read_table("fits.csv")["epochs"]) == {2}
    # Three inner fits of five epochs, then one of two with all twelve training clips.
    lengths = [(len(rows), epochs) for rows, epochs in classifier.fits[:4]]
    assert lengths == [(8, 5), (8, 5), (8, 5), (12, 2)]
    assert classifier.fits[-1] == (tuple(range(16)), 2)


def test_nested_is_not_moved_by_how_well_the_held_out_subject_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = trained("nested", lucky_once, tmp_path, monkeypatch)
    assert accuracy(run) == 0.0


def test_peeking_turns_luck_into_figures_and_keeps_the_honest_ones_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = trained("peek", lucky_once, tmp_path, monkeypatch)
    assert accuracy(run) == 1.0
    assert accuracy(run, "predictions_last.csv") == 0.0
    assert run.read_table("fits.csv")["epochs"].tolist() == [1, 2, 3, 4]
    assert {0.0, 1.0} == set(run.read_table("history.csv")["held_out_accuracy"])


@pytest.mark.parametrize("select", ["last", "nested", "peek"])
def test_every_file_says_how_its_epochs_were_chosen(
    select: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, _ = trained(select, best_at(3), tmp_path, monkeypatch)
    assert run.info["select"] == select
    for name in ("predictions.csv", "history.csv", "fits.csv"):
        assert set(run.read_table(name)["select"]) == {select}
    for folder in run.path.glob("folds/*/*"):
        assert json.loads((folder / "fold.json").read_text())["select"] == select
    last = run.path / "predictions_last.csv"
    assert last.is_file() == (select == "peek")
    if last.is_file():
        assert set(run.read_table(last.name)["select"]) == {"last"}


def test_nested_selection_needs_two_training_subjects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match="--select nested cannot split; use --select last"):
        trained("nested", best_at(2), tmp_path, monkeypatch, clips=made_up_clips(subjects=2))


def test_training_and_held_out_accuracy_are_told_fold_by_fold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[FoldEnd] = []
    trained(
        "last",
        lambda rows, now: np.where(rows < 4, 0.1, 0.9),
        tmp_path,
        monkeypatch,
        listeners=Listeners(on_fold=told.append),
    )
    assert [end.held_out_accuracy for end in told] == [0.0, 1.0, 1.0, 1.0]
    assert told[0].train_accuracy == 1.0
    assert told[1].train_accuracy == pytest.approx(8 / 12, abs=1e-6)
