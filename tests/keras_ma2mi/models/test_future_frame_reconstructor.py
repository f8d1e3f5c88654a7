from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.layers import ActionEncoder, PositionEncoder
from keras_ma2mi.losses import LatentReconstruction
from keras_ma2mi.models import FutureFrameReconstructor
from tests.conformance import check_model, to_numpy
from tests.keras_ma2mi.drawn_weights import draw_weights
from tests.keras_ma2mi.models.networks import reconstructor_inputs, small_reconstructor

METRICS = {
    "loss",
    "error",
    "no_motion_error",
    "motion_gain",
    "latent_variance",
    "effective_rank",
}


def _compiled(model: FutureFrameReconstructor, **kwargs: Any) -> FutureFrameReconstructor:
    model.compile("sgd", jit_compile=keras.backend.backend() == "jax", **kwargs)
    return model


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"teacher": "frozen", "loss": "cosine", "gap_conditioning": False},
        {"teacher": "pixels", "code_channels": None, "predict_change": False},
        {"position_kind": "convolution", "loss": LatentReconstruction("squared")},
        {"code_units": 5, "fusion": "modulate", "change_floor": 0.2, "motion_floor": 0.02},
        {"teacher": "pixels", "predictor_detail": True, "predictor_mixing": "multiply"},
    ],
    ids=["moving_average", "frozen", "pixels", "squared", "code of the face", "detail"],
)
def test_trains_without_targets_and_survives_saving(
    options: dict[str, Any], rng: np.random.Generator
) -> None:
    model = _compiled(small_reconstructor(**options))
    inputs = reconstructor_inputs(rng)
    if not model.gap_conditioning:
        inputs.pop("gap")
    check_model(model, inputs)


@pytest.mark.parametrize("loss", ["smooth_l1", "squared", "cosine"])
@pytest.mark.parametrize("teacher", ["moving_average", "frozen", "pixels"])
def test_every_teacher_goes_with_every_loss(
    teacher: str, loss: str, rng: np.random.Generator
) -> None:
    model = small_reconstructor(teacher=teacher, loss=loss)
    draw_weights(model)  # a fresh one predicts zeros
    model.compile("sgd", run_eagerly=True)
    inputs = reconstructor_inputs(rng)
    logs = model.test_on_batch(inputs, return_dict=True)
    outputs = model(inputs, training=False)
    target, prediction = to_numpy((outputs["target"], outputs["prediction"]))
    distance = np.abs(prediction - target)
    lengths = np.linalg.norm(target, axis=-1) * np.linalg.norm(prediction, axis=-1)
    expected = {
        "smooth_l1": np.where(distance < 1, 0.5 * distance**2, distance - 0.5).mean(),
        "squared": np.square(distance).mean(),
        "cosine": 1 - np.mean((target * prediction).sum(-1) / lengths),
    }
    np.testing.assert_allclose(logs["error"], expected[loss], rtol=1e-3)


def test_unbuilt_encoders_are_built_by_fit(rng: np.random.Generator) -> None:
    model = FutureFrameReconstructor(
        PositionEncoder(grid=4, channels=8, depth=1),
        ActionEncoder(stem_filters=(4,), stem_strides=(2,), filters=(8,), strides=(2,)),
    )
    history = _compiled(model).fit(reconstructor_inputs(rng), verbose=0).history
    assert set(history) == METRICS
    assert np.isfinite([values[0] for values in history.values()]).all()


def test_any_keras_models_with_maps_of_one_size_will_do(rng: np.random.Generator) -> None:
    def encoder(name: str) -> keras.Model:
        image = keras.Input((16, 16, 3))
        x = keras.layers.Conv2D(6, 4, strides=4, data_format="channels_last")(image)
        return keras.Model(image, keras.layers.BatchNormalization()(x), name=name)

    model = FutureFrameReconstructor(encoder("where"), encoder("what"), predictor_depth=1)
    check_model(_compiled(model), reconstructor_inputs(rng))


def test_encoders_with_maps_of_different_size_are_refused() -> None:
    model = FutureFrameReconstructor(
        PositionEncoder(grid=4, channels=8), ActionEncoder(filters=(8,), strides=(1,))
    )
    image = (None, 16, 16, 3)
    with pytest.raises(ValueError, match="maps of the same height and width"):
        model.build({"frame": image, "future": image, "motion": image, "gap": (None, 1)})


def test_metrics_fit_together(rng: np.random.Generator) -> None:
    model = _compiled(small_reconstructor(no_motion_weight=0.3))
    inputs = reconstructor_inputs(rng)
    result = model.evaluate(inputs, verbose=0, return_dict=True)
    outputs = model.predict(inputs, verbose=0)
    error, no_motion_error = (
        float(model.latent_loss(outputs["target"], outputs[name]))
        for name in ("prediction", "no_motion_prediction")
    )
    assert set(result) == METRICS
    assert result["error"] == pytest.approx(error, rel=1e-4)
    assert result["no_motion_error"] == pytest.approx(no_motion_error, rel=1e-4)
    assert result["motion_gain"] == pytest.approx(no_motion_error / error, rel=1e-4)
    assert result["loss"] == pytest.approx(error + 0.3 * no_motion_error, rel=1e-4)
    assert result["latent_variance"] == pytest.approx(
        outputs["latent"].var(axis=0).mean(), rel=1e-4
    )


def test_target_is_normalised_over_channels(rng: np.random.Generator) -> None:
    target = small_reconstructor().predict(reconstructor_inputs(rng), verbose=0)["latent"]
    np.testing.assert_allclose(target.mean(axis=-1), 0.0, atol=1e-5)
    np.testing.assert_allclose(target.std(axis=-1), 1.0, atol=1e-3)


def test_pixels_are_patches_of_the_future_frame(rng: np.random.Generator) -> None:
    inputs = reconstructor_inputs(rng)
    target = small_reconstructor(teacher="pixels").predict(inputs, verbose=0)["latent"]
    assert target.shape == (4, 4, 4, 48)
    patch = inputs["future"][1, 8:12, 4:8]
    np.testing.assert_allclose(target[1, 2, 1], 2 * patch.reshape(-1) - 1, rtol=1e-6, atol=1e-6)


def test_gap_may_have_one_axis(rng: np.random.Generator) -> None:
    model = small_reconstructor()
    inputs = reconstructor_inputs(rng)
    flat = {**inputs, "gap": inputs["gap"][:, 0]}
    expected, actual = (model.predict(x, verbose=0)["prediction"] for x in (inputs, flat))
    np.testing.assert_allclose(actual, expected, rtol=1e-6)


def test_predicts_without_a_future(rng: np.random.Generator) -> None:
    inputs = reconstructor_inputs(rng)
    inputs.pop("future")
    assert set(small_reconstructor().predict(inputs, verbose=0)) == {
        "prediction",
        "no_motion_prediction",
    }


def test_the_only_way_from_motion_to_prediction_is_the_narrow_code(
    rng: np.random.Generator,
) -> None:
    model = small_reconstructor(code_channels=2)
    kernel = model.action_code.squeeze.kernel
    kernel.assign(np.zeros(kernel.shape))
    outputs = model.predict(reconstructor_inputs(rng), verbose=0)
    np.testing.assert_allclose(
        outputs["prediction"], outputs["no_motion_prediction"], rtol=1e-5, atol=1e-6
    )


def test_change_of_a_still_face_is_zero_and_of_others_about_one(rng: np.random.Generator) -> None:
    model = _compiled(small_reconstructor(predict_change=True, teacher="frozen"))
    inputs = reconstructor_inputs(rng, batch=16)
    model.fit(inputs, verbose=0)
    moving = model.predict(inputs, verbose=0)["target"]
    still = model.predict({**inputs, "future": inputs["frame"]}, verbose=0)["target"]
    assert np.sqrt(np.mean(moving**2)) == pytest.approx(1.0, rel=0.01)
    np.testing.assert_allclose(still, 0.0, atol=1e-5)


def test_motion_is_used_when_it_tells_the_future(rng: np.random.Generator) -> None:
    """Frames of one gray, where only the motion tells how much brighter the future is."""
    change = rng.uniform(-0.4, 0.4, size=(64, 1, 1, 1)).astype("float32")
    frame = np.full((64, 16, 16, 3), 0.5, "float32")
    inputs = {
        "frame": frame,
        "future": frame + change,
        "motion": np.broadcast_to(change, frame.shape),
        "gap": np.full((64, 1), 0.2, "float32"),
    }
    keras.utils.set_random_seed(0)
    model = small_reconstructor(teacher="pixels")
    model.compile(keras.optimizers.Adam(0.01), jit_compile=keras.backend.backend() == "jax")
    history = model.fit(inputs, batch_size=32, epochs=40, verbose=0).history
    assert history["motion_gain"][0] < 1.5 < 3.0 < history["motion_gain"][-1]


def test_constant_images_show_as_collapse(rng: np.random.Generator) -> None:
    model = _compiled(small_reconstructor())
    inputs = reconstructor_inputs(rng)
    inputs["future"] = np.repeat(inputs["future"][:1], 4, axis=0)
    result = model.evaluate(inputs, verbose=0, return_dict=True)
    assert result["latent_variance"] < 1e-6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"teacher": "human"}, "`teacher` must be one of"),
        ({"loss": "l7"}, "`kind` must be one of"),
        ({"teacher_momentum": 1.0}, "`teacher_momentum` must be in the range"),
        ({"code_channels": 0}, "`code_channels` must be positive"),
        ({"no_motion_weight": -1.0}, "`no_motion_weight` must not be negative"),
    ],
)
def test_wrong_arguments_are_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        small_reconstructor(**options)
