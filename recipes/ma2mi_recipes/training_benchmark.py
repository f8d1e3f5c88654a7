"""Steps a second of MIACNet on this machine, beside the same network written by hand."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

import keras
import numpy as np

from keras_ma2mi.models.presets import PRESETS
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.networks import build_network, build_reconstructor

Batches = list[dict[str, Any]]
Work = Callable[[], object]

_CLASSES = 5


@dataclass(frozen=True)
class SpeedRow:
    """One kind of work on one backend.

    Attributes
    ----------
    backend, model, work : str
    parameters : int
    first : float
        Seconds of the first step, in which frameworks compile.
    milliseconds, low, high : float
        Of a step: median, smallest and largest over the rounds.
    by_hand : float or None
        Milliseconds a step of the loop without Keras on the same framework; None where there is
        none.
    ratio, ratio_low, ratio_high : float or None
        Keras' time divided by that of the loop by hand in the same round: median, smallest and
        largest.
    """

    backend: str
    model: str
    work: str
    parameters: int
    first: float
    milliseconds: float
    low: float
    high: float
    by_hand: float | None = None
    ratio: float | None = None
    ratio_low: float | None = None
    ratio_high: float | None = None


def benchmark_train(
    preset: str, batch_size: int, steps: int, rounds: int, steps_per_execution: int
) -> list[dict[str, Any]]:
    """Measure training and inference under the backend that Keras runs on.

    Keras and the loop by hand take turns, round by round, on the same batches in memory.

    Args:
        preset: A MIACNet preset.
        batch_size: Samples a step.
        steps: Steps in a round.
        rounds: Measured rounds, after one to warm up.
        steps_per_execution: As in `keras.Model.compile`.

    Raises:
        InputError: Where there is no such preset.
    """
    if preset not in PRESETS:
        raise InputError(f"there is no preset {preset!r}; known: {', '.join(PRESETS)}")
    size = int(PRESETS[preset]["config"]["input_size"])
    arrays = _arrays(size, batch_size * steps)
    network = build_network(preset, size, "flow", class_count=_CLASSES)
    network.compile(
        keras.optimizers.AdamW(),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        steps_per_execution=steps_per_execution,
    )
    inputs = {name: arrays[name] for name in network.input_keys}
    rows = []
    by_hand = _loops_by_hand(network, _batches(arrays, batch_size))
    for work, run in _keras_loops(network, inputs, arrays["label"], batch_size).items():
        first, times, ratios, plain = _measure(run, by_hand.get(work), steps, rounds)
        rows.append(_row(network, work, first, times, ratios, plain))
    if network.position_encoder is not None and network.action_encoder is not None:
        rows.append(_reconstructor_row(preset, size, arrays, batch_size, steps, rounds))
    return [asdict(row) for row in rows]


def _arrays(size: int, samples: int) -> dict[str, Any]:
    random = np.random.default_rng(0)
    arrays: dict[str, Any] = {
        name: random.random((samples, size, size, 3), np.float32)
        for name in ("onset", "motion", "frame", "future")
    }
    arrays["gap"] = np.full((samples, 1), 0.2, np.float32)
    arrays["label"] = random.integers(0, _CLASSES, samples)
    return arrays


def _batches(arrays: dict[str, Any], batch_size: int) -> Batches:
    names = ("onset", "motion", "label")
    starts = range(0, len(arrays["label"]), batch_size)
    return [{name: arrays[name][at : at + batch_size] for name in names} for at in starts]


def _keras_loops(network: Any, inputs: Any, labels: Any, batch_size: int) -> dict[str, Work]:
    # Shuffled samples would be gathered one by one, which the loop by hand does not do.
    options = {"batch_size": batch_size, "verbose": 0}
    return {
        "training": lambda: network.fit(inputs, labels, shuffle=False, **options),
        "inference": lambda: network.predict(inputs, **options),
    }


def _loops_by_hand(network: Any, batches: Batches) -> dict[str, Work]:
    """The same network without Keras, where the framework is one that it was written for."""
    backend = keras.config.backend()
    config = network.get_config()
    weights = {w.path: np.array(keras.ops.convert_to_numpy(w.value)) for w in network.weights}
    loops: Any
    if backend == "torch":
        from ma2mi_recipes.plain.torch_miacnet import TorchTraining

        loops = TorchTraining(config)
        loops.network.load(weights)
    elif backend == "jax":
        from ma2mi_recipes.plain.jax_miacnet import JaxTraining

        loops = JaxTraining(config, weights)
    else:
        return {}
    return {"training": lambda: loops.train(batches), "inference": lambda: loops.predict(batches)}


def _reconstructor_row(
    preset: str, size: int, arrays: dict[str, Any], batch_size: int, steps: int, rounds: int
) -> SpeedRow:
    reconstructor = build_reconstructor(preset, size, "flow")
    reconstructor.compile("adamw")
    pairs = {name: arrays[name] for name in ("frame", "motion", "future", "gap")}
    run = lambda: reconstructor.fit(  # noqa: E731
        pairs, batch_size=batch_size, shuffle=False, verbose=0
    )
    first, times, _, _ = _measure(run, None, steps, rounds)
    return _row(reconstructor, "training", first, times, [], None)


def _measure(
    run: Work, by_hand: Work | None, steps: int, rounds: int
) -> tuple[float, list[float], list[float], float | None]:
    """First seconds, milliseconds a step of each round, ratios, and the median time by hand."""
    first = _seconds(run)
    if by_hand is not None:
        by_hand()
    own, plain = [], []
    for _ in range(rounds):
        own.append(1e3 * _seconds(run) / steps)
        if by_hand is not None:
            plain.append(1e3 * _seconds(by_hand) / steps)
    ratios = [ours / theirs for ours, theirs in zip(own, plain, strict=False)]
    return first, own, ratios, median(plain) if plain else None


def _seconds(work: Work) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _row(
    model: Any,
    work: str,
    first: float,
    times: list[float],
    ratios: list[float],
    by_hand: float | None,
) -> SpeedRow:
    return SpeedRow(
        backend=keras.config.backend(),
        model=type(model).__name__,
        work=work,
        parameters=model.count_params(),
        first=first,
        milliseconds=median(times),
        low=min(times),
        high=max(times),
        by_hand=by_hand,
        ratio=median(ratios) if ratios else None,
        ratio_low=min(ratios) if ratios else None,
        ratio_high=max(ratios) if ratios else None,
    )
