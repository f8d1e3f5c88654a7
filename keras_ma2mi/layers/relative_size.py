"""Brings what is large and what is small to one size."""

from keras import ops

from keras_ma2mi.types import Tensor


def relative_size(inputs: Tensor, floor: float) -> Tensor:
    """Divides each sample by its own root mean square, plus a floor.

    What is far above the floor comes out with a root mean square of nearly one, however large it
    was; what is far below keeps being small, so that noise is not blown up to the size of a
    movement.

    Args:
        inputs: Tensor of shape `(batch, ...)`.
        floor: float above 0, in the unit of `inputs`.

    Returns:
        Tensor of the same shape and dtype.
    """
    # Squares of small float16 numbers are zero.
    squares = ops.square(ops.cast(inputs, "float32"))
    size = ops.sqrt(ops.mean(squares, axis=tuple(range(1, len(inputs.shape))), keepdims=True))
    return inputs / ops.cast(size + floor, inputs.dtype)
