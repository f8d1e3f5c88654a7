import keras
import numpy as np
import pytest

from keras_ma2mi.explain import attention_maps, resize_maps
from tests.keras_ma2mi.models.networks import classifier_inputs, small_classifier

# JAX has no attention in float16 on a CPU.
HALF = "mixed_bfloat16" if keras.config.backend() == "jax" else "mixed_float16"


def test_attention_is_that_of_the_block_at_the_size_of_the_input(rng: np.random.Generator) -> None:
    model, inputs = small_classifier(), classifier_inputs(rng)
    outputs = model.maps.predict(inputs, verbose=0)
    for block, name in ((-1, "attention_1"), (1, "attention_1"), (0, "attention_0")):
        maps = attention_maps(model, inputs, block=block, batch_size=3)
        assert maps.shape == (4, 16, 16) and maps.dtype == np.float32
        assert maps.min() >= 0.0 and maps.max() <= 1.0
        expected = resize_maps(outputs[name][..., 0], (16, 16))
        np.testing.assert_allclose(maps, expected, rtol=1e-5)


def test_later_attention_is_never_more_open(rng: np.random.Generator) -> None:
    model, inputs = small_classifier(branches="action"), classifier_inputs(rng)
    first, last = attention_maps(model, inputs, 0), attention_maps(model, inputs)
    assert np.all(last.mean(axis=(1, 2)) < first.mean(axis=(1, 2)))


def test_mixed_precision_gives_float32(rng: np.random.Generator) -> None:
    model, inputs = small_classifier(dtype=HALF), classifier_inputs(rng)
    full = small_classifier()
    full.set_weights(model.get_weights())
    maps = attention_maps(model, inputs)
    assert maps.dtype == np.float32
    np.testing.assert_allclose(maps, attention_maps(full, inputs), atol=3e-2)


def test_what_has_no_such_attention_is_refused(rng: np.random.Generator) -> None:
    inputs = classifier_inputs(rng)
    with pytest.raises(ValueError, match="`model` must have an action branch"):
        attention_maps(small_classifier(branches="position"), inputs)
    for block in (2, -3):
        with pytest.raises(ValueError, match="`block` must be from -2 to 1"):
            attention_maps(small_classifier(), inputs, block=block)


def test_maps_are_enlarged_from_the_middles_of_their_places() -> None:
    maps = np.array([[[0.0, 1.0], [2.0, 3.0]]])
    # The middle of place 0 lies at 0.5 of 4 pixels' 1.0, so pixels 0 to 3 see 0, 1/4, 3/4, 1.
    along = np.array([0.0, 0.25, 0.75, 1.0])
    expected = along[None, :] + 2.0 * along[:, None]
    resized = resize_maps(maps, (4, 4))
    assert resized.dtype == np.float32
    np.testing.assert_allclose(resized[0], expected, atol=1e-6)
    np.testing.assert_allclose(resize_maps(maps, (2, 2)), maps, atol=1e-6)
    with pytest.raises(ValueError, match="`maps` must have shape"):
        resize_maps(maps[0], (4, 4))


def test_resizing_does_not_follow_the_global_data_format(rng: np.random.Generator) -> None:
    maps = rng.uniform(size=(2, 3, 5))
    expected = resize_maps(maps, (6, 10))
    default = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        np.testing.assert_array_equal(resize_maps(maps, (6, 10)), expected)
    finally:
        keras.config.set_image_data_format(default)
