"""How far a face is from its neutral self, frame by frame, in a video of any length."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .displacements import Displacements, FacePatches, displacements
from .neutral_face import neutral_face
from .smoothing import smoothed_over_time
from .working_images import Images, small_pictures

Curve = npt.NDArray[np.float32]

# Twice as fast as a micro-expression needs; of faster videos, every so manieth frame is looked at.
_MOST_FRAMES_A_SECOND = 100.0
_WINDOW_SECONDS = 10.0
_SMOOTHING_SECONDS = 0.02
# The strongest tenth of the face is about what one action unit moves.
_MOVING_SHARE = 0.1


@dataclass(frozen=True)
class Movement:
    """Movement of a face over time.

    Attributes
    ----------
    curve : ndarray, shape (T,), float32
        Mean length of the strongest tenth of the displacements from the neutral face, in pixels
        of the frames.
    away_from_eyes : ndarray, shape (T,), float32
        The same without the skin around the eyes, which moves when lids close.
    lids : ndarray, shape (T,), float32
        How far the lids and the eyes have moved, in pixels of the frames.
    fps : float
    """

    curve: Curve
    away_from_eyes: Curve
    lids: Curve
    fps: float


def measure_movement(
    frames: npt.ArrayLike | Iterable[npt.NDArray[np.generic]],
    fps: float,
    *,
    region: npt.ArrayLike | None = None,
    on_frame: Callable[[int], None] | None = None,
) -> Movement:
    """Measure how far a face is from its neutral self.

    TV-L1 flow from the stillest frame of a window of ten seconds, less the motion of the head, is
    averaged over patches of the face; of these vectors the neutral face is taken away, wherever
    it stands at the time. Windows overlap by half and are faded into each other, so that the head
    may turn and the face change, and memory does not grow with the video but for four numbers a
    frame.

    Parameters
    ----------
    frames : array_like, shape (T, H, W) or (T, H, W, 3), or iterable of frames
        Aligned faces (eyes where `eye_transform` puts them), uint8 or floating point 0..1.
    fps : float
        Frames a second, positive. Above 100, every so manieth frame is looked at, and the curve
        interpolated.
    region : array_like, shape (H, W), optional
        True where the face is looked at; then eyes are not treated apart.
    on_frame : callable, optional
        Called with the number of frames read so far.

    Returns
    -------
    Movement

    Raises
    ------
    ValueError
        No frames, frames of other shapes or of different sizes, or `fps` not positive.
    """
    if not fps > 0:
        raise ValueError(f"`fps` must be positive. Received: fps={fps}")
    step = max(1, int(np.ceil(fps / _MOST_FRAMES_A_SECOND - 1e-6)))
    source = _Source(frames, step, on_frame)
    window = max(4, 2 * round(0.5 * _WINDOW_SECONDS * fps / step))
    faded = _Faded()
    face: FacePatches | None = None
    for start, images, last in _windows(source.pictures(), window):
        face = face or FacePatches.of(region, source.shape, images.shape[1:])
        curves = _curves(displacements(images, face), face, fps / step)
        faded.add(start, curves, first=start == 0, last=last)
    if face is None:
        raise ValueError("`frames` must not be empty. Received: no frames")
    scale = source.shape[1] / images.shape[2]
    places = np.arange(source.count) / step
    curve, away, lids = (
        np.interp(places, np.arange(len(each)), scale * each).astype(np.float32)
        for each in faded.result()
    )
    return Movement(curve, away, lids, fps)


class _Source:
    """Frames of whatever kind as working pictures, counted."""

    def __init__(
        self,
        frames: npt.ArrayLike | Iterable[npt.NDArray[np.generic]],
        step: int,
        on_frame: Callable[[int], None] | None,
    ) -> None:
        self.shape: tuple[int, ...] = ()
        self.count = 0
        self._frames, self._step, self._on_frame = frames, step, on_frame

    def pictures(self) -> Iterator[Images]:
        return small_pictures(self._checked())

    def _checked(self) -> Iterator[npt.NDArray[np.generic]]:
        iterable = self._frames if hasattr(self._frames, "__iter__") else np.asarray(self._frames)
        for frame in iterable:
            array = np.asarray(frame)
            self.shape = self.shape or array.shape[:2]
            if array.shape[:2] != self.shape:
                raise ValueError(
                    f"`frames` must have one size. Received: {array.shape[:2]} after {self.shape}"
                )
            self.count += 1
            if self._on_frame is not None:
                self._on_frame(self.count)
            if (self.count - 1) % self._step == 0:
                yield array


def _windows(pictures: Iterator[Images], window: int) -> Iterator[tuple[int, Images, bool]]:
    """Stretches of `window` pictures that overlap by half: place, pictures, whether the last."""
    held: list[Images] = []
    start = 0
    for picture in pictures:
        if len(held) == window:
            yield start, np.stack(held), False
            held = held[window // 2 :]
            start += window // 2
        held.append(picture)
    if held:
        yield start, np.stack(held), True


def _curves(moved: Displacements, face: FacePatches, rate: float) -> npt.NDArray[np.float64]:
    """Curve, curve away from the eyes, and lids, (3, T)."""
    smooth = smoothed_over_time(moved.patches, _SMOOTHING_SECONDS * rate).astype(np.float32)
    lengths = np.linalg.norm(smooth - neutral_face(smooth, rate), axis=-1)
    far = ~face.near_eyes()
    lids = moved.lids - np.median(moved.lids)
    away = _strongest(lengths[:, far]) if far.any() else np.zeros(len(lengths))
    return np.stack([_strongest(lengths), away, np.maximum(lids, 0.0)])


def _strongest(lengths: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    count = max(1, round(_MOVING_SHARE * lengths.shape[1]))
    return np.partition(lengths, -count, axis=1)[:, -count:].mean(axis=1)


class _Faded:
    """Curves of overlapping windows, each fading where its neighbour comes in."""

    def __init__(self) -> None:
        self._sum = np.zeros((3, 0))
        self._weight = np.zeros(0)

    def add(self, start: int, curves: npt.NDArray[np.float64], *, first: bool, last: bool) -> None:
        count = curves.shape[1]
        weight = np.minimum(np.arange(1, count + 1), np.arange(count, 0, -1)).astype(float)
        if first:
            weight[: count // 2] = weight.max()
        if last:
            weight[count // 2 :] = weight.max()
        grown = start + count - len(self._weight)
        self._sum = np.pad(self._sum, ((0, 0), (0, grown)))
        self._weight = np.pad(self._weight, (0, grown))
        self._sum[:, start:] += weight * curves
        self._weight[start:] += weight

    def result(self) -> npt.NDArray[np.float64]:
        return np.asarray(self._sum / self._weight)
