"""What can be read linearly from features of people that the reading was not fitted to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from keras_ma2mi.evaluation.protocols import Fold, k_fold_by_subject, leave_one_subject_out

Values = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

STRENGTHS: tuple[float, ...] = tuple(10.0**power for power in np.arange(-4.0, 4.5, 0.5))
"""Strengths of the penalty that are tried, in units of the mean variance of the features."""


@dataclass(frozen=True, eq=False)
class ProbeReading:
    """What was read from features, each person held out once.

    Args:
        prediction: float64 array of shape `(clips, values)`.
        mean: the same shape, the mean of the clips that the reading was fitted to: what one would
            say without any features.
        strengths: float64 array of shape `(subjects,)`, the penalty chosen in each fold.
    """

    prediction: Values
    mean: Values
    strengths: Values

    def explained(self, targets: npt.ArrayLike) -> tuple[Values, Values]:
        """Squared error that the features take off that of the mean, and that of the mean.

        Args:
            targets: what is true, `(clips, values)`.

        Returns:
            Two float64 arrays of shape `(clips, values)`. The sum of the first divided by that of
            the second is R2: 1 for a perfect reading, 0 for the mean, negative for worse than it.
        """
        true = np.asarray(targets, np.float64)
        of_mean = np.square(true - self.mean)
        return of_mean - np.square(true - self.prediction), of_mean


def ridge_probe(
    features: npt.ArrayLike,
    targets: Mapping[str, npt.ArrayLike],
    subjects: Sequence[str],
    *,
    strengths: Sequence[float] = STRENGTHS,
    inner_folds: int = 4,
) -> dict[str, ProbeReading]:
    """Reads values from features by ridge regression, leave-one-subject-out.

    The strength of the penalty is chosen anew in each fold and for each target, by the squared
    error in a k-fold over the people of its training clips alone; nothing is ever fitted to clips
    of the person who is read. Each channel is divided by its deviation over places and training
    clips: how large a network makes its features says nothing.

    Args:
        features: array of shape `(clips, height, width, channels)` or `(clips, channels)`.
        targets: arrays of shape `(clips, values)` by name; the values of one share a strength.
        subjects: who is seen in each clip, three or more people.
        strengths: what is chosen from, positive, in units of the mean variance of a feature
            vector over training clips.
        inner_folds: groups of people of the choice.

    Returns:
        Dict by the names of the targets.

    Raises:
        ValueError: if lengths differ, a value is not finite, strengths are not positive, or there
            are fewer than three people.

    Reference:
        Alain and Bengio, "Understanding intermediate layers using linear classifier probes", 2016
        (arXiv 1610.01644). Hoerl and Kennard, "Ridge Regression", 1970.

    Example:
        >>> reading = ridge_probe(maps, {"flow": flow.reshape(len(flow), -1)}, subjects)["flow"]
        >>> gained, total = reading.explained(flow.reshape(len(flow), -1))
        >>> r_squared = gained.sum() / total.sum()
    """
    values, true = _checked(features, targets, subjects, strengths)
    read = {name: np.empty_like(one) for name, one in true.items()}
    means = {name: np.empty_like(one) for name, one in true.items()}
    chosen: dict[str, list[float]] = {name: [] for name in true}
    people = np.array(list(map(str, subjects)))
    for fold in leave_one_subject_out(list(people)):
        train, test = np.asarray(fold.train), np.asarray(fold.test)
        kernel = _kernel(values, train)
        inner = k_fold_by_subject(list(people[train]), min(inner_folds, len(set(people[train]))))
        for name, strength in _best(kernel, true, train, inner, strengths).items():
            one = true[name]
            read[name][test] = _Ridge(kernel, train).read(one[train], test, [strength])[0]
            means[name][test] = one[train].mean(axis=0)
            chosen[name].append(strength)
    return {name: ProbeReading(read[name], means[name], np.array(chosen[name])) for name in true}


class _Ridge:
    """Ridge regression on some clips, decomposed once for all strengths and targets."""

    def __init__(self, kernel: Values, train: Rows) -> None:
        self._kernel, self._train = kernel, train
        part = kernel[np.ix_(train, train)]
        self._means, self._mean = part.mean(axis=0), part.mean()
        centred = part - self._means[:, None] - self._means[None, :] + self._mean
        self._sizes, self._vectors = np.linalg.eigh(centred)
        self._sizes = np.maximum(self._sizes, 0.0)

    def read(self, targets: Values, rows: Rows, strengths: Sequence[float]) -> list[Values]:
        """The targets of other clips, `(rows, values)`, for each strength."""
        part = self._kernel[np.ix_(rows, self._train)]
        centred = part - part.mean(axis=1, keepdims=True) - self._means[None, :] + self._mean
        mean = targets.mean(axis=0)
        along, to = centred @ self._vectors, self._vectors.T @ (targets - mean)
        # Without any variance there is nothing to read, and nothing to divide by.
        unit = self._sizes.mean() or 1.0
        return [mean + (along / (self._sizes + strength * unit)) @ to for strength in strengths]


def _best(
    kernel: Values,
    targets: Mapping[str, Values],
    train: Rows,
    inner: Sequence[Fold],
    strengths: Sequence[float],
) -> dict[str, float]:
    """The strength with the smallest error over the inner folds, by target."""
    errors = {name: np.zeros(len(strengths)) for name in targets}
    for fold in inner:
        fitted, held = train[np.asarray(fold.train)], train[np.asarray(fold.test)]
        ridge = _Ridge(kernel, fitted)
        for name, one in targets.items():
            found = ridge.read(one[fitted], held, strengths)
            errors[name] += [np.square(values - one[held]).sum() for values in found]
    # Of equal ones the strongest: where nothing can be read, little should be.
    return {
        name: float(strengths[len(strengths) - 1 - int(np.argmin(one[::-1]))])
        for name, one in errors.items()
    }


def _kernel(values: Values, train: Rows) -> Values:
    """Products of all clips' features, each channel on one scale."""
    centred = values - values[train].mean(axis=0)
    deviation = np.sqrt(np.square(centred[train]).mean(axis=(0, 1)))
    rows = (centred / np.where(deviation > 0, deviation, 1.0)).reshape(len(values), -1)
    return np.asarray(rows @ rows.T, np.float64)


def _checked(
    features: npt.ArrayLike,
    targets: Mapping[str, npt.ArrayLike],
    subjects: Sequence[str],
    strengths: Sequence[float],
) -> tuple[Values, dict[str, Values]]:
    """Features as `(clips, places, channels)`, and the targets."""
    values = np.asarray(features, np.float64)
    true = {name: np.asarray(one, np.float64) for name, one in targets.items()}
    count = len(subjects)
    if values.ndim not in (2, 4) or any(one.ndim != 2 for one in true.values()):
        raise ValueError(
            "`features` must have two or four axes, and `targets` two. Received: features of shape "
            f"{values.shape}, targets of shapes {[one.shape for one in true.values()]}"
        )
    if any(len(one) != count for one in (values, *true.values())):
        raise ValueError(
            "`features`, `targets` and `subjects` must have one length. Received: "
            f"{len(values)}, {[len(one) for one in true.values()]} and {count}"
        )
    if not all(np.isfinite(one).all() for one in (values, *true.values())):
        raise ValueError("`features` and `targets` must be finite. Received: NaN or infinity")
    if not strengths or min(strengths) <= 0:
        raise ValueError(f"`strengths` must be positive. Received: strengths={strengths}")
    if len(set(subjects)) < 3:
        raise ValueError(
            "`subjects` must name three or more people, for a choice within each fold. Received: "
            f"{len(set(subjects))}"
        )
    return values.reshape(count, -1, values.shape[-1]), true
