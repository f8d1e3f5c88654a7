"""What every layer, model and metric of `keras_ma2mi` must do, checked in one place."""

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np


def check_config(instance: Any) -> None:
    """The configuration survives JSON and gives an object with the same configuration."""
    config = instance.get_config()
    revived = type(instance).from_config(json.loads(json.dumps(config)))
    assert _canonical(revived.get_config()) == _canonical(config)
    serialized = json.loads(json.dumps(keras.saving.serialize_keras_object(instance)))
    assert type(keras.saving.deserialize_keras_object(serialized)) is type(instance)


def check_layer(create: Callable[..., Any], inputs: dict[str, np.ndarray]) -> None:
    """Checks a layer.

    Args:
        create: Called with `dtype=...` or nothing, returns a new layer of the same configuration.
        inputs: Arguments of the layer's `call`, arrays with a batch axis.
    """
    check_config(create())
    layer = create()
    model, symbolic = _model_of(layer, inputs)
    outputs = layer(**inputs)
    expected = _shapes(outputs)
    assert _shapes(symbolic, batch=len(next(iter(inputs.values())))) == expected
    shape_arguments = {f"{name}_shape": array.shape for name, array in inputs.items()}
    assert _as_tuples(layer.compute_output_shape(**shape_arguments)) == expected
    if layer.trainable_weights:
        _check_training_step(model, inputs)
    _check_saved_model_gives_equal_outputs(model, list(inputs.values()))
    _check_mixed_precision(create, inputs)


def check_model(model: Any, inputs: dict[str, np.ndarray], targets: Any = None) -> None:
    """Checks a compiled model: configuration, one step of `fit`, and a saved copy."""
    check_config(model)
    before = model.get_weights()
    history = model.fit(inputs, targets, batch_size=len(next(iter(inputs.values()))), verbose=0)
    assert np.isfinite(history.history["loss"]).all()
    assert any(np.any(a != b) for a, b in zip(before, model.get_weights(), strict=True))
    revived = _check_saved_model_gives_equal_outputs(model, inputs)
    assert type(revived) is type(model)


def check_metric(metric: Any, updates: list[tuple[Any, ...]], expected: float) -> None:
    """Checks a metric: its value over all updates, the empty value, reset, and configuration."""
    check_config(metric)
    assert float(metric.result()) == 0.0
    for arguments in updates:
        metric.update_state(*arguments)
    np.testing.assert_allclose(float(metric.result()), expected, rtol=1e-6)
    metric.reset_state()
    assert float(metric.result()) == 0.0


def to_numpy(structure: Any) -> list[np.ndarray]:
    """All tensors of a nested structure as arrays."""
    return [keras.ops.convert_to_numpy(tensor) for tensor in keras.tree.flatten(structure)]


def _model_of(layer: Any, inputs: dict[str, np.ndarray]) -> tuple[Any, Any]:
    """A functional model of the layer alone, and the layer's symbolic outputs."""
    symbolic = {
        name: keras.Input(array.shape[1:], dtype=array.dtype.name, name=name)
        for name, array in inputs.items()
    }
    outputs = layer(**symbolic)
    return keras.Model(list(symbolic.values()), keras.tree.flatten(outputs)), outputs


def _check_training_step(model: Any, inputs: dict[str, np.ndarray]) -> None:
    targets = [np.ones(array.shape, "float32") for array in to_numpy(model(list(inputs.values())))]
    before = [weight.copy() for weight in model.get_weights()]
    model.compile("sgd", ["mse"] * len(targets), jit_compile=keras.backend.backend() == "jax")
    model.fit(list(inputs.values()), targets, verbose=0)
    after = model.get_weights()
    assert all(np.isfinite(weight).all() for weight in after)
    assert any(np.any(a != b) for a, b in zip(before, after, strict=True))


def _check_saved_model_gives_equal_outputs(model: Any, arguments: Any) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.keras"
        model.save(path)
        revived = keras.saving.load_model(path)
    pairs = zip(to_numpy(model(arguments)), to_numpy(revived(arguments)), strict=True)
    for ours, theirs in pairs:
        np.testing.assert_allclose(theirs, ours, rtol=1e-6, atol=1e-6)
    return revived


def _check_mixed_precision(create: Callable[..., Any], inputs: dict[str, np.ndarray]) -> None:
    layer = create(dtype="mixed_float16")
    for tensor in keras.tree.flatten(layer(**inputs)):
        assert keras.backend.standardize_dtype(tensor.dtype) == "float16"
        assert np.isfinite(keras.ops.convert_to_numpy(tensor)).all()
    for weight in layer.weights:
        assert weight.dtype == "float32"


def _canonical(config: dict[str, Any]) -> str:
    return json.dumps(config, sort_keys=True)


def _shapes(structure: Any, batch: int | None = None) -> Any:
    def shape(tensor: Any) -> tuple[Any, ...]:
        return tuple(batch if size is None else size for size in tensor.shape)

    return keras.tree.map_structure(lambda tensor: _Leaf(shape(tensor)), structure)


def _as_tuples(shapes: Any) -> Any:
    """Marks shapes as leaves: a tuple of ints is one, a tuple of tuples is a structure."""
    if all(size is None or isinstance(size, int) for size in shapes):
        return _Leaf(shapes)
    return type(shapes)(_as_tuples(shape) for shape in shapes)


class _Leaf:
    """A shape that `keras.tree` takes for one value."""

    def __init__(self, shape: Any) -> None:
        self.shape = tuple(int(size) for size in shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Leaf) and self.shape == other.shape

    def __hash__(self) -> int:
        return hash(self.shape)

    def __repr__(self) -> str:
        return repr(self.shape)
