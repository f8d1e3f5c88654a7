"""From the light of a scene to the bytes of a frame: exposure over time, and sensor noise."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .exposure import exposed, quick_noise
from .geometry import FloatArray

_LEAST_GRAIN = 0.2


@dataclass(frozen=True)
class Camera:
    """Noise of a sensor: deviation in black, and variance that grows with brightness (0..1).

    `grain` is the deviation, in pixels, of the blur that the camera's own processing gives it;
    None for a camera that leaves it as it is.
    """

    read_noise: float
    shot_noise: float
    grain: float | None = None


def sample_camera(rng: np.random.Generator) -> Camera:
    """Draw a camera; deviations come to 1 to 2.5 grey levels of 255 on skin."""
    return Camera(
        read_noise=rng.uniform(0.6, 1.4) / 255.0, shot_noise=(rng.uniform(1.0, 2.4) / 255.0) ** 2
    )


def sample_lighting_change(rng: np.random.Generator, frames: int, fps: float) -> FloatArray:
    """Brightness over time.

    Returns
    -------
    ndarray, shape (frames, 2), float32
        Factor for the whole picture, around one, and how much more the right edge gets than the
        middle (the left edge gets as much less).
    """
    seconds = np.arange(frames) / fps
    change = np.empty((frames, 2), np.float32)
    for column, depth in enumerate((0.012, 0.008)):
        rate, phase = rng.uniform(0.2, 0.8), rng.uniform(0, 2 * np.pi)
        change[:, column] = (
            depth * rng.uniform(0.3, 1.0) * np.sin(2 * np.pi * rate * seconds + phase)
        )
    change[:, 0] += 1.0 + 0.0015 * rng.standard_normal(frames)
    return change


def expose(
    picture: FloatArray,
    light: FloatArray,
    camera: Camera | None,
    rng: np.random.Generator,
) -> npt.NDArray[np.uint8]:
    """Make a frame.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3), float32
        RGB 0..1.
    light : ndarray, shape (2,), float32
        A row of `sample_lighting_change`.
    camera : Camera or None
        None for a sensor without noise.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (H, W, 3), uint8
    """
    across = np.linspace(-1.0, 1.0, picture.shape[1], dtype=np.float32)
    brightness = light[0] * (np.float32(1.0) + light[1] * across)
    if camera is None:
        return exposed(picture, brightness)
    noise = _sensor_noise(rng, picture.shape, camera.grain)
    return exposed(picture, brightness, noise, camera.shot_noise, camera.read_noise**2)


def _sensor_noise(
    rng: np.random.Generator, shape: tuple[int, ...], grain: float | None
) -> FloatArray:
    """Noise of unit deviation; neighbours are alike where there is grain."""
    if grain is None:
        # The noise that all figures of the style `plain` were measured with.
        return rng.standard_normal(shape, dtype=np.float32)
    noise = quick_noise(rng, shape)
    if grain < _LEAST_GRAIN:
        return noise
    kernel = cv2.getGaussianKernel(5, grain, cv2.CV_32F)
    blurred = cv2.sepFilter2D(noise, -1, kernel, kernel)
    # Blurring takes away strength as well; the noise is to stay as strong as it is said to be.
    return np.asarray(blurred / np.square(kernel).sum(), np.float32)
