"""How strongly an action encoder answers to what moves, place by place."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from keras import ops


def action_response_maps(
    action_encoder: Callable[..., Any], motion: npt.ArrayLike, batch_size: int = 32
) -> npt.NDArray[np.float32]:
    """Returns how far the features of each place are from those of no motion.

    That is the length of the difference over channels. It needs neither classes nor an attention,
    so that it also shows where an encoder responds that is only pre-trained, or one of your own;
    what is in its features but not in the motion (biases, say) cancels out. Two encoders differ in
    the scale of their features: compare where maps are high, not how high they are.

    Args:
        action_encoder: Keras layer or model from motion to maps `(batch, h, w, channels)`, or to a
            tuple whose first part they are, such as `MIACNet.action_encoder` or
            `FutureFrameReconstructor.action_encoder`. Called in inference mode.
        motion: Array of shape `(batch, height, width, channels)`.
        batch_size: int. Samples computed at a time. Defaults to `32`.

    Returns:
        Float32 array of shape `(batch, h, w)`, 0 or greater. `resize_maps` brings it to the size
        of a picture.

    Raises:
        ValueError: If `motion` has another number of axes.

    Example:

    ```python
    responds = keras_ma2mi.explain.action_response_maps(reconstructor.action_encoder, motion)
    ```
    """
    values = np.asarray(motion, np.float32)
    if values.ndim != 4:
        raise ValueError(
            "`motion` must have shape (batch, height, width, channels). Received: motion of shape "
            f"{values.shape}"
        )
    # One sample even where none is asked for: TensorFlow cannot convolve an empty batch.
    still = _features(action_encoder, np.zeros((1, *values.shape[1:]), np.float32))
    parts = [
        response_lengths(_features(action_encoder, values[start : start + batch_size]), still)
        for start in range(0, len(values), batch_size)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, *still.shape[1:3]), np.float32)


def response_lengths(
    features: npt.NDArray[np.float32], still: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """Length over channels of what differs from the features of no motion, `(batch, h, w)`."""
    return np.asarray(np.linalg.norm(features - still, axis=-1), np.float32)


def _features(encoder: Callable[..., Any], motion: npt.NDArray[np.float32]) -> Any:
    found = encoder(ops.convert_to_tensor(motion), training=False)
    found = found[0] if isinstance(found, (tuple, list)) else found
    return np.asarray(ops.convert_to_numpy(ops.cast(found, "float32")), np.float32)
