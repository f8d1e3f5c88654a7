import keras
import numpy as np
import pytest

from keras_ma2mi.losses import LatentReconstruction, normalize_latent
from tests.conformance import check_config, to_numpy


def _maps(*places: list[float]) -> np.ndarray:
    return np.array(places, "float32").reshape(1, 1, len(places), -1)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        # Errors 0.5, 3, 0 and 0: Huber 0.125, 2.5; squares 0.25, 9.
        ("smooth_l1", (0.125 + 2.5) / 4),
        ("squared", (0.25 + 9.0) / 4),
        # First place parallel, second orthogonal.
        ("cosine", None),
    ],
)
def test_values_computed_by_hand(kind: str, expected: float | None) -> None:
    loss = LatentReconstruction(kind, normalize=False)
    if kind == "cosine":
        true, predicted = _maps([1.0, 1.0], [1.0, 0.0]), _maps([2.0, 2.0], [0.0, 3.0])
        expected = (0.0 + 1.0) / 2
    else:
        true, predicted = _maps([1.0, 0.0], [2.0, 2.0]), _maps([1.5, 3.0], [2.0, 2.0])
    assert float(loss(true, predicted)) == pytest.approx(expected, rel=1e-5)


def test_normalisation_makes_scale_and_offset_of_the_target_irrelevant(
    rng: np.random.Generator,
) -> None:
    true, predicted = rng.normal(size=(2, 2, 3, 3, 8)).astype("float32")
    loss = LatentReconstruction()
    assert float(loss(5 * true + 3, predicted)) == pytest.approx(
        float(loss(true, predicted)), rel=1e-3
    )
    (normal,) = to_numpy(normalize_latent(keras.ops.convert_to_tensor(true)))
    np.testing.assert_allclose(normal.mean(axis=-1), 0.0, atol=1e-5)
    np.testing.assert_allclose(normal.std(axis=-1), 1.0, atol=1e-3)


def test_no_gradient_reaches_the_target() -> None:
    """A model that could move its own target would make the loss zero by moving it."""
    inputs = keras.Input((1, 1, 3))
    target = keras.layers.Dense(3, use_bias=False, name="target")(inputs)
    prediction = keras.layers.Dense(3, use_bias=False, name="prediction")(inputs)
    both = keras.layers.Concatenate()([target, prediction])
    model = keras.Model(inputs, both)
    reconstruction = LatentReconstruction("squared", normalize=False)
    model.compile("sgd", lambda _, outputs: reconstruction(outputs[..., :3], outputs[..., 3:]))
    before = {layer.name: layer.get_weights() for layer in model.layers}
    model.fit(np.ones((2, 1, 1, 3)), np.zeros((2, 1, 1, 6)), verbose=0)
    np.testing.assert_array_equal(model.get_layer("target").get_weights()[0], before["target"][0])
    assert np.any(model.get_layer("prediction").get_weights()[0] != before["prediction"][0])


def test_a_prediction_of_nothing_has_finite_cosine() -> None:
    loss = LatentReconstruction("cosine")
    assert float(loss(np.zeros((1, 2, 2, 4)), np.zeros((1, 2, 2, 4)))) == 1.0


def test_configuration() -> None:
    check_config(LatentReconstruction("cosine", normalize=False, name="other"))
    with pytest.raises(ValueError, match="`kind` must be one of 'smooth_l1', 'squared', 'cosine'"):
        LatentReconstruction("l3")
