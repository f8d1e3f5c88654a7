"""How wide flow methods draw a straight motion edge."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .flow_methods import BASELINE, DIS, FARNEBACK, FOR_SPEED, OURS, Gray, flow_methods
from .flow_scenes import FINENESS, MARGIN, halve
from .flow_textures import TEXTURES, texture

METHODS = (OURS, BASELINE, FOR_SPEED, DIS, FARNEBACK)
SHIFT = 2
"""How far the right half moves, in pixels."""

_ROWS_LEFT_OUT = 16
_STREAM = 3


@dataclass(frozen=True)
class EdgeRow:
    """One method at the motion edge.

    Attributes
    ----------
    method : str
    width : float
        Distance over which the estimate rises from 10 to 90 percent of the true step: median over
        rows and textures, in pixels. 0.8 is the least that neighbouring pixels can show.
    low, high : float
        Smallest and largest median over the rows of one texture.
    shift : float
        How far the estimated edge (where half the step is reached) lies from the true one: median
        over rows and textures of the distance, in pixels.
    """

    method: str
    width: float
    low: float
    high: float
    shift: float


def sliding_halves(size: int, name: str, noise: float, *, seed: int = 0) -> tuple[Gray, Gray]:
    """Reference and moving image of a scene whose right half moves down by `SHIFT` pixels.

    The halves slide along their common edge, so that neither hides anything of the other.

    Parameters
    ----------
    size : int
        Side of the square images, in pixels, even.
    name : str
        One of `TEXTURES`.
    noise : float
        Standard deviation of the noise, in grey levels.
    seed : int, optional
    """
    rng = np.random.default_rng([seed, size, _STREAM])
    samples = FINENESS * size
    start = FINENESS * MARGIN
    picture = texture(name, FINENESS * (size + 2 * MARGIN), rng)
    moving = picture[start : start + samples, start : start + samples]
    lower = picture[start + FINENESS * SHIFT :][:samples, start : start + samples]
    still = np.arange(samples) < samples // 2
    reference = np.where(still, moving, lower)
    noisy = [
        halve(image) + noise * rng.standard_normal((size, size)) for image in (reference, moving)
    ]
    exposed = [np.clip(np.rint(image), 0, 255).astype(np.uint8) for image in noisy]
    return exposed[0], exposed[1]


def benchmark_edge_sharpness(
    *,
    size: int = 224,
    noise: float = 1.0,
    textures: Sequence[str] = TEXTURES,
    seed: int = 0,
) -> list[EdgeRow]:
    """Width of the edge in the estimate of each of `METHODS`; arguments as `sliding_halves`."""
    methods = flow_methods()
    images = [sliding_halves(size, name, noise, seed=seed) for name in textures]
    rows = []
    for name in METHODS:
        profiles = [
            # Down is where the half moves; rows near the border see other things move in.
            methods[name].call(*pair)[_ROWS_LEFT_OUT:-_ROWS_LEFT_OUT, :, 1] / SHIFT
            for pair in images
        ]
        measured = [[edge_width(row) for row in profile] for profile in profiles]
        medians = [statistics.median(width for width, _ in widths) for widths in measured]
        rows.append(
            EdgeRow(
                method=name,
                width=statistics.median(width for widths in measured for width, _ in widths),
                low=min(medians),
                high=max(medians),
                shift=statistics.median(abs(shift) for widths in measured for _, shift in widths),
            )
        )
    return rows


def edge_width(profile: npt.NDArray[np.floating]) -> tuple[float, float]:
    """Width and place of the rise from 0 to 1 in a profile across an edge in its middle.

    Parameters
    ----------
    profile : ndarray, shape (W,)
        W even; the true step lies between the two middle values.

    Returns
    -------
    width : float
        From where it last was 0.1 to where it first is 0.9, around the crossing of 0.5 that is
        nearest to the middle. A level that is never reached counts as the end of the profile.
    shift : float
        Place of that crossing, from the middle.
    """
    middle = (profile.size - 1) / 2
    rises = [place for place in _crossings(profile, 0.5) if np.isfinite(place)]
    if not rises:
        return float(profile.size), middle
    crossing = min(rises, key=lambda place: abs(place - middle))
    before = [place for place in _crossings(profile, 0.1) if place <= crossing]
    after = [place for place in _crossings(profile, 0.9) if place >= crossing]
    start = max(before, default=0.0)
    end = min(after, default=float(profile.size - 1))
    return end - start, crossing - middle


def _crossings(profile: npt.NDArray[np.floating], level: float) -> list[float]:
    """Places where the profile rises through a level, by linear interpolation."""
    below, above = profile[:-1], profile[1:]
    places = np.flatnonzero((below < level) & (above >= level))
    return [
        float(place + (level - below[place]) / (above[place] - below[place])) for place in places
    ]
