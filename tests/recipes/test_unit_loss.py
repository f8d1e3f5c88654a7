"""Loss and accuracy of action units, against scikit-learn."""

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from ma2mi_recipes.fine_tuning.unit_loss import (
    ActionUnitAccuracy,
    ActionUnitCrossEntropy,
    unit_weights,
    with_weights,
)

LABELS = np.array([[1, 0, 0], [0, 0, 1], [1, 0, 0], [1, 0, 1]], np.int32)
LOGITS = np.array([[2.0, -1.0, 0.3], [0.1, 3.0, 40.0], [-3.0, 0.2, -40.0], [1.0, 1.0, -0.5]], "f4")


def test_rare_units_weigh_more_and_no_weight_runs_away() -> None:
    np.testing.assert_allclose(unit_weights(LABELS), [1 / 3, 1.0, 1.0])
    rare = np.zeros((50, 2), np.int32)
    rare[0, 0] = 1
    assert unit_weights(rare).tolist() == [10.0, 1.0]


def test_loss_is_the_weighted_log_loss_of_each_unit() -> None:
    weights = np.array([2.0, 1.0, 0.5], np.float32)
    loss = ActionUnitCrossEntropy(smoothing=0.0)
    ours = float(keras.ops.convert_to_numpy(loss(with_weights(LABELS, weights), LOGITS)))
    probabilities = 1 / (1 + np.exp(-LOGITS.astype(np.float64)))
    each = np.where(LABELS == 1, weights, 1.0)
    theirs = []
    for unit in range(3):
        truth, shown, share = LABELS[:, unit], probabilities[:, unit], each[:, unit]
        mean = log_loss(truth, shown, sample_weight=share, labels=[0, 1])
        theirs.append(mean * share.sum() / len(LABELS))
    assert ours == pytest.approx(np.mean(theirs), rel=1e-5)


def test_accuracy_counts_units() -> None:
    metric = ActionUnitAccuracy()
    metric.update_state(with_weights(LABELS, np.ones(3, np.float32)), LOGITS)
    right = accuracy_score(LABELS.ravel(), (LOGITS >= 0).ravel())
    assert float(keras.ops.convert_to_numpy(metric.result())) == pytest.approx(right)
