"""One rendered clip: frames of an invented face, and everything that is true about them."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from .accessories import Overlay
from .action_units import split_side
from .camera import expose
from .deformation import Deformation, seen_at
from .drawing import OVERSAMPLING
from .expressions import CLASSES
from .geometry import FacePose, FloatArray
from .identity import Identity
from .sampling import sample_cubic
from .script import KINDS, Script, write_script
from .stage import Stage
from .style import Style, style_named

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
    sides : ndarray, shape (K, 2), float32
        Strength of each unit on the person's left and right, as a share of its intensity.
    distractor_codes, distractor_reasons : tuple of str
        Units that move for another reason than the expression, and why: "speech", "swallow" or
        "leak".
    distractor_intensities : ndarray, shape (T, D), float32
    blinks : tuple of (int, int)
        First and last frame of each stretch with lids that are not fully open.
    lids : ndarray, shape (T,), float32
        0 where they are open, 1 where they are shut.
    gaze : ndarray, shape (T, 2), float32
        Shift of the irises, right and down, in eye distances.
    head : ndarray, shape (T, 5), float32
        Shift right and down in pixels; roll clockwise, turn to the right of the picture and nod
        down, in radians.
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
    sides: FloatArray
    distractor_codes: tuple[str, ...]
    distractor_reasons: tuple[str, ...]
    distractor_intensities: FloatArray
    blinks: tuple[tuple[int, int], ...]
    lids: FloatArray
    gaze: FloatArray
    head: FloatArray
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
        worn = self._deformation.head_layer(self._glasses.rests_on)
        on_top = self._glasses.covers(worn.backward_map(reference))[..., None]
        return np.where(on_top, worn.flow(reference, moving), flow)

    def hidden(self, reference: int, moving: int) -> npt.NDArray[np.bool_]:
        """Where `flow` leads to eyeball that a lid has covered, (H, W); false without blinks."""
        return self._deformation.hidden(reference, moving)

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
    style: str | Style = "plain",
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
        Frames a second, at least 10; by default 30 for macro and 100 for micro, unless `style` has
        rates of its own.
    seed : int
        Zero or more.
    noise, head_motion : bool
        Whether the camera adds noise and compression, and whether the head sways slightly.
    style : str or Style
        One of `style.ALL_STYLES`, or a style of your own. With ``photograph`` `subject` counts
        variants of one photograph, which show the same person.

    Raises
    ------
    ValueError
        An argument is out of its range.
    """
    if kind not in KINDS:
        raise ValueError(f"`kind` must be one of {', '.join(KINDS)}. Received: kind={kind}")
    chosen = style_named(style)
    fps = chosen.acting.fps(kind) if fps is None else float(fps)
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
        style=chosen,
    )
    return perform(script, noise=noise, head_motion=head_motion)


def perform(script: Script, *, noise: bool = True, head_motion: bool = True) -> RenderedClip:
    """Render what a script says; options as for `render_clip`."""
    deformation = script.deformation
    if not head_motion:
        deformation = _held_still(deformation)
    timeline = script.timeline
    stage = Stage(script)
    names = tuple(script.identity.landmarks())
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
        intensities=deformation.intensities[:, : len(script.units)],
        **_beside_the_expression(script, deformation),
        landmark_names=names,
        landmarks=landmarks,
        identity=script.identity,
        pose=script.pose,
        _deformation=deformation,
        _glasses=stage.glasses,
    )


def _held_still(deformation: Deformation) -> Deformation:
    """Without any movement of the head."""
    intensities = deformation.intensities.copy()
    intensities[:, intensities.shape[1] - deformation.turns :] = 0.0
    return dataclasses.replace(
        deformation, head=np.zeros_like(deformation.head), intensities=intensities
    )


def _beside_the_expression(script: Script, deformation: Deformation) -> dict[str, Any]:
    """The fields of `RenderedClip` that say what else is true of a clip."""
    frames, units, act = script.timeline.frames, len(script.units), script.act
    if act is None:
        left_and_right = {"": (1.0, 1.0), "L": (1.0, 0.0), "R": (0.0, 1.0)}
        sides = [left_and_right[split_side(unit)[1]] for unit in script.units]
        turns = np.zeros((frames, 2), np.float32)
    else:
        sides, turns = list(act.sides), deformation.intensities[:, -2:]
    distractors = act.distractors if act is not None else ()
    eyes = deformation.eyes.course if deformation.eyes is not None else None
    return {
        "sides": np.array(sides, np.float32),
        "distractor_codes": tuple(each.code for each in distractors),
        "distractor_reasons": tuple(each.reason for each in distractors),
        "distractor_intensities": deformation.intensities[:, units : units + len(distractors)],
        "blinks": eyes.blinks if eyes is not None else (),
        "lids": np.array(eyes.closure if eyes is not None else [0.0] * frames, np.float32),
        "gaze": np.array(eyes.gaze if eyes is not None else [script.gaze] * frames, np.float32),
        "head": np.hstack([deformation.head, turns]),
    }


def _filmed(
    script: Script, stage: Stage, deformation: Deformation, points: FloatArray, noise: bool
) -> tuple[npt.NDArray[np.uint8], FloatArray]:
    """The frames, and where in each the points (L, 2) of the neutral face are seen."""
    names = tuple(script.identity.landmarks())
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
        picture = sample_cubic(stage.face(deformation, index), x, y)
        stage.cover(picture, deformation, index)
        exposed = expose(picture, light, stage.camera if noise else None, script.noise)
        frames[index] = stage.encoder.coded(exposed) if noise and stage.encoder else exposed
        eyes = deformation.eyes
        moved = points if eyes is None else points + eyes.landmark_shifts(names, index)
        seen[index] = seen_at(moved, shift)
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
