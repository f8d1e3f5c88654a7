"""Make-up: colour on lips, lids and cheeks, and a line along the lashes."""

import numpy as np

from .appearance import Makeup
from .features import Canvas
from .identity import Identity
from .texture import bump, coverage, paint


def paint_powder(canvas: Canvas, identity: Identity, makeup: Makeup) -> None:
    """What lies on the skin before eyes are painted: blush, and shadow on the lids."""
    for side in (-1.0, 1.0):
        part = canvas.window((0.68 * side, 0.42), (0.7, 0.6))
        cheek = bump(part.x, part.y, (0.68 * side, 0.42), (0.22, 0.13))
        rose = part.colour * np.asarray((1.0, 0.72, 0.74), np.float32)
        paint(part.colour, rose, 0.7 * makeup.blush * cheek)
        part = canvas.window((0.5 * side, -0.15), (0.6, 0.45))
        lid = bump(part.x, part.y, (0.53 * side, -0.62 * identity.eye_opening - 0.05), (0.17, 0.06))
        shadow = part.in_light(np.asarray(makeup.lids, np.float32))
        paint(part.colour, shadow, 0.8 * makeup.lids_strength * lid)


def paint_liner(canvas: Canvas, identity: Identity, makeup: Makeup) -> None:
    """A dark line along the upper lashes, drawn out a little at the outer corner."""
    half = np.float32(identity.eye_half_width)
    for side in (-1.0, 1.0):
        part = canvas.window((0.5 * side, 0.0), (0.42, 0.34))
        across = (part.x - np.float32(0.5 * side)) * np.float32(side)
        down = part.y + np.float32(identity.eye_tilt) * across / half
        reach = np.clip(1.0 - (across / half) ** 2, 0.0, None)
        upper = np.float32(-0.62 * identity.eye_opening) * reach**0.75 + 0.015
        wing = np.clip(across - half, 0.0, 0.08)
        distance = np.abs(down - upper + 0.022 + 0.5 * wing) - np.float32(0.012)
        edge = np.maximum(distance, np.maximum(-across - half, across - half - 0.07))
        line = coverage(edge, 1.5 * part.step + 0.015)
        paint(part.colour, np.asarray((0.06, 0.05, 0.06), np.float32), 0.85 * makeup.liner * line)


def lip_colour(identity: Identity, makeup: Makeup | None) -> tuple[float, float, float] | None:
    """Colour of painted lips, or None for bare ones."""
    if makeup is None:
        return None
    share = makeup.lips_strength
    red, green, blue = (
        (1.0 - share) * skin * bare + share * painted
        for skin, bare, painted in zip(identity.skin, (0.86, 0.58, 0.57), makeup.lips, strict=True)
    )
    return red, green, blue
