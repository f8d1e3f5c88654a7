"""Scenes whose light changes between the two pictures: gain, offset, and flicker."""

import dataclasses

import numpy as np

from .flow_scenes import Scene, smooth_scene
from .flow_textures import Image

CHANGES = (
    ("gain",),
    ("offset",),
    ("flicker",),
    ("gain", "offset"),
    ("offset", "flicker"),
    ("gain", "flicker"),
    ("gain", "offset", "flicker"),
)
"""What changes, in turn; seven, so that each meets all textures and peaks."""

_STREAM = 2
_GAIN = (0.04, 0.1)
_OFFSET = (4.0, 10.0)
_SLOPE = (0.02, 0.06)
_BANDS = (0.02, 0.05)


def scene_in_other_light(size: int, index: int, seed: int) -> Scene:
    """The smooth scene of the same arguments, with `moving` under another light."""
    scene = smooth_scene(size, index, seed)
    rng = np.random.default_rng([seed, size, index, _STREAM])
    changes = CHANGES[index % len(CHANGES)]
    moving = scene.moving
    if "gain" in changes:
        moving = moving * (1 + _either_sign(_GAIN, rng))
    if "flicker" in changes:
        moving = moving * _flicker(size, rng)
    if "offset" in changes:
        moving = moving + _either_sign(_OFFSET, rng)
    return dataclasses.replace(scene, moving=moving, name=f"{scene.name}, {'+'.join(changes)}")


def _either_sign(bounds: tuple[float, float], rng: np.random.Generator) -> float:
    return float(rng.choice((-1, 1)) * rng.uniform(*bounds))


def _flicker(size: int, rng: np.random.Generator) -> Image:
    """Gain around 1: a lamp's bands, as a rolling shutter takes them, and a slope."""
    y, x = np.mgrid[:size, :size] / size
    angle = rng.uniform(0, 2 * np.pi)
    slope = rng.uniform(*_SLOPE) * 2 * (np.cos(angle) * (x - 0.5) + np.sin(angle) * (y - 0.5))
    bands = rng.uniform(*_BANDS) * np.cos(
        2 * np.pi * rng.uniform(1, 4) * y + rng.uniform(0, 2 * np.pi)
    )
    return 1 + slope + bands
