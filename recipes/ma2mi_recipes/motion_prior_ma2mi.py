"""MA2MI at 28x28 pixels, beside which the prior of action units is measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.datasets.manifest import read_manifest
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.pipeline import PreprocessOptions, preprocess
from ma2mi_preprocessing.synthesis import synthesize
from ma2mi_recipes.commands.pretrain import run_pretrain
from ma2mi_recipes.networks import load_reconstructor
from ma2mi_recipes.pretraining import PretrainOptions
from ma2mi_recipes.pretraining_recipes import with_recipe
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.unit_pretraining import UnitPretrainOptions

CLIPS = 10
_PAIRS = 12
# As the rendered clips of the benchmark: flow at 64 pixels, averaged down to 28.
_RENDERED, _MEASURED = 128, 64
# No other benchmark renders macro clips of these people.
_SEED = 801


@dataclass(frozen=True)
class MacroClips:
    """What MA2MI is pre-trained on.

    Attributes:
        people: Rendered identities; each has ten macro clips.
        style: Rendering style.
        epochs: Of the pre-training.
    """

    people: int
    style: str
    epochs: int


def macro_store(folder: Path, clips: MacroClips) -> Path:
    """Frame pairs of rendered macro clips; what is there is not made again.

    Raises:
        InputError: Where a clip could not be used.
    """
    name = f"macro-{clips.style}-{clips.people}"
    rendered, store = folder / f"{name}.clips", folder / f"{name}.store"
    synthesize(
        "macro",
        rendered,
        subjects=clips.people,
        clips_per_subject=CLIPS,
        size=_RENDERED,
        seed=_SEED,
        style=clips.style,
    )
    found = read_manifest(rendered / "manifest.csv")
    options = PreprocessOptions(size=_MEASURED, pairs="gap", pairs_per_clip=_PAIRS, detector="none")
    summary = preprocess(found, store, options, workers=1, contact_sheets=False)
    lost = len(found) - summary.stored - summary.kept
    if lost:
        raise InputError(f"{lost} rendered clips cannot be used; see {store / 'rejected.csv'}")
    return store


def pretrained_on(
    folder: Path, store: Path, clips: MacroClips, scaling: MotionScaling, seed: int
) -> RunDirectory:
    """A run of `pretrain` at the size and with the preset of the prior."""
    usual = UnitPretrainOptions()
    options = PretrainOptions(
        preset=usual.preset,
        motion_scaling=scaling,
        epochs=clips.epochs,
        input_size=usual.fields.size,
    )
    run = RunDirectory(folder / f"ma2mi-{scaling}-{store.stem}-{clips.epochs}")
    run_pretrain(store, run.path, with_recipe(options, "code"), seed)
    return run


def action_maps(run: RunDirectory, motion: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """What its action branch makes of motion, `(N, h, w, channels)`."""
    model: Any = load_reconstructor(run)
    maps = model.action_encoder(motion, training=False)
    return np.asarray(keras.ops.convert_to_numpy(maps), np.float32)
