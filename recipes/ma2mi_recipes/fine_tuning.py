"""Fine-tuning under leave-one-subject-out: no model predicts a subject that it has seen."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation.protocols import (
    Fold,
    check_folds,
    check_subject_disjoint,
    clip_list_hash,
    leave_one_subject_out,
)
from keras_ma2mi.explain import class_contribution_maps
from keras_ma2mi.models import MIACNet
from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_recipes.batches import ClipBatches, as_unit_range
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.networks import (
    build_network,
    class_probabilities,
    load_reconstructor,
    names_of,
)
from ma2mi_recipes.run_directory import RunDirectory, read_run_table

FINAL = "all subjects"


@dataclass(frozen=True)
class TrainOptions:
    """What a fine-tuning run does; two runs with equal options and clips are the same run."""

    motion: MotionKind = "flow"
    motion_scaling: MotionScaling = "pixels"
    preset: str | None = None
    branches: str = "auto"
    pretrained: str | None = None
    freeze: bool = False
    epochs: int = 30
    batch_size: int = 16
    learning_rate: float = 2e-3
    weight_decay: float = 1e-3
    label_smoothing: float = 0.1
    class_weights: bool = True
    augment: bool = True


@dataclass(frozen=True)
class EpochEnd:
    """Told to the progress bar after each epoch."""

    seed: int
    fold: str
    epoch: int
    loss: float


def describe_run(
    clips: LabelledClips, store: Path, options: TrainOptions, seeds: list[int]
) -> dict[str, Any]:
    """The part of run.json that tells what the run is."""
    return {
        "kind": "train",
        "backend": keras.config.backend(),
        "store": str(store),
        "protocol": "leave-one-subject-out",
        "select": "last",
        "seeds": seeds,
        "classes": clips.classes,
        "clips": len(clips),
        "subjects": len(set(clips.subjects)),
        "clip_list_hash": clip_list_hash(clips.clip_ids),
        "left_out": clips.left_out,
        "magnification": clips.magnification,
        "rendered": all(name.startswith("rendered") for name in clips.datasets),
        "options": asdict(options),
    }


def fitted_to_clips(options: TrainOptions, clips: LabelledClips) -> TrainOptions:
    """The options with what only the clips can tell: scaling, and branches that can be used.

    Raises:
        InputError: Where a position branch is asked for and clips have no onset frame.
    """
    options = replace(options, motion_scaling=clips.scaling)
    missing = clips.without_onset
    if not missing or options.branches == "action":
        return options
    if options.branches != "auto":
        raise InputError(
            f"{len(missing)} of {len(clips)} clips have no onset frame (such as {missing[0]}), so "
            "the position branch has nothing to see; use --branches action"
        )
    return replace(options, branches="action")


class FoldTrainer:
    """Trains one network again and again from its initial weights, compiled once.

    The optimizer, the metrics and the weights are put back before each fold, so that a fold's
    result does not depend on which folds ran before it: that is what makes a run resumable.
    """

    def __init__(self, clips: LabelledClips, options: TrainOptions, seed: int) -> None:
        self.clips, self.options, self.seed = clips, options, seed
        keras.utils.set_random_seed(seed)
        self.network: MIACNet = build_network(
            options.preset,
            clips.size,
            options.motion,
            len(clips.classes),
            options.branches,
            options.motion_scaling,
        )
        if options.pretrained:
            reconstructor = load_reconstructor(
                RunDirectory.open(Path(options.pretrained), "pretrain")
            )
            self.network.load_encoders(reconstructor)
        if options.freeze:
            for branch in (self.network.position_encoder, self.network.action_encoder):
                if branch is not None:
                    branch.trainable = False
        self.inputs = self.network.input_keys
        self._compile()
        self.initial = [
            (variable, keras.ops.convert_to_numpy(variable).copy())
            for variable in [*self.network.variables, *self.network.optimizer.variables]
        ]

    def fit(self, fold: Fold, on_epoch: Callable[[EpochEnd], None]) -> pd.DataFrame:
        """Trains on the fold's training rows; returns its history, one row an epoch."""
        fold_seed = int(
            np.random.SeedSequence([self.seed, *fold.name.encode()]).generate_state(1)[0]
        )
        batches = ClipBatches(
            self.clips,
            fold.train,
            self.inputs,
            self.options.motion,
            self.options.batch_size,
            fold_seed,
            self.options.augment,
        )

        def tell(epoch: int, logs: dict[str, float]) -> None:
            on_epoch(EpochEnd(self.seed, fold.name, epoch, float(logs["loss"])))

        history = self.network.fit(
            batches,
            epochs=self.options.epochs,
            class_weight=self._class_weights(fold.train) if self.options.class_weights else None,
            callbacks=[
                # Not before `fit`: the first call of all traces the network, which draws numbers.
                keras.callbacks.LambdaCallback(on_train_begin=lambda _: self._restart(fold_seed)),
                keras.callbacks.LearningRateScheduler(self._learning_rate),
                keras.callbacks.LambdaCallback(on_epoch_end=tell),
            ],
            verbose=0,
            shuffle=False,
        )
        table = pd.DataFrame(history.history)
        table.insert(0, "epoch", np.arange(1, len(table) + 1))
        table.insert(0, "seed", self.seed)
        table.insert(0, "fold", fold.name)
        return table

    def predict(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float64]:
        """Class probabilities of the given clips, `(len(rows), classes)`."""
        return class_probabilities(self.network, self._arrays(rows), self.options.batch_size)

    def heat_maps(self, rows: npt.NDArray[np.intp]) -> npt.NDArray[np.float32]:
        """What each place adds to the predicted class's logit, `(len(rows), h, w)`."""
        maps = [
            class_contribution_maps(self.network, self._arrays(rows[i : i + 1]))
            for i in range(len(rows))
        ]
        return np.concatenate(maps).astype(np.float32)

    def _arrays(self, rows: npt.NDArray[np.intp]) -> dict[str, npt.NDArray[np.float32]]:
        values = {"onset": as_unit_range(self.clips.onset[rows]), "motion": self.clips.motion[rows]}
        return {name: values[name] for name in self.inputs}

    def _restart(self, seed: int) -> None:
        for variable, value in self.initial:
            variable.assign(value)
        # Dropout under PyTorch draws from a generator that belongs to no variable.
        keras.utils.set_random_seed(seed)

    def _compile(self) -> None:
        self.network.compile(
            optimizer=keras.optimizers.AdamW(
                self.options.learning_rate, weight_decay=self.options.weight_decay
            ),
            loss=SmoothedCrossEntropy(len(self.clips.classes), self.options.label_smoothing),
            metrics=["accuracy"],
        )
        self.network.optimizer.build(self.network.trainable_variables)

    def _learning_rate(self, epoch: int, _: float) -> float:
        warm_up = max(1, self.options.epochs // 10)
        if epoch < warm_up:
            return self.options.learning_rate * (epoch + 1) / warm_up
        done = (epoch - warm_up) / max(1, self.options.epochs - warm_up)
        return float(self.options.learning_rate * 0.5 * (1 + np.cos(np.pi * done)))

    def _class_weights(self, rows: npt.NDArray[np.intp]) -> dict[int, float]:
        # Counted on the training rows alone: the held-out subject must not leak in.
        counts = np.bincount(self.clips.labels[rows], minlength=len(self.clips.classes))
        weights = counts.sum() / np.maximum(counts, 1) / len(counts)
        return dict(enumerate(weights.tolist()))


class SmoothedCrossEntropy(keras.losses.Loss):
    """Cross-entropy of logits with integer labels and label smoothing."""

    def __init__(self, class_count: int, smoothing: float) -> None:
        super().__init__(name="smoothed_cross_entropy")
        self.class_count, self.smoothing = class_count, smoothing

    def call(self, y_true: Any, y_pred: Any) -> Any:
        labels = keras.ops.cast(keras.ops.reshape(y_true, (-1,)), "int32")
        target = keras.ops.one_hot(labels, self.class_count, dtype=y_pred.dtype)
        target = target * (1 - self.smoothing) + self.smoothing / self.class_count
        return keras.losses.categorical_crossentropy(target, y_pred, from_logits=True)


def train_leave_one_subject_out(
    run: RunDirectory,
    clips: LabelledClips,
    options: TrainOptions,
    seeds: list[int],
    on_epoch: Callable[[EpochEnd], None],
) -> pd.DataFrame:
    """Trains and predicts every fold not there yet, then a final model on all clips.

    Returns:
        The pooled predictions, one row a clip and seed; also written to `predictions.csv`.
    """
    folds = leave_one_subject_out(clips.subjects)
    check_folds(folds, clips.subjects)
    for fold in folds:
        check_subject_disjoint(clips.subjects, fold, fitted_before=_pretrained_on(options))
    for seed in seeds:
        todo = [fold for fold in folds if not _fold_folder(run, seed, fold).is_dir()]
        final_due = seed == seeds[0] and not run.model_path.is_file()
        if not todo and not final_due:
            continue
        trainer = FoldTrainer(clips, options, seed)
        for fold in todo:
            history = trainer.fit(fold, on_epoch)
            _keep_fold(run, trainer, fold, history)
        if final_due:
            everything = np.arange(len(clips))
            trainer.fit(Fold(FINAL, everything, everything[:0]), on_epoch)
            with atomic_path(run.model_path) as partial:
                trainer.network.save(partial)
    return _pool(run, folds, seeds)


def epochs_left(
    run: RunDirectory, clips: LabelledClips, options: TrainOptions, seeds: list[int]
) -> int:
    """How many epochs `train_leave_one_subject_out` still has to do, for the progress bar."""
    folds = leave_one_subject_out(clips.subjects)
    todo = sum(not _fold_folder(run, seed, fold).is_dir() for seed in seeds for fold in folds)
    return (todo + (not run.model_path.is_file())) * options.epochs


def _pretrained_on(options: TrainOptions) -> list[str]:
    if options.pretrained is None:
        return []
    return list(RunDirectory.open(Path(options.pretrained), "pretrain").info["subjects"])


def _fold_folder(run: RunDirectory, seed: int, fold: Fold) -> Path:
    return run.path / "folds" / f"seed-{seed}" / fold.name.replace("/", "__")


def _keep_fold(run: RunDirectory, trainer: FoldTrainer, fold: Fold, history: pd.DataFrame) -> None:
    """Writes a fold's results so that the folder exists only when all of them are there."""
    clips = trainer.clips
    folder = _fold_folder(run, trainer.seed, fold)
    probabilities = trainer.predict(fold.test)
    table = pd.DataFrame(
        {
            "clip_id": [clips.clip_ids[row] for row in fold.test],
            "dataset": [clips.datasets[row] for row in fold.test],
            "subject": [clips.subjects[row] for row in fold.test],
            "label": [clips.classes[clips.labels[row]] for row in fold.test],
            "prediction": [clips.classes[best] for best in probabilities.argmax(axis=1)],
            "fold": fold.name,
            "seed": trainer.seed,
        }
    )
    table[names_of(clips.classes)] = probabilities.round(6)
    partial = folder.with_name(f".{folder.name}.partial")
    partial.mkdir(parents=True, exist_ok=True)
    table.to_csv(partial / "predictions.csv", index=False)
    history.to_csv(partial / "history.csv", index=False)
    np.savez_compressed(
        partial / "heat_maps.npz",
        maps=trainer.heat_maps(fold.test),
        clip_id=table["clip_id"].to_numpy(str),
    )
    (partial / "fold.json").write_text(
        json.dumps({"fold": fold.name, "train": len(fold.train), "test": len(fold.test)}) + "\n"
    )
    partial.rename(folder)


def _pool(run: RunDirectory, folds: list[Fold], seeds: list[int]) -> pd.DataFrame:
    folders = [_fold_folder(run, seed, fold) for seed in seeds for fold in folds]
    predictions = pd.concat(
        [read_run_table(folder / "predictions.csv") for folder in folders],
        ignore_index=True,
    )
    run.write_table("predictions.csv", predictions)
    history = pd.concat(
        [pd.read_csv(folder / "history.csv") for folder in folders], ignore_index=True
    )
    run.write_table("history.csv", history)
    maps = [np.load(_fold_folder(run, seeds[0], fold) / "heat_maps.npz") for fold in folds]
    with atomic_path(run.path / "heat_maps.npz") as partial:
        np.savez_compressed(
            partial,
            maps=np.concatenate([part["maps"] for part in maps]),
            clip_id=np.concatenate([part["clip_id"] for part in maps]),
        )
    return predictions
