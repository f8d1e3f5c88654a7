"""Motion curves: how much the face of a clip deforms, frame by frame."""

import numpy as np
import numpy.typing as npt

from .expression_flow import expression_flow
from .working_images import Images, Mask, evenly_exposed, working_images, working_region

Curve = npt.NDArray[np.float32]

# The strongest tenth of the face is about what one action unit moves.
_MOVING_SHARE = 0.1


def motion_curve(
    frames: npt.ArrayLike,
    *,
    gap: int | None = None,
    reference: int | None = None,
    region: npt.ArrayLike | None = None,
) -> Curve:
    """How much the face deforms, frame by frame.

    TV-L1 flow between two frames of evened brightness, less the motion of the head as a whole; the
    curve is the mean length of the strongest tenth of the vectors that remain.

    Parameters
    ----------
    frames : array_like, shape (T, H, W) or (T, H, W, 3)
        Aligned faces that fill the picture, uint8 or floating point 0..1.
    gap : int, optional
        Compare frames this far apart, centred on each: the curve shows speed, and suits long
        videos. At both ends the nearest full gap counts.
    reference : int, optional
        Compare each frame with this one: the curve shows how far the face is from it, and is zero
        there. Frame 0 if neither `gap` nor `reference` is given, which suits clips that begin with
        a still face.
    region : array_like, shape (H, W), optional
        True where the face is looked at; by default an upright ellipse nearly as
        high as the picture.

    Returns
    -------
    ndarray, shape (T,), float32
        In pixels of `frames`.

    Raises
    ------
    ValueError
        Bad shapes, both `gap` and `reference`, or values out of range.
    """
    images, scale = working_images(frames)
    count = len(images)
    if gap is not None and reference is not None:
        raise ValueError(
            f"`gap` must not be given with `reference`. Received: gap={gap}, reference={reference}"
        )
    mask = working_region(region, np.shape(frames)[1:3], images.shape[1:])
    images = evenly_exposed(images, mask)
    if gap is not None:
        if gap < 1:
            raise ValueError(f"`gap` must be at least 1. Received: gap={gap}")
        return scale * _speed(images, gap, mask)
    reference = 0 if reference is None else reference
    if not 0 <= reference < count:
        raise ValueError(f"`reference` must be in 0..{count - 1}. Received: reference={reference}")
    return scale * _distances(images, reference, mask)


def _speed(images: Images, gap: int, mask: Mask) -> Curve:
    count = len(images)
    gap = min(gap, count - 1)
    first = np.clip(np.arange(count) - gap // 2, 0, count - 1 - gap)
    return _lengths(images, first, first + gap, mask)


def _distances(images: Images, reference: int, mask: Mask) -> Curve:
    return _lengths(images, np.full(len(images), reference), np.arange(len(images)), mask)


def _lengths(
    images: Images,
    first: npt.NDArray[np.intp],
    second: npt.NDArray[np.intp],
    mask: Mask,
) -> Curve:
    """Mean length of the strongest vectors between pairs of frames, (P,) float32."""
    lengths = np.zeros(len(first), np.float32)
    strongest = max(1, round(_MOVING_SHARE * int(mask.sum())))
    for index, (earlier, later) in enumerate(zip(first, second, strict=True)):
        # Cheaper than flow, and exact.
        if earlier == later:
            continue
        left = expression_flow(images[earlier], images[later], mask)[mask]
        length = np.sqrt(np.square(left).sum(axis=-1))
        lengths[index] = np.partition(length, -strongest)[-strongest:].mean()
    return lengths
