"""One rendered clip: frames of an invented face, and everything that is true about them."""

import dataclasses
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .accessories import Overlay
from .camera import expose
from .deformation import Deformation, seen_at
from .drawing import OVERSAMPLING
from .expressions import CLASSES
from .geometry import FacePose, FloatArray
from .identity import Identity
from .profile import TEMPI
from .sampling import sample_cubic
from .script import KINDS, Script, write_script
from .stage import Stage
from .style import style_named

SMALLEST_SIZE = 48
SLOWEST_FPS = 10.0


@dataclass(frozen=True)
class RenderedClip:
    """A rendered clip with its ground truth.

    Attributes
    ----------
    frames : ndarray, shape (T, H, W, 3), uint8
        RGB.
    onset, apex, offset : int
        Last still frame, frame of the strongest expression, first still frame after it.
    fps : float
    label : str
        One of `expressions.CLASSES`.
    unit_codes : tuple of str
        Action units, such as ``("AU6", "AUL12")``; ``"AUL12"`` is AU12 on the person's left only.
    intensities : ndarray, shape (T, K), float32
        Of each unit in every frame; 1 moves the skin by the unit's `reach` (in eye distances).
    landmark_names : tuple of str
    landmarks : ndarray, shape (T, L, 2), float32
        Position (x, y) of each landmark in every frame, in pixels.
    identity : Identity
    pose : FacePose
        Of the neutral face.
    """

    frames: npt.NDArray[np.uint8]
    onset: int
    apex: int
    offset: int
    fps: float
    label: str
    unit_codes: tuple[str, ...]
    intensities: FloatArray
    landmark_names: tuple[str, ...]
    landmarks: FloatArray
    identity: Identity
    pose: FacePose
    _deformation: Deformation = field(repr=False)
    _glasses: Overlay | None = field(default=None, repr=False)

    @property
    def action_units(self) -> str:
        """The action units as a manifest writes them: ``"AU6+AUL12"``."""
        return "+".join(self.unit_codes)

    @property
    def eyes(self) -> FloatArray:
        """(x, y) of the eye on the left and on the right of the picture, (T, 2, 2) float32."""
        order = [self.landmark_names.index(name) for name in ("eye_left", "eye_right")]
        return self.landmarks[:, order]

    def flow(self, reference: int, moving: int) -> FloatArray:
        """Exact flow between two frames, (H, W, 2) float32.

        ``[..., 0]`` is u to the right, ``[..., 1]`` v down, in pixels, and
        ``frames[reference](x, y) ~ frames[moving](x + u, y + v)``. Head motion is part of it.
        It is the motion of what is seen in the reference: where that is the frame of glasses, that
        of the head, and of the skin behind everywhere else.
        """
        flow = self._deformation.flow(reference, moving)
        if self._glasses is None:
            return flow
        head = self._deformation.without_expression()
        on_top = self._glasses.covers(head.head_backwards(reference))[..., None]
        return np.where(on_top > 0, head.flow(reference, moving), flow)

    def flow_from_onset(self, frame: int) -> FloatArray:
        """Exact flow from the onset to a frame, (H, W, 2) float32; see `flow`."""
        return self.flow(self.onset, frame)


def render_clip(
    kind: str,
    *,
    subject: int = 0,
    clip: int = 0,
    label: str | None = None,
    size: int = 128,
    fps: float | None = None,
    seed: int = 0,
    noise: bool = True,
    head_motion: bool = True,
    style: str = "plain",
) -> RenderedClip:
    """Render one clip; the same arguments give the same clip, whatever was rendered before.

    Parameters
    ----------
    kind : {"macro", "micro"}
        Displacement of 4 to 12 or of 0.3 to 2 pixels at the apex (of a 224-pixel picture, and in
        proportion in others), and 0.5 to 4 or 0.18 to 0.5 seconds from onset to offset.
    subject, clip : int
        Which person of this `kind` and `seed` (the people of the two kinds differ), and which of
        the person's clips.
    label : str, optional
        One of `expressions.CLASSES`. By default a person's clips take turns through all of them.
    size : int
        Width and height in pixels, at least 48.
    fps : float, optional
        Frames a second, at least 10; by default 30 for macro and 100 for micro.
    seed : int
        Zero or more.
    noise, head_motion : bool
        Whether the camera adds noise and compression, and whether the head sways slightly.
    style : str
        One of `style.STYLES`.

    Raises
    ------
    ValueError
        An argument is out of its range.
    """
    if kind not in KINDS:
        raise ValueError(f"`kind` must be one of {', '.join(KINDS)}. Received: kind={kind}")
    fps = TEMPI[kind].fps if fps is None else float(fps)
    _check_arguments(label=label, size=size, fps=fps)
    _check_not_negative(subject=subject, clip=clip, seed=seed)
    script = write_script(
        kind,
        subject=subject,
        clip=clip,
        label=label,
        size=size,
        fps=fps,
        seed=seed,
        style=style_named(style),
    )
    return perform(script, noise=noise, head_motion=head_motion)


def perform(script: Script, *, noise: bool = True, head_motion: bool = True) -> RenderedClip:
    """Render what a script says; options as for `render_clip`."""
    deformation = script.deformation
    if not head_motion:
        still = np.zeros_like(deformation.head)
        deformation = dataclasses.replace(deformation, head=still)
    timeline = script.timeline
    stage = Stage(script)
    frames, landmarks = _filmed(
        script, stage, deformation, script.identity.seen_landmarks(script.pose), noise
    )
    return RenderedClip(
        frames=frames,
        onset=timeline.onset,
        apex=timeline.apex,
        offset=timeline.offset,
        fps=script.fps,
        label=script.label,
        unit_codes=script.units,
        intensities=deformation.intensities,
        landmark_names=tuple(script.identity.landmarks()),
        landmarks=landmarks,
        identity=script.identity,
        pose=script.pose,
        _deformation=deformation,
        _glasses=stage.glasses,
    )


def _filmed(
    script: Script, stage: Stage, deformation: Deformation, points: FloatArray, noise: bool
) -> tuple[npt.NDArray[np.uint8], FloatArray]:
    """The frames, and where in each the points (L, 2) of the neutral face are seen."""
    size = script.pose.size
    frames = np.empty((script.timeline.frames, size, size, 3), np.uint8)
    seen = np.empty((script.timeline.frames, *points.shape), np.float32)
    pixel = np.arange(size, dtype=np.float32)
    # Centre of a pixel in samples of the finer neutral picture.
    centre = np.float32(0.5 * (OVERSAMPLING - 1))
    for index, light in enumerate(script.lighting_change):
        shift = deformation.backward_map(index)
        x = (pixel[None, :] + shift[..., 0]) * np.float32(OVERSAMPLING) + centre
        y = (pixel[:, None] + shift[..., 1]) * np.float32(OVERSAMPLING) + centre
        picture = sample_cubic(stage.face(deformation.intensities[index]), x, y)
        stage.cover(picture, deformation, index)
        exposed = expose(picture, light, stage.camera if noise else None, script.noise)
        frames[index] = stage.encoder.coded(exposed) if noise and stage.encoder else exposed
        seen[index] = seen_at(points, shift)
    return frames, seen


def _check_arguments(*, label: str | None, size: int, fps: float) -> None:
    if label is not None and label not in CLASSES:
        raise ValueError(f"`label` must be one of {', '.join(CLASSES)}. Received: label={label}")
    if size < SMALLEST_SIZE:
        raise ValueError(f"`size` must be at least {SMALLEST_SIZE}. Received: size={size}")
    if not fps >= SLOWEST_FPS:
        raise ValueError(f"`fps` must be at least {SLOWEST_FPS:g}. Received: fps={fps:g}")


def _check_not_negative(**numbers: int) -> None:
    for name, number in numbers.items():
        if number < 0:
            raise ValueError(f"`{name}` must be zero or more. Received: {name}={number}")
