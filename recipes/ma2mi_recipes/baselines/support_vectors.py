"""Support-vector machines on the motion of clips."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation import k_fold_by_subject
from ma2mi_recipes.baselines.grid_features import Features, grid_means
from ma2mi_recipes.baselines.machines import (
    Kernel,
    Stiffness,
    fit_machine,
    probabilities_of,
)
from ma2mi_recipes.baselines.residual_motion import residual_motion
from ma2mi_recipes.baselines.without_epochs import WithoutEpochs
from ma2mi_recipes.fine_tuning.answers import Labels, Probabilities, answers, cross_entropy
from ma2mi_recipes.fine_tuning.classifiers import EpochTold, Fitted, Watched
from ma2mi_recipes.fine_tuning.training_rows import Rows, TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips

GRID = 10
INNER_FOLDS = 5
_TEMPERATURES = np.geomspace(0.05, 20.0, 53)

# Softest first: of equally good ones the first is taken.
CHOICES: dict[Kernel, tuple[Stiffness, ...]] = {
    "linear": tuple(Stiffness(cost) for cost in (0.01, 0.03, 0.1, 0.3, 1.0)),
    "rbf": (
        Stiffness(30.0, 0.01),
        Stiffness(3.0, 1.0),
        Stiffness(30.0, 0.1),
        Stiffness(300.0, 0.01),
        Stiffness(300.0, 0.1),
    ),
}
UNCHOSEN: dict[Kernel, Stiffness] = {"linear": Stiffness(0.1), "rbf": Stiffness(30.0, 0.1)}
"""Taken where there are too few training subjects to choose."""


class SupportVectorClassifier(WithoutEpochs):
    """A support-vector machine on motion averaged over a coarse grid, with balanced class weights.

    Cost and width of the kernel are those with the best balanced accuracy on inner folds of the
    training subjects. A clip's answer is the class with the largest decision value;
    probabilities are a softmax of the decision values with one temperature, the one with the
    least cross-entropy on the same inner folds. A class without a training clip gets probability 0.

    Of action units each has a machine of its own; cost, width and temperature are common.

    Args:
        kernel: `"linear"` or `"rbf"`.
        grid: Cells along each side of the face.
        inner_folds: Inner folds of subjects at most.
        residual: Whether the motion of the head is taken off first, see `residual_motion`.
    """

    def __init__(
        self,
        kernel: Kernel,
        grid: int = GRID,
        inner_folds: int = INNER_FOLDS,
        residual: bool = False,
    ) -> None:
        self.kernel, self.grid, self.inner_folds = kernel, grid, inner_folds
        self.residual = residual

    def fit(
        self,
        rows: TrainingRows,
        fold_seed: int,
        *,
        epochs: int | None = None,
        watched: Watched | None = None,
        told: EpochTold | None = None,
    ) -> Fitted:
        """Chooses on inner folds, which the seed draws, and fits to all rows."""
        features = self._features(rows.motion(rows.rows))
        labels, classes = rows.labels(rows.rows), len(rows.classes)
        self.stiffness, self.temperature = UNCHOSEN[self.kernel], 1.0
        count = min(self.inner_folds, len(set(rows.subjects)))
        if count > 1:
            splits = k_fold_by_subject(rows.subjects, count, seed=fold_seed)
            inner = [(split.train, split.test) for split in splits]
            self._choose(features, labels, classes, inner)
        self._machine = fit_machine(self.kernel, self.stiffness, features, labels, classes)
        self._units = labels.ndim == 2
        return Fitted(pd.DataFrame())

    def predict(self, clips: LabelledClips, rows: Rows) -> Probabilities:
        """Class probabilities, `(len(rows), classes)`; their largest is the machine's answer."""
        decisions = self._machine.decisions(self._features(clips.motion[rows]))
        return probabilities_of(decisions, self.temperature, self._units)

    def _features(self, motion: npt.NDArray[np.float32]) -> Features:
        return grid_means(residual_motion(motion) if self.residual else motion, self.grid)

    def _choose(
        self, features: Features, labels: Labels, classes: int, inner: list[tuple[Rows, Rows]]
    ) -> None:
        best, units = -1.0, labels.ndim == 2
        for stiffness in CHOICES[self.kernel]:
            decisions = np.empty((len(labels), classes))
            for train, test in inner:
                machine = fit_machine(
                    self.kernel, stiffness, features[train], labels[train], classes
                )
                decisions[test] = machine.decisions(features[test])
            by_temperature = [
                probabilities_of(decisions, temperature, units) for temperature in _TEMPERATURES
            ]
            score = _balanced_accuracy(answers(by_temperature[0], labels), labels)
            if score > best:
                losses = [cross_entropy(one, labels).sum() for one in by_temperature]
                best, self.stiffness = score, stiffness
                self.temperature = float(_TEMPERATURES[int(np.argmin(losses))])


def _balanced_accuracy(said: npt.NDArray[np.integer], labels: Labels) -> float:
    """Mean recall of the classes; of action units the mean over units of theirs."""
    if labels.ndim == 2:
        units = zip(said.T, labels.T, strict=True)
        return float(np.mean([_balanced_accuracy(one, true) for one, true in units]))
    return float(np.mean([(said[labels == one] == one).mean() for one in np.unique(labels)]))
