"""Beards, moustaches and stubble. They grow in the skin and move with it."""

import numpy as np

from .appearance import FacialHair
from .features import Canvas
from .geometry import FloatArray
from .identity import Identity
from .relief import head_radius
from .texture import bump, coverage, paint, value_noise


def paint_facial_hair(
    canvas: Canvas, identity: Identity, hair: FacialHair, rng: np.random.Generator
) -> None:
    """Hair on lip, chin and jaw, below the lips' own colour."""
    x, y = canvas.x, canvas.y
    density = np.maximum(
        np.maximum(hair.lip * _on_lip(identity, x, y), hair.chin * _on_chin(identity, x, y)),
        hair.jaw * _on_jaw(identity, x, y),
    )
    coarse = value_noise(rng, x, y, 15.0, 9.0)
    fine = value_noise(rng, x, y, 34.0, 20.0)
    rough = 0.22 + 0.12 * hair.length
    dots = np.clip(0.85 + rough * (coarse + fine), 0.15, 1.3)
    # Stubble lets the skin show through; a full beard does not, but at its edges.
    opacity = np.clip(density * dots * (0.42 + 0.62 * hair.length), 0.0, 0.97)
    tint = np.asarray(identity.hair, np.float32) * np.float32(0.8)
    tint = tint + (1.0 - hair.length) * 0.15 * np.asarray(identity.skin, np.float32)
    shade = canvas.diffuse * (1.0 + 0.20 * hair.length * coarse)
    paint(canvas.colour, tint * shade[..., None], opacity)


def beyond_chin(canvas: Canvas, identity: Identity, hair: FacialHair) -> FloatArray:
    """Where a full beard stands off jaw and chin, (H, W)."""
    reach = 0.16 * hair.length * min(hair.jaw, hair.chin)
    below = canvas.y - (identity.mouth_y + 0.10)
    outline = (head_radius(identity, canvas.x, canvas.y) - 1.0) * identity.cheek_half_width
    return coverage(np.maximum(outline - reach, -below), 0.07)


def _on_lip(identity: Identity, x: FloatArray, y: FloatArray) -> FloatArray:
    half = identity.mouth_half_width
    top = identity.nose_tip_y + 0.13
    # It hangs towards the corners of the mouth.
    droop = 0.10 * (np.abs(x) / half) ** 2
    bottom = identity.mouth_y - 0.35 * identity.upper_lip + droop
    gap = 0.35 * bump(x, y, (0.0, top), (0.035, 0.2))
    edge = np.maximum(np.maximum(top + 0.6 * droop - y, y - bottom), np.abs(x) - 1.02 * half)
    return coverage(edge, 0.09) * (1.0 - gap)


def _on_chin(identity: Identity, x: FloatArray, y: FloatArray) -> FloatArray:
    lip = identity.mouth_y + identity.lower_lip
    tuft = coverage(np.maximum(np.abs(x) - 0.10, np.abs(y - lip - 0.08) - 0.10), 0.10)
    chin = np.sqrt((x / 0.40) ** 2 + ((y - identity.chin_y + 0.14) / 0.30) ** 2)
    corner = identity.mouth_half_width + 0.04
    strip = np.maximum(np.abs(np.abs(x) - corner) - 0.07, np.abs(y - lip - 0.02) - 0.24)
    whole = np.maximum(coverage((chin - 1.0) * 0.35, 0.12), 0.8 * coverage(strip, 0.10))
    return np.maximum(whole, tuft)


def _on_jaw(identity: Identity, x: FloatArray, y: FloatArray) -> FloatArray:
    # From the sideburns down, the upper edge sinks below the cheek and rises to the lip.
    outward = np.abs(x) / np.float32(identity.cheek_half_width)
    top = identity.mouth_y - 0.02 - 0.95 * np.clip(outward - 0.55, 0.0, 1.0) ** 1.3 * 1.6
    lips = np.sqrt(
        (x / (identity.mouth_half_width + 0.06)) ** 2 + ((y - identity.mouth_y) / 0.2) ** 2
    )
    below = coverage(np.maximum(top - y, (1.0 - lips) * 0.2), 0.14)
    head = coverage((head_radius(identity, x, y) - 1.0) * identity.cheek_half_width, 0.04)
    return below * head
