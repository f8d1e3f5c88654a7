"""Eyes, brows, nostrils and mouth, painted onto the skin."""

from dataclasses import dataclass

import numpy as np

from .geometry import AnyFloatArray, Colour, FloatArray
from .identity import Identity
from .texture import bump, coverage, paint, value_noise


@dataclass(frozen=True)
class Canvas:
    """The picture in the making.

    Attributes
    ----------
    colour : ndarray, shape (H, W, 3), float32
        Painted in place.
    x, y : ndarray, shape (H, W), float32
        Face coordinates of the samples.
    step : float
        Distance between neighbouring samples, in face units.
    diffuse : ndarray, shape (H, W), float32
        Light on the surface, so that painted parts sit in the same light as the skin.
    lit : bool
        Whether everything is painted in that light; in the plain style eyes, and the shadows of
        lids and nose, are not.
    """

    colour: FloatArray
    x: FloatArray
    y: FloatArray
    step: float
    diffuse: FloatArray
    lit: bool = False

    def window(self, centre: tuple[float, float], reach: tuple[float, float]) -> "Canvas":
        """The part of the picture within `reach` (across, down) of `centre`, as views.

        Painting a feature touches a few per cent of the picture; computing the rest is most of the
        time that a drawing takes.
        """
        near = (np.abs(self.x - centre[0]) < reach[0]) & (np.abs(self.y - centre[1]) < reach[1])
        rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
        if rows.size == 0 or columns.size == 0:
            part = np.s_[:0, :]
        else:
            part = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return Canvas(
            self.colour[part], self.x[part], self.y[part], self.step, self.diffuse[part], self.lit
        )

    def in_light(self, colour: FloatArray) -> FloatArray:
        """A colour (3,) or (H, W, 3) as it looks here."""
        return colour * self.diffuse[..., None] if self.lit else colour


def _rgb(colour: tuple[float, float, float]) -> FloatArray:
    return np.asarray(colour, np.float32)


def paint_eyes(canvas: Canvas, identity: Identity, gaze: tuple[float, float]) -> None:
    """Both eyes; `gaze` moves the irises (right, down) in face units."""
    for side in (-1.0, 1.0):
        _paint_eye(canvas.window((0.5 * side, 0.0), (0.42, 0.34)), identity, side, gaze)


def _paint_eye(canvas: Canvas, identity: Identity, side: float, gaze: tuple[float, float]) -> None:
    # `across` grows towards the temple on both sides.
    across = (canvas.x - np.float32(0.5 * side)) * np.float32(side)
    down = canvas.y + np.float32(identity.eye_tilt) * across / np.float32(identity.eye_half_width)
    reach = np.clip(1.0 - (across / np.float32(identity.eye_half_width)) ** 2, 0.0, None)
    upper = np.float32(-0.62 * identity.eye_opening) * reach**0.75 + 0.015
    lower = np.float32(0.40 * identity.eye_opening) * reach**0.9 + 0.015
    beyond_corner = np.abs(across) - np.float32(identity.eye_half_width)
    inside = np.maximum(np.maximum(upper - down, down - lower), beyond_corner)
    opening = coverage(inside, 2.0 * canvas.step)

    _paint_lids(canvas, identity, across, down, upper, lower)
    eyeball = _eyeball(canvas, identity, canvas.x - 0.5 * side - gaze[0], down - gaze[1])
    # The upper lid casts its shadow on the eyeball.
    shadow = np.clip(0.55 + (down - upper) / 0.09, 0.55, 1.0)[..., None]
    paint(canvas.colour, canvas.in_light(eyeball) * shadow, opening)
    lash_distance = np.abs(down - upper + 0.008) - np.float32(0.017)
    lashes = coverage(lash_distance, 1.5 * canvas.step + 0.02) * np.clip(reach * 4, 0, 1)
    paint(canvas.colour, _rgb((0.07, 0.05, 0.05)), 0.85 * lashes)


def _eyeball(canvas: Canvas, identity: Identity, x: AnyFloatArray, y: AnyFloatArray) -> FloatArray:
    radius = np.sqrt(x**2 + (y + 0.012) ** 2)
    colour = np.empty_like(canvas.colour)
    colour[:] = _rgb((0.86, 0.83, 0.81))
    colour *= (1.0 - 0.35 * np.clip(np.abs(x) / 0.25, 0, 1) ** 2)[..., None]
    iris_shade = (0.55 + 0.45 * np.clip(radius / 0.11, 0, 1))[..., None]
    paint(colour, _rgb(identity.iris) * iris_shade, coverage(radius - 0.118, 2 * canvas.step))
    rim = coverage(np.abs(radius - 0.112) - 0.012, 2 * canvas.step)
    paint(colour, _rgb(identity.iris) * np.float32(0.35), 0.8 * rim)
    paint(colour, _rgb((0.02, 0.02, 0.02)), coverage(radius - 0.05, 2 * canvas.step))
    glint = np.sqrt((x + 0.035) ** 2 + (y + 0.05) ** 2)
    paint(colour, _rgb((0.97, 0.97, 0.97)), coverage(glint - 0.02, 2 * canvas.step))
    return colour


def _paint_lids(
    canvas: Canvas,
    identity: Identity,
    across: AnyFloatArray,
    down: AnyFloatArray,
    upper: AnyFloatArray,
    lower: AnyFloatArray,
) -> None:
    skin = canvas.in_light(_rgb(identity.skin))
    width = np.float32(1.25 * identity.eye_half_width)
    fade = np.clip(1.0 - (across / width) ** 2, 0.0, 1.0)
    crease = np.exp(-0.5 * ((down - upper + identity.lid_crease) / 0.014) ** 2) * fade
    paint(canvas.colour, skin * np.float32(0.42), 0.55 * crease)
    pouch = np.exp(-0.5 * ((down - lower - 0.10) / 0.022) ** 2) * fade
    paint(canvas.colour, skin * np.float32(0.55), 0.22 * pouch)
    rim = np.exp(-0.5 * ((down - lower) / 0.014) ** 2) * fade
    paint(canvas.colour, skin * np.float32(0.40), 0.55 * rim)


def paint_brows(canvas: Canvas, identity: Identity, rng: np.random.Generator) -> None:
    """Two arched brows of single hairs, thinner towards the temples."""
    canvas = canvas.window((0.0, identity.brow_y), (1.05, 0.32))
    hairs = value_noise(rng, canvas.x + 0.6 * canvas.y, canvas.y, 26.0, 7.0)
    for side in (-1.0, 1.0):
        across = canvas.x * np.float32(side)
        along = (across - identity.brow_start) / identity.brow_length
        inside = np.clip(along, 0.0, 1.0)
        arch = identity.brow_arch * np.sin(np.pi * np.clip(inside * 0.95, 0, 1)) * 1.2
        middle = identity.brow_y + 0.03 * (1 - inside) + 0.05 * inside**3 - arch
        middle = middle + identity.brow_slope * (0.5 - inside)
        thickness = identity.brow_thickness * (0.62 + 0.38 * np.sin(np.pi * inside**0.7))
        thickness = thickness * (1.0 - identity.brow_taper * inside**2)
        ends = np.maximum(-along, along - 1.0) * identity.brow_length
        distance = np.maximum(np.abs(canvas.y - middle) - thickness, ends)
        density = coverage(distance, 0.07) * np.clip(0.80 + 0.22 * hairs, 0.25, 1.0)
        tint = _rgb(identity.hair) * np.float32(0.75)
        paint(canvas.colour, tint * canvas.diffuse[..., None], density)


def paint_nose(canvas: Canvas, identity: Identity) -> None:
    """Nostrils, and the shadows under the tip and beside the wings."""
    tip, wing = identity.nose_tip_y, identity.nose_half_width
    canvas = canvas.window((0.0, tip), (0.75, 0.4))
    skin = canvas.in_light(_rgb(identity.skin))
    under = bump(canvas.x, canvas.y, (0.0, tip + 0.13), (0.17, 0.035))
    paint(canvas.colour, skin * np.float32(0.45), 0.50 * under)
    for side in (-1.0, 1.0):
        nostril = bump(canvas.x, canvas.y, (side * 0.45 * wing, tip + 0.095), (0.055, 0.026))
        paint(canvas.colour, skin * np.float32(0.22), np.minimum(0.95 * nostril, 0.9))
        edge = np.sqrt(
            ((canvas.x - side * (wing - 0.05)) / 0.085) ** 2 + ((canvas.y - tip - 0.02) / 0.10) ** 2
        )
        outward = np.clip((canvas.x * side - wing + 0.07) / 0.06, 0.0, 1.0)
        rim = np.exp(-0.5 * ((edge - 1.0) / 0.16) ** 2) * outward
        paint(canvas.colour, skin * np.float32(0.5), 0.45 * rim)


def paint_mouth(
    canvas: Canvas,
    identity: Identity,
    rng: np.random.Generator,
    painted: Colour | None = None,
) -> None:
    """Lips with fine vertical furrows and the dark line between them; `painted` hides their own."""
    half = identity.mouth_half_width
    canvas = canvas.window((0.0, identity.mouth_y), (0.75, 0.4))
    inside = np.clip(1.0 - (canvas.x / half) ** 2, 0.0, 1.0)
    # A slight bow of the line between the lips.
    down = canvas.y - np.float32(identity.mouth_y) + 0.018 * np.cos(canvas.x / half * 4.0) * inside
    bow = 1.0 - 0.28 * np.exp(-0.5 * (canvas.x / 0.05) ** 2)
    top = -np.float32(identity.upper_lip) * inside**0.8 * bow
    bottom = np.float32(identity.lower_lip) * inside**0.65
    beyond_corner = np.abs(canvas.x) - half
    edge = np.maximum(np.maximum(top - down, down - bottom), beyond_corner)
    lips = coverage(edge, 0.03 + canvas.step)
    furrows = 1.0 + 0.05 * value_noise(rng, canvas.x, canvas.y, 22.0, 5.0)
    skin = _rgb(identity.skin)
    red = skin * _rgb((0.84, 0.56, 0.55)) + _rgb((0.04, 0.0, 0.01))
    bare = skin * np.float32(0.85) + (red - skin * np.float32(0.85)) * identity.lip_redness
    colour = bare if painted is None else _rgb(painted)
    roundness = np.where(down < 0, 0.88, 1.0 + 0.10 * np.exp(-0.5 * ((down - 0.06) / 0.03) ** 2))
    shade = (canvas.diffuse * furrows * roundness)[..., None]
    paint(canvas.colour, colour * shade, lips)
    line_half = 0.012 + 0.012 * inside
    seam = coverage(np.abs(down) - line_half, 0.02 + canvas.step) * (inside > 0) * inside**0.3
    dark = canvas.in_light(skin)
    paint(canvas.colour, dark * _rgb((0.28, 0.18, 0.17)), 0.9 * seam)
    for side in (-1.0, 1.0):
        corner = bump(canvas.x, canvas.y, (side * half, identity.mouth_y), (0.05, 0.035))
        paint(canvas.colour, dark * np.float32(0.4), 0.45 * corner)
