import numpy as np
import pytest
from sklearn.metrics import log_loss

from ma2mi_recipes.fine_tuning.answers import answers, cross_entropy, share_right


def test_of_classes_the_most_probable_is_answered() -> None:
    probabilities = np.array([[0.2, 0.5, 0.3], [0.6, 0.3, 0.1]])
    labels = np.array([1, 2], np.int32)
    assert answers(probabilities, labels).tolist() == [1, 0]
    assert share_right(probabilities, labels) == 0.5
    np.testing.assert_allclose(cross_entropy(probabilities, labels), -np.log([0.5, 0.1]))


def test_of_action_units_any_number_is_answered(rng: np.random.Generator) -> None:
    probabilities = rng.random((20, 3))
    labels = rng.integers(0, 2, (20, 3)).astype(np.int32)
    said = answers(probabilities, labels)
    np.testing.assert_array_equal(said, probabilities >= 0.5)
    assert share_right(probabilities, labels) == pytest.approx((said == labels).mean())
    per_unit = [log_loss(labels[:, unit], probabilities[:, unit]) for unit in range(3)]
    assert cross_entropy(probabilities, labels).mean() == pytest.approx(np.mean(per_unit))


def test_a_wrong_certainty_costs_much_but_not_infinitely() -> None:
    certain = np.array([[1.0, 0.0]])
    assert 10 < cross_entropy(certain, np.array([1], np.int32))[0] < 50
    assert 5 < cross_entropy(certain, np.array([[1, 1]], np.int32))[0] < 50
