"""One person's neutral face as a smooth picture, finer than the frames that are cut from it."""

import cv2
import numpy as np

from .features import Canvas, paint_brows, paint_eyes, paint_mouth, paint_nose
from .geometry import FacePose, FloatArray
from .identity import Identity
from .relief import Lighting, face_height, head_radius, shading
from .texture import bump, coverage, paint, value_noise

OVERSAMPLING = 2
# Deviation, in pixels of the frame, of the blur by lens and pixel area together.
_LENS_BLUR = 0.45


def draw_neutral(
    identity: Identity,
    pose: FacePose,
    light: Lighting,
    backdrop: tuple[float, float, float],
    gaze: tuple[float, float] = (0.0, 0.0),
) -> FloatArray:
    """Draw the neutral face.

    Parameters
    ----------
    identity : Identity
    pose : FacePose
        Its `size` is that of the frames, not of the result.
    light : Lighting
    backdrop : tuple of float
        Background colour, display RGB 0..1.
    gaze : tuple of float
        Shift of the irises (right, down) in face units.

    Returns
    -------
    ndarray, shape (size * OVERSAMPLING, size * OVERSAMPLING, 3), float32
        RGB around 0..1 (not clipped), already blurred by the area of a pixel of the frames: a frame
        is this picture sampled at the frame's pixel centres.
    """
    x, y = pose.grid(OVERSAMPLING)
    step = 1.0 / (pose.inter_ocular * OVERSAMPLING)
    rng = np.random.default_rng(identity.texture_seed)
    diffuse, sheen = shading(face_height(identity, x, y), step, light)
    canvas = Canvas(_background(x, y, backdrop), x, y, step, diffuse)

    _paint_body(canvas, identity, rng)
    _paint_skin(canvas, identity, sheen, rng)
    paint_nose(canvas, identity)
    paint_mouth(canvas, identity, rng)
    paint_eyes(canvas, identity, gaze)
    paint_brows(canvas, identity, rng)
    _paint_hair(canvas, identity, rng)

    picture = canvas.colour * np.float32(light.gain)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), _LENS_BLUR * OVERSAMPLING))


def _background(x: FloatArray, y: FloatArray, backdrop: tuple[float, float, float]) -> FloatArray:
    fall_off = 1.0 - 0.06 * (x * 0.4 + y * 0.6)
    return (fall_off[..., None] * np.asarray(backdrop)).astype(np.float32)


def _paint_body(canvas: Canvas, identity: Identity, rng: np.random.Generator) -> None:
    """Long hair behind the head, neck, shoulders and ears."""
    x, y, step = canvas.x, canvas.y, canvas.step
    skin = np.asarray(identity.skin, np.float32)
    if identity.hair_style == "long":
        # Where the skull is widest the front hair reaches this far, so that no step shows.
        width = identity.cheek_half_width + 0.17 + 0.08 * np.clip(y - 0.15, 0.0, None)
        behind = coverage(np.maximum(np.abs(x) - width, 0.1 - y), 0.08)
        paint(canvas.colour, _strands(canvas, identity, rng) * np.float32(0.7), behind)
    neck = coverage(np.abs(x) - 0.66 - 0.05 * np.clip(y - 1.9, 0, 1) ** 2, 0.05) * (y > 0.8)
    under_chin = np.clip(0.48 + 0.22 * (y - identity.chin_y), 0.45, 0.72)[..., None]
    paint(canvas.colour, skin * under_chin, neck)
    clothes_top = identity.chin_y + 0.62 - 0.55 * np.exp(-0.5 * ((np.abs(x) - 1.3) / 0.7) ** 2)
    cloth = rng.uniform(0.12, 0.55, 3).astype(np.float32)
    folds = (1.0 + 0.06 * value_noise(rng, x, y, 2.0, 1.0))[..., None]
    paint(canvas.colour, cloth * folds, coverage(clothes_top + 0.12 - y, 3 * step))
    for side in (-1.0, 1.0):
        ear_x = (x - side * (identity.cheek_half_width - 0.02)) / 0.13
        ear = np.sqrt(ear_x**2 + ((y - 0.18) / 0.30) ** 2)
        ear_shade = np.clip(0.55 + 0.35 * ear, 0.5, 0.9)[..., None]
        paint(canvas.colour, skin * ear_shade, coverage((ear - 1.0) * 0.13, 3 * step))


def _paint_skin(
    canvas: Canvas, identity: Identity, sheen: FloatArray, rng: np.random.Generator
) -> None:
    """The head: flushed and blemished skin in the light of its relief."""
    x, y = canvas.x, canvas.y
    albedo = np.empty_like(canvas.colour)
    albedo[:] = identity.skin
    flush = np.zeros_like(x)
    for side in (-1.0, 1.0):
        flush += bump(x, y, (side * 0.62, 0.55), (0.28, 0.22))
    flush += bump(x, y, (0.0, identity.nose_tip_y), (0.15, 0.12))
    albedo *= 1.0 - flush[..., None] * np.asarray((0.0, 0.09, 0.08), np.float32)
    albedo *= _grain(canvas, identity, rng)[..., None]

    socket = np.zeros_like(x)
    for side in (-1.0, 1.0):
        socket += bump(x, y, (side * 0.46, -0.06), (0.27, 0.13))
        socket += 0.6 * bump(x, y, (side * 0.27, 0.02), (0.07, 0.13))
    lit = canvas.diffuse * (1.0 - 0.24 * np.minimum(socket, 1.0))
    head = albedo * lit[..., None] + (0.07 * sheen)[..., None]
    outline = (head_radius(identity, x, y) - 1.0) * np.float32(identity.cheek_half_width)
    paint(canvas.colour, head, coverage(outline, 3 * canvas.step))


def _grain(canvas: Canvas, identity: Identity, rng: np.random.Generator) -> FloatArray:
    """Blotches, blemishes and pores: factors around one."""
    x, y = canvas.x, canvas.y
    grain = 0.022 * value_noise(rng, x, y, 2.5, 2.5)
    grain += 0.018 * identity.blemishes * value_noise(rng, x, y, 6.0, 6.0)
    grain += 0.024 * value_noise(rng, x, y, 13.0, 13.0)
    grain += 0.028 * value_noise(rng, x, y, 27.0, 27.0)
    spots = value_noise(rng, x, y, 9.0, 9.0)
    grain -= 0.10 * identity.blemishes * np.clip(spots - 1.7, 0.0, 1.0)
    return np.asarray(1.0 + grain, np.float32)


def _strands(canvas: Canvas, identity: Identity, rng: np.random.Generator) -> FloatArray:
    streaks = value_noise(rng, canvas.x, canvas.y, 18.0, 1.6)
    gloss = bump(canvas.x, canvas.y, (-0.2, -1.2), (0.7, 0.18))
    brightness = np.clip(1.0 + 0.28 * streaks + 0.5 * gloss, 0.4, 2.0)[..., None]
    return (brightness * np.asarray(identity.hair)).astype(np.float32)


def _paint_hair(canvas: Canvas, identity: Identity, rng: np.random.Generator) -> None:
    """Hair on and around the skull, in front of the skin."""
    x, y = canvas.x, canvas.y
    thickness = {"shaved": 0.01, "short": 0.10, "fringe": 0.16, "long": 0.17}[identity.hair_style]
    skull = (head_radius(identity, x, y) - 1.0) * np.float32(identity.cheek_half_width) - thickness
    wave = 0.05 * value_noise(rng, x, y, 2.2, 0.8)
    line = identity.hairline_y + 0.55 * (np.abs(x) / identity.cheek_half_width) ** 3 + wave
    if identity.hair_style == "fringe":
        line = line + 0.26 * np.exp(-0.5 * (x / 0.75) ** 2)
    sideburn = -np.inf if identity.hair_style != "long" else 1.7
    temple = np.maximum(identity.cheek_half_width - 0.12 + 0.06 * y - np.abs(x), y - sideburn)
    edge = np.minimum(y - line, temple) if identity.hair_style == "long" else y - line
    mask = coverage(np.maximum(skull, edge), 0.06 + canvas.step)
    if identity.hair_style == "shaved":
        mask = mask * 0.45
    paint(canvas.colour, _strands(canvas, identity, rng), mask)
