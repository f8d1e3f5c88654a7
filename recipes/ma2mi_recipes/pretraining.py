"""MA2MI pre-training: near-future frames of face videos, reconstructed in latent space."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import keras
import pandas as pd

from keras_ma2mi.evaluation.protocols import clip_list_hash
from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.store import ClipStore
from ma2mi_recipes.batches import PairBatches
from ma2mi_recipes.networks import build_reconstructor
from ma2mi_recipes.run_directory import RunDirectory

Objective = Literal["future", "current"]


@dataclass(frozen=True)
class PretrainOptions:
    """What a pre-training run does; two runs with equal options and clips are the same run.

    `objective` is what is reconstructed: the `"future"` frame, or as an autoencoder does the
    `"current"` one, which the motion says nothing about: what MA2MI is compared with.
    """

    objective: Objective = "future"
    motion: MotionKind = "flow"
    motion_scaling: MotionScaling = "pixels"
    preset: str | None = None
    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 1e-3
    weight_decay: float = 1e-4
    code_channels: int = 8
    teacher_momentum: float = 0.999
    without_subjects: tuple[str, ...] = ()
    network: tuple[str, ...] = ()


def describe_run(store: ClipStore, options: PretrainOptions, seed: int) -> dict[str, Any]:
    """The part of run.json that tells what the run is."""
    clip_ids = kept_clips(store, options)
    return {
        "kind": "pretrain",
        "backend": keras.config.backend(),
        "store": str(store.path),
        "seeds": [seed],
        "clips": len(clip_ids),
        "subjects": sorted(set(_subjects(store)[clip_ids]) - {""}),
        "clips_without_subject": int((_subjects(store)[clip_ids] == "").sum()),
        "clip_list_hash": clip_list_hash(clip_ids),
        "options": asdict(options),
    }


def kept_clips(store: ClipStore, options: PretrainOptions) -> list[str]:
    """Clips that are trained on: all but those of `options.without_subjects`.

    Raises:
        InputError: Where none is left.
    """
    subjects = _subjects(store)
    kept = [name for name in store.clip_ids if subjects[name] not in options.without_subjects]
    if not kept:
        raise InputError(f"{store.path} has clips of the subjects to be left out only")
    return kept


def pretrain(
    run: RunDirectory,
    store: ClipStore,
    options: PretrainOptions,
    seed: int,
    on_epoch: Callable[[int, dict[str, float]], None],
) -> pd.DataFrame:
    """Trains the reconstructor, going on at the epoch where an earlier call was cut off.

    Returns:
        The history, one row an epoch; also written to `history.csv`.
    """
    clip_ids = kept_clips(store, options)
    batches = PairBatches(
        store,
        options.motion,
        options.batch_size,
        seed,
        clip_ids=clip_ids,
        scaling=options.motion_scaling,
        still=options.objective == "current",
    )
    if not batches.index:
        raise InputError(
            f"{store.path} holds no frame pairs; preprocess the videos with --pairs gap"
        )
    keras.utils.set_random_seed(seed)
    reconstructor = build_reconstructor(
        options.preset,
        _frame_size(store),
        options.motion,
        options.motion_scaling,
        options.network,
        code_channels=options.code_channels,
        teacher_momentum=options.teacher_momentum,
        # The change of a frame to itself is nothing to learn from.
        predict_change=options.objective == "future",
    )
    reconstructor.compile(
        optimizer=keras.optimizers.AdamW(options.learning_rate, weight_decay=options.weight_decay)
    )
    progress = _Progress(run, batches, on_epoch)
    reconstructor.fit(
        batches,
        epochs=options.epochs,
        # In this order: cut off between the two, an epoch is done again, never missing.
        callbacks=[
            progress,
            keras.callbacks.BackupAndRestore(str(run.path / "checkpoint"), delete_checkpoint=False),
        ],
        verbose=0,
        shuffle=False,
    )
    with atomic_path(run.model_path) as partial:
        reconstructor.save(partial)
    history = progress.history()
    run.write_table("history.csv", history)
    return history


def _subjects(store: ClipStore) -> "pd.Series[str]":
    table = store.manifest.set_index("clip_id")["subject"]
    return table.fillna("").astype(str)


def _frame_size(store: ClipStore) -> int:
    return int(store.read(store.clip_ids[0]).frames.shape[1])


class _Progress(keras.callbacks.Callback):
    """Keeps the history on disk, one line an epoch, so that a resumed run has all of it."""

    def __init__(
        self,
        run: RunDirectory,
        batches: PairBatches,
        on_epoch: Callable[[int, dict[str, float]], None],
    ) -> None:
        super().__init__()
        self.path: Path = run.path / "history.jsonl"
        self.batches, self.on_epoch = batches, on_epoch
        self.started = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        if self.started:
            return
        self.started = True
        self.batches.resume_at(epoch)
        lines = self._lines()[:epoch]
        with atomic_path(self.path) as partial:
            partial.write_text("".join(lines), encoding="utf-8")
        for done, line in enumerate(lines):
            self.on_epoch(done, json.loads(line))

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        row = {"epoch": epoch + 1, **{name: float(value) for name, value in (logs or {}).items()}}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        self.on_epoch(epoch, row)

    def history(self) -> pd.DataFrame:
        return pd.DataFrame([json.loads(line) for line in self._lines()])

    def _lines(self) -> list[str]:
        if not self.path.is_file():
            return []
        return self.path.read_text(encoding="utf-8").splitlines(keepends=True)
