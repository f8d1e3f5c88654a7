"""The ways to align a clip that `benchmark faces` compares, as transforms of every frame."""

import time
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..faces.alignment import eye_transform
from ..faces.detection import Face, FaceDetector
from ..faces.plan import plan_by_tracking, plan_from_onset
from ..faces.stabilisation import Stabiliser

Images = Sequence[NDArray[np.uint8]]
Transforms = NDArray[np.float64]

EACH_FRAME = "each frame by itself"
TRACK = "followed, smoothed"
CLIP = "one transform a clip"
CLIP_RIGID = "one transform, stabilised"
TRACK_RIGID = "followed, stabilised"
UNALIGNED = "no alignment"

_SMOOTHING_SECONDS = 0.3
_DETECTIONS_PER_SECOND = 10.0


class Remembered:
    """A detector that looks at each image once, and counts its time.

    Attributes
    ----------
    seconds : list of float
        CPU time of each detection.
    """

    def __init__(self, detector: FaceDetector) -> None:
        self.name = detector.name
        self.seconds: list[float] = []
        self._detector = detector
        self._known: dict[int, tuple[NDArray[np.uint8], list[Face]]] = {}

    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Find faces; see `FaceDetector.detect`."""
        known = self._known.get(id(image))
        if known is None:
            start = time.thread_time()
            known = (image, self._detector.detect(image))
            self.seconds.append(time.thread_time() - start)
            self._known[id(image)] = known
        return known[1]


def each_frame(images: Images, detector: FaceDetector, size: int) -> Transforms:
    """The largest face of every frame on its own; where none is found, as in the frame before.

    Raises
    ------
    InputError
        There is no face in any frame.
    """
    found = [detector.detect(image) for image in images]
    seen = [faces[0] for faces in found if faces]
    if not seen:
        raise InputError(f"no face found in {len(images)} frames")
    last = seen[0]
    transforms = []
    for faces in found:
        last = faces[0] if faces else last
        transforms.append(eye_transform(last.left_eye, last.right_eye, size))
    return np.stack(transforms)


def one_a_clip(images: Images, detector: FaceDetector, size: int, onset: int) -> Transforms:
    """One transform, from the frames around the onset; see `plan_from_onset`."""
    first = max(0, onset - 2)
    near = list(enumerate(images))[first : onset + 3]
    elsewhere = list(enumerate(images))[:: max(1, len(images) // 12)]
    plan = plan_from_onset(near, elsewhere, detector, size)
    return np.repeat(plan.transforms, len(images), axis=0)


def followed(images: Images, detector: FaceDetector, size: int, fps: float) -> Transforms:
    """A face followed, its eye positions smoothed over time; see `plan_by_tracking`."""
    step = max(1, round(fps / _DETECTIONS_PER_SECOND))
    plan = plan_by_tracking(
        list(enumerate(images))[::step],
        detector,
        size,
        fps=fps,
        step=step,
        max_frames=len(images),
        smoothing_seconds=_SMOOTHING_SECONDS,
    )
    first = plan.first_frame or 0
    chosen = np.clip(np.arange(len(images)) - first, 0, len(plan.transforms) - 1)
    return plan.transforms[chosen]


def stabilised(
    images: Images, transforms: Transforms, size: int, onset: int, fps: float | None
) -> tuple[Transforms, float]:
    """The same, corrected by `Stabiliser`; and seconds a frame."""
    start = time.thread_time()
    stabiliser = Stabiliser(images[onset], transforms[onset], size, fps=fps)
    corrected = [
        stabiliser.stabilised(image, transform)
        for image, transform in zip(images, transforms, strict=True)
    ]
    return np.stack(corrected), (time.thread_time() - start) / len(images)
