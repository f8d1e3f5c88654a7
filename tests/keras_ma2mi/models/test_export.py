import importlib.util
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.models import MIACNet
from keras_ma2mi.models.onnx_operations import onnx_operations
from tests.keras_ma2mi.models.networks import classifier_inputs, small_classifier

BACKEND = keras.config.backend()
# The package through which Keras converts, under each backend.
CONVERTER = {"tensorflow": "tf2onnx", "jax": "jax2onnx", "torch": "onnxscript"}[BACKEND]
VARIANTS: list[dict[str, Any]] = [
    {"fusion": "modulate", "head": "flatten", "dropout": 0.2},
    {"branches": "action"},
    {"branches": "position", "position_kind": "convolution"},
]


def missing(*packages: str) -> list[str]:
    return [name for name in packages if importlib.util.find_spec(name) is None]


needs_onnx = pytest.mark.skipif(
    bool(missing(CONVERTER, "onnxruntime")),
    reason=f"the export to ONNX under {BACKEND} needs {CONVERTER} and onnxruntime",
)


def trained(rng: np.random.Generator, **overrides: Any) -> MIACNet:
    """A classifier after a few steps, so that its statistics are no longer those of the start."""
    model = small_classifier(**overrides)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.05), loss)
    inputs = classifier_inputs(rng, batch=12)
    model.fit(inputs, rng.integers(0, 3, 12), batch_size=4, verbose=0)
    return model


@needs_onnx
@pytest.mark.parametrize("overrides", VARIANTS, ids=["both", "action", "position"])
def test_onnx_runtime_gives_what_the_trained_model_predicts(
    overrides: dict[str, Any], tmp_path: Path, rng: np.random.Generator
) -> None:
    import onnxruntime

    model = trained(rng, **overrides)
    model.export(tmp_path / "model.onnx", format="onnx", verbose=False)
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    assert [item.name for item in session.get_inputs()] == list(model.input_keys)
    # Under PyTorch a file takes one sample, elsewhere also a number it was never called with.
    for batch in (1,) if BACKEND == "torch" else (1, 5):
        inputs = classifier_inputs(rng, batch)
        fed = {name: inputs[name] for name in model.input_keys}
        (logits,) = session.run(None, fed)
        expected = model.predict(inputs, verbose=0)
        np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)


@needs_onnx
def test_onnx_takes_the_batch_size_of_the_signature(
    tmp_path: Path, rng: np.random.Generator
) -> None:
    import onnxruntime

    model = trained(rng)
    shapes = [(3, *tensor.shape[1:]) for tensor in model.inputs]
    specs = [
        keras.InputSpec(shape=shape, dtype="float32", name=name)
        for name, shape in zip(model.input_keys, shapes, strict=True)
    ]
    path = tmp_path / "model.onnx"
    model.export(path, format="onnx", verbose=False, input_signature=[specs])
    session = onnxruntime.InferenceSession(path)
    assert [tuple(item.shape) for item in session.get_inputs()] == shapes
    inputs = classifier_inputs(rng, 3)
    (logits,) = session.run(None, inputs)
    np.testing.assert_allclose(logits, model.predict(inputs, verbose=0), rtol=1e-4, atol=1e-4)


def test_operations_for_export_are_the_same_and_only_for_export(rng: np.random.Generator) -> None:
    model, inputs = trained(rng, fusion="gate"), classifier_inputs(rng)
    before = keras.ops.convert_to_numpy(model(inputs))
    hidden = model.position_encoder.blocks[0].expand  # type: ignore[union-attr]
    with pytest.raises(KeyboardInterrupt), onnx_operations(model):
        assert hidden.activation is not keras.activations.gelu
        during = keras.ops.convert_to_numpy(model(inputs))
        raise KeyboardInterrupt
    np.testing.assert_allclose(during, before, rtol=1e-5, atol=1e-6)
    assert hidden.activation is keras.activations.gelu


@pytest.mark.skipif(
    BACKEND == "torch" or bool(missing("tensorflow")),
    reason="Keras writes a SavedModel under TensorFlow and JAX, with TensorFlow installed",
)
@pytest.mark.parametrize("overrides", VARIANTS, ids=["both", "action", "position"])
def test_tensorflow_gives_what_the_trained_model_predicts(
    overrides: dict[str, Any], tmp_path: Path, rng: np.random.Generator
) -> None:
    import tensorflow as tf

    model = trained(rng, **overrides)
    model.export(tmp_path / "model", format="tf_saved_model", verbose=False)
    artifact = tf.saved_model.load(tmp_path / "model")
    for batch in (1, 5):
        inputs = classifier_inputs(rng, batch)
        logits = artifact.serve([inputs[name] for name in model.input_keys])
        expected = model.predict(inputs, verbose=0)
        np.testing.assert_allclose(logits.numpy(), expected, rtol=1e-4, atol=1e-4)
