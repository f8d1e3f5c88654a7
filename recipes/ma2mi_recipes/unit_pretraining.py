"""Pre-training on flow fields without pictures: which action units made this motion?"""

import importlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation.protocols import clip_list_hash
from keras_ma2mi.models import MIACNet
from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.synthesis.face_draws import FlowFieldOptions
from ma2mi_preprocessing.synthesis.flow_fields import FlowFields, sample_flow_fields
from ma2mi_preprocessing.synthesis.push_table import push_table
from ma2mi_recipes.epoch_history import EpochHistory, OnEpoch
from ma2mi_recipes.fine_tuning.learning_rate import learning_rate
from ma2mi_recipes.fine_tuning.unit_loss import ActionUnitAccuracy, ActionUnitCrossEntropy
from ma2mi_recipes.networks import build_network, class_probabilities
from ma2mi_recipes.run_directory import RunDirectory

SUPERVISION = "action units"

CHECKED = 2048
"""Flow fields that the units are checked on."""

_TRAINING, _CHECKING = 0, 1


@dataclass(frozen=True)
class UnitPretrainOptions:
    """What the run does; two runs with equal options are the same run.

    Attributes:
        fields: What flow fields are drawn from.
        preset: Of `MIACNet`; its action branch alone is trained.
        samples: Flow fields in all, to whole batches; none is seen twice.
        epochs: Into how many parts they are divided: after each the run can be gone on with.
    """

    fields: FlowFieldOptions = field(default_factory=FlowFieldOptions)
    preset: str = "miacnet_motion28"
    samples: int = 200_000
    epochs: int = 20
    batch_size: int = 128
    learning_rate: float = 3e-3
    weight_decay: float = 1e-4


class FieldBatches(keras.utils.PyDataset):
    """Batches of flow fields, each drawn when it is asked for.

    A batch depends on seed, epoch and its place alone.
    """

    def __init__(self, options: UnitPretrainOptions, seed: int) -> None:
        super().__init__()
        self.options, self.seed, self.epoch = options, seed, 0
        self.count = max(1, options.samples // (options.epochs * options.batch_size))

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        rng = np.random.default_rng((self.seed, _TRAINING, self.epoch, index))
        fields = sample_flow_fields(rng, self.options.batch_size, self.options.fields)
        return fields.motion, _with_even_weights(fields.shown)

    def on_epoch_end(self) -> None:
        self.epoch += 1

    def resume_at(self, epoch: int) -> None:
        self.epoch = epoch


def describe_run(options: UnitPretrainOptions, seed: int) -> dict[str, Any]:
    """The part of run.json that tells what the run is."""
    return {
        "kind": "pretrain",
        "model": "miacnet",
        "supervision": SUPERVISION,
        "action_units": True,
        "classes": list(push_table().units),
        "unit_shares": _unit_shares(options.fields),
        "backend": keras.config.backend(),
        "seeds": [seed],
        # Nobody was seen, so nobody can be seen again.
        "clips": 0,
        "subjects": [],
        "clip_list_hash": clip_list_hash([]),
        "rendered": True,
        "magnification": {},
        "options": {
            "motion": "flow",
            "motion_scaling": options.fields.scaling,
            **asdict(options),
        },
    }


def pretrain_units(
    run: RunDirectory, options: UnitPretrainOptions, seed: int, on_epoch: OnEpoch
) -> pd.DataFrame:
    """Trains the action branch, going on at the epoch where an earlier call was cut off.

    Writes `model.keras`, `history.csv`, and in `units.csv` how well each unit is told from flow
    fields that were not trained on.

    Returns:
        The history, one row an epoch.
    """
    keras.utils.set_random_seed(seed)
    network = _network(options)
    network.compile(
        optimizer=keras.optimizers.AdamW(options.learning_rate, weight_decay=options.weight_decay),
        loss=ActionUnitCrossEntropy(0.0),
        metrics=[ActionUnitAccuracy()],
    )
    batches = FieldBatches(options, seed)
    history = EpochHistory(run.path / "history.jsonl", batches.resume_at, on_epoch)
    network.fit(
        batches,
        epochs=options.epochs,
        callbacks=[
            keras.callbacks.LearningRateScheduler(_schedule(options)),
            keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, _: _seed(seed, epoch)),
            # In this order: cut off between the two, an epoch is done again, never missing.
            history,
            keras.callbacks.BackupAndRestore(str(run.path / "checkpoint"), delete_checkpoint=False),
        ],
        verbose=0,
        shuffle=False,
    )
    with atomic_path(run.model_path) as partial:
        network.save(partial)
    table = history.table()
    run.write_table("history.csv", table)
    run.write_table("units.csv", unit_table(network, options, seed))
    return table


def unit_table(network: MIACNet, options: UnitPretrainOptions, seed: int) -> pd.DataFrame:
    """How well each unit is told, from flow fields of a stream that is not trained on.

    Returns:
        One row a unit: `unit`, the share of fields that show it, `auc`, `f1` at one half.
    """
    from sklearn.metrics import f1_score, roc_auc_score

    fields = checked_fields(options, seed)
    said = class_probabilities(network, {"motion": fields.motion}, options.batch_size, True)
    shown = fields.shown.astype(int)
    return pd.DataFrame(
        {
            "unit": fields.units,
            "share": shown.mean(axis=0),
            "auc": [roc_auc_score(*pair) for pair in zip(shown.T, said.T, strict=True)],
            "f1": [
                f1_score(a, b >= 0.5, zero_division=0) for a, b in zip(shown.T, said.T, strict=True)
            ],
        }
    )


def checked_fields(options: UnitPretrainOptions, seed: int) -> FlowFields:
    """Flow fields like those of the run that it never trains on."""
    rng = np.random.default_rng((seed, _CHECKING))
    return sample_flow_fields(rng, CHECKED, options.fields)


def predicts_flow_field_units(info: dict[str, Any]) -> bool:
    """Whether a run, by its run.json, is one of this module."""
    return info.get("supervision") == SUPERVISION


def _network(options: UnitPretrainOptions) -> MIACNet:
    return build_network(
        options.preset,
        options.fields.size,
        "flow",
        len(push_table().units),
        branches="action",
        scaling=options.fields.scaling,
    )


def _unit_shares(fields: FlowFieldOptions) -> list[float]:
    """The share of flow fields that show each unit, which the network's probabilities start from.

    All numbers of units up to the largest have the same chance, and so has every unit.
    """
    units = len(push_table().units)
    return [0.5 * fields.most_units / units] * units


def _schedule(options: UnitPretrainOptions) -> Callable[[int, float], float]:
    def rate(epoch: int, _: float) -> float:
        return learning_rate(epoch, options.epochs, options.learning_rate, "cosine", None)

    return rate


def _seed(seed: int, epoch: int) -> None:
    """Makes dropout the same whether or not the training was cut off before."""
    # What it draws from is among the saved variables, but under PyTorch.
    if keras.config.backend() == "torch":
        importlib.import_module("torch").manual_seed((seed + epoch) % 2**32)


def _with_even_weights(shown: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Targets as `ActionUnitCrossEntropy` takes them; the probabilities stay those of the draw."""
    return np.concatenate([shown, np.ones_like(shown)], axis=1)
