"""Clips that were measured in larger frames than a network takes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from keras_ma2mi.layers.area_resizing import area_weights
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind, optical_strain
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.motion_scaling import minmax_scaled

Motion = npt.NDArray[np.float32]
Frame = npt.NDArray[np.uint8]

_FLOW_CHANNELS = 3


def sees_smaller(info: Mapping[str, Any]) -> bool:
    """Whether a run averages what it is given down to the size of its network.

    Args:
        info: Content of its `run.json`.
    """
    return bool(info.get("unit_shares") or info["options"].get("input_size"))


def averaged_down(
    motion: Motion, size: int, scaling: MotionScaling = "pixels", kind: MotionKind = "flow"
) -> Motion:
    """Motion in fewer pixels: micro-movements are measured in large frames, or not at all.

    Args:
        motion: `(..., H, W, C)`, the channels of `kind`: of `"flow"` u, v and strain.
        size: Side wanted, at most H and W.
        scaling: How the motion is scaled, and will be.
        kind: What the channels are.

    Returns:
        `(..., size, size, C)` float32. Flow in pixels of the smaller frame, its strain that of the
        averaged flow; min-max scaled motion is stretched to 0..1 anew.

    Raises:
        ValueError: If the motion is smaller than `size`.
    """
    height, width = _sides("the motion", motion.shape, size)
    if (height, width) == (size, size):
        return motion
    small = _averaged(motion, size)
    if scaling == "minmax":
        return minmax_scaled(small)
    if kind == "difference":
        return small
    difference, flow = small[..., :-_FLOW_CHANNELS], small[..., -_FLOW_CHANNELS:-1]
    flow = np.asarray(flow * np.array([size / width, size / height]), np.float32)
    return np.concatenate([difference, flow, optical_strain(flow)[..., None]], axis=-1)


def averaged_frame(frame: Frame, size: int) -> Frame:
    """A picture in fewer pixels, `(size, size, 3)` uint8, each the mean of what it covers.

    Raises:
        ValueError: If the frame is smaller than `size`.
    """
    if _sides("the frame", frame.shape, size) == (size, size):
        return frame
    return np.asarray(np.rint(_averaged(frame.astype(np.float32), size)), np.uint8)


def check_large_enough(what: str, sides: tuple[int, ...], size: int | None) -> None:
    """Refuses clips that would have to be enlarged.

    Args:
        what: Which they are, for people.
        sides: Height and width of them.
        size: What the network shall see; None for what there is.

    Raises:
        InputError: If they are smaller.
    """
    if size is not None and min(sides) < size:
        raise InputError(
            f"{what} has {sides[1]}x{sides[0]} pixels, fewer than the {size} that the network "
            "shall see; take a smaller --input-size, or preprocess in larger frames"
        )


def _sides(what: str, shape: tuple[int, ...], size: int) -> tuple[int, int]:
    height, width = shape[-3:-1]
    if size > min(height, width):
        raise ValueError(
            f"`size` must be at most that of {what}. Received: size={size} for shape {shape}"
        )
    return height, width


def _averaged(maps: Motion, size: int) -> Motion:
    height, width = maps.shape[-3:-1]
    small = np.einsum(
        "ih,jw,...hwc->...ijc",
        area_weights(height, size),
        area_weights(width, size),
        maps,
        optimize=True,
    )
    return np.asarray(small, np.float32)
