"""Scenes before a camera: two pictures without noise, and the motion between them.

Everything is drawn at twice the resolution and with a margin, so that the pictures of the camera
are averages of 2x2 samples and nothing moves in from outside that was not there before.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import skimage.transform

from .flow_textures import TEXTURES, Image, texture

Mask = npt.NDArray[np.bool_]

_warp: Callable[..., Image] = skimage.transform.warp

PEAKS = (0.3, 0.8, 1.5, 3.0)
"""Largest movement of the local part of a motion field, in pixels."""

SWAY = 0.5
"""Length of the movement of the whole image that one pair in four has on top, in pixels."""

FINENESS = 2
"""Samples per pixel, along each axis, of what is drawn."""

MARGIN = 8
"""Pixels drawn beyond each side of the image."""


@dataclass(frozen=True)
class Scene:
    """What two pictures show, in grey levels, and the truth about it in the reference.

    Attributes
    ----------
    reference, moving : ndarray of float64, shape (H, W)
    flow : ndarray of float64, shape (H, W, 2)
        u and v in pixels.
    occluded, edge : ndarray of bool, shape (H, W)
        As in `KnownFlowPair`.
    name : str
    """

    reference: Image
    moving: Image
    flow: Image
    occluded: Mask
    edge: Mask
    name: str


def smooth_scene(size: int, index: int, seed: int) -> Scene:
    """A picture that is deformed by a few smooth bumps, and one in four also shifted."""
    name, peak = TEXTURES[index % len(TEXTURES)], PEAKS[index % len(PEAKS)]
    rng = np.random.default_rng([seed, size, index])
    picture = texture(name, FINENESS * (size + 2 * MARGIN), rng)
    flow = smooth_motion(FINENESS * size, peak, rng)
    # The last of the first four, the third of the next, and so on: so it meets all peaks.
    if (index + index // 4) % 4 == 3:
        angle = rng.uniform(0, 2 * np.pi)
        flow += SWAY * np.array([np.cos(angle), np.sin(angle)])
    nowhere = np.zeros((size, size), np.bool_)
    return Scene(
        reference=halve(pull(picture, FINENESS * flow)),
        moving=halve(inner(picture)),
        flow=halve(flow),
        occluded=nowhere,
        edge=nowhere,
        name=f"{name}, {peak} px",
    )


def smooth_motion(side: int, peak: float, rng: np.random.Generator) -> Image:
    """A few Gaussian bumps of random direction, scaled to the peak; shape (side, side, 2)."""
    y, x = np.mgrid[:side, :side] / side
    flow = np.zeros((side, side, 2))
    for _ in range(int(rng.integers(2, 6))):
        cx, cy = rng.uniform(0.2, 0.8, 2)
        width = rng.uniform(0.05, 0.15)
        bump = np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (2 * width**2))
        angle = rng.uniform(0, 2 * np.pi)
        flow += bump[..., None] * rng.uniform(0.5, 1) * np.array([np.cos(angle), np.sin(angle)])
    return flow * (peak / np.linalg.norm(flow, axis=-1).max())


def pull(picture: Image, displacement: Image) -> Image:
    """``picture(x + u, y + v)`` by quintic splines, without the margin.

    Parameters
    ----------
    picture : ndarray, shape (H + 2 * M, W + 2 * M)
        With a margin of M = `FINENESS` * `MARGIN` samples on each side.
    displacement : ndarray, shape (H, W, 2)
        In samples.

    Returns
    -------
    ndarray, shape (H, W)
    """
    height, width = displacement.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float64) + FINENESS * MARGIN
    coordinates = np.stack((y + displacement[..., 1], x + displacement[..., 0]))
    return _warp(picture, coordinates, order=5, mode="reflect", preserve_range=True)


def inner(picture: Image) -> Image:
    """The picture without its margin."""
    margin = FINENESS * MARGIN
    return picture[margin:-margin, margin:-margin]


def halve(image: Image) -> Image:
    """Means of the 2x2 samples of each pixel, (2 H, 2 W, ...) to (H, W, ...)."""
    height, width = image.shape[:2]
    return image.reshape(height // 2, 2, width // 2, 2, *image.shape[2:]).mean(axis=(1, 3))
