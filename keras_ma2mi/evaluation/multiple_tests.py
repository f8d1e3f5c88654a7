"""Correction of p-values where several tests are made at once."""

from collections.abc import Sequence

import numpy as np


def holm_adjusted(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment, in the order given.

    Of twenty tests of nothing one is expected below 0.05. Rejecting where the adjusted value is
    below 0.05 keeps the chance of even one false claim among all of them below 0.05, however the
    tests depend on each other.

    Args:
        p_values: p-values of one family of tests, each between 0 and 1.

    Returns:
        The adjusted p-values: never smaller than the raw ones, at most 1, and in the same order of
        size.

    Raises:
        ValueError: if a p-value is not between 0 and 1.

    Reference:
        Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
        Statistics, 1979.

    Example:
        >>> keras_ma2mi.evaluation.holm_adjusted([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    values = np.asarray(p_values, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise ValueError(f"`p_values` must be between 0 and 1. Received: p_values={list(p_values)}")
    order = np.argsort(values, kind="stable")
    steps = values[order] * np.arange(len(values), 0, -1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return [float(value) for value in adjusted]
