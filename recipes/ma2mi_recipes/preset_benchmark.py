"""What each preset of MIACNet costs: parameters, multiply-adds, and milliseconds here."""

import time
from statistics import median
from typing import Any

import keras
import numpy as np

from keras_ma2mi.models import MIACNet, preset_table

_CLASSES = 3


def benchmark_presets(rounds: int) -> list[dict[str, Any]]:
    """Measure how long one sample takes through each preset, under the present backend.

    Args:
        rounds: Predictions measured, after three to compile and warm up.

    Returns:
        A row a preset: what `preset_table` tells, `backend`, and `milliseconds`, `low` and `high`
        of `predict_on_batch` on one sample: median, smallest and largest.
    """
    return [
        {**row, "backend": keras.config.backend(), **_latency(row["name"], rounds)}
        for row in preset_table(_CLASSES)
    ]


def _latency(preset: str, rounds: int) -> dict[str, float]:
    model = MIACNet.from_preset(preset, _CLASSES)
    random = np.random.default_rng(0)
    sample = {
        tensor.name: random.random((1, *tensor.shape[1:]), np.float32) for tensor in model.inputs
    }
    for _ in range(3):
        model.predict_on_batch(sample)
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        model.predict_on_batch(sample)
        times.append(1e3 * (time.perf_counter() - start))
    return {"milliseconds": median(times), "low": min(times), "high": max(times)}
