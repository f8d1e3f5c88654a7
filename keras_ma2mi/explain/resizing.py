"""Brings heat maps to the size of the pictures they belong to."""

import keras
import numpy as np
import numpy.typing as npt


def resize_maps(maps: npt.ArrayLike, size: tuple[int, int]) -> npt.NDArray[np.float32]:
    """Enlarges maps bilinearly; each value lies at the middle of the place it speaks for.

    Args:
        maps: Array of shape `(batch, height, width)`, such as `grad_cam` returns.
        size: Height and width wanted.

    Returns:
        Float32 array of shape `(batch, *size)`, with no value beyond those of `maps`.

    Raises:
        ValueError: If `maps` has another number of axes.
    """
    array = np.asarray(maps, np.float32)
    if array.ndim != 3:
        raise ValueError(
            f"`maps` must have shape (batch, height, width). Received: maps of shape {array.shape}"
        )
    resized = keras.ops.image.resize(
        array[..., None], size, interpolation="bilinear", data_format="channels_last"
    )
    return np.asarray(keras.ops.convert_to_numpy(resized), np.float32)[..., 0]
