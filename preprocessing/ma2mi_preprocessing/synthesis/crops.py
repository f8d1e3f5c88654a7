"""How a face lies in a crop: ours, and those that others cut for published motion.

A prior for motion images has to know every crop that it will meet: brows or a mouth that stand a
few pixels elsewhere are other action units.
"""

from dataclasses import dataclass

import numpy as np

from ..faces.alignment import EYE_DISTANCE, EYE_HEIGHT
from .geometry import FacePose, FloatArray

Range = tuple[float, float]


@dataclass(frozen=True)
class CropStyle:
    """Ranges that crops are drawn from, evenly.

    Attributes
    ----------
    eye_distance : tuple of float
        Distance between the eyes, as a share of the crop's width.
    eye_height : tuple of float
        Height of the eyes below the upper edge, as a share of the crop's height.
    off_middle : float
        How far the midline may lie off the middle, to either side, as a share of the width.
    aspect : tuple of float
        Stretch of heights beside widths: below 1 where a tall crop was squeezed into a square.
    roll : float
        Largest rotation either way, degrees.
    """

    eye_distance: Range
    eye_height: Range
    off_middle: float
    aspect: Range
    roll: float


# Our own crops put the eyes at fixed places; detectors miss them by a few per cent. The other two
# are our reading of crops in published work: cut at chin and brows and squeezed into a square, or
# a detector's box around the whole head.
CROP_STYLES: dict[str, CropStyle] = {
    "aligned": CropStyle(
        (0.92 * EYE_DISTANCE, 1.08 * EYE_DISTANCE),
        (EYE_HEIGHT - 0.03, EYE_HEIGHT + 0.03),
        0.02,
        (0.97, 1.03),
        3.0,
    ),
    "tight": CropStyle((0.37, 0.50), (0.22, 0.36), 0.03, (0.80, 1.08), 4.0),
    "loose": CropStyle((0.20, 0.29), (0.36, 0.48), 0.04, (0.90, 1.10), 4.0),
}
MIXED = "any"
CROP_NAMES = (*CROP_STYLES, MIXED)


@dataclass(frozen=True)
class Crops:
    """Where the faces of many square crops lie.

    A point (x, y) in face coordinates (see `geometry.FacePose`), turned by `roll`, is `scale` times
    as many pixels right and down of `centre`.

    Attributes
    ----------
    size : int
        Side in pixels.
    centre : ndarray, shape (N, 2), float32
        (x, y) of the point midway between the eyes, pixels.
    scale : ndarray, shape (N, 2), float32
        Pixels of an eye distance, along x and along y.
    roll : ndarray, shape (N,), float32
        Radians, clockwise as seen.
    """

    size: int
    centre: FloatArray
    scale: FloatArray
    roll: FloatArray

    def __len__(self) -> int:
        return len(self.roll)

    @classmethod
    def of_poses(cls, poses: list[FacePose]) -> "Crops":
        """Crops that show faces as the poses do; all of one size."""
        return cls(
            poses[0].size,
            np.array([pose.centre for pose in poses], np.float32),
            np.array([[pose.inter_ocular] * 2 for pose in poses], np.float32),
            np.array([pose.roll for pose in poses], np.float32),
        )

    def mirrored(self) -> "Crops":
        """The same crops seen in a mirror."""
        centre = np.stack([self.size - 1 - self.centre[:, 0], self.centre[:, 1]], axis=1)
        return Crops(self.size, centre.astype(np.float32), self.scale, -self.roll)


def check_crop(name: str) -> str:
    """The name of a crop style; raises ``ValueError`` where there is none of it."""
    if name not in CROP_NAMES:
        raise ValueError(f"`crop` must be one of {', '.join(CROP_NAMES)}. Received: crop={name}")
    return name


def sample_crops(rng: np.random.Generator, count: int, size: int, crop: str) -> Crops:
    """Draw crops of a style, or of all of them with equal chance.

    Parameters
    ----------
    rng : numpy.random.Generator
    count : int
    size : int
        Side in pixels.
    crop : str
        One of `CROP_NAMES`.
    """
    names = list(CROP_STYLES) if check_crop(crop) == MIXED else [crop]
    styles = [CROP_STYLES[name] for name in names]
    chosen = rng.integers(len(styles), size=count)

    def drawn(ranges: list[Range]) -> FloatArray:
        low, high = np.asarray(ranges, np.float32)[chosen].T
        return np.asarray(low + (high - low) * rng.random(count, np.float32), np.float32)

    across = size * drawn([style.eye_distance for style in styles])
    down = across * drawn([style.aspect for style in styles])
    middle = drawn([(0.5 - style.off_middle, 0.5 + style.off_middle) for style in styles])
    height = drawn([style.eye_height for style in styles])
    roll = drawn([(-style.roll, style.roll) for style in styles])
    # The centre of a pixel is half a pixel from its edge.
    centre = size * np.stack([middle, height], axis=1) - np.float32(0.5)
    return Crops(size, centre, np.stack([across, down], axis=1), np.deg2rad(roll))
