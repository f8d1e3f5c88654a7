"""A rendered recording of a minute: expressions between quiet phases, blinks, gaze, a moving head.

What spotting is measured on. The clips of `render_clip` are cut around one expression; here the
places are known too, but must be found.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .camera import Camera, expose, sample_camera, sample_lighting_change
from .deformation import Deformation
from .drawing import OVERSAMPLING, draw_neutral
from .expressions import CLASSES, sample_units
from .geometry import FacePose, FloatArray, sample_pose
from .identity import Identity, sample_identity
from .performance import largest_movement, sample_head_motion, sample_performance
from .profile import TEMPI, Timeline, sample_timeline
from .relief import Lighting, sample_lighting
from .restless import EyeCourse, sample_eye_course, sample_restlessness
from .sampling import sample_cubic

# The people of recordings are nobody else's: their random streams begin with this number.
_STREAM = 71
_LEAD_SECONDS = 1.5
_QUIET_SECONDS = (0.8, 3.0)
_PICTURES_KEPT = 24


@dataclass(frozen=True)
class ShownExpression:
    """One expression of a recording.

    Attributes
    ----------
    kind : {"macro", "micro"}
    label : str
        One of `expressions.CLASSES`.
    onset, apex, offset : int
        Last still frame, frame of the strongest expression, first still frame after it.
    peak : float
        Largest displacement of the skin at the apex, in pixels of a picture of 224 pixels.
    """

    kind: str
    label: str
    onset: int
    apex: int
    offset: int
    peak: float


@dataclass(frozen=True)
class Recording:
    """A rendered recording; its frames are drawn as they are read.

    Attributes
    ----------
    fps : float
    count : int
        Frames.
    expressions : tuple of ShownExpression
        In order of time, never overlapping.
    blinks : tuple of (int, int)
        First and last frame with a lid that is not fully open.
    """

    fps: float
    count: int
    expressions: tuple[ShownExpression, ...]
    blinks: tuple[tuple[int, int], ...]
    _stage: "_Stage" = field(repr=False)

    @property
    def eyes(self) -> FloatArray:
        """(x, y) of the eye on the left and on the right of the picture, the head unmoved."""
        return self._stage.pose.to_pixels([(-0.5, 0.0), (0.5, 0.0)])

    def frames(self) -> Iterator[npt.NDArray[np.uint8]]:
        """Draw the frames, (H, W, 3) uint8 RGB; every pass gives the same ones."""
        return self._stage.filmed()


@dataclass(frozen=True)
class _Stage:
    """All that is needed to draw the frames."""

    identity: Identity
    pose: FacePose
    lighting: Lighting
    lighting_change: FloatArray
    backdrop: tuple[float, float, float]
    camera: Camera
    deformation: Deformation
    eyes: EyeCourse
    noise_seed: np.random.SeedSequence

    def filmed(self) -> Iterator[npt.NDArray[np.uint8]]:
        noise = np.random.default_rng(self.noise_seed)
        pictures: dict[tuple[float, tuple[float, float]], FloatArray] = {}
        size = self.pose.size
        pixel = np.arange(size, dtype=np.float32)
        centre = np.float32(0.5 * (OVERSAMPLING - 1))
        for index, light in enumerate(self.lighting_change):
            look = self.eyes.closure[index], self.eyes.gaze[index]
            if look not in pictures:
                if len(pictures) >= _PICTURES_KEPT:
                    pictures.pop(next(iter(pictures)))
                pictures[look] = self._drawn(*look)
            shift = self.deformation.backward_map(index)
            x = (pixel[None, :] + shift[..., 0]) * np.float32(OVERSAMPLING) + centre
            y = (pixel[:, None] + shift[..., 1]) * np.float32(OVERSAMPLING) + centre
            yield expose(sample_cubic(pictures[look], x, y), light, self.camera, noise)

    def _drawn(self, closure: float, gaze: tuple[float, float]) -> FloatArray:
        lids = dataclasses.replace(
            self.identity, eye_opening=self.identity.eye_opening * (1.0 - 0.96 * closure)
        )
        return draw_neutral(lids, self.pose, self.lighting, self.backdrop, gaze)


def render_recording(
    *,
    subject: int = 0,
    seconds: float = 30.0,
    fps: float = 50.0,
    size: int = 256,
    seed: int = 0,
    expressions: bool = True,
    blinks: bool = True,
    head: bool = True,
) -> Recording:
    """Draw the script of a recording; the same arguments give the same recording.

    Micro- and macro-expressions (see `render_clip` for their sizes and durations) take turns in
    random order, with 0.8 to 3 seconds of quiet between them.

    Parameters
    ----------
    subject : int
        Which person of this `seed`; they are not those of `render_clip`.
    seconds, fps : float
        Length, and frames a second.
    size : int
        Width and height in pixels.
    seed : int
        Zero or more.
    expressions, blinks, head : bool
        Whether there are expressions; blinks and changes of gaze; movements of the head beyond
        the sway of `render_clip`.

    Raises
    ------
    ValueError
        The recording is too short to hold anything, or `subject` or `seed` is negative.
    """
    count = round(seconds * fps)
    if count < 2 or subject < 0 or seed < 0:
        raise ValueError(
            f"`seconds`, `subject` and `seed` must give at least two frames and not be negative. "
            f"Received: seconds={seconds}, fps={fps}, subject={subject}, seed={seed}"
        )
    # One stream for each part: a recording without blinks keeps its person and its expressions.
    person, acts, eyes, sway, scene, noise = np.random.SeedSequence([seed, _STREAM, subject]).spawn(
        6
    )
    identity = sample_identity(np.random.default_rng(person))
    rng = np.random.default_rng(scene)
    pose = sample_pose(rng, size)
    red, green, blue = rng.uniform(0.25, 0.8) + rng.uniform(-0.06, 0.06, 3)
    shown, deformation = _performed(
        np.random.default_rng(acts), identity, pose, count if expressions else 0, fps
    )
    moves = np.random.default_rng(sway)
    motion = sample_head_motion(moves, pose, count, fps)
    if head:
        motion = motion + sample_restlessness(moves, pose, count, fps)
    course = sample_eye_course(np.random.default_rng(eyes), count if blinks else 0, fps)
    stage = _Stage(
        identity=identity,
        pose=pose,
        lighting=sample_lighting(rng),
        lighting_change=sample_lighting_change(rng, count, fps),
        backdrop=(red, green, blue),
        camera=sample_camera(rng),
        deformation=dataclasses.replace(
            deformation, head=motion, intensities=_lengthened(deformation.intensities, count)
        ),
        eyes=course.lengthened(count),
        noise_seed=noise,
    )
    return Recording(fps, count, tuple(shown), course.blinks, stage)


def _performed(
    rng: np.random.Generator, identity: Identity, pose: FacePose, count: int, fps: float
) -> tuple[list[ShownExpression], Deformation]:
    """Expressions one after another until `count` frames are full, and what they do to the face."""
    shown: list[ShownExpression] = []
    parts: list[tuple[int, Deformation]] = []
    start = round(_LEAD_SECONDS * fps)
    while True:
        kind = ("micro", "macro")[rng.integers(2)]
        label = CLASSES[rng.integers(len(CLASSES))]
        timeline = sample_timeline(rng, TEMPI[kind], fps)
        part = sample_performance(
            rng, TEMPI[kind], sample_units(rng, label), identity, pose, timeline, fps
        )
        quiet = round(rng.uniform(*_QUIET_SECONDS) * fps)
        if start + timeline.frames > count - round(0.5 * fps):
            break
        shown.append(_shown(kind, label, timeline, start, part, pose))
        parts.append((start, part))
        start += timeline.frames + quiet
    fields = [each.fields for _, each in parts] or [part.fields[:1]]
    intensities = np.zeros((count, sum(len(each) for each in fields)), np.float32)
    column = 0
    for first, each in parts:
        span = np.s_[first : first + len(each.intensities), column : column + len(each.fields)]
        intensities[span] = each.intensities
        column += len(each.fields)
    return shown, dataclasses.replace(part, fields=np.concatenate(fields), intensities=intensities)


def _shown(
    kind: str, label: str, timeline: Timeline, start: int, part: Deformation, pose: FacePose
) -> ShownExpression:
    return ShownExpression(
        kind=kind,
        label=label,
        onset=start + timeline.onset,
        apex=start + timeline.apex,
        offset=start + timeline.offset,
        peak=largest_movement(part, timeline.apex) * 224.0 / pose.size,
    )


def _lengthened(intensities: FloatArray, count: int) -> FloatArray:
    return np.pad(intensities, ((0, count - len(intensities)), (0, 0)))
