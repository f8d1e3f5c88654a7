import importlib.util
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi.models import MIACNet
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
    # Another number of samples than it was ever called with.
    for batch in (1, 5):
        inputs = classifier_inputs(rng, batch)
        fed = {name: inputs[name] for name in model.input_keys}
        (logits,) = session.run(None, fed)
        expected = model.predict(inputs, verbose=0)
        np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-4)


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
    served = tf.saved_model.load(tmp_path / "model").serve
    for batch in (1, 5):
        inputs = classifier_inputs(rng, batch)
        logits = served([inputs[name] for name in model.input_keys])
        expected = model.predict(inputs, verbose=0)
        np.testing.assert_allclose(logits.numpy(), expected, rtol=1e-4, atol=1e-4)
