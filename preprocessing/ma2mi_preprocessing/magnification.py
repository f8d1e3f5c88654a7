"""Motion magnification: small movements made larger in the frames themselves."""

import math
from collections.abc import Callable, Iterator
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from . import checks
from .motion import to_gray
from .options import PreprocessOptions
from .steerable_pyramid import SteerablePyramid, padded_side

MagnificationMethod = Literal["phase", "linear"]

METHODS: tuple[str, ...] = get_args(MagnificationMethod)

MOVING_SECONDS = 0.5
"""Time to either side over which frames without an annotated onset are averaged."""

# The movement, in pixels, up to which the linear method is meant to hold.
_LINEAR_REACH = 0.5

Magnifier = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]


def magnify_motion(
    frames: npt.ArrayLike,
    factor: float,
    *,
    method: MagnificationMethod = "phase",
    onset: int | None = None,
    window: int | None = None,
) -> npt.NDArray[np.uint8]:
    r"""Redraw frames so that what moved by `d` since the reference has moved by `factor * d`.

    The reference is the frame `onset`, which itself stays as it is; or, without it, the mean of
    the frames up to `window` before and after each. Only brightness is moved: the change of gray is
    added to red, green and blue alike. No more than the result and a few images are held.

    Parameters
    ----------
    frames : array_like, shape (T, H, W, 3), uint8, RGB
        Aligned faces. Whatever moves is magnified, a head that shakes as well.
    factor : float
        1 or more; 1 gives the frames back.
    method : {"phase", "linear"}
        ``"phase"`` shifts the local phase of complex steerable bands [1]_; noise is moved, not
        amplified. ``"linear"`` adds ``(factor - 1)`` times the difference [2]_, damped for
        wavelengths :math:`\lambda < 8 \cdot factor \cdot 0.5` pixels by their ratio (its equation
        14, for movements of half a pixel).
    onset : int, optional
        Index of the reference frame.
    window : int, optional
        Frames to either side of a moving reference; by default all frames.

    Returns
    -------
    ndarray, shape (T, H, W, 3), uint8
        The same arguments give the same bytes.

    Raises
    ------
    ValueError
        Other shapes or types, or arguments out of their range.

    References
    ----------
    .. [1] N. Wadhwa, M. Rubinstein, F. Durand and W. Freeman, "Phase-based video motion
       processing", ACM Transactions on Graphics 32(4), 2013, section 3.
       :doi:`10.1145/2461912.2461966`
    .. [2] H.-Y. Wu, M. Rubinstein, E. Shih, J. Guttag, F. Durand and W. Freeman, "Eulerian video
       magnification for revealing subtle changes in the world", ACM Transactions on Graphics
       31(4), 2012. :doi:`10.1145/2185520.2185561`
    """
    frames = np.asarray(frames)
    _check(frames, factor, method, onset, window)
    if factor == 1 or not len(frames):
        return frames.copy()
    magnified = np.empty_like(frames)
    for index, magnifier in enumerate(_magnifiers(frames, factor, method, onset, window)):
        gray = _gray(frames[index])
        change = magnifier(gray) - gray
        moved = frames[index] + change[..., None]
        magnified[index] = np.clip(np.rint(moved), 0, 255).astype(np.uint8)
    if onset is not None:
        magnified[onset] = frames[onset]
    return magnified


def magnified(
    frames: npt.NDArray[np.uint8], onset: int | None, fps: float, options: PreprocessOptions
) -> npt.NDArray[np.uint8]:
    """Frames as the options of preprocessing want them: from the onset where it is known.

    Without an onset the reference moves along, so that a head that turns slowly is left alone.
    """
    if options.magnify == 1:
        return frames
    return magnify_motion(
        frames,
        options.magnify,
        method="phase" if options.magnify_method == "phase" else "linear",
        onset=onset,
        window=max(1, round(MOVING_SECONDS * fps)),
    )


def magnifier(
    reference: npt.NDArray[np.float32], factor: float, method: MagnificationMethod
) -> Magnifier:
    """Function that magnifies the movement of gray images against one reference.

    Parameters
    ----------
    reference : ndarray, shape (H, W), float32
        Gray image of any range.
    factor, method
        As for `magnify_motion`.

    Returns
    -------
    callable
        From (H, W) float32 to (H, W) float32, of the same range but for what overshoots.
    """
    return _phase(reference, factor) if method == "phase" else _linear(reference, factor)


def _phase(reference: npt.NDArray[np.float32], factor: float) -> Magnifier:
    height, width = reference.shape
    pyramid = SteerablePyramid.of_shape(padded_side(height), padded_side(width))
    still, _ = pyramid.analyse(_padded(reference))

    def magnify(gray: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        bands, rest = pyramid.analyse(_padded(gray))
        moved = []
        for band, before in zip(bands, still, strict=True):
            turned = np.angle(band * before.conj())
            moved.append(band * np.exp(np.complex64(1j * (factor - 1)) * turned))
        return pyramid.compose(moved, rest)[:height, :width]

    return magnify


def _linear(reference: npt.NDArray[np.float32], factor: float) -> Magnifier:
    height, width = reference.shape
    rows, columns = padded_side(height), padded_side(width)
    frequency = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(columns)[None])
    cut_off = 8 * factor * _LINEAR_REACH
    damping = np.minimum(1, 1 / np.maximum(frequency * cut_off, 1e-9)).astype(np.float32)

    def magnify(gray: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        difference = np.fft.rfft2(_padded(gray - reference)) * damping
        smooth = np.fft.irfft2(difference, (rows, columns))[:height, :width]
        return np.asarray(gray + np.float32(factor - 1) * smooth, np.float32)

    return magnify


def _magnifiers(
    frames: npt.NDArray[np.uint8],
    factor: float,
    method: MagnificationMethod,
    onset: int | None,
    window: int | None,
) -> Iterator[Magnifier]:
    """The magnifier of each frame in turn."""
    count = len(frames)
    if onset is not None:
        fixed = magnifier(_gray(frames[onset]), factor, method)
        for _ in range(count):
            yield fixed
        return
    window = count if window is None else window
    # Whole numbers: sums that grow and shrink stay exact.
    total = np.zeros(frames.shape[1:3], np.int64)
    first = last = 0
    for index in range(count):
        while last < min(count, index + window + 1):
            total += to_gray(frames[last]).astype(np.int64)
            last += 1
        while first < index - window:
            total -= to_gray(frames[first]).astype(np.int64)
            first += 1
        yield magnifier((total / (last - first)).astype(np.float32), factor, method)


def _gray(frame: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    return to_gray(frame).astype(np.float32)


def _padded(image: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Mirrored to the right and below, so that the image goes on at its border."""
    height, width = image.shape
    below, right = padded_side(height) - height, padded_side(width) - width
    return np.pad(image, ((0, below), (0, right)), mode="symmetric")


def _check(
    frames: npt.NDArray[np.generic],
    factor: float,
    method: str,
    onset: int | None,
    window: int | None,
) -> None:
    if frames.ndim != 4 or frames.shape[-1] != 3 or frames.dtype != np.uint8:
        raise ValueError(
            "`frames` must be RGB of shape (T, H, W, 3), uint8. "
            f"Received: frames with {checks.describe(frames)}"
        )
    if not (math.isfinite(factor) and factor >= 1):
        raise ValueError(f"`factor` must be at least 1. Received: factor={factor}")
    if method not in METHODS:
        raise ValueError(f"`method` must be one of {METHODS}. Received: method={method!r}")
    if onset is not None and not 0 <= onset < len(frames):
        raise ValueError(
            f"`onset` must be the index of a frame. Received: onset={onset} of {len(frames)} frames"
        )
    if window is not None and window < 1:
        raise ValueError(f"`window` must be at least 1. Received: window={window}")
