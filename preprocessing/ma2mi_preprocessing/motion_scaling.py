"""Motion that others have scaled and ordered, in the order that models take."""

import numpy as np
import numpy.typing as npt

from .motion import MotionKind, optical_strain
from .motion_channels import FLOW, KIND_OF, MotionScaling, channel_count


def in_model_order(
    motion: npt.NDArray[np.float32], names: tuple[str, ...], scaling: MotionScaling
) -> tuple[npt.NDArray[np.float32], MotionKind]:
    """Bring motion into the order that models take.

    Parameters
    ----------
    motion : ndarray, shape (H, W, C), float32
    names : tuple of str
        As `check_channels` gives them.
    scaling : {"pixels", "minmax"}
        Strain is computed where it is not among the channels, which needs pixels.

    Returns
    -------
    motion : ndarray, shape (H, W, 3) or (H, W, 6), float32
        u, v, strain; or difference; or difference, u, v, strain.
    kind : {"flow", "difference", "both"}

    Raises
    ------
    ValueError
        The number of channels is another one, or strain would have to come from scaled flow.
    """
    if motion.shape[-1] != channel_count(names):
        raise ValueError(
            f"has {motion.shape[-1]} channels, but {'-'.join(names)} are {channel_count(names)}"
        )
    if names in KIND_OF:
        return motion, KIND_OF[names]
    ordered = motion[..., [names.index(name) for name in FLOW if name in names]]
    if "strain" in names:
        return ordered, "flow"
    if scaling != "pixels":
        raise ValueError("has no strain, and strain cannot be computed from scaled u and v")
    return np.concatenate([ordered, optical_strain(ordered)[..., None]], axis=-1), "flow"


def minmax_scaled(motion: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Stretch each image and channel to 0..1, as published releases do. Not the default anywhere.

    How large a movement was is lost, and a displacement of zero is no longer at a known value.

    Parameters
    ----------
    motion : ndarray, shape (..., H, W, C), float32

    Returns
    -------
    ndarray, same shape, float32
        Smallest value of each image and channel 0, largest 1; all 0 where a channel is constant.
    """
    lowest = motion.min(axis=(-3, -2), keepdims=True)
    reach = motion.max(axis=(-3, -2), keepdims=True) - lowest
    scaled = (motion - lowest) / np.where(reach > 0, reach, 1)
    return np.asarray(scaled, np.float32)
