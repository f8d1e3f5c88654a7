"""The neutral picture of a person in the detailed styles, and what lies before the face."""

from dataclasses import dataclass

import cv2
import numpy as np

from .accessories import blurred_layer, glasses_layer
from .appearance import Appearance
from .backdrop import paint_backdrop
from .facial_hair import beyond_chin, paint_facial_hair
from .features import Canvas, paint_brows, paint_eyes, paint_mouth, paint_nose
from .geometry import Colour, FacePose, FloatArray
from .hair import paint_hair, paint_hair_behind, strands
from .identity import Identity
from .lamplight import light_on
from .makeup import lip_colour, paint_liner, paint_powder
from .scene import Scene, Tone
from .skin import paint_head, skin_height
from .texture import coverage, paint, value_noise

# Deviation, in pixels of the frame, of the blur by a sharp lens and the pixel's area together.
_SHARP_BLUR = 0.42
_PARTS = 9


@dataclass(frozen=True)
class Portrait:
    """A drawn person.

    Attributes
    ----------
    picture : ndarray, shape (H, W, 3), float32
        As of `drawing.draw_neutral`, developed by the scene's camera.
    glasses : ndarray, shape (H, W, 4), float32, or None
        Layer of `accessories.Overlay`, developed as well.
    """

    picture: FloatArray
    glasses: FloatArray | None


def draw_portrait(
    identity: Identity,
    pose: FacePose,
    scene: Scene,
    gaze: tuple[float, float] = (0.0, 0.0),
    *,
    oversampling: int,
) -> Portrait:
    """Draw a person whose `appearance` is given; arguments as for `drawing.draw_neutral`.

    Raises
    ------
    ValueError
        `identity` is one of the plain style.
    """
    appearance = identity.appearance
    if appearance is None:
        raise ValueError("`identity` must have an appearance. Received: appearance=None")
    x, y = identity.grid(pose, oversampling)
    step = 1.0 / (pose.inter_ocular * oversampling)
    seeds = np.random.SeedSequence(identity.texture_seed).spawn(_PARTS)
    relief, skin, behind, body, mouth, brows, hair, beard, ends = map(np.random.default_rng, seeds)
    height, lines = skin_height(identity, appearance.skin, x, y, relief)
    light = light_on(height, step, scene.lamps)
    canvas = Canvas(paint_backdrop(scene.backdrop, x, y, step), x, y, step, light.diffuse, lit=True)

    paint_hair_behind(canvas, identity, appearance.hair_cut, behind)
    _paint_body(canvas, identity, scene.cloth, body)
    paint_head(canvas, identity, appearance.skin, lines, light.sheen, skin)
    if appearance.makeup is not None:
        paint_powder(canvas, identity, appearance.makeup)
    paint_nose(canvas, identity)
    if appearance.facial_hair is not None:
        paint_facial_hair(canvas, identity, appearance.facial_hair, beard)
        _paint_beard_ends(canvas, identity, appearance, ends)
    paint_mouth(canvas, identity, mouth, lip_colour(identity, appearance.makeup))
    paint_eyes(canvas, identity, gaze)
    if appearance.makeup is not None:
        paint_liner(canvas, identity, appearance.makeup)
    paint_brows(canvas, identity, brows)
    paint_hair(canvas, identity, appearance.hair_cut, hair)

    deviation = oversampling * float(np.hypot(_SHARP_BLUR, scene.tone.blur))
    seen = cv2.GaussianBlur(canvas.colour * light.tint, (0, 0), deviation)
    picture = scene.tone.developed(np.asarray(seen))
    if appearance.glasses is None:
        return Portrait(picture, None)
    layer = glasses_layer(appearance.glasses, identity, scene.lamps, x, y, step)
    return Portrait(picture, _developed_layer(blurred_layer(layer, deviation), scene.tone))


def _developed_layer(layer: FloatArray, tone: Tone) -> FloatArray:
    opacity = layer[..., 3:]
    colour = layer[..., :3] / np.maximum(opacity, np.float32(1e-3))
    seen = np.clip(tone.developed(colour.astype(np.float32)), 0.0, None)
    return np.concatenate([seen * opacity, opacity], axis=-1)


def _paint_body(
    canvas: Canvas, identity: Identity, cloth: Colour, rng: np.random.Generator
) -> None:
    """Ears, neck and shoulders."""
    x, y, step = canvas.x, canvas.y, canvas.step
    skin = np.asarray(identity.skin, np.float32)
    half_neck = 0.62 * identity.cheek_half_width
    neck = coverage(np.abs(x) - half_neck - 0.05 * np.clip(y - 1.9, 0, 1) ** 2, 0.05) * (y > 0.8)
    tendons = 0.05 * np.cos(np.clip(x / half_neck, -1.0, 1.0) * 4.0)
    roundness = 0.22 * np.clip(1.0 - (x / (half_neck + 0.05)) ** 2, 0.0, 1.0)
    shade = np.clip(0.34 + roundness + tendons + 0.25 * (y - identity.chin_y), 0.28, 0.85)
    grain = 1.0 + 0.03 * value_noise(rng, x, y, 9.0, 9.0)
    paint(canvas.colour, skin * (shade * grain)[..., None], neck)
    slope = 0.55 * np.exp(-0.5 * ((np.abs(x) - 1.3) / 0.7) ** 2)
    collar = identity.chin_y + 0.74 - slope
    folds = (
        1.0 + 0.08 * value_noise(rng, x, y, 2.0, 1.0) + 0.03 * value_noise(rng, x, y, 14.0, 14.0)
    )
    edge = 0.85 + 0.15 * np.clip((y - collar) / 0.08, 0.0, 1.0)
    fabric = np.asarray(cloth, np.float32) * (folds * edge)[..., None]
    paint(canvas.colour, fabric, coverage(collar - y, 3 * step))
    for side in (-1.0, 1.0):
        part = canvas.window((side * identity.cheek_half_width, 0.18), (0.3, 0.5))
        ear_x = (part.x - side * (identity.cheek_half_width - 0.02)) / 0.13
        ear = np.sqrt(ear_x**2 + ((part.y - 0.18) / 0.30) ** 2)
        ear_shade = np.clip(0.45 + 0.35 * ear, 0.4, 0.8)[..., None]
        paint(part.colour, skin * ear_shade, coverage((ear - 1.0) * 0.13, 3 * step))


def _paint_beard_ends(
    canvas: Canvas, identity: Identity, appearance: Appearance, rng: np.random.Generator
) -> None:
    """The part of a full beard that hides neck and collar."""
    beard = appearance.facial_hair
    if beard is None or min(beard.jaw, beard.chin) * beard.length < 0.3:
        return
    outside = beyond_chin(canvas, identity, beard)
    outside = outside * (canvas.y > identity.mouth_y + 0.1)
    inside = coverage(0.9 * identity.chin_y - canvas.y, 0.4)
    colour = strands(canvas, identity, appearance.hair_cut, rng) * np.float32(0.62)
    paint(canvas.colour, colour, 0.9 * outside * inside)
