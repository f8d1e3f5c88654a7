"""Support-vector machines on the motion of clips."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.svm import SVC

from keras_ma2mi.evaluation import k_fold_by_subject
from ma2mi_recipes.baselines.grid_features import ChannelScaling, Features, grid_means
from ma2mi_recipes.baselines.without_epochs import WithoutEpochs
from ma2mi_recipes.fine_tuning.classifiers import EpochTold, Fitted, Probabilities, Watched
from ma2mi_recipes.fine_tuning.training_rows import Rows, TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips

Kernel = Literal["linear", "rbf"]
Labels = npt.NDArray[np.int32]
Decisions = npt.NDArray[np.float64]

GRID = 10
INNER_FOLDS = 5
_TEMPERATURES = np.geomspace(0.05, 20.0, 53)


@dataclass(frozen=True)
class Stiffness:
    """What inner folds choose: how dear an error is, and how far a support vector reaches.

    Attributes:
        cost: C of the machine.
        gamma: Of the RBF kernel, as a multiple of scikit-learn's `"scale"`.
    """

    cost: float
    gamma: float = 1.0


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

    Args:
        kernel: `"linear"` or `"rbf"`.
        grid: Cells along each side of the face.
        inner_folds: Inner folds of subjects at most.
    """

    def __init__(self, kernel: Kernel, grid: int = GRID, inner_folds: int = INNER_FOLDS) -> None:
        self.kernel, self.grid, self.inner_folds = kernel, grid, inner_folds

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
        features = grid_means(rows.motion(rows.rows), self.grid)
        labels = rows.labels(rows.rows)
        self.stiffness, self.temperature = UNCHOSEN[self.kernel], 1.0
        count = min(self.inner_folds, len(set(rows.subjects)))
        if count > 1:
            inner = [
                (split.train, split.test)
                for split in k_fold_by_subject(rows.subjects, count, seed=fold_seed)
            ]
            self._choose(features, labels, len(rows.classes), inner)
        self._machine = _Machine(self.kernel, self.stiffness, features, labels, len(rows.classes))
        return Fitted(pd.DataFrame())

    def predict(self, clips: LabelledClips, rows: Rows) -> Probabilities:
        """Class probabilities, `(len(rows), classes)`; their largest is the machine's answer."""
        decisions = self._machine.decisions(grid_means(clips.motion[rows], self.grid))
        return _softmax(decisions / self.temperature)

    def _choose(
        self,
        features: Features,
        labels: Labels,
        classes: int,
        inner: list[tuple[Rows, Rows]],
    ) -> None:
        best = -1.0
        for stiffness in CHOICES[self.kernel]:
            decisions = np.empty((len(labels), classes))
            for train, test in inner:
                machine = _Machine(self.kernel, stiffness, features[train], labels[train], classes)
                decisions[test] = machine.decisions(features[test])
            score = _balanced_accuracy(labels, decisions.argmax(axis=1))
            if score > best:
                best, self.stiffness = score, stiffness
                self.temperature = _best_temperature(decisions, labels)


class _Machine:
    """One machine fitted to training features, and how these were scaled."""

    def __init__(
        self, kernel: Kernel, stiffness: Stiffness, features: Features, labels: Labels, classes: int
    ) -> None:
        self.classes, self.present = classes, np.unique(labels)
        self.scaling = ChannelScaling.fitted_to(features)
        vectors = self.scaling(features)
        self.svc: SVC | None = None
        if len(self.present) > 1:
            spread = vectors.var()
            gamma = stiffness.gamma / (vectors.shape[1] * (spread if spread > 0 else 1.0))
            self.svc = SVC(C=stiffness.cost, kernel=kernel, gamma=gamma, class_weight="balanced")
            self.svc.fit(vectors, labels)

    def decisions(self, features: Features) -> Decisions:
        """Decision values, `(N, classes)`: minus infinity for a class that was not there to fit."""
        values = np.full((len(features), self.classes), -np.inf)
        if self.svc is None:
            values[:, self.present] = 0.0
            return values
        found = self.svc.decision_function(self.scaling(features))
        if len(self.present) == 2:
            found = np.stack([-found, found], axis=1)
        values[:, self.present] = found
        return values


def _softmax(values: Decisions) -> Probabilities:
    values = np.exp(values - values.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)


def _balanced_accuracy(labels: Labels, answers: npt.NDArray[np.intp]) -> float:
    shares = [float((answers[labels == label] == label).mean()) for label in np.unique(labels)]
    return float(np.mean(shares))


def _best_temperature(decisions: Decisions, labels: Labels) -> float:
    chosen = np.arange(len(labels)), labels
    # A clip whose class an inner fold could not fit says nothing about the temperature.
    known = np.isfinite(decisions[chosen])
    losses = [
        -np.log(np.maximum(_softmax(decisions / temperature)[chosen], 1e-12))[known].sum()
        for temperature in _TEMPERATURES
    ]
    return float(_TEMPERATURES[int(np.argmin(losses))])
