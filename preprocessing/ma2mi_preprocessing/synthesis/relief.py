"""The height of the face above the picture plane, and the light that falls on it."""

from dataclasses import dataclass

import numpy as np

from .geometry import FloatArray
from .identity import Identity
from .texture import bump

# x (for both halves of the face, then the midline), y, spread along x and y, height: in face units.
_Hill = tuple[float, float, float, float, float]


@dataclass(frozen=True)
class Lighting:
    """One distant light and the light from all around.

    Attributes
    ----------
    direction : tuple of float
        Unit vector towards the light; x right, y down, z towards the camera.
    ambient, diffuse : float
        Share of light without and with a direction.
    gain : float
        Exposure.
    """

    direction: tuple[float, float, float]
    ambient: float
    diffuse: float
    gain: float


def sample_lighting(rng: np.random.Generator) -> Lighting:
    """Draw a mostly frontal light from above, as in the laboratories that record faces."""
    towards = np.array([rng.uniform(-0.35, 0.35), rng.uniform(-0.65, -0.3), 1.0])
    x, y, z = towards / np.linalg.norm(towards)
    ambient = rng.uniform(0.35, 0.5)
    gain = rng.uniform(0.95, 1.08)
    return Lighting((float(x), float(y), float(z)), ambient, 1.0 - ambient, gain)


def head_radius(identity: Identity, x: FloatArray, y: FloatArray) -> FloatArray:
    """Below one inside the outline of the head, one on it, above one outside, shape (H, W)."""
    middle = np.float32(0.15)
    down = np.where(
        y < middle,
        (middle - y) / np.float32(middle - identity.crown_y),
        (y - middle) / np.float32(identity.chin_y - middle),
    )
    below = np.clip(y - middle, 0.0, None) / np.float32(identity.chin_y - middle)
    half_width = np.float32(identity.cheek_half_width) * (
        np.float32(1.0)
        - np.float32(identity.jaw_taper) * np.minimum(below, 1.3) ** identity.jaw_power
    )
    across = np.abs(x) / half_width
    power = identity.head_power
    return np.asarray((across**power + down**power) ** np.float32(1 / power), np.float32)


def _paired_hills(identity: Identity) -> tuple[_Hill, ...]:
    mouth, nose, wing = identity.mouth_y, identity.nose_tip_y, identity.nose_half_width
    return (
        (0.47, 0.00, 0.27, 0.17, -0.150),
        (0.50, 0.00, 0.17, 0.12, 0.075),
        (0.45, identity.brow_y + 0.02, 0.30, 0.09, 0.060 * identity.brow_height),
        (0.62, 0.45, 0.26, 0.22, 0.090 * identity.cheek_height),
        (wing - 0.06, nose, 0.075, 0.075, 0.090),
        (wing + 0.10, nose + 0.12, 0.06, 0.12, -0.035),
        (identity.mouth_half_width + 0.06, mouth, 0.07, 0.09, -0.030),
    )


def _midline_hills(identity: Identity) -> tuple[_Hill, ...]:
    mouth, nose = identity.mouth_y, identity.nose_tip_y
    return (
        (0.0, nose - 0.06, 0.12, 0.11, 0.200 * identity.nose_height),
        (0.0, nose - 0.28, identity.nose_bridge, 0.22, 0.150 * identity.nose_height),
        (0.0, mouth - 0.6 * identity.upper_lip, 0.25, 0.05, 0.045),
        (0.0, mouth + 0.6 * identity.lower_lip, 0.23, 0.06, 0.065),
        (0.0, mouth + identity.lower_lip + 0.13, 0.25, 0.07, -0.060),
        (0.0, identity.chin_y - 0.20, 0.24, 0.16, 0.080 * identity.chin_height),
        (0.0, 0.5 * (mouth + nose) - 0.01, 0.045, 0.09, -0.020),
    )


def face_height(identity: Identity, x: FloatArray, y: FloatArray) -> FloatArray:
    """Height towards the camera in face units, shape (H, W) float32; flat outside the head."""
    radius = head_radius(identity, x, y)
    height = np.float32(0.95) * np.sqrt(np.clip(1.04 - radius**2, 0.02, None))
    for across, down, spread_x, spread_y, rise in _paired_hills(identity):
        for side in (-across, across):
            height += np.float32(rise) * bump(x, y, (side, down), (spread_x, spread_y))
    for across, down, spread_x, spread_y, rise in _midline_hills(identity):
        height += np.float32(rise) * bump(x, y, (across, down), (spread_x, spread_y))
    return np.asarray(height, np.float32)


def shading(height: FloatArray, step: float, light: Lighting) -> tuple[FloatArray, FloatArray]:
    """Diffuse brightness and sheen of a relief.

    Parameters
    ----------
    height : ndarray, shape (H, W), float32
    step : float
        Distance between neighbouring samples, in the unit of `height`.
    light : Lighting

    Returns
    -------
    diffuse, sheen : ndarray, shape (H, W), float32
        Factors for display values: around one for surfaces that face the light, and the share of
        light reflected as from a mirror.
    """
    slope_y, slope_x = np.gradient(height, np.float32(step))
    length = np.sqrt(slope_x**2 + slope_y**2 + np.float32(1.0))
    towards_x, towards_y, towards_z = (np.float32(part) for part in light.direction)
    cosine = (towards_z - slope_x * towards_x - slope_y * towards_y) / length
    diffuse = light.ambient + light.diffuse * np.clip(cosine, 0.0, None)
    # Halfway between the light and the camera lies the normal of a mirror-like reflection.
    halfway = np.array([towards_x, towards_y, towards_z + 1.0])
    halfway /= np.linalg.norm(halfway)
    mirror = (halfway[2] - slope_x * halfway[0] - slope_y * halfway[1]) / length
    sheen = np.clip(mirror, 0.0, None) ** 24
    # Display values go with roughly the square root of light.
    return (diffuse ** np.float32(0.6)).astype(np.float32), sheen.astype(np.float32)
