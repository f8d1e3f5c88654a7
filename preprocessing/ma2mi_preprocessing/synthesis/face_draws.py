"""What chance decides about moving faces: who, in which crop, what moves, how it is measured."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from ..motion_channels import MotionScaling
from .action_units import ACTION_UNITS
from .crops import check_crop, sample_crops
from .flow_errors import Estimation
from .geometry import AnyFloatArray, FloatArray
from .identity import sample_identity
from .moving_faces import Bumps, MovingFaces, PushVariation
from .push_table import push_table

_PEOPLE = 512
_PEAK_PICTURE = 224
_FREE_BUMPS = 3
# Cells along a side of errors that are smooth.
_COARSE = 7


@dataclass(frozen=True)
class FlowFieldOptions:
    """What flow fields are drawn from.

    Attributes
    ----------
    size : int
        Side in pixels.
    crop : str
        One of `crops.CROP_NAMES`.
    scaling : {"pixels", "minmax"}
        Pixels, or each image and channel stretched to 0..1.
    most_units : int
        Most action units that act together; from none to so many have equal chance.
    peak : tuple of float
        Smallest and largest displacement by the expression at the apex, in pixels of a picture of
        224 pixels (micro-expressions have 0.3 to 2); drawn evenly on a logarithmic scale.
    head : float
        Size of the motion of the head beside the peak, in the median.
    others : float
        Chance of a blink, and of each of a few movements that belong to no unit.
    errors : float
        Size of the errors of estimation: 0 for exact flow, 1 for about those of TV-L1.
    landmark_error : float
        Deviation by which landmarks lie elsewhere than in the drawn people, eye distances.
    variation : float
        How far the skin moves otherwise than the table of pushes says: 0 for not at all, 1 for
        about as far as the table may be wrong about people.
    """

    size: int = 28
    crop: str = "any"
    scaling: MotionScaling = "pixels"
    most_units: int = 4
    peak: tuple[float, float] = (0.3, 6.0)
    head: float = 0.3
    others: float = 0.3
    errors: float = 1.0
    landmark_error: float = 0.03
    variation: float = 1.0

    def __post_init__(self) -> None:
        check_crop(self.crop)
        for name, least in (("size", 4), ("most_units", 0), ("head", 0), ("others", 0)):
            _check(name, getattr(self, name) >= least, f"at least {least}", self)
        for name in ("errors", "landmark_error", "variation"):
            _check(name, getattr(self, name) >= 0, "at least 0", self)
        _check("most_units", self.most_units <= len(push_table().units), "a number of units", self)
        low, high = self.peak
        _check("peak", 0 < low <= high, "two numbers above 0, the smaller one first", self)


def _check(name: str, holds: bool, wanted: str, options: FlowFieldOptions) -> None:
    if not holds:
        value = getattr(options, name)
        raise ValueError(f"`{name}` must be {wanted}. Received: {name}={value}")


def sample_faces(rng: np.random.Generator, count: int, options: FlowFieldOptions) -> MovingFaces:
    """Draw people, crops and everything that moves."""
    table = push_table()
    crops = sample_crops(rng, count, options.size, options.crop)
    people = _people()[rng.integers(_PEOPLE, size=count)]
    moved = options.landmark_error * rng.standard_normal(people.shape, np.float32)
    low, high = np.log(options.peak)
    pixels = np.exp(rng.uniform(low, high, count)) * options.size / _PEAK_PICTURE
    # In eye distances, as all movements are.
    peak = (pixels / crops.scale[:, 0]).astype(np.float32)
    head = peak[:, None] * _head_motion(rng, count, options.head)
    return MovingFaces(
        crops,
        people + moved.astype(np.float32),
        _intensities(rng, peak, table.one_sided, options.most_units),
        head.astype(np.float32),
        _other_movements(rng, peak, options.others),
        _variation(rng, count, options.variation),
    )


@cache
def _people() -> FloatArray:
    """Landmarks of people, (_PEOPLE, L, 2); drawing a person anew for each field takes longer."""
    rng, table = np.random.default_rng(0), push_table()
    return np.stack([table.landmarks_of(sample_identity(rng)) for _ in range(_PEOPLE)])


def _intensities(
    rng: np.random.Generator, peak: FloatArray, one_sided: np.ndarray, most_units: int
) -> FloatArray:
    """(N, K, 2): the strongest of the units that act moves skin by the peak."""
    count, units = len(peak), len(one_sided)
    number = rng.integers(most_units + 1, size=count)
    order = rng.random((count, units)).argsort(axis=1)
    acts = order < number[:, None]
    shares = acts * rng.uniform(0.4, 1.0, (count, units))
    # Most movements show on both sides, seldom equally; some on one side only.
    weaker = np.where(rng.random((count, units)) < 0.75, rng.uniform(0.6, 1.0, (count, units)), 0.0)
    weaker = np.where(one_sided, weaker, 1.0)
    right_is_weaker = rng.random((count, units)) < 0.5
    sides = np.stack(
        [np.where(right_is_weaker, weaker, 1.0), np.where(right_is_weaker, 1.0, weaker)], axis=-1
    )
    reach = np.array([unit.reach for unit in ACTION_UNITS.values()])
    strongest = (shares * reach).max(axis=1)
    scale = peak / np.where(strongest > 0, strongest, 1.0)
    return (shares[..., None] * sides * scale[:, None, None]).astype(np.float32)


def _variation(rng: np.random.Generator, count: int, size: float) -> PushVariation:
    """How pushes differ, on both sides of a face alike."""
    table = push_table()
    pushes = np.minimum(np.arange(len(table.unit)), table.twin)

    def deviations(*more: int) -> FloatArray:
        drawn = size * rng.standard_normal((count, len(pushes), *more), np.float32)
        return np.asarray(drawn[:, pushes], np.float32)

    return PushVariation(
        offset=np.float32(0.05) * deviations(2),
        spread=np.exp(np.float32(0.2) * deviations()),
        turn=np.float32(0.25) * deviations(),
    )


def _head_motion(rng: np.random.Generator, count: int, size: float) -> AnyFloatArray:
    """(N, 6), `moving_faces.HEAD_MOTIONS` in units of the peak."""
    # Turning about an axis moves the edge of a face by about as much as shifting does.
    parts = np.array([1.0, 1.0, 0.4, 0.4, 0.6, 0.6])
    amount = size * np.exp(rng.normal(0.0, 1.0, (count, 1)))
    return np.minimum(amount, 3.0) * parts * rng.normal(0.0, 0.6, (count, len(parts)))


def _other_movements(rng: np.random.Generator, peak: FloatArray, chance: float) -> Bumps:
    """A blink on both sides, and bumps anywhere."""
    count = len(peak)
    blinks = peak * rng.uniform(-0.5, 1.5, count) * (rng.random(count) < chance)
    lids = np.zeros((count, 2, 2))
    lids[..., 1] = blinks[:, None]
    places = np.broadcast_to(np.array([[-0.5, -0.06], [0.5, -0.06]]), lids.shape)
    free = (count, _FREE_BUMPS)
    angle = rng.uniform(0.0, 2 * np.pi, free)
    length = peak[:, None] * rng.uniform(0.0, 0.6, free) * (rng.random(free) < chance)
    moves = length[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    centres = np.stack([rng.uniform(-1.1, 1.1, free), rng.uniform(-0.9, 1.7, free)], axis=-1)
    spreads = rng.uniform(0.08, 0.35, (*free, 2))
    return Bumps(
        np.concatenate([places, centres], axis=1, dtype=np.float32),
        np.concatenate([np.broadcast_to([0.22, 0.11], lids.shape), spreads], 1, dtype=np.float32),
        np.concatenate([lids, moves], axis=1, dtype=np.float32),
    )


def sample_estimation(
    rng: np.random.Generator, count: int, options: FlowFieldOptions
) -> Estimation:
    """Draw how well each field was estimated."""
    size = options.size

    def between(low: float, high: float, *more: int) -> AnyFloatArray:
        return np.exp(rng.uniform(np.log(low), np.log(high), (count, *more)))

    fine = rng.standard_normal((count, size, size, 2), np.float32)
    coarse = rng.standard_normal((count, _COARSE, _COARSE, 2), np.float32)
    spread = _interpolation(size)
    smooth = np.einsum("ia,jb,nabc->nijc", spread, spread, coarse, optimize=True)
    shape = (count, 1, 1, 1)
    noise = fine * between(0.003, 0.1).reshape(shape) + smooth * between(0.005, 0.2).reshape(shape)
    seen_across = np.stack([between(0.1, 1.0), np.ones(count)], axis=1)
    return Estimation(
        noise=(options.errors * noise).astype(np.float32),
        trust=(between(2.0, 80.0, 1) * seen_across / options.errors).astype(np.float32),
        grain=np.float32(0.2) + np.abs(fine[..., 0]),
        bare=between(0.01, 0.7).astype(np.float32),
    )


@cache
def _interpolation(size: int) -> FloatArray:
    """Linear interpolation from coarse cells to pixels, (size, _COARSE)."""
    place = np.linspace(0.0, _COARSE - 1.0, size)
    distance = np.abs(place[:, None] - np.arange(_COARSE))
    return np.clip(1.0 - distance, 0.0, None).astype(np.float32)
