"""Where the action branch looks."""

from typing import Any

import numpy as np
import numpy.typing as npt

from keras_ma2mi.explain.resizing import resize_maps
from keras_ma2mi.models import MIACNet


def attention_maps(
    model: MIACNet, inputs: dict[str, Any], block: int = -1, batch_size: int = 32
) -> npt.NDArray[np.float32]:
    """Returns how far each place of the motion is let through by the action branch.

    The continuous attention of each block multiplies that of the block before, so the map of the
    last block is what remains after all of them. It tells where the network looks, for whatever
    class; `class_contribution_maps` and `grad_cam` tell what speaks for one class. No gradient is
    needed, and every backend gives the same.

    Args:
        model: A `MIACNet` with an action branch.
        inputs: Dict of arrays as `model` takes them.
        block: int. Index of the attention block; negative ones count from the last.
            Defaults to `-1`.
        batch_size: int. Samples computed at a time. Defaults to `32`.

    Returns:
        Float32 array of shape `(batch, input_size, input_size)` with values from 0 (closed) to 1
        (open), enlarged bilinearly from the block's own size.

    Raises:
        ValueError: If the model has no action branch, or no such block.

    Example:

    ```python
    looks = keras_ma2mi.explain.attention_maps(model, {"onset": onset, "motion": motion})
    ```

    Reference:
        - Li et al., "MMNet: Muscle Motion-Guided Network for Micro-Expression Recognition",
          IJCAI 2022 (continuous attention).
    """
    name = attention_name(model, block)
    used = {key: inputs[key] for key in model.input_keys}
    outputs = model.maps.predict(used, batch_size=batch_size, verbose=0)
    maps = np.asarray(outputs[name], np.float32)[..., 0]
    # Rounding in the interpolation may leave the range by a last digit.
    return np.clip(resize_maps(maps, np.shape(inputs["motion"])[1:3]), 0.0, 1.0)


def attention_name(model: MIACNet, block: int) -> str:
    """The key of a block's attention among `model.maps`; arguments as for `attention_maps`."""
    names = [name for name in model.maps.output if name.startswith("attention_")]
    if not names:
        raise ValueError(
            "`model` must have an action branch. Received: a MIACNet with branches='position'"
        )
    if not -len(names) <= block < len(names):
        raise ValueError(
            f"`block` must be from {-len(names)} to {len(names) - 1}. Received: block={block}"
        )
    return f"attention_{block % len(names)}"
