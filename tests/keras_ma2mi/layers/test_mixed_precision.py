"""Half precision: the results of full precision, but for rounding, and weights stay exact."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from keras_ma2mi import layers
from tests.conformance import to_numpy

_MAP = (2, 4, 4, 8)
_SMALL_STAGES: dict[str, Any] = {
    "stem_filters": (4, 6),
    "stem_strides": (2, 1),
    "filters": (6, 8),
    "strides": (1, 2),
}
# A constructor and the shapes of its inputs.
LAYERS: dict[str, tuple[Callable[..., Any], dict[str, tuple[int, ...]]]] = {
    "ActionEncoder": (
        lambda **kwargs: layers.ActionEncoder(**_SMALL_STAGES, **kwargs),
        {"motion": (2, 16, 16, 3)},
    ),
    "ContinuousAttention": (
        lambda **kwargs: layers.ContinuousAttention(6, **kwargs),
        {"inputs": _MAP},
    ),
    "FrameDifference": (layers.FrameDifference, {"reference": _MAP, "moving": _MAP}),
    "LatentPredictor": (
        lambda **kwargs: layers.LatentPredictor(5, depth=1, **kwargs),
        {"position": _MAP, "code": (2, 4, 4, 3)},
    ),
    "OpticalStrain": (layers.OpticalStrain, {"flow": (2, 8, 8, 2)}),
    "StochasticDepth": (layers.StochasticDepth, {"inputs": _MAP}),
    **{
        f"MetaFormerBlock {mixer}": (
            lambda mixer=mixer, **kwargs: layers.MetaFormerBlock(mixer, drop_path=0.2, **kwargs),
            {"inputs": _MAP},
        )
        for mixer in ("attention", "convolution")
    },
    **{
        f"MotionFusion {kind}": (
            lambda kind=kind, **kwargs: layers.MotionFusion(kind, **kwargs),
            {"position": _MAP, "action": _MAP},
        )
        for kind in ("add", "gate", "modulate", "cross_attention")
    },
    **{
        f"PositionEncoder {kind}": (
            lambda kind=kind, **kwargs: layers.PositionEncoder(
                kind, grid=4, channels=8, drop_path=0.2, **kwargs
            ),
            {"frame": (2, 16, 16, 3)},
        )
        for kind in ("transformer", "convolution")
    },
}


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("name", LAYERS)
def test_half_precision_agrees_with_full(name: str, policy: str, rng: np.random.Generator) -> None:
    create, shapes = LAYERS[name]
    inputs = {key: rng.uniform(size=shape).astype("float32") for key, shape in shapes.items()}
    full, half = create(), create(dtype=policy)
    expected = to_numpy(full(**inputs))
    half(**inputs)
    half.set_weights(full.get_weights())
    assert all(weight.dtype == "float32" for weight in half.weights)
    outputs = keras.tree.flatten(half(**inputs))
    # Eight bits of precision in bfloat16, eleven in float16, and a dozen roundings in a row.
    tolerance = 0.05 if policy == "mixed_bfloat16" else 0.008
    for output, exact in zip(outputs, expected, strict=True):
        assert keras.backend.standardize_dtype(output.dtype) == policy.removeprefix("mixed_")
        (actual,) = to_numpy(output)
        error = np.abs(actual.astype("float32") - exact).max()
        assert error <= tolerance * max(1.0, np.abs(exact).max())
