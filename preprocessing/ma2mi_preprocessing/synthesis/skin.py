"""Skin as seen from near: tone, pores, freckles, moles, and lines, in the light of its relief."""

import numpy as np

from .appearance import Skin
from .features import Canvas
from .furrows import age_lines, dig
from .geometry import AnyFloatArray, FloatArray
from .identity import Identity
from .relief import face_height, head_radius
from .texture import bump, coverage, paint, value_noise

_LINE_DEPTH = 0.011


def skin_height(
    identity: Identity, skin: Skin, x: FloatArray, y: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Relief of the face with its pores and lines, and the depth of the lines (0..1), (H, W)."""
    height = face_height(identity, x, y)
    pores = value_noise(rng, x, y, 16.0, 16.0) + 0.6 * value_noise(rng, x, y, 29.0, 29.0)
    height += np.float32(0.0008 * skin.pores) * pores
    lines = np.zeros_like(x)
    dig(lines, x, y, age_lines(identity, skin.age, rng))
    height -= np.float32(_LINE_DEPTH) * lines
    return height, lines


def paint_head(
    canvas: Canvas,
    identity: Identity,
    skin: Skin,
    lines: FloatArray,
    sheen: FloatArray,
    rng: np.random.Generator,
) -> None:
    """The head without features and hair."""
    x, y = canvas.x, canvas.y
    albedo = np.empty_like(canvas.colour)
    albedo[:] = identity.skin
    _flush(albedo, identity, x, y)
    _tone(albedo, skin, x, y, rng)
    _spots(albedo, skin, identity, x, y, rng)
    sockets = np.zeros_like(x)
    for side in (-1.0, 1.0):
        sockets += bump(x, y, (side * 0.46, -0.06), (0.27, 0.13))
        sockets += 0.6 * bump(x, y, (side * 0.27, 0.02), (0.07, 0.13))
    lit = canvas.diffuse * (1.0 - 0.20 * np.minimum(sockets, 1.0)) * (1.0 - 0.22 * lines)
    head = albedo * lit[..., None] + (0.07 * skin.sheen * sheen * _oily(x, y))[..., None]
    outline = (head_radius(identity, x, y) - 1.0) * np.float32(identity.cheek_half_width)
    paint(canvas.colour, head, coverage(outline, 3 * canvas.step))


def _flush(albedo: FloatArray, identity: Identity, x: FloatArray, y: FloatArray) -> None:
    flush = bump(x, y, (0.0, identity.nose_tip_y), (0.15, 0.12))
    dark = np.zeros_like(x)
    for side in (-1.0, 1.0):
        flush += bump(x, y, (side * 0.62, 0.55), (0.28, 0.22))
        dark += bump(x, y, (side * 0.44, 0.17), (0.20, 0.07))
    albedo *= 1.0 - flush[..., None] * np.asarray((0.0, 0.08, 0.07), np.float32)
    if identity.appearance is not None:
        circles = identity.appearance.skin.dark_circles * dark
        albedo *= 1.0 - circles[..., None] * np.asarray((0.20, 0.19, 0.13), np.float32)


def _tone(
    albedo: FloatArray, skin: Skin, x: FloatArray, y: FloatArray, rng: np.random.Generator
) -> None:
    """Unevenness from as large as a cheek to as small as a pore."""
    uneven, pores = skin.unevenness, skin.pores
    grain = 0.030 * uneven * value_noise(rng, x, y, 1.7, 1.7)
    grain += 0.018 * uneven * value_noise(rng, x, y, 4.5, 4.5)
    grain += 0.010 * (uneven + pores) * value_noise(rng, x, y, 11.0, 11.0)
    grain += 0.024 * pores * value_noise(rng, x, y, 24.0, 24.0)
    grain += 0.020 * pores * value_noise(rng, x, y, 43.0, 43.0)
    redness = 0.5 * value_noise(rng, x, y, 2.2, 2.2) + 0.5 * value_noise(rng, x, y, 8.0, 8.0)
    albedo *= np.asarray(1.0 + grain, np.float32)[..., None]
    albedo[..., 1:] *= np.asarray(1.0 - 0.035 * uneven * redness, np.float32)[..., None]


def _spots(
    albedo: FloatArray,
    skin: Skin,
    identity: Identity,
    x: FloatArray,
    y: FloatArray,
    rng: np.random.Generator,
) -> None:
    pigment = value_noise(rng, x, y, 19.0, 19.0)
    blemishes = np.clip(value_noise(rng, x, y, 6.5, 6.5) - 1.9, 0.0, 1.0)
    red = (identity.blemishes * min(1.0, skin.unevenness) * blemishes)[..., None]
    albedo *= 1.0 - red * np.asarray((0.10, 0.28, 0.26), np.float32)
    if skin.freckles:
        where = bump(x, y, (0.0, 0.38), (0.62, 0.34)) + 0.35 * bump(x, y, (0.0, -0.6), (0.7, 0.3))
        amount = skin.freckles * where * np.clip(1.5 * (pigment - 0.6), 0.0, 1.0)
        albedo *= 1.0 - amount[..., None] * np.asarray((0.22, 0.34, 0.42), np.float32)
    brown = np.asarray((0.30, 0.19, 0.14), np.float32)
    for across, down, radius in skin.moles:
        distance = np.sqrt((x - across) ** 2 + (y - down) ** 2) - radius
        paint(albedo, brown, 0.75 * coverage(distance, radius))


def _oily(x: AnyFloatArray, y: AnyFloatArray) -> FloatArray:
    """Forehead, nose and chin shine more than the rest."""
    zone = bump(x, y, (0.0, -0.6), (0.45, 0.25)) + bump(x, y, (0.0, 0.4), (0.12, 0.35))
    return np.asarray(0.7 + 0.9 * np.minimum(zone, 1.0), np.float32)
