"""Whether the motion of clips can stand side by side, and how it is brought to one scaling."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.motion_scaling import minmax_scaled
from ma2mi_preprocessing.processed_clip import ProcessedClip
from ma2mi_preprocessing.store import StoredClip

ReadClip = StoredClip | ProcessedClip
"""A clip of a store, or one that has just been processed."""


def scaling_of(clip: ReadClip) -> MotionScaling:
    """How a clip's motion is scaled: pixels wherever the flow is ours."""
    return "minmax" if clip.attributes.get("motion_scaling") == "minmax" else "pixels"


def agreed_scaling(
    where: Path, clips: Sequence[ReadClip], wanted: MotionScaling | None
) -> MotionScaling:
    """The one scaling that all clips can have.

    Args:
        where: What the clips were read from, for the message.
        clips: One or more.
        wanted: What the user or the model asks for; None for what the clips have.

    Raises:
        InputError: Where the clips differ and nothing is asked for, or pixels are asked for where
            only min-max scaled motion is: what was lost cannot be brought back.
    """
    by_scaling: dict[MotionScaling, str] = {}
    for clip in clips:
        by_scaling.setdefault(scaling_of(clip), clip.clip.clip_id)
    if wanted == "pixels" and "minmax" in by_scaling:
        raise InputError(
            f"{where} has min-max scaled motion (such as {by_scaling['minmax']}), which cannot be "
            "turned back into pixels; use motion in pixels, or a model trained with "
            "--motion-scaling minmax"
        )
    if wanted is None and len(by_scaling) > 1:
        raise InputError(
            f"{where} mixes motion in pixels ({by_scaling['pixels']}) and min-max scaled motion "
            f"({by_scaling['minmax']}); bring all to one scaling with --motion-scaling minmax"
        )
    return next(iter(by_scaling)) if wanted is None else wanted


def brought_to(
    motion: npt.NDArray[np.float32], scaling: MotionScaling, wanted: MotionScaling
) -> npt.NDArray[np.float32]:
    """Motion of one clip, `(S, S, C)`, min-max scaled where that is wanted and not yet done."""
    return minmax_scaled(motion) if wanted == "minmax" and scaling == "pixels" else motion


def check_same_shape(where: Path, shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Raises InputError unless the motion of all clips is square and of one size.

    Args:
        where: What the clips were read from.
        shapes: Clip to the shape of its motion, `(H, W, C)`.
    """
    first, shape = next(iter(shapes.items()))
    for name, other in shapes.items():
        if other[0] != other[1]:
            raise InputError(
                f"{where}: motion of {name} is {_size(other)}, but networks take square motion; "
                "pad it, or resize it and scale u by the width's factor and v by the height's"
            )
        if other != shape:
            raise InputError(
                f"{where} mixes sizes: motion of {first} is {_size(shape)}, of {name} "
                f"{_size(other)}; resize one kind (and scale u and v alike), or use two stores"
            )


def why_not_motion(clip: ReadClip, motion: MotionKind) -> str | None:
    """Why a clip cannot give motion of that kind; None where it can."""
    if clip.clip.kind != "motion":
        return None if clip.onset is not None and clip.apex is not None else "no onset or apex"
    kind = clip.attributes.get("motion_kind", "")
    if not kind:
        return "its channels are unknown; fill the column motion_channels"
    if kind != motion:
        return f"it holds motion of kind {kind}, not {motion}; use --motion {kind}"
    return None


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}x{shape[0]}"
