from typing import Any

import keras
import numpy as np
import pytest
from keras import ops

from keras_ma2mi.explain import class_contribution_maps, grad_cam
from keras_ma2mi.explain.backend_gradients import input_gradient
from tests.keras_ma2mi.models.networks import classifier_inputs, small_classifier

# JAX has no attention in float16 on a CPU.
HALF = "mixed_bfloat16" if keras.config.backend() == "jax" else "mixed_float16"


def kernel_of(model: Any) -> np.ndarray:
    return np.asarray(ops.convert_to_numpy(model.get_layer("logits").kernel))


def test_gradient_is_the_derivative(rng: np.random.Generator) -> None:
    point = rng.normal(size=(2, 3)).astype("float32")
    gradient = input_gradient(lambda x: ops.sum(ops.sin(x) * x), point)
    assert gradient.dtype == np.float32
    np.testing.assert_allclose(gradient, np.cos(point) * point + np.sin(point), rtol=1e-5)


def test_with_a_pooled_head_it_is_the_positive_part_of_the_exact_contributions(
    rng: np.random.Generator,
) -> None:
    model, inputs = small_classifier(dropout=0.5), classifier_inputs(rng)
    for class_index in (None, 2, [0, 1, 2, 1]):
        heat = grad_cam(model, inputs, class_index, batch_size=3)
        exact = class_contribution_maps(model, inputs, class_index)
        assert heat.shape == (4, 4, 4) and heat.dtype == np.float32
        np.testing.assert_allclose(heat, np.maximum(exact, 0.0), rtol=1e-4, atol=1e-6)


def test_with_a_flat_head_channels_weigh_their_mean_weight(rng: np.random.Generator) -> None:
    model = small_classifier(head="flatten", fusion="modulate")
    inputs = classifier_inputs(rng)
    fused = model.maps.predict(inputs, verbose=0)["fused"]
    channel_weights = kernel_of(model).reshape(4, 4, 8, 3)[..., 1].mean(axis=(0, 1))
    expected = np.maximum(fused @ channel_weights, 0.0)
    assert expected.max() > 0
    np.testing.assert_allclose(grad_cam(model, inputs, 1), expected, rtol=1e-4, atol=1e-6)


def test_gradient_goes_back_through_the_fusion(rng: np.random.Generator) -> None:
    model = small_classifier(fusion="modulate")
    gate = model.get_layer("fusion").gate
    gate.kernel.assign(rng.normal(size=gate.kernel.shape))
    inputs = classifier_inputs(rng)
    outputs = model.maps.predict(inputs, verbose=0)
    action, position = outputs["action_map"], outputs["position_map"]
    opening = 2.0 / (1.0 + np.exp(-position @ np.asarray(ops.convert_to_numpy(gate.kernel))))
    # logit_c = sum_k w_kc mean_places(opening_k action_k), so its slope is w_kc opening_k / places,
    # and the bias of the gate is zero.
    weights = (kernel_of(model)[:, 2] * opening / 16).mean(axis=(1, 2), keepdims=True)
    expected = np.maximum((weights * action).sum(axis=-1), 0.0)
    heat = grad_cam(model, inputs, 2, map_name="action_map")
    np.testing.assert_allclose(heat, expected, rtol=1e-4, atol=1e-6)

    slope = kernel_of(model)[:, 2] * action / 16 * opening * (1.0 - opening / 2.0)
    slope = slope @ np.asarray(ops.convert_to_numpy(gate.kernel)).T
    expected = np.maximum((slope.mean(axis=(1, 2), keepdims=True) * position).sum(axis=-1), 0.0)
    heat = grad_cam(model, inputs, 2, map_name="position_map")
    np.testing.assert_allclose(heat, expected, rtol=1e-3, atol=1e-6)


def test_with_one_branch_its_map_is_the_fused_map(rng: np.random.Generator) -> None:
    model, inputs = small_classifier(branches="action"), classifier_inputs(rng)
    np.testing.assert_array_equal(
        grad_cam(model, inputs, 0), grad_cam(model, inputs, 0, map_name="action_map")
    )
    with pytest.raises(ValueError, match="`map_name` must be one of 'action_map', 'fused'"):
        grad_cam(model, inputs, map_name="position_map")


def test_samples_do_not_depend_on_each_other(rng: np.random.Generator) -> None:
    model, inputs = small_classifier(fusion="gate"), classifier_inputs(rng)
    together = grad_cam(model, inputs, 1, map_name="action_map")
    alone = grad_cam(model, inputs, 1, map_name="action_map", batch_size=1)
    np.testing.assert_allclose(together, alone, rtol=1e-5, atol=1e-7)


def test_the_model_stays_as_it_was(rng: np.random.Generator) -> None:
    model, inputs = small_classifier(dropout=0.5, fusion="gate"), classifier_inputs(rng)
    model.get_layer("fusion").trainable = False
    weights, config = model.get_weights(), model.get_config()
    trainable = [weight.path for weight in model.trainable_weights]
    output = model.get_layer("fusion").output
    grad_cam(model, inputs, map_name="action_map")
    assert model.get_config() == config
    assert [weight.path for weight in model.trainable_weights] == trainable
    # A second graph through the layers would make their outputs ambiguous.
    assert model.get_layer("fusion").output is output
    for before, after in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(before, after)
    for weight in model.weights:
        assert getattr(weight.value, "grad", None) is None


def test_mixed_precision_is_close_to_full(rng: np.random.Generator) -> None:
    mixed, inputs = small_classifier(dtype=HALF, fusion="gate"), classifier_inputs(rng)
    full = small_classifier(fusion="gate")
    full.set_weights(mixed.get_weights())
    heat = grad_cam(mixed, inputs, 1, map_name="action_map")
    expected = grad_cam(full, inputs, 1, map_name="action_map")
    assert heat.dtype == np.float32 and expected.max() > 0
    np.testing.assert_allclose(heat, expected, atol=5e-2 * expected.max())
