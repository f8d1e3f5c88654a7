from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.explain import class_contribution_maps
from keras_ma2mi.layers import AreaResizing
from keras_ma2mi.models import ThreeStreamCNN
from tests.conformance import check_model, to_numpy
from tests.keras_ma2mi.models.networks import classifier_inputs


def _compiled(**arguments: Any) -> ThreeStreamCNN:
    model = ThreeStreamCNN(num_classes=3, **arguments)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, jit_compile=keras.backend.backend() == "jax")
    return model


def _motion(rng: np.random.Generator, size: int, channels: int = 3) -> dict[str, np.ndarray]:
    return {"motion": rng.normal(size=(4, size, size, channels)).astype("float32")}


@pytest.mark.parametrize(
    "arguments",
    [{"input_size": 28}, {"input_size": 40, "motion_channels": 6, "motion_scale": 3.0}],
    ids=["28", "40"],
)
def test_trains_and_survives_saving(arguments: dict[str, Any], rng: np.random.Generator) -> None:
    inputs = _motion(rng, arguments["input_size"], arguments.get("motion_channels", 3))
    check_model(_compiled(**arguments), inputs, np.array([0, 1, 2, 0]))


def test_has_the_layers_and_the_size_that_its_authors_describe() -> None:
    model = ThreeStreamCNN(num_classes=3)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.filters for layer in convolutions] == [3, 5, 8]
    assert model.maps.output["fused"].shape == (None, 5, 5, 16)
    # 16 filters of 3x3x3 and a bias, two numbers a filter to normalise, 400 x 3 and three biases.
    trained = 16 * (27 + 1) + 16 * 2 + 400 * 3 + 3
    assert sum(int(np.prod(weight.shape)) for weight in model.trainable_weights) == trained


def test_needs_motion_alone_and_ignores_the_rest(rng: np.random.Generator) -> None:
    model = ThreeStreamCNN(num_classes=3, input_size=16)
    assert model.input_keys == ("motion",)
    inputs = classifier_inputs(rng)
    both = model.predict(inputs, verbose=0)
    alone = model.predict({"motion": inputs["motion"]}, verbose=0)
    np.testing.assert_allclose(both, alone, rtol=1e-6)


def test_larger_motion_is_seen_as_its_means_in_the_same_unit(rng: np.random.Generator) -> None:
    small, large = ThreeStreamCNN(2), ThreeStreamCNN(2, input_size=56)
    large.set_weights(small.get_weights())
    motion = rng.normal(size=(2, 28, 28, 3)).astype("float32")
    enlarged = motion.repeat(2, axis=1).repeat(2, axis=2)
    ours, theirs = to_numpy([small({"motion": motion}), large({"motion": enlarged})])
    np.testing.assert_allclose(theirs, ours, rtol=1e-5, atol=1e-5)


def test_a_logit_is_the_sum_of_its_places(rng: np.random.Generator) -> None:
    model, inputs = ThreeStreamCNN(3), _motion(rng, 28)
    maps = class_contribution_maps(model, inputs, 1)
    assert maps.shape == (4, 5, 5)
    (logits, bias) = to_numpy([model(inputs), model.get_layer("logits").bias])
    np.testing.assert_allclose(maps.sum(axis=(1, 2)) + bias[1], logits[:, 1], rtol=1e-4, atol=1e-5)


def test_mixed_precision_gives_logits_in_float32(rng: np.random.Generator) -> None:
    model = ThreeStreamCNN(3, input_size=32, dtype="mixed_float16")
    outputs = model.maps(_motion(rng, 32))
    assert keras.backend.standardize_dtype(outputs["fused"].dtype) == "float16"
    assert keras.backend.standardize_dtype(outputs["logits"].dtype) == "float32"
    assert np.isfinite(to_numpy(outputs["logits"])[0]).all()
    assert ThreeStreamCNN.from_config(model.get_config()).dtype_policy.name == "mixed_float16"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"num_classes": 0}, "`num_classes` must be positive"),
        ({"input_size": 28.0}, "`input_size` must be an int"),
        ({"stream_filters": ()}, "`stream_filters` must name one stream or more"),
        ({"stream_filters": (3, 0)}, "`stream_filters` must be positive"),
        ({"dropout": 1.0}, "`dropout` must be in the range"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ThreeStreamCNN(**{"num_classes": 3, **arguments})


def test_resizing_layer_is_part_of_the_model_only_where_it_is_needed() -> None:
    def resizes(size: int) -> bool:
        layers = ThreeStreamCNN(2, input_size=size).layers
        return any(isinstance(layer, AreaResizing) for layer in layers)

    assert resizes(64) and resizes(16) and not resizes(28)
