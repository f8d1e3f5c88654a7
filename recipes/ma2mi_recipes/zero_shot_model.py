"""A network of action units that answers with emotions it was never shown."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from keras_ma2mi.evaluation import (
    ProtocolError,
    class_set,
    emotion_combinations,
    emotion_probabilities,
    emotions_of_class,
)
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.networks import class_probabilities
from ma2mi_recipes.packaged_runs import weights_run
from ma2mi_recipes.run_directory import RunDirectory

FACE_SIZE = 64
"""Side of the faces whose flow is averaged down to what the network takes.

Between frames of 28 pixels micro-movements are too small to be measured.
"""

ALL_EMOTIONS = "emotions"

UNIT_WEIGHTS = "miacnet_motion28_rendered"

ZERO_SHOT_NOTE = (
    "Zero-shot: emotions are read off action units by a table, and the units were learnt from "
    "drawn flow fields alone. No labelled clip was used; what people feel is not known from it."
)


@dataclass(frozen=True)
class ZeroShotRun(RunDirectory):
    """A run of `pretrain-units` that says it has the classes of emotions, and so has its `info`.

    Attributes:
        classes: Class to the labels that it takes.
    """

    classes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def info(self) -> dict[str, Any]:
        found = super().info
        return {
            **found,
            "units": found["classes"],
            "classes": [name for name, _ in self.classes],
            "action_units": False,
            "zero_shot": dict(self.classes),
        }


def model_run(path: Path, zero_shot: str | None) -> RunDirectory:
    """The run that `predict` asks: of `train`, or of `pretrain-units`, with emotions if wanted.

    Raises:
        InputError: Where it is neither, or does not fit `zero_shot`.
    """
    run = RunDirectory.open(path)
    if zero_shot is not None:
        return zero_shot_run(run, zero_shot)
    return run if tells_units(run) else RunDirectory.open(path, "train")


def asked_model(model: Path | None, weights: str | None, zero_shot: str | None) -> RunDirectory:
    """The run that `--model`, `--weights` and `--zero-shot` name together.

    Raises:
        InputError: Where two models are named, or as `model_run` and `packaged_model`.
    """
    if model is not None and weights is not None:
        raise InputError("--model and --weights are two models; give one of them")
    return packaged_model(weights, zero_shot) if model is None else model_run(model, zero_shot)


def packaged_model(name: str | None, zero_shot: str | None) -> RunDirectory:
    """The weights of the package that `predict` asks where no run is given.

    Args:
        name: Of the weights; None for those of action units, which look at motion alone, and three
            classes of emotions where `zero_shot` asks for no others: a drawn face differs most
            from a filmed one in its picture, and fine classes are told least surely.
        zero_shot: As for `model_run`.

    Raises:
        InputError: Where there are no such weights, or they do not fit `zero_shot`.
    """
    if name is None:
        name, zero_shot = UNIT_WEIGHTS, zero_shot or "3"
    run = weights_run(name)
    return run if zero_shot is None else zero_shot_run(run, zero_shot)


def zero_shot_run(run: RunDirectory, classes: str) -> ZeroShotRun:
    """The run with emotions for answers.

    Args:
        run: A run of `pretrain-units`.
        classes: A class set such as `"3"` or a mapping, or `"emotions"` for all that are known.

    Raises:
        InputError: Where the run is another one, or a class has no action units.
    """
    if classes == ALL_EMOTIONS:
        return with_classes(run, {name: (name,) for name in emotion_combinations()})
    try:
        mapping = class_set(classes).classes
    except ProtocolError as error:
        raise InputError(str(error)) from error
    if not mapping:
        raise InputError(
            f"--zero-shot {classes} names no emotions; give 3, {ALL_EMOTIONS}, or a mapping such "
            "as positive=happiness,negative=anger+disgust"
        )
    return with_classes(run, {name: tuple(labels) for name, labels in mapping.items()})


def with_classes(run: RunDirectory, classes: dict[str, tuple[str, ...]]) -> ZeroShotRun:
    """The run with these classes for answers; raises as `zero_shot_run`."""
    if not tells_units(run):
        raise InputError(
            f"{run.label} is no run of `pretrain-units`, which zero-shot answers come from"
        )
    if sum(bool(emotions_of_class(labels)) for labels in classes.values()) < 2:
        raise InputError(
            f"of the classes {', '.join(classes)} fewer than two stand for emotions with action "
            f"units, which are {', '.join(emotion_combinations())}; give other classes"
        )
    return ZeroShotRun(Path(run.path), run.title, tuple(classes.items()))


def tells_units(run: RunDirectory) -> bool:
    """Whether a run is one of `pretrain-units`."""
    return bool(run.info.get("unit_shares"))


def answers_of(
    network: Any, info: dict[str, Any], batch: dict[str, np.ndarray], batch_size: int
) -> np.ndarray:
    """Probabilities of the run's classes or action units, or of its zero-shot emotions.

    Args:
        network: The run's network.
        info: Its run.json, or that of a `ZeroShotRun`.
        batch: Inputs, one row a clip.
        batch_size: Clips at a time.

    Returns:
        `(N, classes)` float64.
    """
    zero_shot = info.get("zero_shot")
    units = bool(info.get("action_units")) or bool(zero_shot)
    said = class_probabilities(network, batch, batch_size, multi_label=units)
    if not zero_shot:
        return said
    return emotion_probabilities(said, info["units"], zero_shot, info["unit_shares"])
