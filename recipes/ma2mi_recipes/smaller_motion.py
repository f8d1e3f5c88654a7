"""Motion that was measured in larger frames than a network takes."""

import numpy as np
import numpy.typing as npt

from keras_ma2mi.layers.area_resizing import area_weights
from ma2mi_preprocessing.motion import optical_strain
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.motion_scaling import minmax_scaled

Motion = npt.NDArray[np.float32]


def averaged_down(motion: Motion, size: int, scaling: MotionScaling = "pixels") -> Motion:
    """Flow and strain in fewer pixels: micro-movements are measured in large frames, or not at all.

    Args:
        motion: `(..., H, W, 3)`: u, v, strain.
        size: Side wanted, at most H and W.
        scaling: How the motion is scaled, and will be.

    Returns:
        `(..., size, size, 3)` float32. In pixels of the smaller frame, its strain that of the
        averaged flow; min-max scaled motion is stretched to 0..1 anew.

    Raises:
        ValueError: If the motion is smaller than `size`.
    """
    height, width = motion.shape[-3:-1]
    if size > min(height, width):
        raise ValueError(
            f"`size` must be at most that of the motion. Received: size={size} for motion of "
            f"shape {motion.shape}"
        )
    if (height, width) == (size, size):
        return motion
    small = np.einsum(
        "ih,jw,...hwc->...ijc",
        area_weights(height, size),
        area_weights(width, size),
        motion,
        optimize=True,
    )
    if scaling == "minmax":
        return minmax_scaled(np.asarray(small, np.float32))
    flow = np.asarray(small[..., :2] * np.array([size / width, size / height]), np.float32)
    return np.concatenate([flow, optical_strain(flow)[..., None]], axis=-1)
