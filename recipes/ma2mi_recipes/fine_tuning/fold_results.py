"""What a fold leaves on disk, and how folds become the tables of a run."""

import json
import os
import shutil
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation import Fold
from ma2mi_preprocessing.atomic_files import atomic_path, flush_folder, flush_tree
from ma2mi_recipes.fine_tuning.answers import answers, share_right
from ma2mi_recipes.fine_tuning.classifiers import Probabilities
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.networks import names_of
from ma2mi_recipes.run_directory import RunDirectory, read_run_table

WORKERS_FOLDER = ".workers"
"""What processes share while they fit folds of a run."""


@dataclass(frozen=True)
class FoldResult:
    """All that is kept of a fold.

    Attributes:
        seed: Seed of the run that the fold belongs to.
        fold: The fold.
        select: How its epoch was chosen.
        epochs: The epochs that count; 0 for a classifier without epochs.
        probabilities: Of the held-out clips, `(clips, classes)`.
        last: Where the epoch was peeked at: those of the last epoch.
        history: One row an epoch, may be empty.
        train_accuracy: Share of the training clips that the fitted classifier gets right.
        heat_maps: `(clips, h, w)` or `(clips, units, h, w)` float32, or None.
        key_frames: Predictions of the held-out clips at other key frames, where asked for.
    """

    seed: int
    fold: Fold
    select: str
    epochs: int
    probabilities: Probabilities
    last: Probabilities | None
    history: pd.DataFrame
    train_accuracy: float
    heat_maps: npt.NDArray[np.float32] | None
    key_frames: pd.DataFrame | None = None


def fold_folder(run: RunDirectory, seed: int, fold: Fold) -> Path:
    """Where a fold's results are; the folder exists only when all of them are there."""
    return run.path / "folds" / f"seed-{seed}" / fold.name.replace("/", "__")


def keep_fold(run: RunDirectory, clips: LabelledClips, result: FoldResult) -> dict[str, Any]:
    """Writes a fold's folder, whole or not at all.

    Returns:
        What `fits.csv` says of it.
    """
    folder = fold_folder(run, result.seed, result.fold)
    partial = folder.with_name(f".{folder.name}.{socket.gethostname()}-{os.getpid()}")
    partial.mkdir(parents=True, exist_ok=True)
    table = predictions_table(clips, result, result.probabilities, result.select)
    table.to_csv(partial / "predictions.csv", index=False)
    if result.last is not None:
        last = predictions_table(clips, result, result.last, "last")
        last.to_csv(partial / "predictions_last.csv", index=False)
    if len(result.history):
        history = result.history.copy()
        history.insert(0, "seed", result.seed)
        history.insert(0, "fold", result.fold.name)
        history["select"] = result.select
        history.to_csv(partial / "history.csv", index=False)
    if result.heat_maps is not None:
        np.savez_compressed(
            partial / "heat_maps.npz",
            maps=result.heat_maps,
            clip_id=table["clip_id"].to_numpy(str),
        )
    if result.key_frames is not None and len(result.key_frames):
        result.key_frames.to_csv(partial / "key_frames.csv", index=False)
    facts = {
        "fold": result.fold.name,
        "seed": result.seed,
        "select": result.select,
        "epochs": result.epochs,
        "train_clips": len(result.fold.train),
        "held_out_clips": len(result.fold.test),
        "train_accuracy": round(result.train_accuracy, 6),
        "held_out_accuracy": round(
            share_right(result.probabilities, clips.labels[result.fold.test]), 6
        ),
    }
    (partial / "fold.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")
    _publish(partial, folder)
    return facts


def _publish(partial: Path, folder: Path) -> None:
    flush_tree(partial)
    try:
        partial.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        # A worker of a cluster that outlived its run was quicker; a fold gives the same anywhere.
        shutil.rmtree(partial, ignore_errors=True)
    flush_folder(folder.parent)


def drop_half_kept(run: RunDirectory) -> None:
    """Removes what processes that were killed had begun to write."""
    for partial in [*(run.path / "folds").glob("seed-*/.*"), run.path / WORKERS_FOLDER]:
        shutil.rmtree(partial, ignore_errors=True)


def predictions_table(
    clips: LabelledClips, result: FoldResult, probabilities: Probabilities, select: str
) -> pd.DataFrame:
    """Predictions of a fold's held-out clips, one row a clip."""
    told = {"fold": result.fold.name, "seed": result.seed, "select": select}
    return answers_table(clips, result.fold.test, probabilities, told)


def answers_table(
    clips: LabelledClips,
    rows: Sequence[int] | npt.NDArray[np.intp],
    probabilities: Probabilities,
    told: Mapping[str, Any],
) -> pd.DataFrame:
    """Answers of a classifier, one row a clip.

    One class a clip: `label`, `prediction`, `probability_CLASS`. Action units: `label_AU4`,
    `prediction_AU4` (0 or 1) and `probability_AU4` for each unit.

    Args:
        clips: All clips.
        rows: Those that were predicted.
        probabilities: `(len(rows), classes)`.
        told: Further columns.
    """
    labels = clips.labels[rows]
    table = pd.DataFrame(
        {
            "clip_id": [clips.clip_ids[row] for row in rows],
            "dataset": [clips.datasets[row] for row in rows],
            "subject": [clips.subjects[row] for row in rows],
        }
    )
    said = answers(probabilities, labels)
    if not clips.multi_label:
        table["label"] = [clips.classes[label] for label in labels]
        table["prediction"] = [clips.classes[answer] for answer in said]
    for name, value in told.items():
        table[name] = value
    if clips.multi_label:
        table[[f"label_{unit}" for unit in clips.classes]] = labels
        table[[f"prediction_{unit}" for unit in clips.classes]] = said
    table[names_of(clips.classes)] = probabilities.round(6)
    return table


def pool_folds(run: RunDirectory, folds: Sequence[Fold], seeds: Sequence[int]) -> pd.DataFrame:
    """Joins what the folds left into the tables of the run.

    Returns:
        The pooled predictions, one row a clip and seed.
    """
    folders = [fold_folder(run, seed, fold) for seed in seeds for fold in folds]
    for name in ("predictions_last.csv", "history.csv", "key_frames.csv"):
        _join(run, folders, name)
    facts = [json.loads((folder / "fold.json").read_text(encoding="utf-8")) for folder in folders]
    run.write_table("fits.csv", pd.DataFrame(facts))
    _join_heat_maps(run, [fold_folder(run, seeds[0], fold) for fold in folds])
    predictions = pd.concat(
        [read_run_table(folder / "predictions.csv") for folder in folders], ignore_index=True
    )
    run.write_table("predictions.csv", predictions)
    return predictions


def _join(run: RunDirectory, folders: Sequence[Path], name: str) -> None:
    parts = [read_run_table(folder / name) for folder in folders if (folder / name).is_file()]
    if parts:
        run.write_table(name, pd.concat(parts, ignore_index=True))


def _join_heat_maps(run: RunDirectory, folders: Sequence[Path]) -> None:
    files = [folder / "heat_maps.npz" for folder in folders]
    maps = [np.load(file) for file in files if file.is_file()]
    if not maps:
        return
    with atomic_path(run.path / "heat_maps.npz") as partial:
        np.savez_compressed(
            partial,
            maps=np.concatenate([part["maps"] for part in maps]),
            clip_id=np.concatenate([part["clip_id"] for part in maps]),
        )
