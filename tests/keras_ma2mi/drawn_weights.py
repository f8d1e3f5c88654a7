"""Weights as after training: a fresh network hides what its norms, biases and gates compute."""

from typing import Any

import keras
import numpy as np

_POSITIVE = ("gamma", "moving_variance", "mean_square", "evidence")


def draw_weights(model: Any, seed: int = 1) -> None:
    """Replaces every weight that starts as a constant; kernels keep their random start.

    A teacher's `following` stays: it says that nothing has been followed yet.
    """
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if weight.name in _POSITIVE:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name != "following" and np.ptp(keras.ops.convert_to_numpy(weight)) == 0:
            weight.assign(0.1 * rng.normal(size=weight.shape))


def weights_by_path(model: Any, root: str = "") -> dict[str, np.ndarray]:
    """Weights in float64 by their path below `root`, as the NumPy twins take them."""
    return {
        weight.path.removeprefix(f"{root}/"): keras.ops.convert_to_numpy(weight).astype("float64")
        for weight in model.weights
    }
