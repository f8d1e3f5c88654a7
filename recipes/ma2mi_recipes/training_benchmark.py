"""Time of training steps on this machine."""

import time
from statistics import median
from typing import Any

import keras
import numpy as np

from keras_ma2mi.models.presets import PRESETS
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.networks import build_network, build_reconstructor


def benchmark_train(preset: str, batch_size: int, repeats: int) -> list[dict[str, Any]]:
    """Milliseconds of a compiled training step: median, smallest and largest of `repeats`."""
    if preset not in PRESETS:
        raise InputError(f"there is no preset {preset!r}; known: {', '.join(PRESETS)}")
    size = int(PRESETS[preset]["config"]["input_size"])
    random = np.random.default_rng(0)
    values = {
        name: random.random((batch_size, size, size, 3), np.float32)
        for name in ("onset", "motion", "frame", "future")
    }
    values["gap"] = np.full((batch_size, 1), 0.2, np.float32)
    network = build_network(preset, size, "flow", class_count=5)
    network.compile("adamw", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    labels = random.integers(0, 5, batch_size)
    batch = {name: values[name] for name in network.input_keys}
    rows = [_row("MIACNet", network, lambda: network.train_on_batch(batch, labels), repeats)]
    if network.position_encoder is not None and network.action_encoder is not None:
        reconstructor = build_reconstructor(preset, size, "flow")
        reconstructor.compile("adamw")
        pairs = {name: values[name] for name in ("frame", "motion", "future", "gap")}
        rows.append(
            _row(
                "FutureFrameReconstructor",
                reconstructor,
                lambda: reconstructor.train_on_batch(pairs),
                repeats,
            )
        )
    for row in rows:
        row.update(preset=preset, size=size, batch=batch_size, backend=keras.config.backend())
    return rows


def _row(name: str, model: keras.Model, step: Any, repeats: int) -> dict[str, Any]:
    started = time.perf_counter()
    float(np.ravel(step())[0])
    first = time.perf_counter() - started
    step()
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        # Reading the loss waits for the step: some backends return before it is done.
        float(np.ravel(step())[0])
        times.append((time.perf_counter() - started) * 1e3)
    return {
        "model": name,
        "parameters": model.count_params(),
        "first step, s": first,
        "step, ms": median(times),
        "smallest to largest": [min(times), max(times)],
    }
