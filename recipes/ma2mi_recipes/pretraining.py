"""MA2MI pre-training: near-future frames of face videos, reconstructed in latent space."""

from dataclasses import asdict, dataclass
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
from ma2mi_recipes.clip_augmentation import Augmentation
from ma2mi_recipes.epoch_history import EpochHistory, OnEpoch
from ma2mi_recipes.networks import build_reconstructor
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.smaller_motion import check_large_enough

Objective = Literal["future", "current"]


@dataclass(frozen=True)
class PretrainOptions:
    """What a pre-training run does; two runs with equal options and clips are the same run.

    `objective` is what is reconstructed: the `"future"` frame, or as an autoencoder does the
    `"current"` one, which the motion says nothing about: what MA2MI is compared with. How far
    ahead the future frame lies is `horizon`, see `PairBatches`. `flip` is the probability of a
    mirror, `shift` the largest shift as a fraction of the side. `input_size` is the side that
    frames and motion are averaged down to; None leaves them.
    """

    objective: Objective = "future"
    motion: MotionKind = "flow"
    motion_scaling: MotionScaling = "pixels"
    preset: str | None = None
    epochs: int = 20
    batch_size: int = 32
    learning_rate: float = 1e-3
    schedule: Literal["constant", "cosine"] = "constant"
    weight_decay: float = 1e-4
    code_channels: int = 8
    teacher_momentum: float = 0.999
    horizon: float = 1.0
    flip: float = 0.0
    shift: float = 0.0
    without_subjects: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    input_size: int | None = None

    @property
    def augmentation(self) -> Augmentation | None:
        """How frame pairs are changed; None for not at all."""
        if self.flip == 0 and self.shift == 0:
            return None
        return Augmentation(self.flip, self.shift)


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
    on_epoch: OnEpoch,
) -> pd.DataFrame:
    """Trains the reconstructor, going on at the epoch where an earlier call was cut off.

    Returns:
        The history, one row an epoch; also written to `history.csv`.
    """
    clip_ids = kept_clips(store, options)
    check_large_enough(str(store.path), 2 * (_frame_size(store),), options.input_size)
    batches = PairBatches(
        store,
        options.motion,
        options.batch_size,
        seed,
        clip_ids=clip_ids,
        scaling=options.motion_scaling,
        still=options.objective == "current",
        horizon=options.horizon,
        augmentation=options.augmentation,
        size=options.input_size,
    )
    if not batches.index:
        raise InputError(
            f"{store.path} holds no frame pairs; preprocess the videos with --pairs gap"
        )
    keras.utils.set_random_seed(seed)
    reconstructor = build_reconstructor(
        options.preset,
        options.input_size or _frame_size(store),
        options.motion,
        options.motion_scaling,
        options.network,
        code_channels=options.code_channels,
        teacher_momentum=options.teacher_momentum,
        # The change of a frame to itself is nothing to learn from.
        predict_change=options.objective == "future",
    )
    reconstructor.compile(
        optimizer=keras.optimizers.AdamW(
            _learning_rate(options, len(batches)), weight_decay=options.weight_decay
        )
    )
    history = EpochHistory(run.path / "history.jsonl", batches.resume_at, on_epoch)
    reconstructor.fit(
        batches,
        epochs=options.epochs,
        # In this order: cut off between the two, an epoch is done again, never missing.
        callbacks=[
            history,
            keras.callbacks.BackupAndRestore(str(run.path / "checkpoint"), delete_checkpoint=False),
        ],
        verbose=0,
        shuffle=False,
    )
    with atomic_path(run.model_path) as partial:
        reconstructor.save(partial)
    table = history.table()
    run.write_table("history.csv", table)
    return table


def _learning_rate(options: PretrainOptions, steps_per_epoch: int) -> Any:
    """The rate, or one that falls to zero along half a cosine by the last step."""
    if options.schedule == "constant":
        return options.learning_rate
    steps = options.epochs * steps_per_epoch
    return keras.optimizers.schedules.CosineDecay(options.learning_rate, steps)


def _subjects(store: ClipStore) -> "pd.Series[str]":
    table = store.manifest.set_index("clip_id")["subject"]
    return table.fillna("").astype(str)


def _frame_size(store: ClipStore) -> int:
    return int(store.read(store.clip_ids[0]).frames.shape[1])
