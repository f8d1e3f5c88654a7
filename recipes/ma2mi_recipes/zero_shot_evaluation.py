"""A labelled store predicted by a network that was trained on none of its clips, nor any other."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import class_set, emotions_of_class, protocol
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion_scaling import minmax_scaled
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.chosen_clips import choose_clips
from ma2mi_recipes.fine_tuning import TrainOptions, plan_run
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.networks import load_classifier, names_of
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.smaller_motion import averaged_down
from ma2mi_recipes.zero_shot_model import ZeroShotRun, answers_of, with_classes

MODEL = "zero_shot"
NATIVE = "native"

_BATCH = 64


def predict_labelled_store(
    store: Path,
    run: RunDirectory,
    *,
    classes: str | None = None,
    protocol_name: str | None = None,
    allow_missing: bool = False,
) -> RunDirectory:
    """Predicts the clips of a store, or of a protocol in it, with a run of `pretrain-units`.

    Args:
        store: The clip store. Motion of larger frames than the network's is averaged down.
        run: The run; nothing of it changes.
        classes: Class set of the labels, as for `train`. Defaults to native.
        protocol_name: Published protocol, as for `train`.
        allow_missing: As for `train`.

    Returns:
        A finished run directory, in the folder `zero_shot` of the run, for the ordinary
        evaluation; its run.json and each row of its predictions.csv say that it is zero-shot.

    Raises:
        InputError: Where the store does not fit, or a class has no action units.
    """
    opened = open_store(store)
    chosen = choose_clips(
        opened, protocol=protocol_name, classes=classes, allow_missing=allow_missing
    )
    if chosen.multi_label:
        raise InputError("zero-shot answers are emotions; give a protocol of emotions")
    network, scaling = load_classifier(run), run.info["options"]["motion_scaling"]
    size = int(next(iter(network.inputs)).shape[1])
    clips = load_labelled_clips(opened, "flow", chosen, scaling)
    if clips.size != size:
        # Averages of what was scaled image by image are not what was averaged and then scaled.
        clips = load_labelled_clips(
            opened, "flow", chosen, None if scaling == "minmax" else scaling
        )
    asked = with_classes(run, _labels_of(clips, classes, protocol_name))
    motion = motion_for(clips, size, scaling)
    # Nothing is written into the package.
    base = Path(run.title) if run.title else run.path
    folder = base / "zero_shot" / _folder_name(store, protocol_name or classes or NATIVE)
    options = TrainOptions(motion="flow", motion_scaling=scaling)
    described = plan_run(clips, options, [0], chosen).describe(store)
    target = RunDirectory.create(folder, {**described, **_mark(asked)})
    said = answers_of(network, asked.info, {"motion": motion}, min(_BATCH, len(clips)))
    target.write_table("predictions.csv", _table(clips, said))
    target.finish()
    return target


def motion_for(clips: LabelledClips, size: int, scaling: str) -> np.ndarray:
    """The motion of clips as a network of that size takes it, `(N, size, size, 3)` float32.

    Raises:
        InputError: Where the clips are smaller.
    """
    if clips.size < size:
        raise InputError(
            f"motion of {clips.size}x{clips.size} is too small for a network of {size}x{size}; "
            "preprocess with a larger --size"
        )
    motion = averaged_down(clips.motion, size, clips.scaling)
    return minmax_scaled(motion) if scaling == "minmax" else motion


def _labels_of(
    clips: LabelledClips, classes: str | None, name: str | None
) -> dict[str, tuple[str, ...]]:
    """Class to labels; a class without a mapping is its own label."""
    mapping = protocol(name).classes if name else class_set(classes or NATIVE).classes
    return {one: tuple(mapping.get(one, (one,))) for one in clips.classes}


def _mark(run: ZeroShotRun) -> dict[str, Any]:
    return {
        "model": MODEL,
        "folds": 0,
        "select": "last",
        "zero_shot": run.label,
        "zero_shot_never": [name for name, labels in run.classes if not emotions_of_class(labels)],
        "options": {
            "zero_shot": run.label,
            "motion_scaling": run.info["options"]["motion_scaling"],
        },
    }


def _table(clips: LabelledClips, said: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "clip_id": clips.clip_ids,
            "dataset": clips.datasets,
            "subject": clips.subjects,
            "label": [clips.classes[label] for label in clips.labels],
            "prediction": [clips.classes[best] for best in said.argmax(axis=1)],
            "fold": "none",
            "seed": 0,
            "select": "last",
            "zero_shot": True,
        }
    )
    table[names_of(clips.classes)] = said.round(6)
    return table


def _folder_name(store: Path, asked: str) -> str:
    return re.sub(r"[^\w.-]+", "-", f"{store.resolve().stem}-{asked}")
