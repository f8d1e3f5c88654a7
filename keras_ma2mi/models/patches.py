"""Frames cut into patches, the target of a reconstruction in pixels."""

from keras import ops

from keras_ma2mi.types import Shape, Tensor


def patch_channels(frame_shape: Shape, map_shape: Shape) -> int:
    """Returns the number of values of one patch, where each place of the map gets one patch.

    Raises:
        ValueError: If the map does not divide the frame.
    """
    height, width = _patch_size(frame_shape, map_shape)
    return height * width * int(frame_shape[-1] or 0)


def cut_patches(frames: Tensor, map_shape: Shape) -> Tensor:
    """Cuts frames into one patch a place of the map.

    Args:
        frames: Images from 0 to 1 of shape `(batch, height, width, channels)`.
        map_shape: Shape of the map, `(batch, rows, columns, any)`.

    Returns:
        Pixels from -1 to 1, of shape `(batch, rows, columns, pixels of a patch * channels)`.
    """
    height, width = _patch_size(frames.shape, map_shape)
    rows, columns, channels = map_shape[1], map_shape[2], frames.shape[-1]
    grid = ops.reshape(frames, (-1, rows, height, columns, width, channels))
    grid = ops.transpose(grid, (0, 1, 3, 2, 4, 5))
    return 2.0 * ops.reshape(grid, (-1, rows, columns, height * width * channels)) - 1.0


def _patch_size(frame_shape: Shape, map_shape: Shape) -> tuple[int, int]:
    (height, width), (rows, columns) = frame_shape[1:3], map_shape[1:3]
    if not (height and width and rows and columns) or height % rows or width % columns:
        raise ValueError(
            "`future` must have a known height and width that are multiples of those of the map. "
            f"Received: future of shape {tuple(frame_shape)}, map of shape {tuple(map_shape)}"
        )
    return height // rows, width // columns
