"""All layers of a model, however deep they are nested."""

from typing import Any

import keras


def layers_within(layer: Any) -> list[Any]:
    """Returns the layer or model itself and all layers that it holds in attributes, each once."""
    seen: dict[int, Any] = {}
    _collect(layer, seen)
    return list(seen.values())


def _collect(layer: Any, seen: dict[int, Any]) -> None:
    if id(layer) in seen:
        return
    seen[id(layer)] = layer
    held = [*vars(layer).values(), *getattr(layer, "layers", [])]
    while held:
        value = held.pop()
        if isinstance(value, keras.Layer):
            _collect(value, seen)
        elif isinstance(value, list | tuple):
            held.extend(value)
        elif isinstance(value, dict):
            held.extend(value.values())
