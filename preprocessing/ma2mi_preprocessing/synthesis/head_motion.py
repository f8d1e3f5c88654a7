"""How a head that is held still moves all the same: trembling, turning, nodding."""

import numpy as np

from .geometry import FacePose, FloatArray
from .identity import Identity
from .relief import face_height

_PEAK_PICTURE = 224.0
# Heart beat, and the tremor of the muscles of the neck.
_PULSE_HERTZ = (0.9, 1.5)
_TREMOR_HERTZ = (4.0, 10.0)
_TURN_HERTZ = (0.1, 0.8)
_TREMOR_PARTS = 4


def sample_tremor(
    rng: np.random.Generator, pose: FacePose, frames: int, fps: float, deviation: float
) -> FloatArray:
    """Pulse and tremor, a fraction of a pixel.

    Parameters
    ----------
    rng : numpy.random.Generator
    pose : FacePose
    frames : int
    fps : float
    deviation : float
        Of the shift along each axis, in pixels of a picture of 224 pixels.

    Returns
    -------
    ndarray, shape (frames, 3), float32
        Pixels right and down, and radians clockwise, as `Deformation.head`.
    """
    seconds = np.arange(frames) / fps
    scale = deviation * pose.size / _PEAK_PICTURE
    motion = np.zeros((frames, 3))
    rates = [rng.uniform(*_PULSE_HERTZ), *rng.uniform(*_TREMOR_HERTZ, _TREMOR_PARTS)]
    for rate in rates:
        depth = scale * rng.uniform(0.5, 1.0, 3) * np.sqrt(2.0 / len(rates))
        # A head trembles about the neck, some two eye distances below the eyes.
        depth[2] /= 2.0 * pose.inter_ocular
        motion += depth * np.sin(2 * np.pi * rate * seconds[:, None] + rng.uniform(0, 6.283, 3))
    return motion.astype(np.float32)


def sample_turns(rng: np.random.Generator, frames: int, fps: float, deviation: float) -> FloatArray:
    """Slow turning and nodding from and to the neutral view.

    Returns
    -------
    ndarray, shape (frames, 2), float32
        Radians by which the nose turns to the right of the picture, and down; `deviation`, in
        degrees, is that of both.
    """
    seconds = np.arange(frames) / fps
    angles = np.zeros((frames, 2))
    for axis in range(2):
        for rate in rng.uniform(*_TURN_HERTZ, 2):
            depth = np.deg2rad(deviation) * rng.uniform(0.5, 1.3)
            angles[:, axis] += depth * np.sin(2 * np.pi * rate * seconds + rng.uniform(0, 6.283))
    return angles.astype(np.float32)


def turn_fields(identity: Identity, pose: FacePose, mask: FloatArray) -> FloatArray:
    """Displacement by a turn and a nod of one radian, linear in small angles.

    Parameters
    ----------
    identity : Identity
    pose : FacePose
    mask : ndarray, shape (H, W), float32
        1 where the picture moves with the head.

    Returns
    -------
    ndarray, shape (2, H, W, 2), float32
        In pixels. What is nearer to the camera moves further: the nose more than the ears.
    """
    height = face_height(identity, *identity.grid(pose)) * mask
    flat = np.zeros_like(height)
    return np.stack(
        [
            pose.vectors_to_pixels(np.stack([height, flat], axis=-1)),
            pose.vectors_to_pixels(np.stack([flat, height], axis=-1)),
        ]
    )
