"""Hair on and behind the head, in many cuts; or the scarf that covers it."""

import numpy as np

from .appearance import HairCut
from .features import Canvas
from .geometry import AnyFloatArray, FloatArray
from .identity import Identity
from .relief import head_radius
from .texture import bump, coverage, paint, value_noise

# y below which hair beside the face is more than sideburns.
_LONG = 0.3


def paint_hair_behind(
    canvas: Canvas, identity: Identity, cut: HairCut, rng: np.random.Generator
) -> None:
    """What of the hair is behind face and neck."""
    x, y = canvas.x, canvas.y
    if cut.scarf is not None:
        # The far side of the scarf, beside the neck.
        hollow = np.asarray(cut.scarf, np.float32) * np.float32(0.4)
        paint(canvas.colour, hollow, coverage(np.maximum(np.abs(x) - 0.95, 0.3 - y), 0.08))
        return
    colour = strands(canvas, identity, cut, rng)
    ragged = 0.05 * value_noise(rng, x, y, 6.0, 2.0)
    if cut.tied:
        knot = np.sqrt((x / 0.36) ** 2 + ((y - identity.crown_y - 0.02) / 0.26) ** 2)
        paint(canvas.colour, colour * np.float32(0.85), coverage((knot - 1.0) * 0.3 + ragged, 0.07))
    if cut.behind_to < identity.crown_y:
        return
    width = identity.cheek_half_width + cut.volume + 0.06 * np.clip(y - 0.15, 0.0, None)
    # Long hair ends in a round line rather than in a straight one.
    end = y - cut.behind_to - 0.10 * np.cos(2.0 * x)
    edge = np.maximum(np.maximum(np.abs(x) - width, 0.1 - y), end)
    paint(canvas.colour, colour * np.float32(0.68), coverage(edge + ragged, 0.10))


def paint_hair(
    canvas: Canvas, identity: Identity, cut: HairCut, rng: np.random.Generator
) -> FloatArray:
    """What of the hair, or scarf, is in front of the skin; gives how opaque it is, (H, W)."""
    x, y = canvas.x, canvas.y
    short = cut.sides_to < _LONG
    ragged = _ragged(x, y, cut, rng)
    radius = head_radius(identity, x, y)
    skull = (radius - 1.0) * np.float32(identity.cheek_half_width) - cut.volume
    line = _hairline(identity, cut, x) + ragged
    # Sideburns get narrower, long hair does not.
    narrowing = 0.13 * np.clip((y - cut.sides_to) / 0.55 + 1.0, 0.0, 1.0) if short else 0.0
    face_edge = identity.cheek_half_width - 0.10 - 0.06 * np.clip(y, 0.0, None) + narrowing
    beside = np.maximum(face_edge - np.abs(x) + ragged, y - cut.sides_to)
    edge = np.minimum(y - line, beside)
    # Bounded, so that no curl comes off the head.
    curls = cut.curl * min(cut.volume, 0.12) * np.tanh(value_noise(rng, x, y, 4.0, 4.0))
    mask = coverage(np.maximum(skull + curls, edge), 0.06 + 0.10 * cut.curl * cut.volume)
    if cut.scarf is not None:
        return _paint_scarf(canvas, identity, cut, rng)
    # Under the edge of the hair lies its shadow.
    shade = coverage(np.maximum(radius - 1.0, edge - 0.05), 0.16) * (0.30 * cut.density)
    paint(canvas.colour, canvas.colour * np.float32(0.55), shade)
    mask = mask * np.float32(cut.density)
    paint(canvas.colour, strands(canvas, identity, cut, rng), mask)
    return mask


def strands(
    canvas: Canvas, identity: Identity, cut: HairCut, rng: np.random.Generator
) -> FloatArray:
    """Colour of the hair where there is any: strands that run from the parting, and gloss."""
    x, y = canvas.x, canvas.y
    from_parting = x - np.float32(0.42 * cut.parting)
    down = y - np.float32(identity.crown_y - 0.25)
    # Above the eyes strands run outward from the parting; below they hang.
    hanging = np.float32(0.25 - identity.crown_y)
    across = np.arctan2(from_parting, np.clip(down, 0.05, hanging))
    across = across + cut.curl * 0.10 * value_noise(rng, x, y, 5.0, 5.0)
    streaks = value_noise(rng, across, down, 15.0, 1.3)
    fine = value_noise(rng, across, down, 38.0, 3.0)
    curls = value_noise(rng, x, y, 13.0, 13.0) + 0.7 * value_noise(rng, x, y, 24.0, 24.0)
    rough = (1 - cut.curl) * (0.17 * streaks + 0.15 * fine) + cut.curl * 0.16 * curls
    gloss = bump(x, y, (-0.25, identity.crown_y + 0.35), (0.8, 0.16)) * (1.0 - 0.8 * cut.curl)
    rim = np.clip(1.25 - 0.33 * head_radius(identity, x, y), 0.55, 1.0)
    light = np.where(y < 0.1, 0.55 + 0.45 * canvas.diffuse, 0.85)
    brightness = np.clip(1.0 + rough + 0.35 * gloss, 0.35, 1.9) * rim * light
    return (brightness[..., None] * np.asarray(identity.hair)).astype(np.float32)


def _ragged(
    x: AnyFloatArray, y: AnyFloatArray, cut: HairCut, rng: np.random.Generator
) -> FloatArray:
    slow = value_noise(rng, x, y, 2.2, 0.8)
    quick = value_noise(rng, x, y, 11.0, 1.5)
    return np.asarray(0.035 * slow + (0.016) * quick, np.float32)


def _hairline(identity: Identity, cut: HairCut, x: FloatArray) -> FloatArray:
    share = np.abs(x) / np.float32(identity.cheek_half_width)
    line = identity.hairline_y + 0.50 * share**3 + cut.fringe * np.exp(-0.5 * (x / 0.75) ** 2)
    line = line - cut.temples * np.exp(-0.5 * ((np.abs(x) - 0.58) / 0.22) ** 2)
    # Swept away from the parting, the hair falls lower on the other side.
    sweep = np.clip((x - 0.42 * cut.parting) * -cut.parting, -0.3, 1.2)
    return np.asarray(line + 0.20 * abs(cut.parting) * (sweep - 0.35), np.float32)


def _paint_scarf(
    canvas: Canvas, identity: Identity, cut: HairCut, rng: np.random.Generator
) -> FloatArray:
    x, y = canvas.x, canvas.y
    cloth = np.asarray(cut.scarf, np.float32)
    folds = 1.0 + 0.10 * value_noise(rng, x, y, 3.0, 1.2) + 0.05 * value_noise(rng, x, y, 9.0, 3.0)
    middle = 0.5 * (identity.hairline_y + identity.chin_y) + 0.10
    half_height = middle - identity.hairline_y + 0.06
    half_width = 0.90 * identity.cheek_half_width
    opening = ((np.abs(x) / half_width) ** 2.4 + (np.abs(y - middle) / half_height) ** 2.4) ** (
        1 / 2.4
    )
    outside = (head_radius(identity, x, y) - 1.0) * identity.cheek_half_width - cut.volume
    drape = np.abs(x) - 0.95 - 0.35 * np.clip(y - 1.0, 0.0, 1.2)
    covered = np.minimum(outside, np.maximum(drape, 0.6 - y))
    shape = np.maximum(covered, (1.0 - opening) * half_width)
    rim = np.clip(0.72 + 1.1 * (opening - 1.0), 0.72, 1.0)
    light = np.where(y < 1.0, 0.5 + 0.5 * canvas.diffuse, 0.9)
    shadow = coverage((0.93 - opening) * half_width, 0.14) * 0.35
    head = coverage(head_radius(identity, x, y) - 1.0, 0.05)
    paint(canvas.colour, canvas.colour * np.float32(0.5), shadow * head)
    mask = coverage(shape, 0.05)
    paint(canvas.colour, cloth * (folds * rim * light)[..., None], mask)
    return mask
