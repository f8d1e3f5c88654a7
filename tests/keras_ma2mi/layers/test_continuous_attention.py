import keras
import numpy as np
import pytest

from keras_ma2mi.layers import ContinuousAttention
from tests.conformance import check_layer, to_numpy
from tests.reference.continuous_attention import continuous_attention


def _layer_with_random_weights(strides: int, rng: np.random.Generator) -> ContinuousAttention:
    layer = ContinuousAttention(6, strides=strides)
    layer.build((None, 8, 8, 4), (None, 8, 8, 1))
    for weight in layer.weights:
        # Variances must be positive; anything will do for the rest.
        weight.assign(rng.uniform(0.2, 1.5, weight.shape))
    return layer


def _weights_by_name(layer: ContinuousAttention) -> dict[str, np.ndarray]:
    return {
        "/".join(weight.path.split("/")[-2:]): keras.ops.convert_to_numpy(weight)
        for weight in layer.weights
    }


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("with_previous", [False, True])
def test_equals_its_numpy_twin(strides: int, with_previous: bool, rng: np.random.Generator) -> None:
    layer = _layer_with_random_weights(strides, rng)
    inputs = rng.normal(size=(2, 8, 8, 4)).astype("float32")
    previous = rng.uniform(size=(2, 8, 8, 1)).astype("float32") if with_previous else None

    outputs = to_numpy(layer(inputs, previous_attention=previous, training=False))

    expected = continuous_attention(inputs, _weights_by_name(layer), strides, previous)
    for ours, theirs in zip(outputs, expected, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("strides", [1, 2])
def test_conforms(strides: int, rng: np.random.Generator) -> None:
    check_layer(
        lambda **kwargs: ContinuousAttention(6, strides=strides, **kwargs),
        {
            "inputs": rng.normal(size=(2, 8, 8, 6)).astype("float32"),
            "previous_attention": rng.uniform(size=(2, 8, 8, 1)).astype("float32"),
        },
    )


def test_attention_never_reopens_what_the_block_before_closed(rng: np.random.Generator) -> None:
    previous = np.zeros((1, 8, 8, 1), "float32")
    previous[:, :2, :2] = 1.0
    inputs = rng.normal(size=(1, 8, 8, 4)).astype("float32")

    features, attention = to_numpy(ContinuousAttention(4)(inputs, previous_attention=previous))

    assert (attention[previous == 0] == 0).all() and (attention[previous == 1] > 0).all()
    assert (features[:, 2:] == 0).all() and (features[:, :, 2:] == 0).all()


def test_attention_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="`previous_attention` must have"):
        ContinuousAttention(4)(np.zeros((1, 8, 8, 4)), previous_attention=np.zeros((1, 4, 4, 1)))


@pytest.mark.parametrize("argument", ["filters", "strides"])
def test_zero_is_refused(argument: str) -> None:
    with pytest.raises(ValueError, match=f"`{argument}` must be positive"):
        ContinuousAttention(**{"filters": 4, argument: 0})
