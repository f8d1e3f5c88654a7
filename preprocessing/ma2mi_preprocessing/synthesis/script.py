"""Everything about a clip that chance decides, drawn before anything is rendered.

Each clip has a random stream of its own, so it does not depend on which clips came before it.
"""

from dataclasses import dataclass

import numpy as np

from .acting import Act, sample_act
from .camera import Camera, sample_camera, sample_lighting_change
from .deformation import Deformation
from .expressions import CLASSES, sample_units
from .geometry import FacePose, FloatArray, sample_pose
from .habits import sample_habits
from .identity import Identity, sample_identity
from .people import sample_person
from .performance import sample_performance
from .photographs import Photograph, sample_photograph
from .profile import (
    LIFELIKE_TEMPI,
    TEMPI,
    Timeline,
    sample_lifelike_timeline,
    sample_timeline,
)
from .relief import Lighting, sample_lighting
from .scene import Scene, sample_scene
from .style import PLAIN, Style

KINDS = tuple(TEMPI)
"""Kinds of clips: `macro` and `micro`."""
_IDENTITY_STREAM, _CLASS_STREAM, _FIRST_CLIP_STREAM = 0, 1, 2
# What only detailed looks or lifelike acting need has streams of its own, so that it changes
# nothing else.
_LOOK, _HABITS, _DISTRACTION, _VARIANT = 0x1001, 0x1002, 0x1003, 0x1004


@dataclass(frozen=True)
class Script:
    """All that is needed to render one clip; `noise` draws the camera's noise.

    Where there is a `scene`, its lamps, background and camera take the place of `lighting`,
    `backdrop` and `camera`. Where acting is lifelike there is an `act`. Where there is a
    `photograph`, it is moved instead of a drawing.
    """

    identity: Identity
    pose: FacePose
    label: str
    units: tuple[str, ...]
    timeline: Timeline
    fps: float
    deformation: Deformation
    lighting: Lighting
    lighting_change: FloatArray
    backdrop: tuple[float, float, float]
    gaze: tuple[float, float]
    camera: Camera
    noise: np.random.Generator
    style: Style
    scene: Scene | None = None
    act: Act | None = None
    photograph: Photograph | None = None


def write_script(
    kind: str,
    *,
    subject: int,
    clip: int,
    label: str | None,
    size: int,
    fps: float,
    seed: int,
    style: Style = PLAIN,
) -> Script:
    """Draw a clip; arguments as for `renderer.render_clip`."""
    identity = _person(kind, subject, seed, style)
    rng = _stream(seed, kind, subject, _FIRST_CLIP_STREAM + clip)
    label = label or class_of_clip(kind, subject=subject, clip=clip, seed=seed)
    if style.acting.lifelike:
        return _lifelike(kind, subject, clip, label, identity, rng, size, fps, seed, style)
    units = sample_units(rng, label)
    timeline = sample_timeline(rng, TEMPI[kind], fps)
    pose = sample_pose(rng, size)
    red, green, blue = rng.uniform(0.25, 0.8) + rng.uniform(-0.06, 0.06, 3)
    return Script(
        identity=identity,
        pose=pose,
        label=label,
        units=units,
        timeline=timeline,
        fps=fps,
        deformation=sample_performance(rng, TEMPI[kind], units, identity, pose, timeline, fps),
        lighting=sample_lighting(rng),
        lighting_change=sample_lighting_change(rng, timeline.frames, fps),
        backdrop=(red, green, blue),
        gaze=(rng.uniform(-0.02, 0.02), rng.uniform(-0.01, 0.01)),
        camera=sample_camera(rng),
        noise=rng,
        style=style,
        scene=_scene(kind, subject, clip, seed, style),
    )


def _variant(kind: str, subject: int, seed: int, style: Style) -> Photograph | None:
    if not style.look.photographed:
        return None
    return sample_photograph(_stream(seed, kind, subject, _IDENTITY_STREAM, _VARIANT))


def _person(kind: str, subject: int, seed: int, style: Style) -> Identity:
    photograph = _variant(kind, subject, seed, style)
    if photograph is not None:
        return photograph.identity
    if style.look.detailed:
        return sample_person(_stream(seed, kind, subject, _IDENTITY_STREAM, _LOOK), style.look)
    return sample_identity(_stream(seed, kind, subject, _IDENTITY_STREAM))


def _scene(kind: str, subject: int, clip: int, seed: int, style: Style) -> Scene | None:
    if not style.look.detailed:
        return None
    return sample_scene(_stream(seed, kind, subject, _FIRST_CLIP_STREAM + clip, _LOOK), style.look)


def _lifelike(
    kind: str,
    subject: int,
    clip: int,
    label: str,
    identity: Identity,
    rng: np.random.Generator,
    size: int,
    fps: float,
    seed: int,
    style: Style,
) -> Script:
    """A script of a style with `Acting.lifelike`."""
    expressions = style.acting.expressions(kind)
    person = _stream(seed, kind, subject, _IDENTITY_STREAM, _HABITS)
    habits = sample_habits(person, style.acting.habits, expressions)
    distraction = _stream(seed, kind, subject, _FIRST_CLIP_STREAM + clip, _DISTRACTION)
    tempo = LIFELIKE_TEMPI[kind]
    units = sample_units(rng, label, expressions, habits.preferences[label])
    timeline = sample_lifelike_timeline(rng, tempo, fps, habits.pace)
    pose = sample_pose(rng, size)
    photograph = _variant(kind, subject, seed, style)
    if photograph is not None:
        pose = photograph.posed(pose)
    red, green, blue = rng.uniform(0.25, 0.8) + rng.uniform(-0.06, 0.06, 3)
    act = sample_act(
        rng, distraction, style.acting, habits, tempo, units, identity, pose, timeline, fps
    )
    return Script(
        identity=identity,
        pose=pose,
        label=label,
        units=units,
        timeline=timeline,
        fps=fps,
        deformation=act.deformation,
        lighting=sample_lighting(rng),
        lighting_change=sample_lighting_change(rng, timeline.frames, fps),
        backdrop=(red, green, blue),
        gaze=act.eyes.gaze[0],
        camera=sample_camera(rng),
        noise=rng,
        style=style,
        scene=_scene(kind, subject, clip, seed, style),
        act=act,
        photograph=photograph,
    )


def class_of_clip(kind: str, *, subject: int, clip: int, seed: int = 0) -> str:
    """The emotion of a person's clip: every class once, in an order of their own, then again."""
    order = _stream(seed, kind, subject, _CLASS_STREAM).permutation(len(CLASSES))
    return CLASSES[order[clip % len(CLASSES)]]


def _stream(seed: int, kind: str, subject: int, *stream: int) -> np.random.Generator:
    entropy = [seed, KINDS.index(kind), subject, *stream]
    return np.random.default_rng(np.random.SeedSequence(entropy))
