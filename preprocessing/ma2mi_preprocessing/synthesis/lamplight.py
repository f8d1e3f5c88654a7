"""Light of two lamps on a relief, with the shadows that the stronger one casts."""

from dataclasses import dataclass

import cv2
import numpy as np

from .geometry import FloatArray
from .relief import shading
from .scene import Lamps

# A shadow is looked for so far towards the lamp, in face units, and in so many steps.
_SHADOW_REACH, _SHADOW_STEPS = 0.45, 9
_PENUMBRA = 0.05
_DISPLAY = np.float32(0.6)


@dataclass(frozen=True)
class Light:
    """Light on every sample of a picture.

    Attributes
    ----------
    diffuse : ndarray, shape (H, W), float32
        Brightness, in display values around one.
    sheen : ndarray, shape (H, W), float32
        Share of light reflected as from a mirror.
    tint : ndarray, shape (H, W, 3), float32
        Colour of the light, factors around one.
    """

    diffuse: FloatArray
    sheen: FloatArray
    tint: FloatArray


def light_on(height: FloatArray, step: float, lamps: Lamps) -> Light:
    """Light a relief (H, W), whose samples are `step` face units apart."""
    key_light, sheen = shading(height, step, lamps.key)
    key = key_light ** (1.0 / _DISPLAY) - np.float32(lamps.key.ambient)
    if lamps.hardness > 0.0:
        lit = np.float32(1.0) - np.float32(0.85 * lamps.hardness) * _shadows(height, step, lamps)
        key *= lit
        sheen = sheen * lit
    slope_y, slope_x = np.gradient(height, np.float32(step))
    right, down, front = (np.float32(part) for part in lamps.fill_direction)
    cosine = (front - slope_x * right - slope_y * down) / np.sqrt(slope_x**2 + slope_y**2 + 1.0)
    fill = np.clip(cosine, 0.0, None) * np.float32(lamps.fill * lamps.key.diffuse)
    # The lamps together are not to be brighter than one of them.
    scale = np.float32(1.0 / (1.0 + 0.8 * lamps.fill * lamps.key.diffuse))
    ambient = np.float32(lamps.key.ambient)
    diffuse = ((ambient + key + fill) * scale) ** _DISPLAY
    return Light(np.asarray(diffuse, np.float32), sheen, _tint(key, fill, ambient, lamps))


def _tint(key: FloatArray, fill: FloatArray, ambient: np.float32, lamps: Lamps) -> FloatArray:
    whole = ambient + key + fill
    from_key, from_fill = key / whole, fill / whole
    tint = np.ones((*key.shape, 3), np.float32)
    for channel in range(3):
        # Straight for the slight colours that lamps have.
        tint[..., channel] += from_key * np.float32(0.6 * (lamps.key_colour[channel] - 1.0))
        tint[..., channel] += from_fill * np.float32(0.6 * (lamps.fill_colour[channel] - 1.0))
    return tint


def _shadows(height: FloatArray, step: float, lamps: Lamps) -> FloatArray:
    """How much of the key is kept away by what stands between it and each sample, 0 to 1."""
    small = cv2.resize(height, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    right, down, front = lamps.key.direction
    sideways = float(np.hypot(right, down))
    if sideways < 1e-3:
        return np.zeros_like(height)
    excess = np.full(small.shape, -np.inf, np.float32)
    for share in np.linspace(1.0 / _SHADOW_STEPS, 1.0, _SHADOW_STEPS):
        distance = share * _SHADOW_REACH
        samples = distance / (2.0 * step)
        move = np.array(
            [[1.0, 0.0, -samples * right / sideways], [0.0, 1.0, -samples * down / sideways]]
        )
        size = (small.shape[1], small.shape[0])
        towards = cv2.warpAffine(small, move, size, borderMode=cv2.BORDER_REPLICATE)
        ray = small + np.float32(distance * front / sideways)
        np.maximum(excess, towards - ray, out=excess)
    shadow = np.clip(excess / np.float32(_PENUMBRA) + np.float32(0.5), 0.0, 1.0)
    shadow = cv2.GaussianBlur(shadow, (0, 0), max(0.5, 0.02 / (2.0 * step)))
    return np.asarray(cv2.resize(shadow, (height.shape[1], height.shape[0])), np.float32)
