"""A linear classifier on features, whose strength is chosen without anybody held out."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from keras_ma2mi.evaluation import k_fold_by_subject
from ma2mi_recipes.fine_tuning.answers import Labels, Probabilities

Features = npt.NDArray[np.float64]

# Strongest shrinkage first: of equally good ones the first is taken.
COSTS = (0.1, 1.0, 10.0, 100.0)
UNCHOSEN = 1.0
INNER_FOLDS = 5
_SMALLEST_SHARE = 1e-3
_MOST_STEPS = 2000


@dataclass(frozen=True)
class Standardisation:
    """Brings features to mean 0 and one deviation, and their vector to a length of about 1.

    Attributes:
        mean: `(D,)`.
        divisor: `(D,)`. The deviation of each feature plus a thousandth of that of all, so that
            what hardly ever differs from 0 is not blown up, times the root of D: vectors of few
            and of many features have one length then, and the same strengths suit both.
    """

    mean: Features
    divisor: Features

    @classmethod
    def fitted_to(cls, features: Features) -> "Standardisation":
        """Means and deviations of training clips, `(N, D)`."""
        mean, deviation = features.mean(axis=0), features.std(axis=0)
        spread = float(np.sqrt(np.square(deviation).mean()))
        floor = _SMALLEST_SHARE * spread if spread > 0 else 1.0
        return cls(mean, (deviation + floor) * np.sqrt(features.shape[1]))

    def __call__(self, features: Features) -> Features:
        return (features - self.mean) / self.divisor


@dataclass(frozen=True)
class LogisticProbe:
    """A fitted probe.

    Attributes:
        cost: Inverse strength of the shrinkage, of `COSTS`.
        classes: Number of classes.
        present: Those that had a training clip; the others get probability 0.
        standardisation: Of the training clips.
        regression: None where there was one class only.
    """

    cost: float
    classes: int
    present: npt.NDArray[np.int32]
    standardisation: Standardisation
    regression: LogisticRegression | None

    def probabilities(self, features: Features) -> Probabilities:
        """`(N, classes)` float64, from features `(N, D)`."""
        said = np.zeros((len(features), self.classes))
        if self.regression is None:
            said[:, self.present] = 1.0
        else:
            said[:, self.present] = self.regression.predict_proba(self.standardisation(features))
        return said


def fit_probe(
    features: Features, labels: Labels, subjects: Sequence[str], classes: int, seed: int
) -> LogisticProbe:
    """Logistic regression with balanced class weights.

    The strength of its shrinkage is the one with the best balanced accuracy on inner folds of the
    training subjects; of equally good ones the strongest.

    Args:
        features: Of training clips, `(N, D)`.
        labels: Their classes, `(N,)`.
        subjects: Their subjects.
        classes: Number of classes; some may have no clip.
        seed: Draws the inner folds.
    """
    return _fitted(features, labels, classes, _best_cost(features, labels, subjects, classes, seed))


def _best_cost(
    features: Features, labels: Labels, subjects: Sequence[str], classes: int, seed: int
) -> float:
    count = min(INNER_FOLDS, len(set(subjects)))
    if count < 2:
        return UNCHOSEN
    folds = k_fold_by_subject(subjects, count, seed=seed)
    scores = []
    for cost in COSTS:
        said = np.empty(len(labels), np.int64)
        for fold in folds:
            probe = _fitted(features[fold.train], labels[fold.train], classes, cost)
            said[fold.test] = probe.probabilities(features[fold.test]).argmax(axis=1)
        scores.append(_balanced_accuracy(said, labels))
    return COSTS[int(np.argmax(scores))]


def _fitted(features: Features, labels: Labels, classes: int, cost: float) -> LogisticProbe:
    standardisation = Standardisation.fitted_to(features)
    present = np.unique(labels)
    regression = None
    if len(present) > 1:
        regression = LogisticRegression(C=cost, class_weight="balanced", max_iter=_MOST_STEPS)
        vectors = standardisation(features)
        if vectors.shape[1] <= len(vectors):
            regression.fit(vectors, labels)
        else:
            # Shrunk weights lie in the span of the clips: fitted there they are the same, sooner.
            _, _, span = np.linalg.svd(vectors, full_matrices=False)
            regression.fit(vectors @ span.T, labels)
            regression.coef_ = regression.coef_ @ span
            regression.n_features_in_ = vectors.shape[1]
    return LogisticProbe(cost, classes, present, standardisation, regression)


def _balanced_accuracy(said: npt.NDArray[np.int64], labels: Labels) -> float:
    return float(np.mean([(said[labels == one] == one).mean() for one in np.unique(labels)]))
