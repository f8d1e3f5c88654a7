"""Where a clip of a detailed style was taken: lamps, background, and how the camera sees it."""

from dataclasses import dataclass

import numpy as np

from .backdrop import Backdrop, sample_backdrop
from .camera import Camera
from .compression import Compression, sample_compression
from .geometry import Colour, FloatArray
from .relief import Lighting
from .style import Look

# A lamp and the sky differ by about so much in red against blue.
_WARMEST = 0.16
# Display values above this are highlights.
_KNEE = 0.82


@dataclass(frozen=True)
class Lamps:
    """Two lamps in light from all around.

    Attributes
    ----------
    key : Lighting
        The stronger lamp, and the light from all around.
    key_colour, fill_colour : tuple of float
        Factors around one.
    fill_direction : tuple of float
        Unit vector, as in `Lighting`.
    fill : float
        Strength of the second lamp relative to the first.
    hardness : float
        How dark the shadows are that the key casts, 0 to 1.
    """

    key: Lighting
    key_colour: Colour
    fill_colour: Colour
    fill_direction: tuple[float, float, float]
    fill: float
    hardness: float


@dataclass(frozen=True)
class Tone:
    """From light to display values: what a camera does to a picture.

    Attributes
    ----------
    exposure, contrast, gamma, saturation : float
        One changes nothing.
    white_balance : tuple of float
        Factors of red, green and blue.
    blur : float
        Deviation in pixels of the frames, beyond that of a sharp lens.
    """

    exposure: float
    contrast: float
    gamma: float
    saturation: float
    white_balance: Colour
    blur: float

    def developed(self, picture: FloatArray) -> FloatArray:
        """Display values of a picture (..., 3) of light; both around 0..1."""
        balance = np.asarray(self.white_balance, np.float32) * np.float32(self.exposure)
        seen = np.clip(picture * balance, 0.0, None) ** np.float32(self.gamma)
        grey = seen.mean(axis=-1, keepdims=True)
        seen = grey + np.float32(self.saturation) * (seen - grey)
        middle = np.float32(0.45 * self.exposure)
        seen = middle + np.float32(self.contrast) * (seen - middle)
        # Highlights roll off instead of being cut, and keep their colour.
        brightest = np.maximum(seen.max(axis=-1, keepdims=True), np.float32(1e-3))
        over = np.clip(brightest - np.float32(_KNEE), 0.0, None)
        held = np.minimum(brightest, np.float32(_KNEE)) + over / (1.0 + 3.5 * over)
        return np.asarray(seen * (held / brightest), np.float32)


@dataclass(frozen=True)
class Scene:
    """All of it, for one clip."""

    lamps: Lamps
    backdrop: Backdrop
    tone: Tone
    camera: Camera
    compression: Compression | None
    cloth: Colour


def sample_scene(rng: np.random.Generator, look: Look) -> Scene:
    """Draw a scene; `look` gives the ranges."""
    return Scene(
        lamps=_sample_lamps(rng, look),
        backdrop=sample_backdrop(rng),
        tone=_sample_tone(rng, look),
        camera=_sample_camera(rng, look),
        compression=sample_compression(rng, look),
        cloth=_colour(rng.uniform(0.1, 0.6) + rng.uniform(-0.12, 0.12, 3)),
    )


def _colour(parts: FloatArray | np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Colour:
    red, green, blue = (float(part) for part in np.clip(parts, 0.02, 2.0))
    return red, green, blue


def _lamp_colour(rng: np.random.Generator) -> Colour:
    # Lamps are rather too warm than too cold.
    warmth = float(np.clip(rng.normal(0.15, 0.4), -0.4, 1.0)) * _WARMEST
    return 1.0 + warmth, 1.0, 1.0 - warmth


def _sample_lamps(rng: np.random.Generator, look: Look) -> Lamps:
    hardness = float(rng.uniform(*look.hardness))
    # Soft light is mostly frontal; a hard lamp may stand well to a side.
    sideways = 0.45 + 0.75 * hardness
    key = _towards(rng.uniform(-sideways, sideways), rng.uniform(-0.95, -0.15))
    ambient = rng.uniform(0.38, 0.55) - 0.20 * hardness
    fill_side = -np.sign(key[0]) * rng.uniform(0.3, 1.3)
    return Lamps(
        key=Lighting(key, ambient, 1.0 - ambient, gain=1.0),
        key_colour=_lamp_colour(rng),
        fill_colour=_lamp_colour(rng),
        fill_direction=_towards(fill_side, rng.uniform(-0.6, 0.3)),
        fill=rng.uniform(0.0, 0.5),
        hardness=hardness,
    )


def _towards(x: float, y: float) -> tuple[float, float, float]:
    length = float(np.sqrt(x * x + y * y + 1.0))
    return float(x) / length, float(y) / length, 1.0 / length


def _sample_tone(rng: np.random.Generator, look: Look) -> Tone:
    warmth, green = rng.uniform(-0.03, 0.05), rng.uniform(-0.025, 0.025)
    return Tone(
        exposure=rng.uniform(*look.exposure),
        contrast=rng.uniform(0.88, 1.15),
        gamma=rng.uniform(0.88, 1.15),
        saturation=rng.uniform(0.85, 1.15),
        white_balance=(1.0 + warmth, 1.0 + green, 1.0 - warmth),
        blur=rng.uniform(*look.blur),
    )


def _sample_camera(rng: np.random.Generator, look: Look) -> Camera:
    noise = rng.uniform(*look.noise)
    return Camera(
        read_noise=noise * rng.uniform(0.5, 1.2) / 255.0,
        shot_noise=(noise * rng.uniform(0.9, 2.2) / 255.0) ** 2,
        grain=rng.uniform(*look.grain),
    )
