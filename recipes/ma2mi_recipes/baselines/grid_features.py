"""Motion as a short vector: means over the cells of a grid, on one scale a channel."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from keras_ma2mi.layers.area_resizing import area_weights

_CLIPS_AT_ONCE = 64

Features = npt.NDArray[np.float64]


def grid_means(motion: npt.NDArray[np.float32], grid: int) -> Features:
    """Means of motion over the cells of a grid.

    Args:
        motion: `(N, H, W, C)`, in whatever unit; the unit stays.
        grid: Cells along each side.

    Returns:
        `(N, grid, grid, C)` float64.
    """
    rows = area_weights(motion.shape[1], grid)
    columns = area_weights(motion.shape[2], grid)
    # A whole data set of large frames at once would need its memory twice.
    parts = [
        np.einsum(
            "ih,jw,bhwc->bijc", rows, columns, motion[start : start + _CLIPS_AT_ONCE], optimize=True
        )
        for start in range(0, len(motion), _CLIPS_AT_ONCE)
    ]
    return np.concatenate(parts).astype(np.float64)


@dataclass(frozen=True)
class ChannelScaling:
    """Standardises features: each around its own mean, all of a channel by one deviation.

    One deviation a channel, because one a feature would blow up the noise of cells in which
    nothing ever moves to the size of the movements.

    Attributes:
        mean: `(grid, grid, C)`.
        deviation: `(C,)`; 1 where a channel is constant.
    """

    mean: Features
    deviation: Features

    @classmethod
    def fitted_to(cls, features: Features) -> "ChannelScaling":
        """Means and deviations of training clips, `(N, grid, grid, C)`."""
        mean = features.mean(axis=0)
        deviation = np.sqrt(np.square(features - mean).mean(axis=(0, 1, 2)))
        return cls(mean, np.where(deviation > 0, deviation, 1.0))

    def __call__(self, features: Features) -> Features:
        """Standardised vectors, `(N, grid * grid * C)`."""
        return ((features - self.mean) / self.deviation).reshape(len(features), -1)
