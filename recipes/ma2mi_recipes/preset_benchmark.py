"""What each preset of MIACNet costs: parameters, multiply-adds, and milliseconds here."""

import time
from collections.abc import Sequence
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


def preset_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """A Markdown table with a line a preset and a column a backend."""
    backends = list(dict.fromkeys(row["backend"] for row in rows))
    lines = [
        "| preset | input | parameters | multiply-adds | "
        + " | ".join(f"{backend}, ms" for backend in backends)
        + " |",
        "| --- | --- | --: | --: |" + " --: |" * len(backends),
    ]
    for name in dict.fromkeys(row["name"] for row in rows):
        of_preset = {row["backend"]: row for row in rows if row["name"] == name}
        row = next(iter(of_preset.values()))
        size = row["input_size"]
        cells = [
            f"`{name}`",
            f"{size}x{size}, {' and '.join(row['inputs'])}",
            f"{row['parameters']:,}",
            _in_millions(row["multiply_adds"]),
            *(_spread(of_preset[backend]) for backend in backends),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _in_millions(count: int) -> str:
    return f"{count / 1e6:,.0f} M"


def _spread(row: dict[str, Any]) -> str:
    return f"{row['milliseconds']:.1f} ({row['low']:.1f}-{row['high']:.1f})"
