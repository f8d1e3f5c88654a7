"""The neutral picture of a person in the detailed styles, and what lies before the face."""

import dataclasses

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
# Half width and half height, in face units, of what differs between two states of the eyes.
_EYES = (0.95, 0.36)
_FARTHEST_BLUR = 4.0


class Portrait:
    """A person before a camera, painted once but for the eyes, which may be painted again.

    Parameters
    ----------
    identity : Identity
    pose : FacePose
        Its `size` is that of the frames.
    scene : Scene
    oversampling : int
        Samples of the pictures per pixel of the frames, along each axis.

    Attributes
    ----------
    skin : ndarray, shape (H, W), float32
        1 where no hair or scarf hides the face, 0 where it does.

    Raises
    ------
    ValueError
        `identity` is one of the plain style.
    """

    skin: FloatArray

    def __init__(
        self, identity: Identity, pose: FacePose, scene: Scene, *, oversampling: int
    ) -> None:
        if identity.appearance is None:
            raise ValueError("`identity` must have an appearance. Received: appearance=None")
        self._appearance, self._scene = identity.appearance, scene
        self._blur = oversampling * float(np.hypot(_SHARP_BLUR, scene.tone.blur))
        x, y = identity.grid(pose, oversampling)
        step = 1.0 / (pose.inter_ocular * oversampling)
        below, above = np.random.SeedSequence(identity.texture_seed).spawn(2)
        self._seeds = above.generate_state(2).tolist()
        self._canvas, self._tint = _painted(identity, self._appearance, scene, (x, y, step), below)
        self._whole: FloatArray | None = None

    def picture(self, identity: Identity, gaze: tuple[float, float]) -> FloatArray:
        """The person as the camera sees it.

        Parameters
        ----------
        identity : Identity
            The same person, but for the eyes: opening, width, tilt.
        gaze : tuple of float
            Shift of the irises (right, down) in face units.

        Returns
        -------
        ndarray, shape (H, W, 3), float32
            As of `drawing.draw_neutral`.
        """
        if self._whole is None:
            everything = np.s_[:, :]
            self._whole, hair = self._finished(everything, identity, gaze)
            self.skin = np.float32(1.0) - hair
            return self._whole.copy()
        inner, outer = self._around_eyes()
        part, _ = self._finished(outer, identity, gaze)
        top, left = (a.start - b.start for a, b in zip(inner, outer, strict=True))
        picture = self._whole.copy()
        changed = picture[inner]
        changed[:] = part[top:, left:][: changed.shape[0], : changed.shape[1]]
        return picture

    def glasses(self, identity: Identity) -> FloatArray | None:
        """The layer of `accessories.Overlay` as the camera sees it, or None without glasses."""
        if self._appearance.glasses is None:
            return None
        canvas, scene = self._canvas, self._scene
        layer = glasses_layer(
            self._appearance.glasses, identity, scene.lamps, canvas.x, canvas.y, canvas.step
        )
        return _developed_layer(blurred_layer(layer, self._blur), scene.tone)

    def _finished(
        self, part: tuple[slice, slice], identity: Identity, gaze: tuple[float, float]
    ) -> tuple[FloatArray, FloatArray]:
        """A part of the picture with all that lies over the skin, and how much of it is hair."""
        base, cut = self._canvas, self._appearance.hair_cut
        canvas = dataclasses.replace(
            base,
            colour=base.colour[part].copy(),
            x=base.x[part],
            y=base.y[part],
            diffuse=base.diffuse[part],
        )
        # The same seeds each time: the hairs of another part are to fit to those of the first.
        brows, hair = map(np.random.default_rng, self._seeds)
        paint_eyes(canvas, identity, gaze)
        if self._appearance.makeup is not None:
            paint_liner(canvas, identity, self._appearance.makeup)
        paint_brows(canvas, identity, brows)
        opacity = paint_hair(canvas, identity, cut, hair)
        seen = cv2.GaussianBlur(canvas.colour * self._tint[part], (0, 0), self._blur)
        return self._scene.tone.developed(np.asarray(seen)), opacity

    def _around_eyes(self) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
        """What the eyes change, and that with a margin for what the blur takes from beside it."""
        near = (np.abs(self._canvas.x) < _EYES[0]) & (np.abs(self._canvas.y) < _EYES[1])
        margin = int(np.ceil(_FARTHEST_BLUR * self._blur)) + 2
        spans = []
        for axis, length in enumerate(near.shape):
            found = np.flatnonzero(near.any(axis=1 - axis))
            first, last = int(found[0]), int(found[-1]) + 1
            outer = slice(max(0, first - margin), min(length, last + margin))
            spans.append((slice(first, last), outer))
        (rows, outer_rows), (columns, outer_columns) = spans
        return (rows, columns), (outer_rows, outer_columns)


def _painted(
    identity: Identity,
    appearance: Appearance,
    scene: Scene,
    grid: tuple[FloatArray, FloatArray, float],
    seeds: np.random.SeedSequence,
) -> tuple[Canvas, FloatArray]:
    """Everything that lies below eyes, brows and hair, and the colour of the light on it."""
    relief, skin, behind, body, mouth, beard, ends = map(np.random.default_rng, seeds.spawn(7))
    x, y, step = grid
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
    return canvas, light.tint


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
