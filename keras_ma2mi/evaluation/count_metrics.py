"""What a bootstrap or a permutation needs to know of figures that are functions of counts."""

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


class MetricsOfCounts(Protocol):
    """Figures of counts, vectorised over everything in front of the last axes."""

    def __call__(
        self, counts: npt.NDArray[np.float64], /, *, expected: npt.NDArray[np.bool_] | None = None
    ) -> dict[str, npt.NDArray[np.float64]]: ...


class ExpectedInCounts(Protocol):
    """What the full sample has, so that a resample without it is known to say nothing about it."""

    def __call__(self, counts: npt.NDArray[Any], /) -> npt.NDArray[np.bool_]: ...


@dataclass(frozen=True)
class CountMetrics:
    """Figures that are functions of counts added up over subjects.

    Args:
        names: keys of the figures that are compared and given intervals.
        values: the figures of counts of shape `(..., *cell)`, arrays of shape `(...)`.
        expected: bool array of what counts of shape `(subjects, seeds, *cell)` have a clip of.
    """

    names: tuple[str, ...]
    values: MetricsOfCounts
    expected: ExpectedInCounts
