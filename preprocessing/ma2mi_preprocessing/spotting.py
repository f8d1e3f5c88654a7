"""Finding when a face moves: motion curves, key frames, and the strongest event of a video."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from .flow import optical_flow_tvl1
from .head_motion import head_motion
from .motion import to_gray

Curve = npt.NDArray[np.float32]
_Images = npt.NDArray[np.float32]

# Side of the pictures that flow is computed on: finer ones cost more and gain nothing, as averaging
# pixels also averages their noise.
_WORKING_SIDE = 112
# The strongest tenth of the face is about what one action unit moves.
_MOVING_SHARE = 0.1
# Half height and half width of the ellipse looked at, as shares of the picture's: hair and what is
# behind the head do not follow the head's motion and would be taken for expressions.
_FACE = (0.95, 0.75)
_SMOOTHING_SECONDS = 0.02
_FLANK = 0.15
_NEGLIGIBLE_HEAD_MOTION = 0.25
_CHUNK = 64


@dataclass(frozen=True)
class KeyFrames:
    """Key frames of one expression, 0-based.

    Attributes
    ----------
    onset, apex, offset : int
        Last frame before the movement, strongest frame, first frame after it.
    strength : float
        How far the curve rises at the apex above what surrounds the expression, in pixels.
    contrast : float
        The same in deviations of the curve's noise. A still face gets up to about 10 by chance.
    """

    onset: int
    apex: int
    offset: int
    strength: float
    contrast: float


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
    images, scale = _working_images(frames)
    count = len(images)
    if gap is not None and reference is not None:
        raise ValueError(
            f"`gap` must not be given with `reference`. Received: gap={gap}, reference={reference}"
        )
    mask = _working_region(region, np.shape(frames)[1:3], images.shape[1:])
    images = _evenly_exposed(images, mask)
    if gap is not None:
        if gap < 1:
            raise ValueError(f"`gap` must be at least 1. Received: gap={gap}")
        return scale * _speed(images, gap, mask)
    reference = 0 if reference is None else reference
    if not 0 <= reference < count:
        raise ValueError(f"`reference` must be in 0..{count - 1}. Received: reference={reference}")
    return scale * _distances(images, reference, mask)


def find_key_frames(curve: npt.ArrayLike, fps: float, *, longest_seconds: float = 4.0) -> KeyFrames:
    """Find the strongest expression in a curve of distances from a still face.

    Parameters
    ----------
    curve : array_like, shape (T,)
        From `motion_curve` with a `reference` (or neither option).
    fps : float
        Frames a second.
    longest_seconds : float, optional
        Whatever lasts longer than this is a change of the whole scene or pose, not an expression.

    Returns
    -------
    KeyFrames

    Raises
    ------
    ValueError
        An empty curve, or `fps` or `longest_seconds` not positive.
    """
    values = np.asarray(curve, np.float64)
    if values.ndim != 1 or len(values) == 0 or not np.isfinite(values).all():
        raise ValueError(
            f"`curve` must be a finite vector with at least one value. Received: shape="
            f"{values.shape}"
        )
    for name, value in (("fps", fps), ("longest_seconds", longest_seconds)):
        if not value > 0:
            raise ValueError(f"`{name}` must be positive. Received: {name}={value}")
    longest = max(2, round(longest_seconds * fps))
    smooth = _smoothed(values, _SMOOTHING_SECONDS * fps)
    rise = smooth - _surroundings(smooth, longest)
    apex = int(rise.argmax())
    quiet = rise <= _FLANK * rise[apex]
    before, after = np.flatnonzero(quiet[:apex]), np.flatnonzero(quiet[apex + 1 :])
    onset = int(before[-1]) if len(before) else 0
    offset = apex + 1 + int(after[0]) if len(after) else len(values) - 1
    noise = float(np.median(np.abs(np.diff(values)))) if len(values) > 1 else 0.0
    return KeyFrames(
        onset=max(onset, apex - longest),
        apex=apex,
        offset=min(offset, apex + longest),
        strength=float(rise[apex]),
        # Median of |difference of two normal values|: 0.954 deviations.
        contrast=float(rise[apex] / max(noise / 0.954, 1e-6)),
    )


def find_strongest_event(
    frames: npt.ArrayLike,
    fps: float,
    *,
    longest_seconds: float = 4.0,
    gap_seconds: float = 0.1,
    region: npt.ArrayLike | None = None,
) -> KeyFrames:
    """Find the strongest expression of a video of any length.

    The fastest deformation marks the place. Around it, the frame most alike to the others is taken
    for the still face, the distance from it gives the key frames, and the distance from the onset
    found refines them.

    Parameters
    ----------
    frames : array_like, shape (T, H, W) or (T, H, W, 3)
        Aligned faces, uint8 or floating point 0..1.
    fps : float
        Frames a second.
    longest_seconds : float, optional
        Longest expression looked for.
    gap_seconds : float, optional
        Time over which speed is measured.
    region : array_like, shape (H, W), optional
        As for `motion_curve`.

    Returns
    -------
    KeyFrames
        Indices into `frames`.

    Raises
    ------
    ValueError
        As `motion_curve` and `find_key_frames`.
    """
    images, scale = _working_images(frames)
    mask = _working_region(region, np.shape(frames)[1:3], images.shape[1:])
    images = _evenly_exposed(images, mask)
    speed = _speed(images, max(1, round(gap_seconds * fps)), mask)
    fastest = int(_smoothed(speed, _SMOOTHING_SECONDS * fps).argmax())
    # An expression takes up less than half of this, so that most frames show a still face.
    reach = max(2, round(1.25 * longest_seconds * fps))
    start = max(0, fastest - reach)
    part = images[start : fastest + reach + 1]
    still = _stillest(part, mask)
    for _ in range(2):
        curve = scale * _distances(part, still, mask)
        keys = find_key_frames(curve, fps, longest_seconds=longest_seconds)
        still = keys.onset
    return replace(
        keys, onset=start + keys.onset, apex=start + keys.apex, offset=start + keys.offset
    )


def _stillest(images: _Images, mask: npt.NDArray[np.bool_], candidates: int = 7) -> int:
    """Of a few frames, the one from which the others are least far on the whole."""
    chosen = np.unique(np.linspace(0, len(images) - 1, candidates).astype(int))
    sample = np.unique(np.linspace(0, len(images) - 1, 4 * candidates).astype(int))
    middles = [
        float(np.median(_lengths(images, np.full(len(sample), index), sample, mask)))
        for index in chosen
    ]
    return int(chosen[int(np.argmin(middles))])


def _speed(images: _Images, gap: int, mask: npt.NDArray[np.bool_]) -> Curve:
    count = len(images)
    gap = min(gap, count - 1)
    first = np.clip(np.arange(count) - gap // 2, 0, count - 1 - gap)
    return _lengths(images, first, first + gap, mask)


def _distances(images: _Images, reference: int, mask: npt.NDArray[np.bool_]) -> Curve:
    return _lengths(images, np.full(len(images), reference), np.arange(len(images)), mask)


def _lengths(
    images: _Images,
    first: npt.NDArray[np.intp],
    second: npt.NDArray[np.intp],
    mask: npt.NDArray[np.bool_],
) -> Curve:
    """Mean length of the strongest vectors between pairs of frames, (P,) float32."""
    lengths = np.zeros(len(first), np.float32)
    strongest = max(1, round(_MOVING_SHARE * int(mask.sum())))
    for index, (earlier, later) in enumerate(zip(first, second, strict=True)):
        # Cheaper than flow, and exact.
        if earlier == later:
            continue
        left = _expression_flow(images[earlier], images[later], mask)[mask]
        length = np.sqrt(np.square(left).sum(axis=-1))
        lengths[index] = np.partition(length, -strongest)[-strongest:].mean()
    return lengths


def _expression_flow(reference: _Images, moving: _Images, mask: npt.NDArray[np.bool_]) -> _Images:
    """Flow (H, W, 2) of the face with the head held still."""
    flow = optical_flow_tvl1(reference, moving)
    head = head_motion(flow, mask)
    if np.abs(head[mask]).max() < _NEGLIGIBLE_HEAD_MOTION:
        return flow - head
    # Smooth parts of a face follow a large motion less than detailed ones do, and the difference
    # would look like an expression: bring the head back first.
    height, width = reference.shape
    x = head[..., 0] + np.arange(width, dtype=np.float32)[None, :]
    y = head[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    held = cv2.remap(moving, x, y, cv2.INTER_CUBIC, None, cv2.BORDER_REPLICATE)
    # The region has now other pixels in it.
    held *= reference[mask].mean() / held[mask].mean()
    flow = optical_flow_tvl1(reference, held)
    return flow - head_motion(flow, mask)


def _working_images(frames: npt.ArrayLike) -> tuple[_Images, np.float32]:
    """Small gray pictures 0..1, and the size of one of their pixels in pixels of the frames."""
    shape = np.shape(frames)
    if len(shape) not in (3, 4) or (len(shape) == 4 and shape[3] != 3) or 0 in shape:
        raise ValueError(
            f"`frames` must have shape (T, H, W) or (T, H, W, 3) and not be empty. "
            f"Received: shape={shape}"
        )
    height, width = shape[1:3]
    shrink = min(1.0, _WORKING_SIDE / min(height, width))
    size = (round(width * shrink), round(height * shrink))
    images = np.empty((shape[0], size[1], size[0]), np.float32)
    for index, frame in enumerate(_gray(frames)):
        images[index] = cv2.resize(frame, size, interpolation=cv2.INTER_AREA)
    return images, np.float32(width / size[0])


def _evenly_exposed(images: _Images, mask: npt.NDArray[np.bool_]) -> _Images:
    """All frames at one brightness: TV-L1 takes a change of a few per cent for movement."""
    brightness = images[:, mask].mean(axis=1)
    gain = np.float32(0.5) / np.maximum(brightness, np.float32(1e-3))
    return np.asarray(images * gain[:, None, None])


def _gray(frames: npt.ArrayLike) -> Iterator[_Images]:
    whole = np.asarray(frames)
    for start in range(0, len(whole), _CHUNK):
        part = whole[start : start + _CHUNK]
        unit = part.astype(np.float32) * np.float32(1 / 255 if part.dtype == np.uint8 else 1.0)
        yield from to_gray(unit) if unit.ndim == 4 else unit


def _working_region(
    region: npt.ArrayLike | None, frame: tuple[int, ...], working: tuple[int, ...]
) -> npt.NDArray[np.bool_]:
    height, width = working
    if region is None:
        rows = np.linspace(-1.0, 1.0, height)[:, None]
        columns = np.linspace(-1.0, 1.0, width)[None, :]
        return np.asarray((rows / _FACE[0]) ** 2 + (columns / _FACE[1]) ** 2 <= 1.0)
    mask = np.asarray(region)
    if mask.shape != tuple(frame) or not mask.any():
        raise ValueError(
            f"`region` must be True somewhere and have the shape {tuple(frame)} of a frame. "
            f"Received: shape={mask.shape}"
        )
    small = cv2.resize(mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(small > 0)


def _smoothed(curve: npt.ArrayLike, deviation: float) -> npt.NDArray[np.float64]:
    values = np.asarray(curve, np.float64)
    reach = min(int(3 * deviation + 0.5), len(values) - 1)
    if reach < 1:
        return values
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    padded = np.pad(values, reach, mode="edge")
    return np.convolve(padded, weights / weights.sum(), mode="valid")


def _surroundings(curve: npt.NDArray[np.float64], longest: int) -> npt.NDArray[np.float64]:
    """The curve without its hills shorter than `longest`: a running minimum, then maximum."""
    reach = longest // 2
    windows = np.lib.stride_tricks.sliding_window_view
    low = windows(np.pad(curve, reach, constant_values=np.inf), 2 * reach + 1).min(axis=-1)
    return windows(np.pad(low, reach, constant_values=-np.inf), 2 * reach + 1).max(axis=-1)
