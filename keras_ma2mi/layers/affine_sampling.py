"""Similarity transforms of images and of the vectors in them, as pure functions.

Coordinates are pixels, `x` to the right and `y` down, with 0 at the centre of the first pixel.
A gather of four neighbours is written out here because the fill modes, dtypes and reference
points of `keras.ops.image.affine_transform` differ between backends.
"""

from typing import NamedTuple

from keras import ops

from keras_ma2mi.types import Tensor


class SimilarityTransform(NamedTuple):
    """A flip, then a rotation, a scaling and a shift about the image's centre, for each sample.

    A pixel `p` moves to `centre + shift + scale * rotation(flip(p - centre))`. All fields are
    float32 tensors of shape `(batch,)`.
    """

    mirror: Tensor
    """-1 flips left and right, 1 does not."""
    angle: Tensor
    """Radians; positive turns x towards y, which is clockwise to the eye, as y points down."""
    scale: Tensor
    """Greater than 1 enlarges."""
    shift_x: Tensor
    """Pixels, to the right."""
    shift_y: Tensor
    """Pixels, down."""


def transform_images(images: Tensor, transform: SimilarityTransform) -> Tensor:
    """Moves the pixels of images.

    Args:
        images: float tensor of shape `(batch, height, width, channels)`; all but the batch are
            known numbers.
        transform: What happens to each sample.

    Returns:
        Tensor of the same shape, bilinear between pixels. Beyond the border the nearest pixel of
        the border is repeated. A plain flip copies pixels without any rounding.
    """
    height, width = images.shape[1:3]
    return sample_bilinear(images, *_source_places(transform, height, width))


def transform_vectors(
    u: Tensor, v: Tensor, transform: SimilarityTransform
) -> tuple[Tensor, Tensor]:
    """Turns vectors the way the image is turned: a flip negates u, a scaling lengthens both.

    Where a point moves by `(u, v)`, its copy in the transformed image moves by the linear part of
    the transform applied to `(u, v)`; the shift moves both ends and cancels.

    Args:
        u: Components to the right, of shape `(batch, height, width)`.
        v: Components downwards, of the same shape.
        transform: What happens to each sample.

    Returns:
        Tuple of the new `u` and `v`, at the same places: the places are moved by
        `transform_images`.
    """
    mirror, angle, scale = (_over_image(part) for part in transform[:3])
    cosine, sine = ops.cos(angle), ops.sin(angle)
    u = mirror * u
    return scale * (cosine * u - sine * v), scale * (sine * u + cosine * v)


def sample_bilinear(images: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Reads images at real-valued places.

    Args:
        images: float tensor of shape `(batch, height, width, channels)`; all but the batch are
            known numbers.
        x: Columns of shape `(batch, rows, columns)`; clamped to the image.
        y: Rows, of the same shape.

    Returns:
        Tensor of shape `(batch, rows, columns, channels)`.
    """
    height, width, channels = images.shape[1:]
    left, right, weight_x = _neighbours(x, width)
    top, bottom, weight_y = _neighbours(y, height)
    # One axis of pixels for the whole batch: a gather of rows is fast on every backend.
    pixels = ops.reshape(images, (-1, channels))
    first = _over_image(ops.arange(ops.shape(images)[0], dtype="int32")) * (height * width)

    def read(row: Tensor, column: Tensor) -> Tensor:
        return ops.take(pixels, first + row * width + column, axis=0)

    upper = _between(read(top, left), read(top, right), weight_x)
    lower = _between(read(bottom, left), read(bottom, right), weight_x)
    return _between(upper, lower, weight_y)


def _source_places(
    transform: SimilarityTransform, height: int, width: int
) -> tuple[Tensor, Tensor]:
    """Where each pixel of the result comes from: the inverse of the transform."""
    mirror, angle, scale, shift_x, shift_y = (_over_image(part) for part in transform)
    centre_x, centre_y = (width - 1) / 2, (height - 1) / 2
    columns = ops.reshape(ops.arange(width, dtype="float32"), (1, 1, width))
    rows = ops.reshape(ops.arange(height, dtype="float32"), (1, height, 1))
    x = columns - centre_x - shift_x
    y = rows - centre_y - shift_y
    cosine, sine = ops.cos(angle) / scale, ops.sin(angle) / scale
    return centre_x + mirror * (cosine * x + sine * y), centre_y + cosine * y - sine * x


def _neighbours(places: Tensor, size: int) -> tuple[Tensor, Tensor, Tensor]:
    """The pixels before and after each place along one axis, and the share of the latter."""
    places = ops.clip(places, 0.0, float(size - 1))
    before = ops.floor(places)
    share = ops.expand_dims(places - before, -1)
    index = ops.cast(before, "int32")
    return index, ops.minimum(index + 1, size - 1), share


def _between(first: Tensor, second: Tensor, share: Tensor) -> Tensor:
    return first + share * (second - first)


def _over_image(values: Tensor) -> Tensor:
    """One value a sample, ready to be broadcast over its rows and columns."""
    return ops.reshape(values, (-1, 1, 1))
