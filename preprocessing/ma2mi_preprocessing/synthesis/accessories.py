"""Glasses. They sit on the head and move with it, whatever the skin below them does."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .appearance import Glasses
from .geometry import AnyFloatArray, FloatArray, Point
from .identity import Identity
from .sampling import sample_cubic
from .scene import Lamps
from .texture import bump, coverage

# What covers at least so much of a sample is what is seen there.
_OPAQUE = 0.5


@dataclass(frozen=True)
class Overlay:
    """A thin layer before the face, finer than the frames as the drawn face is.

    Attributes
    ----------
    layer : ndarray, shape (H, W, 4), float32
        Red, green and blue, multiplied by the opacity, and the opacity.
    oversampling : int
        Samples in one pixel of the frames, along each axis.
    rows, columns : slice
        Of the pixels of the frames where the layer may be seen; elsewhere it is empty.
    rests_on : tuple of float
        Point (x, y) of the neutral picture that bears it, in pixels.
    """

    layer: FloatArray
    oversampling: int
    rows: slice
    columns: slice
    rests_on: Point

    def lay_on(self, picture: FloatArray, backward: FloatArray) -> None:
        """Cover a frame (h, w, 3) in place; `backward` (h, w, 2) as `HeadLayer` gives it."""
        seen = self._seen(backward)
        part = picture[self.rows, self.columns]
        part *= np.float32(1.0) - np.clip(seen[..., 3:], 0.0, 1.0)
        part += seen[..., :3]

    def covers(self, backward: FloatArray) -> npt.NDArray[np.bool_]:
        """Where the layer is what is seen in a frame, (h, w)."""
        covered = np.zeros(backward.shape[:2], np.bool_)
        covered[self.rows, self.columns] = self._seen(backward)[..., 3] >= _OPAQUE
        return covered

    def _seen(self, backward: FloatArray) -> FloatArray:
        shift = backward[self.rows, self.columns]
        fine = np.float32(self.oversampling)
        centre = np.float32(0.5 * (self.oversampling - 1))
        x = np.arange(self.columns.start, self.columns.stop, dtype=np.float32)[None, :]
        y = np.arange(self.rows.start, self.rows.stop, dtype=np.float32)[:, None]
        return sample_cubic(
            self.layer, (x + shift[..., 0]) * fine + centre, (y + shift[..., 1]) * fine + centre
        )


def glasses_layer(
    glasses: Glasses,
    identity: Identity,
    lamps: Lamps,
    x: FloatArray,
    y: FloatArray,
    step: float,
) -> FloatArray:
    """Draw glasses at face coordinates (x, y): (H, W, 4) as in `Overlay`, lit, not yet developed.

    Beside frame and lenses there is the shadow that the frame throws on the skin: it moves with
    the frame, too.
    """
    right, down, _ = lamps.key.direction
    cast = _frame(glasses, identity, x + 0.10 * right, y + 0.10 * down - 0.02, step, 0.07)
    layer = np.zeros((*x.shape, 4), np.float32)
    _stack(layer, (0.0, 0.0, 0.0), (0.18 + 0.22 * lamps.hardness) * cast)
    lens = _lens_distance(glasses, x, y)
    inside = coverage(lens, 1.5 * step)
    _stack(layer, (0.0, 0.0, 0.0), glasses.tint * inside)
    # A window mirrored as a slanted band, and the sky towards the top.
    slant = np.abs(np.abs(x) - 0.5 + (0.6 * y - 0.05) * np.sign(x)) - 0.07
    mirrored = 0.75 * coverage(slant, 0.10) + 0.5 * np.clip(-y / 0.3, 0.0, 1.0)
    _stack(layer, (0.93, 0.96, 1.0), glasses.reflection * inside * mirrored)
    frame = _frame(glasses, identity, x, y, step, 1.5 * step)
    gloss = 0.35 * bump(np.abs(x), y, (0.35, -glasses.half_height), (0.15, 0.05))
    shade = np.clip(0.85 + gloss, 0.0, 1.4)[..., None]
    _stack(layer, np.asarray(glasses.colour, np.float32) * shade + 0.06 * gloss[..., None], frame)
    return layer


def overlay_of(
    layer: FloatArray, oversampling: int, margin: int, rests_on: Point
) -> Overlay | None:
    """Wrap a layer; `margin` is how many pixels it may move. None where nothing is drawn."""
    drawn = layer[..., 3] > 0.004
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    if rows.size == 0:
        return None
    spans = [
        slice(
            max(0, int(found[0]) // oversampling - margin),
            min(length // oversampling, int(found[-1]) // oversampling + 1 + margin),
        )
        for found, length in zip((rows, columns), layer.shape[:2], strict=True)
    ]
    return Overlay(layer, oversampling, spans[0], spans[1], rests_on)


def _stack(
    layer: FloatArray, colour: AnyFloatArray | tuple[float, ...], opacity: AnyFloatArray
) -> None:
    layer *= (np.float32(1.0) - opacity.astype(np.float32))[..., None]
    layer[..., :3] += (np.asarray(colour, np.float32) * opacity[..., None]).astype(np.float32)
    layer[..., 3] += opacity


def _lens_distance(glasses: Glasses, x: FloatArray, y: FloatArray) -> FloatArray:
    """Distance from the rim of the nearer lens, negative inside."""
    across = np.abs(np.abs(x) - np.float32(0.5)) / np.float32(glasses.half_width)
    down = np.abs(y - np.float32(0.04)) / np.float32(glasses.half_height)
    power = glasses.roundness
    radius = (across**power + down**power) ** np.float32(1.0 / power)
    return np.asarray((radius - 1.0) * glasses.half_height, np.float32)


def _frame(
    glasses: Glasses,
    identity: Identity,
    x: AnyFloatArray,
    y: AnyFloatArray,
    step: float,
    soft: float,
) -> FloatArray:
    half = 0.5 * glasses.thickness
    lens = _lens_distance(glasses, np.asarray(x, np.float32), np.asarray(y, np.float32))
    lower = np.clip((y - 0.04) / glasses.half_height + 0.5, 0.0, 1.0)
    rim = coverage(np.abs(lens) - half, soft) * (1.0 - (1.0 - glasses.lower_rim) * lower)
    bow = y + 0.02 - 0.35 * x * x
    bridge = coverage(
        np.maximum(np.abs(bow) - half, np.abs(x) - 0.5 + glasses.half_width - half), soft
    )
    outside = 0.5 + glasses.half_width - half - np.abs(x)
    temple = np.maximum(outside, np.abs(x) - identity.cheek_half_width - 0.02)
    temples = coverage(np.maximum(np.abs(y + 0.05) - 0.8 * half, temple), soft)
    return np.maximum(np.maximum(rim, bridge), temples)


def blurred_layer(layer: FloatArray, deviation: float) -> FloatArray:
    """The layer as the lens sees it; colour and opacity blur together."""
    return np.asarray(cv2.GaussianBlur(layer, (0, 0), deviation), np.float32)
