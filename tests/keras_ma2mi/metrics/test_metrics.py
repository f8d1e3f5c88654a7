import numpy as np
import pytest
from sklearn.metrics import f1_score, recall_score

from keras_ma2mi.metrics import MeanRatio, UnweightedAverageRecall, UnweightedF1
from tests.conformance import check_metric

TRUE, PREDICTED = [0, 0, 1, 2], [0, 1, 1, 2]


@pytest.mark.parametrize(
    ("metric_class", "expected"),
    [
        (UnweightedF1, (2 / 3 + 2 / 3 + 1) / 3),
        (UnweightedAverageRecall, (1 / 2 + 1 + 1) / 3),
    ],
)
def test_value_over_batches_is_that_of_all_samples(metric_class: type, expected: float) -> None:
    batches = [(TRUE[:1], PREDICTED[:1]), (TRUE[1:], PREDICTED[1:])]
    check_metric(metric_class(3), batches, expected)


@pytest.mark.parametrize("metric_class", [UnweightedF1, UnweightedAverageRecall])
def test_labels_one_hot_and_logits_give_the_same(metric_class: type) -> None:
    logits = 5 * np.eye(3)[PREDICTED] - 2
    for true in (TRUE, np.array(TRUE)[:, None], np.eye(3)[TRUE]):
        for predicted in (PREDICTED, np.array(PREDICTED)[:, None], logits):
            metric, plain = metric_class(3), metric_class(3)
            metric.update_state(true, predicted)
            plain.update_state(TRUE, PREDICTED)
            assert float(metric.result()) == float(plain.result())


def test_a_class_without_samples_and_predictions_counts_as_zero() -> None:
    f1, recall = UnweightedF1(4), UnweightedAverageRecall(4)
    for metric in (f1, recall):
        metric.update_state([0, 1, 2], [0, 1, 2])
        assert float(metric.result()) == pytest.approx(3 / 4)


def test_a_wrongly_predicted_absent_class_counts_as_zero_too() -> None:
    metric = UnweightedF1(3)
    metric.update_state([0, 1], [0, 2])
    assert float(metric.result()) == pytest.approx(1 / 3)


@pytest.mark.parametrize("seed", range(5))
def test_equals_scikit_learn_over_the_explicit_class_set(seed: int) -> None:
    rng = np.random.default_rng(seed)
    true, predicted = rng.integers(0, 4, 30), rng.integers(0, 5, 30)
    weight = rng.uniform(0.1, 2.0, 30).astype("float32")
    options = {"labels": range(5), "average": "macro", "zero_division": 0, "sample_weight": weight}
    for metric, function in (
        (UnweightedF1(5), f1_score),
        (UnweightedAverageRecall(5), recall_score),
    ):
        metric.update_state(true, predicted, sample_weight=weight)
        assert float(metric.result()) == pytest.approx(
            function(true, predicted, **options), rel=1e-5
        )


def test_classes_outside_the_set_are_not_counted() -> None:
    metric = UnweightedAverageRecall(2)
    metric.update_state([0, 1, -1, 7], [0, 1, 0, 0])
    assert float(metric.result()) == 1.0


def test_wrong_shapes_and_class_counts_are_refused() -> None:
    with pytest.raises(ValueError, match="`y_pred` must have the shape"):
        UnweightedF1(3).update_state([0, 1], np.zeros((2, 4)))
    with pytest.raises(ValueError, match="`num_classes` must be 2 or more"):
        UnweightedF1(1)


def test_ratio_divides_sums() -> None:
    check_metric(MeanRatio(), [(3.0, 2.0), (1.0, 2.0)], 1.0)
