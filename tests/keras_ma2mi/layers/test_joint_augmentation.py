import json
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.layers import JointAugmentation, OpticalStrain
from keras_ma2mi.layers.affine_sampling import transform_images, transform_vectors
from tests.conformance import check_config, to_numpy

STRONG: dict[str, Any] = {"flip": 0.5, "shift": 0.1, "rotation": 20.0, "scale": 0.2, "seed": 3}
NOTHING: dict[str, Any] = {"flip": 0.0, "shift": 0.0, "rotation": 0.0, "scale": 0.0}


def _batch(rng: np.random.Generator, channels: int = 3, samples: int = 6) -> dict[str, Any]:
    return {
        "onset": rng.uniform(size=(samples, 12, 10, 3)).astype("float32"),
        "motion": rng.normal(size=(samples, 12, 10, channels)).astype("float32"),
    }


def _arrays(outputs: dict[str, Any]) -> dict[str, np.ndarray]:
    return {key: keras.ops.convert_to_numpy(tensor) for key, tensor in outputs.items()}


def _model(layer: JointAugmentation, batch: dict[str, np.ndarray]) -> keras.Model:
    inputs = {
        key: keras.Input(array.shape[1:], dtype=array.dtype.name, name=key)
        for key, array in batch.items()
    }
    return keras.Model(inputs, layer(inputs))


@pytest.mark.parametrize("motion_kind", ["flow", "difference", "both"])
def test_conforms(motion_kind: str, rng: np.random.Generator, tmp_path: Path) -> None:
    batch = {**_batch(rng, channels=6), "gap": rng.uniform(size=(6, 1)).astype("float32")}
    layer = JointAugmentation(motion_kind, **STRONG)
    check_config(layer)
    model = _model(layer, batch)
    shapes = {key: array.shape for key, array in batch.items()}
    assert layer.compute_output_shape(shapes) == shapes
    assert {key: (None, *shape[1:]) for key, shape in shapes.items()} == {
        key: tuple(tensor.shape) for key, tensor in model.output.items()
    }
    model.save(tmp_path / "model.keras")
    revived = keras.saving.load_model(tmp_path / "model.keras")
    # The state of the seed is saved too: a revived model goes on where this one stopped.
    ours, theirs = _arrays(model(batch, training=True)), _arrays(revived(batch, training=True))
    for key, array in ours.items():
        assert key == "gap" or np.abs(array - batch[key]).max() > 0.1
        np.testing.assert_allclose(theirs[key], array, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
def test_half_precision_is_only_that_of_the_result(policy: str, rng: np.random.Generator) -> None:
    batch = {**_batch(rng), "gap": rng.uniform(size=(6, 1)).astype("float32")}
    exact = _arrays(JointAugmentation(**STRONG)(batch, training=True))
    layer = JointAugmentation(**STRONG, dtype=policy)
    symbolic = _model(layer, batch).output
    outputs = layer(batch, training=True)
    for key, tensor in outputs.items():
        dtype = "float32" if key == "gap" else policy.removeprefix("mixed_")
        assert keras.backend.standardize_dtype(tensor.dtype) == symbolic[key].dtype == dtype
        (rounded,) = to_numpy(keras.ops.cast(exact[key], dtype))
        (actual,) = to_numpy(tensor)
        np.testing.assert_array_equal(actual.astype("float32"), rounded.astype("float32"))


@pytest.mark.parametrize("training", [False, None])
def test_inference_changes_nothing(training: bool | None, rng: np.random.Generator) -> None:
    batch = _batch(rng)
    for key, array in _arrays(JointAugmentation(**STRONG)(batch, training=training)).items():
        np.testing.assert_array_equal(array, batch[key])


def test_ranges_of_zero_change_nothing(rng: np.random.Generator) -> None:
    batch = _batch(rng)
    for key, array in _arrays(JointAugmentation(**NOTHING)(batch, training=True)).items():
        np.testing.assert_array_equal(array, batch[key])


@pytest.mark.parametrize(
    ("motion_kind", "negated"), [("flow", [0]), ("difference", []), ("both", [3])]
)
def test_flip_negates_u_and_nothing_else(
    motion_kind: str, negated: list[int], rng: np.random.Generator
) -> None:
    batch = _batch(rng, channels=7)
    layer = JointAugmentation(motion_kind, **{**NOTHING, "flip": 1.0})
    flipped = _arrays(layer(batch, training=True))
    np.testing.assert_array_equal(flipped["onset"], batch["onset"][:, :, ::-1])
    expected = batch["motion"][:, :, ::-1].copy()
    expected[..., negated] *= -1
    np.testing.assert_array_equal(flipped["motion"], expected)


def test_all_images_of_a_sample_move_alike_and_samples_differ(rng: np.random.Generator) -> None:
    image = np.repeat(rng.uniform(size=(1, 12, 12, 3)), 8, axis=0).astype("float32")
    # Grey here, so that a wrong place among the channels would show.
    batch = {"future": image, "motion": image, "onset": image[..., :1], "frame": image}
    outputs = _arrays(JointAugmentation("difference", **STRONG)(batch, training=True))
    assert list(outputs) == list(batch)
    for array in outputs.values():
        np.testing.assert_array_equal(array, outputs["frame"][..., : array.shape[-1]])
    assert len(np.unique(outputs["onset"].reshape(8, -1), axis=0)) == 8


def test_applies_the_transforms_it_draws(rng: np.random.Generator) -> None:
    """Joins the layer to the pure functions, which have tests of their own."""
    batch = _batch(rng, channels=6)
    outputs = _arrays(JointAugmentation("both", **STRONG)(batch, training=True))
    transform = JointAugmentation("both", **STRONG).random_transform(6, 12, 10)
    (onset,) = to_numpy(transform_images(batch["onset"], transform))
    moved = transform_images(batch["motion"], transform)
    (motion,) = to_numpy(moved)
    np.testing.assert_allclose(outputs["onset"], onset, atol=1e-6)
    np.testing.assert_allclose(outputs["motion"][..., :3], motion[..., :3], atol=1e-6)
    np.testing.assert_allclose(outputs["motion"][..., 5], motion[..., 5], atol=1e-6)
    vectors = np.stack(to_numpy(transform_vectors(moved[..., 3], moved[..., 4], transform)), -1)
    np.testing.assert_allclose(outputs["motion"][..., 3:5], vectors, atol=1e-5)


def test_strain_channel_stays_the_strain_of_the_flow() -> None:
    y, x = np.mgrid[:48, :48].astype("float32")
    flow = np.stack([np.sin(y / 9) + np.cos(x / 8), np.sin(x / 10)], axis=-1)
    flow = np.repeat(flow[None], 4, axis=0)
    motion = np.concatenate([flow, *to_numpy(OpticalStrain()(flow))], axis=-1)
    augmented = _arrays(JointAugmentation(**STRONG)({"motion": motion}, training=True))["motion"]
    (strain,) = to_numpy(OpticalStrain()(augmented[..., :2]))
    inside = np.s_[:, 14:-14, 14:-14]
    error = np.abs(strain[..., 0] - augmented[..., 2])[inside]
    assert np.ptp(augmented[..., 2][inside]) > 0.1
    # Vectors left as they were would be off by a tenth.
    assert error.max() < 0.003


def test_draws_fill_the_ranges_and_stay_inside() -> None:
    layer = JointAugmentation(flip=0.25, shift=0.1, rotation=30.0, scale=0.25, seed=1)
    drawn = to_numpy(layer.random_transform(4000, 20, 40))
    mirror, angle, scale, shift_x, shift_y = drawn
    assert set(np.unique(mirror)) == {-1.0, 1.0} and abs((mirror < 0).mean() - 0.25) < 0.03
    for values, low, high in (
        (angle, -np.pi / 6, np.pi / 6),
        (np.log(scale), -np.log(1.25), np.log(1.25)),
        (shift_x, -4.0, 4.0),
        (shift_y, -2.0, 2.0),
    ):
        assert low - 1e-6 <= values.min() < 0.98 * low and 0.98 * high < values.max() <= high + 1e-6
        assert abs(values.mean()) < 0.05 * high
    assert np.abs(np.corrcoef(drawn) - np.eye(5)).max() < 0.06


def test_a_seed_repeats_the_sequence_and_each_call_goes_on(rng: np.random.Generator) -> None:
    batch = _batch(rng)
    first, second = JointAugmentation(**STRONG), JointAugmentation(**STRONG)
    one, two = (_arrays(first(batch, training=True))["motion"] for _ in range(2))
    assert np.abs(one - two).max() > 0.1
    for expected in (one, two):
        np.testing.assert_array_equal(_arrays(second(batch, training=True))["motion"], expected)


def test_augments_inside_a_compiled_fit(rng: np.random.Generator) -> None:
    """Keras cannot trace randomness that is not held by a `SeedGenerator`."""
    batch = _batch(rng)
    layer = JointAugmentation(**STRONG)
    images = _model(layer, batch)
    mean = keras.layers.GlobalAveragePooling2D()(images.output["motion"])
    model = keras.Model(images.input, keras.layers.Dense(2)(mean))
    # PyTorch compiles with a C++ compiler, which not every machine has.
    model.compile("sgd", "mse", jit_compile=keras.backend.backend() != "torch")
    history = model.fit(batch, np.zeros((6, 2)), batch_size=3, epochs=2, verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    (state,) = to_numpy(layer.seed_generator.state.value)
    assert state[1] == 4, "one draw a step"


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.data runs TensorFlow ops")
def test_augments_inside_a_tf_data_pipeline(rng: np.random.Generator) -> None:
    import tensorflow

    batch = _batch(rng)
    layer = JointAugmentation(**STRONG)
    pipeline = tensorflow.data.Dataset.from_tensor_slices(batch).batch(3)
    parts = list(pipeline.map(lambda part: layer(part, training=True)).as_numpy_iterator())
    other = JointAugmentation(**STRONG)
    for index, part in enumerate(parts):
        half = {key: array[3 * index : 3 * index + 3] for key, array in batch.items()}
        for key, array in _arrays(other(half, training=True)).items():
            np.testing.assert_allclose(part[key], array, atol=1e-6)


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"gap": (2, 1)}, "`inputs` must have one or more of the keys"),
        ({"onset": (2, 8, 8, 3), "motion": (2, 8, 9, 3)}, "with the same known height"),
        ({"motion": (2, 8, 8)}, "each of shape"),
        ({"motion": (2, 8, 8, 1)}, "must have 2 channels or more for motion_kind='flow'"),
    ],
)
def test_unfit_inputs_are_refused(inputs: dict[str, Any], message: str) -> None:
    arrays = {key: np.zeros(shape, "float32") for key, shape in inputs.items()}
    with pytest.raises(ValueError, match=message):
        JointAugmentation()(arrays)


def test_bytes_are_refused() -> None:
    with pytest.raises(ValueError, match="must be of a float dtype"):
        JointAugmentation()({"onset": np.zeros((1, 8, 8, 3), "uint8")})


@pytest.mark.parametrize(
    "arguments",
    [{"flip": 1.5}, {"shift": 1.0}, {"rotation": -1.0}, {"scale": float("nan")}],
    ids=json.dumps,
)
def test_ranges_that_make_no_sense_are_refused(arguments: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(arguments))}` must be"):
        JointAugmentation(**arguments)


def test_unknown_kinds_of_motion_are_refused() -> None:
    with pytest.raises(ValueError, match="`motion_kind` must be one of"):
        JointAugmentation("strain")
