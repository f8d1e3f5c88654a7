"""Image pairs whose dense flow is known, as test material for flow methods."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import skimage.data
import skimage.transform

Image = npt.NDArray[np.float64]

_resize: Callable[..., Image] = skimage.transform.resize
_warp: Callable[..., Image] = skimage.transform.warp

TEXTURES = ("astronaut", "camera", "chelsea", "coffee", "gravel", "smooth_noise")
PEAKS = (0.3, 0.8, 1.5, 3.0)
"""Largest movement of the local part of a motion field, in pixels."""

SWAY = 0.5
"""Length of the movement of the whole image that every fourth pair has on top, in pixels."""


@dataclass(frozen=True)
class KnownFlowPair:
    """Two 8-bit gray images with ``reference(x, y) = moving(x + u, y + v)`` up to noise.

    Attributes
    ----------
    reference, moving : ndarray of uint8, shape (H, W)
    flow : ndarray of float32, shape (H, W, 2)
        u and v in pixels.
    name : str
        Texture and peak of the movement.
    """

    reference: npt.NDArray[np.uint8]
    moving: npt.NDArray[np.uint8]
    flow: npt.NDArray[np.float32]
    name: str


def known_flow_pair(size: int, noise: float, index: int, *, seed: int = 0) -> KnownFlowPair:
    """Make one pair by warping a texture at twice the resolution and averaging 2x2 pixels.

    Parameters
    ----------
    size : int
        Side of the square images, in pixels.
    noise : float
        Standard deviation of the Gaussian noise added to both, in grey levels.
    index : int
        Number of the pair: textures and peaks take turns, so that any run of pairs is varied.
    seed : int, optional
        Together with the other arguments it fixes every pixel.

    Returns
    -------
    KnownFlowPair
    """
    texture = TEXTURES[index % len(TEXTURES)]
    # Shifting by one every full turn meets each texture with each peak.
    peak = PEAKS[(index + index // len(TEXTURES)) % len(PEAKS)]
    rng = np.random.default_rng([seed, size, index])
    moving = _texture(texture, 2 * size, rng)
    flow = _smooth_motion(2 * size, peak, rng)
    if index % 4 == 3:
        angle = rng.uniform(0, 2 * np.pi)
        flow += SWAY * np.array([np.cos(angle), np.sin(angle)])
    reference = _pull(moving, 2 * flow)
    noise_rng = np.random.default_rng([seed, size, index, round(1000 * noise)])
    return KnownFlowPair(
        reference=_expose(_halve(reference), noise, noise_rng),
        moving=_expose(_halve(moving), noise, noise_rng),
        flow=_halve(flow).astype(np.float32),
        name=f"{texture}, {peak} px",
    )


def _texture(name: str, side: int, rng: np.random.Generator) -> Image:
    """Square gray texture, grey levels 0..255."""
    if name == "smooth_noise":
        return _smooth_noise(side, rng)
    image = np.asarray(getattr(skimage.data, name)(), np.float64)
    gray = image @ np.array([0.299, 0.587, 0.114]) if image.ndim == 3 else image
    crop = min(gray.shape)
    top, left = (int(rng.integers(0, length - crop + 1)) for length in gray.shape)
    square = gray[top : top + crop, left : left + crop]
    return _resize(square, (side, side), order=3, anti_aliasing=True)


def _smooth_noise(side: int, rng: np.random.Generator) -> Image:
    """Noise whose amplitude falls with frequency as in photographs."""
    fy, fx = np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side), indexing="ij")
    frequency = np.hypot(fx, fy)
    frequency[0, 0] = 1.0
    spectrum = np.fft.fft2(rng.standard_normal((side, side))) / frequency**1.2
    noise = np.fft.ifft2(spectrum).real
    low, high = np.quantile(noise, (0.01, 0.99))
    return np.clip((noise - low) / (high - low), 0, 1) * 255


def _smooth_motion(side: int, peak: float, rng: np.random.Generator) -> Image:
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


def _pull(image: Image, flow: Image) -> Image:
    """``image(x + u, y + v)`` by quintic splines."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(np.float64)
    coordinates = np.stack((y + flow[..., 1], x + flow[..., 0]))
    return _warp(image, coordinates, order=5, mode="reflect", preserve_range=True)


def _halve(image: Image) -> Image:
    height, width = image.shape[:2]
    return image.reshape(height // 2, 2, width // 2, 2, *image.shape[2:]).mean(axis=(1, 3))


def _expose(image: Image, noise: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    noisy = image + noise * rng.standard_normal(image.shape)
    return np.clip(np.round(noisy), 0, 255).astype(np.uint8)
