"""What a person does besides showing expressions: blinking, looking about, moving the head."""

from dataclasses import dataclass

import numpy as np

from .geometry import FacePose, FloatArray

# Lids: some 10 to 20 blinks a minute, closing in 80 and opening in 160 milliseconds.
_BLINK_PAUSE_SECONDS = (2.0, 6.0)
_CLOSING_SECONDS, _SHUT_SECONDS, _OPENING_SECONDS = 0.08, 0.04, 0.16
# Lids are drawn at so many openings; each is a picture of its own.
_LID_STEPS = 5
_FIXATION_SECONDS = (0.8, 3.0)
_GAZES = 4
_MOVE_PAUSE_SECONDS = (3.0, 8.0)
_MOVE_SECONDS = (0.4, 1.2)
_PEAK_PICTURE = 224.0


@dataclass(frozen=True)
class EyeCourse:
    """Lids and gaze of every frame.

    Attributes
    ----------
    closure : tuple of float
        0 open, 1 shut.
    gaze : tuple of (float, float)
        Shift of the irises (right, down) in face units.
    blinks : tuple of (int, int)
        First and last frame of each blink.
    """

    closure: tuple[float, ...]
    gaze: tuple[tuple[float, float], ...]
    blinks: tuple[tuple[int, int], ...]

    @property
    def moves(self) -> bool:
        """Whether lids or gaze change at all."""
        return any(self.closure) or len(set(self.gaze)) > 1

    def lengthened(self, count: int) -> "EyeCourse":
        """With open eyes that look ahead in the frames that are missing."""
        rest = count - len(self.closure)
        return EyeCourse(
            self.closure + (0.0,) * rest, self.gaze + ((0.0, 0.0),) * rest, self.blinks
        )


def sample_eye_course(rng: np.random.Generator, count: int, fps: float) -> EyeCourse:
    """Draw blinks and changes of gaze for `count` frames."""
    closure = np.zeros(count)
    blinks = []
    start = round(rng.uniform(0.5, 3.0) * fps)
    length = _CLOSING_SECONDS + _SHUT_SECONDS + _OPENING_SECONDS
    while start + round(length * fps) < count:
        seconds = np.arange(start, start + round(length * fps) + 1) / fps - start / fps
        falling = seconds / _CLOSING_SECONDS
        rising = (length - seconds) / _OPENING_SECONDS
        course = np.clip(np.minimum(falling, rising), 0.0, 1.0)
        course = np.round(course * (_LID_STEPS - 1)) / (_LID_STEPS - 1)
        closure[start : start + len(course)] = course
        moved = start + np.flatnonzero(course)
        blinks.append((int(moved[0]), int(moved[-1])))
        start += round(rng.uniform(*_BLINK_PAUSE_SECONDS) * fps)
    looks = [(rng.uniform(-0.05, 0.05), rng.uniform(-0.02, 0.02)) for _ in range(_GAZES)]
    gaze: list[tuple[float, float]] = []
    while len(gaze) < count:
        fixation = round(rng.uniform(*_FIXATION_SECONDS) * fps)
        gaze += [looks[rng.integers(_GAZES)]] * fixation
    return EyeCourse(tuple(closure.tolist()), tuple(gaze[:count]), tuple(blinks))


def sample_restlessness(
    rng: np.random.Generator, pose: FacePose, count: int, fps: float
) -> FloatArray:
    """Moves of the head from one position to the next, each smooth and done in about a second.

    Returns
    -------
    ndarray, shape (count, 3), float32
        Pixels right and down, and radians clockwise, as `Deformation.head`.
    """
    pixel = pose.size / _PEAK_PICTURE
    reach = np.array([4.0 * pixel, 3.0 * pixel, np.deg2rad(1.5)])
    motion = np.zeros((count, 3))
    now = np.zeros(3)
    start = round(rng.uniform(1.0, 3.0) * fps)
    while start < count:
        target = reach * rng.uniform(-1.0, 1.0, 3)
        length = max(2, round(rng.uniform(*_MOVE_SECONDS) * fps))
        share = np.clip((np.arange(start, count) - start) / length, 0.0, 1.0)
        smooth = share**3 * (10.0 - 15.0 * share + 6.0 * share**2)
        motion[start:] = now + smooth[:, None] * (target - now)
        now = target
        start += length + round(rng.uniform(*_MOVE_PAUSE_SECONDS) * fps)
    return motion.astype(np.float32)
