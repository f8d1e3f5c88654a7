"""Gray pictures that test pairs are made of: photographs, faces among them, and noise."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import skimage.data
import skimage.transform

from ..synthesis.drawing import draw_neutral
from ..synthesis.script import write_script

Image = npt.NDArray[np.float64]

_resize: Callable[..., Image] = skimage.transform.resize

# Nine, so that in 36 pairs in a row each meets each of four peaks.
TEXTURES = (
    "astronaut_face",
    "camera",
    "rendered_face",
    "coffee",
    "gravel",
    "chelsea",
    "smooth_noise",
    "astronaut",
    "brick",
)

_LUMA = np.array([0.299, 0.587, 0.114])
_FACE_SIDE, _FACE_CENTRE, _FACE_JITTER = 200, (112, 222), 12
"""Where skimage's astronaut shows her face, as (row, column), in pixels."""


def texture(name: str, side: int, rng: np.random.Generator) -> Image:
    """Square gray picture of one of `TEXTURES`.

    Parameters
    ----------
    name : str
    side : int
        Width and height in pixels, even.
    rng : numpy.random.Generator
        Decides the part of a photograph, or who is drawn.

    Returns
    -------
    ndarray of float64, shape (side, side)
        Grey levels 0..255.
    """
    if name == "smooth_noise":
        return _smooth_noise(side, rng)
    if name == "rendered_face":
        return _rendered_face(side, rng)
    if name == "astronaut_face":
        top, left = (
            centre - _FACE_SIDE // 2 + int(rng.integers(-_FACE_JITTER, _FACE_JITTER + 1))
            for centre in _FACE_CENTRE
        )
        face = _photograph("astronaut")[top : top + _FACE_SIDE, left : left + _FACE_SIDE]
        return _resized(face, side)
    gray = _photograph(name)
    crop = min(gray.shape)
    top, left = (int(rng.integers(0, length - crop + 1)) for length in gray.shape)
    return _resized(gray[top : top + crop, left : left + crop], side)


def _photograph(name: str) -> Image:
    """One of scikit-image's pictures, in gray."""
    image = np.asarray(getattr(skimage.data, name)(), np.float64)
    return image @ _LUMA if image.ndim == 3 else image


def _resized(image: Image, side: int) -> Image:
    # Cubic interpolation overshoots, and a scene has no light below zero.
    return np.clip(_resize(image, (side, side), order=3, anti_aliasing=True), 0, 255)


def _rendered_face(side: int, rng: np.random.Generator) -> Image:
    """The neutral face of an invented person, as `synthesis` draws it."""
    script = write_script(
        "micro",
        subject=int(rng.integers(10_000)),
        clip=0,
        label=None,
        # What is drawn is twice as fine as the size in the script.
        size=side // 2,
        fps=30.0,
        seed=int(rng.integers(2**31)),
    )
    picture = draw_neutral(
        script.identity, script.pose, script.lighting, script.backdrop, script.gaze
    )
    return np.clip(picture.astype(np.float64) @ _LUMA, 0, 1) * 255


def _smooth_noise(side: int, rng: np.random.Generator) -> Image:
    """Noise whose amplitude falls with frequency as in photographs."""
    fy, fx = np.meshgrid(np.fft.fftfreq(side), np.fft.fftfreq(side), indexing="ij")
    frequency = np.hypot(fx, fy)
    frequency[0, 0] = 1.0
    spectrum = np.fft.fft2(rng.standard_normal((side, side))) / frequency**1.2
    noise = np.fft.ifft2(spectrum).real
    low, high = np.quantile(noise, (0.01, 0.99))
    return np.clip((noise - low) / (high - low), 0, 1) * 255
