import keras
import numpy as np
import pytest

from keras_ma2mi.explain import (
    ACTION_MAPS,
    action_maps,
    action_response_maps,
    attention_maps,
    class_contribution_maps,
    grad_cam,
    resize_maps,
)
from tests.keras_ma2mi.models.networks import (
    classifier_inputs,
    small_classifier,
    small_reconstructor,
)


def test_one_pass_gives_what_each_kind_gives_alone(rng: np.random.Generator) -> None:
    model = small_classifier(head="code", code_units=4, fusion="modulate")
    inputs = classifier_inputs(rng)
    found = action_maps(model, inputs, batch_size=5)
    assert tuple(found) == ACTION_MAPS
    assert all(len(maps) == 4 and maps.dtype == np.float32 for maps in found.values())
    expected = {
        "response": action_response_maps(lambda x, training: model.action_encoder(x),
                                         inputs["motion"]),
        "attention": attention_maps(model, inputs),
        "contribution": class_contribution_maps(model, inputs),
    }  # fmt: skip
    found["attention"] = resize_maps(found["attention"], (16, 16))
    action = found.pop("action_contribution")
    assert action.min() == 0.0 < action.max()
    for name, maps in expected.items():
        assert np.ptp(maps) > 0
        np.testing.assert_allclose(found[name], maps, rtol=1e-4, atol=1e-6)
    with pytest.raises(ValueError, match="must have an action branch"):
        action_maps(small_classifier(branches="position"), inputs)


def test_the_part_of_the_action_is_what_the_motion_changes_in_the_logit(
    rng: np.random.Generator,
) -> None:
    model = small_classifier(branches="action", num_classes=1)
    inputs = classifier_inputs(rng)
    logits = [
        model.predict_on_batch({"motion": motion})
        for motion in (inputs["motion"], np.zeros_like(inputs["motion"]))
    ]
    change = np.asarray(logits[0]) - np.asarray(logits[1])
    positive = action_maps(model, inputs)["action_contribution"].sum(axis=(1, 2))
    # What speaks against the class is that of the opposite class.
    kernel = model.get_layer("logits").kernel
    kernel.assign(-np.asarray(keras.ops.convert_to_numpy(kernel)))
    negative = action_maps(model, inputs)["action_contribution"].sum(axis=(1, 2))
    np.testing.assert_allclose(positive - negative, change[:, 0], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("head", ["flatten", "code"])
def test_without_the_average_the_parts_of_a_linear_head_are_exact(
    rng: np.random.Generator, head: str
) -> None:
    model, inputs = small_classifier(head=head), classifier_inputs(rng)
    heat = grad_cam(model, inputs, 1, average=False)
    exact = class_contribution_maps(model, inputs, 1)
    np.testing.assert_allclose(heat, np.maximum(exact, 0.0), rtol=1e-4, atol=1e-6)
    assert not np.allclose(heat, grad_cam(model, inputs, 1), rtol=1e-2)


def test_the_response_is_to_motion_alone_and_is_where_the_motion_is(
    rng: np.random.Generator,
) -> None:
    encoder = small_reconstructor().action_encoder
    motion = np.zeros((3, 16, 16, 3), np.float32)
    motion[1, :6, :6] = rng.normal(size=(6, 6, 3))
    motion[2] = -motion[1]
    maps = action_response_maps(encoder, motion, batch_size=2)
    assert maps.shape == (3, 4, 4) and maps.dtype == np.float32
    np.testing.assert_array_equal(maps[0], 0.0)
    for one in maps[1:]:
        assert one[:2, :2].sum() > 0.5 * one.sum() > 0
    assert action_response_maps(encoder, motion[:0]).shape == (0, 4, 4)
    with pytest.raises(ValueError, match="`motion` must have shape"):
        action_response_maps(encoder, motion[0])


def test_an_encoder_of_ones_own_will_do(rng: np.random.Generator) -> None:
    encoder = keras.layers.Conv2D(5, 3, padding="same", bias_initializer="ones")
    motion = rng.normal(size=(2, 8, 8, 2)).astype("float32")
    maps = action_response_maps(encoder, motion)
    without_bias = np.asarray(keras.ops.convert_to_numpy(encoder(motion))) - 1.0
    np.testing.assert_allclose(maps, np.linalg.norm(without_bias, axis=-1), rtol=1e-4)
