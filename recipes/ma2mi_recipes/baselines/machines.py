"""Support-vector machines behind one face, for one class a clip and for action units."""

from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt
from sklearn.svm import SVC

from ma2mi_recipes.baselines.grid_features import ChannelScaling, Features
from ma2mi_recipes.fine_tuning.answers import Labels, Probabilities

Kernel = Literal["linear", "rbf"]
Decisions = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Stiffness:
    """What inner folds choose: how dear an error is, and how far a support vector reaches.

    Attributes:
        cost: C of the machine.
        gamma: Of the RBF kernel, as a multiple of scikit-learn's `"scale"`.
    """

    cost: float
    gamma: float = 1.0


class Machine(Protocol):
    """Something fitted that gives decision values."""

    def decisions(self, features: Features) -> Decisions:
        """Decision values, `(N, classes)` or `(N, units)`; infinite where nothing was to fit."""


def fit_machine(
    kernel: Kernel, stiffness: Stiffness, features: Features, labels: Labels, classes: int
) -> Machine:
    """Fits to training clips, with class weights that balance them.

    Args:
        kernel: `"linear"` or `"rbf"`.
        stiffness: Cost and reach.
        features: `(N, grid, grid, channels)`; scaled by what is fitted to these very clips.
        labels: `(N,)` indices of classes, or `(N, units)` of 0 and 1.
        classes: Number of classes or units.
    """
    scaling = ChannelScaling.fitted_to(features)
    vectors = scaling(features)
    spread = float(vectors.var())
    gamma = stiffness.gamma / (vectors.shape[1] * (spread if spread > 0 else 1.0))

    def svc(targets: Labels) -> SVC:
        machine = SVC(C=stiffness.cost, kernel=kernel, gamma=gamma, class_weight="balanced")
        return machine.fit(vectors, targets)

    if labels.ndim == 2:
        units = [svc(unit) if np.ptp(unit) else int(unit[0]) for unit in labels.T]
        return _UnitMachine(scaling, units)
    present = np.unique(labels)
    return _ClassMachine(scaling, classes, present, svc(labels) if len(present) > 1 else None)


def probabilities_of(decisions: Decisions, temperature: float, units: bool) -> Probabilities:
    """Softmax, or for action units the logistic function, of decisions over a temperature.

    The answer is that of the decisions at any temperature: the largest, or those not below 0.
    """
    values = decisions / temperature
    if units:
        halves = np.exp(-np.abs(values))
        return np.where(values >= 0, 1.0, halves) / (1.0 + halves)
    values = np.exp(values - values.max(axis=1, keepdims=True))
    return values / values.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class _ClassMachine:
    """One class a clip; a class that was not there to fit is decided against without limit."""

    scaling: ChannelScaling
    classes: int
    present: npt.NDArray[np.int32]
    svc: SVC | None

    def decisions(self, features: Features) -> Decisions:
        values = np.full((len(features), self.classes), -np.inf)
        if self.svc is None:
            values[:, self.present] = 0.0
            return values
        found = self.svc.decision_function(self.scaling(features))
        if len(self.present) == 2:
            found = np.stack([-found, found], axis=1)
        values[:, self.present] = found
        return values


@dataclass(frozen=True)
class _UnitMachine:
    """One machine an action unit, or the only answer that its training clips knew."""

    scaling: ChannelScaling
    units: list[SVC | int]

    def decisions(self, features: Features) -> Decisions:
        vectors = self.scaling(features)
        columns = [
            np.full(len(features), np.inf if unit else -np.inf)
            if isinstance(unit, int)
            else unit.decision_function(vectors)
            for unit in self.units
        ]
        return np.stack(columns, axis=1)
