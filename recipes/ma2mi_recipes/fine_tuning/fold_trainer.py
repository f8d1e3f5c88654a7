"""One network, compiled once, trained again and again from its initial weights."""

import importlib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.explain import class_contribution_maps
from keras_ma2mi.models import MIACNet, ThreeStreamCNN
from ma2mi_recipes.batches import Batch, ClipBatches, as_unit_range
from ma2mi_recipes.class_balance import class_weights
from ma2mi_recipes.clip_augmentation import Augmentation
from ma2mi_recipes.fine_tuning.batch_statistics import refresh_statistics
from ma2mi_recipes.fine_tuning.classifiers import EpochTold, Fitted, Probabilities, Watched
from ma2mi_recipes.fine_tuning.encoder_stages import frozen_parts, rate_factors, variables_of
from ma2mi_recipes.fine_tuning.initial_weights import layers_drawn_from
from ma2mi_recipes.fine_tuning.learning_rate import learning_rate
from ma2mi_recipes.fine_tuning.losses import SmoothedCrossEntropy
from ma2mi_recipes.fine_tuning.optimizers import StagedAdamW, adamw
from ma2mi_recipes.fine_tuning.options import TrainOptions, compiled_alike
from ma2mi_recipes.fine_tuning.training_rows import Rows, TrainingRows
from ma2mi_recipes.fine_tuning.unit_loss import (
    ActionUnitAccuracy,
    ActionUnitCrossEntropy,
    unit_weights,
    with_weights,
)
from ma2mi_recipes.fine_tuning.weight_averaging import WeightAverage
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.networks import (
    build_network,
    build_three_stream_cnn,
    class_probabilities,
    start_from,
)
from ma2mi_recipes.packaged_runs import start_run


class FoldTrainer:
    """Trains one network again and again from its initial weights, compiled once.

    The optimizer, the metrics and the weights are put back before each fold. Of the clips it keeps
    only what their arrays look like: whatever it fits to comes as `TrainingRows`.
    """

    has_epochs = True

    def __init__(self, clips: LabelledClips, options: TrainOptions, seed: int) -> None:
        self.options, self.size, self.class_count = options, clips.size, len(clips.classes)
        self.multi_label = clips.multi_label
        self.network = self._fresh_network(seed)
        self.inputs = self.network.input_keys
        weights = list(self.network.variables)
        self._compile()
        known = {id(variable) for variable in weights}
        others = [*self.network.variables, *self.network.optimizer.variables]
        others = [variable for variable in others if id(variable) not in known]
        self._weights, self._others = _with_values(weights), _with_values(others)

    def start_seed(self, seed: int) -> None:
        """Takes the initial weights of another seed; what is compiled stays."""
        drawn = _values(self._fresh_network(seed).variables)
        self._weights = [
            (variable, value) for (variable, _), value in zip(self._weights, drawn, strict=True)
        ]

    def start_from(self, options: TrainOptions, seed: int) -> None:
        """Takes the start, the length and the rates of other options; what is compiled stays.

        Raises:
            ValueError: Where the options need another network; see `compiled_alike`.
        """
        if compiled_alike(options) != compiled_alike(self.options):
            raise ValueError(
                "`options` must differ in start, length and rates alone. Received: "
                f"options={options}"
            )
        self.options = options
        self.start_seed(seed)

    def fit(
        self,
        rows: TrainingRows,
        fold_seed: int,
        *,
        epochs: int | None = None,
        watched: Watched | None = None,
        told: EpochTold | None = None,
    ) -> Fitted:
        """Trains on the rows from the initial weights; arguments as for `FoldClassifier`."""
        seen: list[Probabilities] = []
        average = self._weight_average(rows)

        def end_epoch(epoch: int, logs: dict[str, float]) -> None:
            average.add()
            if watched is not None:
                # A selection has to see what will be used.
                with average.lent():
                    seen.append(self.predict(*watched))
            if told is not None:
                told(epoch, float(logs["loss"]))

        history = self.network.fit(
            self._batches(rows, fold_seed, self.options.augmentation),
            epochs=self.options.epochs if epochs is None else epochs,
            class_weight=self._class_weights(rows),
            callbacks=[
                # Not before `fit`: the first call of all traces the network, which draws numbers.
                keras.callbacks.LambdaCallback(on_train_begin=lambda _: self._restart()),
                keras.callbacks.LearningRateScheduler(self._learning_rate),
                keras.callbacks.LambdaCallback(
                    on_epoch_begin=lambda epoch, _: self._begin_epoch(fold_seed, epoch)
                ),
                keras.callbacks.LambdaCallback(on_epoch_end=end_epoch),
            ],
            verbose=0,
            shuffle=False,
        )
        average.put()
        table = pd.DataFrame(history.history)
        table.insert(0, "epoch", np.arange(1, len(table) + 1))
        return Fitted(table, seen)

    def predict(self, clips: LabelledClips, rows: Rows) -> Probabilities:
        """Class probabilities of the given clips, `(len(rows), classes)`."""
        return class_probabilities(
            self.network,
            self._arrays(clips, rows),
            self.options.batch_size,
            multi_label=self.multi_label,
        )

    def heat_maps(self, clips: LabelledClips, rows: Rows) -> npt.NDArray[np.float32]:
        """What each place adds to a logit: that of the predicted class, or of each action unit.

        Returns:
            `(len(rows), h, w)`; of action units `(len(rows), units, h, w)`.
        """
        size = self.options.batch_size
        # Whole batches: a fold with another number of clips would be compiled for anew.
        whole = np.resize(rows, -(-len(rows) // size) * size)
        arrays = self._arrays(clips, whole)
        explained = range(self.class_count) if self.multi_label else [None]
        maps = [
            class_contribution_maps(self.network, arrays, one, batch_size=size)[: len(rows)]
            for one in explained
        ]
        return np.stack(maps, axis=1) if self.multi_label else maps[0]

    def save(self, path: Path) -> None:
        """Writes the network as it is now."""
        self.network.save(path)

    def _weight_average(self, rows: TrainingRows) -> WeightAverage:
        def refresh() -> None:
            as_they_are = self._batches(rows, 0, None)
            refresh_statistics(self.network, as_they_are, self._class_weights(rows))

        options = self.options
        return WeightAverage(self.network, options.average, options.average_epochs, refresh)

    def _batches(
        self, rows: TrainingRows, fold_seed: int, augmentation: Augmentation | None
    ) -> ClipBatches:
        return ClipBatches(
            rows,
            self.inputs,
            self.options.motion,
            self.options.batch_size,
            fold_seed,
            augmentation,
            self.options.motion_scaling,
            balanced=self.options.balance == "sampling",
            as_targets=self._unit_targets(rows) if self.multi_label else None,
        )

    def _arrays(self, clips: LabelledClips, rows: Rows) -> Batch:
        values = {"onset": as_unit_range(clips.onset[rows]), "motion": clips.motion[rows]}
        return {name: values[name] for name in self.inputs}

    def _restart(self) -> None:
        for variable, value in [*self._weights, *self._others]:
            variable.assign(value)

    def _fresh_network(self, seed: int) -> MIACNet | ThreeStreamCNN:
        with layers_drawn_from(seed):
            return _network(self.size, self.class_count, self.options)

    def _compile(self) -> None:
        options = self.options
        self._factors = _rate_factors(self.network, options)
        self.network.compile(
            optimizer=adamw(
                self.network.trainable_variables,
                options.learning_rate,
                options.weight_decay,
                self._factors,
            ),
            loss=self._loss(),
            metrics=[ActionUnitAccuracy() if self.multi_label else "accuracy"],
        )

    def _loss(self) -> keras.losses.Loss:
        options = self.options
        if self.multi_label:
            return ActionUnitCrossEntropy(options.label_smoothing)
        return SmoothedCrossEntropy(self.class_count, options.label_smoothing, options.focal)

    def _learning_rate(self, epoch: int, _: float) -> float:
        options = self.options
        return learning_rate(
            epoch, options.epochs, options.learning_rate, options.schedule, options.warm_up
        )

    def _begin_epoch(self, fold_seed: int, epoch: int) -> None:
        # What dropout draws from is among the variables, but under PyTorch: what else drew from its
        # generator between two epochs must not matter. `keras.utils.set_random_seed` would make
        # TensorFlow throw away all that it has compiled.
        if keras.config.backend() == "torch":
            importlib.import_module("torch").manual_seed((fold_seed + epoch) % 2**32)
        self._thaw(epoch)

    def _thaw(self, epoch: int) -> None:
        # By factors of the rate, because a change of `trainable` would compile the step anew.
        if self._factors is None or self.options.freeze_epochs is None:
            return
        frozen: dict[str, float] = {}
        if epoch < self.options.freeze_epochs:
            parts = variables_of(frozen_parts(self.network, self.options.freeze))
            frozen = {variable.path: 0.0 for variable in parts}
        optimizer = self.network.optimizer
        assert isinstance(optimizer, StagedAdamW)
        optimizer.set_factors({**self._factors, **frozen})

    def _class_weights(self, rows: TrainingRows) -> dict[int, float] | None:
        if self.multi_label or self.options.balance != "weights":
            return None
        return class_weights(rows.labels(rows.rows), self.class_count)

    def _unit_targets(
        self, rows: TrainingRows
    ) -> Callable[[npt.NDArray[np.int32]], npt.NDArray[np.float32]]:
        weights = np.ones(self.class_count, np.float32)
        if self.options.balance == "weights":
            weights = unit_weights(rows.labels(rows.rows))
        return lambda labels: with_weights(labels, weights)


def _rate_factors(network: keras.Model, options: TrainOptions) -> dict[str, float] | None:
    """Factors of the learning rate where they are needed; without them AdamW is quicker."""
    for_a_while = options.freeze != "none" and options.freeze_epochs is not None
    if options.layer_decay == 1.0 and not for_a_while:
        return None
    return rate_factors(network, options.layer_decay)


def _values(variables: Iterable[keras.Variable]) -> list[npt.NDArray[Any]]:
    return [keras.ops.convert_to_numpy(variable).copy() for variable in variables]


def _with_values(
    variables: Sequence[keras.Variable],
) -> list[tuple[keras.Variable, npt.NDArray[Any]]]:
    return list(zip(variables, _values(variables), strict=True))


def _network(size: int, class_count: int, options: TrainOptions) -> MIACNet | ThreeStreamCNN:
    if options.model == "three_stream_cnn":
        return build_three_stream_cnn(size, options.motion, class_count, options.motion_scaling)
    network = build_network(
        options.preset,
        size,
        options.motion,
        class_count,
        options.branches,
        options.motion_scaling,
        options.network,
    )
    if options.pretrained:
        start_from(network, start_run(options.pretrained))
    if options.freeze_epochs is None:
        for part in frozen_parts(network, options.freeze):
            part.trainable = False
    return network
