"""Which class a heat map explains."""

from typing import Any

import numpy as np
import numpy.typing as npt


def explained_classes(
    class_index: int | npt.ArrayLike | None, logits: npt.NDArray[Any]
) -> npt.NDArray[np.intp]:
    """Returns one class per sample: the given ones, or the predicted ones for `None`.

    Raises:
        ValueError: If `class_index` has another number of entries, or is no class.
    """
    batch, num_classes = logits.shape
    if class_index is None:
        return np.argmax(logits, axis=-1)
    classes = np.asarray(class_index)
    if classes.ndim > 1 or (classes.ndim == 1 and len(classes) != batch):
        raise ValueError(
            "`class_index` must be an int or have one entry per sample. "
            f"Received: class_index of shape {classes.shape} for {batch} samples"
        )
    if classes.size and not (classes.min() >= 0 and classes.max() < num_classes):
        raise ValueError(
            f"`class_index` must be from 0 to {num_classes - 1}. "
            f"Received: class_index={class_index}"
        )
    return np.broadcast_to(classes, (batch,)).astype(np.intp)
