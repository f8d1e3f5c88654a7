"""Jobs whose results must be the same under every backend, and a program that runs them.

    python -m tests.keras_ma2mi.backend_process FOLDER WEIGHTS JOB...

runs jobs under `KERAS_BACKEND` with the weights that the backend WEIGHTS has saved, and writes the
results to `FOLDER/<backend>.npz`. `run` with `save=True` is how that backend drew and saved them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_ma2mi.explain import class_contribution_maps
from keras_ma2mi.models import PRESETS, FutureFrameReconstructor, MIACNet, ThreeStreamCNN
from tests.keras_ma2mi.drawn_weights import draw_weights

STEPS = 20
CLASSES = 3
TRAINED = tuple(
    f"train_{model}_{optimizer}"
    for model in ("classifier", "reconstructor")
    for optimizer in ("adamw", "sgd")
)


def run(folder: Path, saved_by: str, jobs: list[str], save: bool) -> dict[str, np.ndarray]:
    """Runs jobs, each with weights drawn here and saved, or with those that another saved.

    Args:
        folder: Where weights lie.
        saved_by: Backend under whose name they lie there.
        jobs: Names of presets, `"reconstructor"`, `"three_stream_cnn"`, or of `TRAINED`.
        save: Whether to draw and save weights instead of loading them.
    """
    results: dict[str, np.ndarray] = {}
    for job in jobs:
        # Here and not in a fixture of one test: these weights are drawn before any test begins.
        keras.utils.set_random_seed(0)
        model = _model(job)
        path = folder / f"{saved_by}_{job}.weights.h5"
        if save:
            draw_weights(model)
            model.save_weights(path)
        else:
            model.load_weights(path)
        arrays = _train(job, model) if job in TRAINED else _outputs(model)
        results |= {f"{job}/{name}": array for name, array in arrays.items()}
    return results


def _model(job: str) -> Any:
    if job in PRESETS:
        return MIACNet.from_preset(job, CLASSES)
    if job == "three_stream_cnn":
        return ThreeStreamCNN(CLASSES, input_size=40)
    if "reconstructor" in job:
        # So fast a teacher that it matters within a few steps.
        return FutureFrameReconstructor.from_preset("miacnet_tiny", teacher_momentum=0.9)
    return MIACNet.from_preset("miacnet_tiny", CLASSES, dropout=0.0)


def _outputs(model: Any) -> dict[str, Any]:
    if isinstance(model, FutureFrameReconstructor):
        return dict(model.predict(_pairs(next(_batches(64, batch=2))), verbose=0))
    size = model.get_config()["input_size"]
    clip = _clip(next(_batches(size, batch=1 if size > 112 else 2)))
    clip = {key: clip[key] for key in model.input_keys}
    maps = model.maps.predict(clip, verbose=0)
    return {**maps, "contributions": class_contribution_maps(model, clip, 1)}


def _train(job: str, model: Any) -> dict[str, Any]:
    """Losses of each step, and what inference gives afterwards, with all moving statistics."""
    is_classifier = isinstance(model, MIACNet)
    optimizer: Any = keras.optimizers.AdamW(1e-4, weight_decay=0.05)
    if job.endswith("sgd"):
        # The classifier with plain steps, and small ones: where rounding flips one ReLU, larger
        # ones carry it above the tolerance, between two runs of one backend too.
        optimizer = keras.optimizers.SGD(1e-4) if is_classifier else keras.optimizers.SGD(0.01, 0.9)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if is_classifier else None
    model.compile(optimizer, loss)
    losses = []
    batches = _batches(64, batch=8)
    for _ in range(STEPS):
        drawn = next(batches)
        model.reset_metrics()
        inputs = _clip(drawn) if is_classifier else _pairs(drawn)
        logs = model.train_on_batch(
            inputs, drawn["label"] if is_classifier else None, return_dict=True
        )
        losses.append(float(logs["loss"]))
    outputs = model.predict_on_batch(_clip(drawn) if is_classifier else _pairs(drawn))
    after = {"logits": outputs} if is_classifier else outputs
    return {"losses": np.array(losses), **{f"after_{name}": after[name] for name in after}}


def _batches(size: int, batch: int) -> Iterator[dict[str, np.ndarray]]:
    """The same four batches over and over, of movements that tell the class and the future.

    Random labels would not do: nothing pulls back a network that follows them, so that a digit of
    rounding grows tenfold a step, under one backend as much as between two.
    """
    rng = np.random.default_rng(0)
    movements = _cells(rng, CLASSES, size)
    cycle = [_draw(rng, movements, batch) for _ in range(4)]
    while True:
        yield from cycle


def _draw(rng: np.random.Generator, movements: np.ndarray, batch: int) -> dict[str, np.ndarray]:
    size = movements.shape[1]
    label = rng.integers(CLASSES, size=batch)
    motion = 0.1 * (movements[label] + 0.5 * _cells(rng, batch, size))
    frame = np.clip(0.5 + 0.2 * _cells(rng, batch, size), 0.0, 1.0)
    return {
        "frame": frame.astype("float32"),
        "future": np.clip(frame + motion, 0.0, 1.0).astype("float32"),
        "motion": motion.astype("float32"),
        "gap": rng.uniform(0.08, 0.32, size=(batch, 1)).astype("float32"),
        "label": label,
    }


def _cells(rng: np.random.Generator, count: int, size: int) -> np.ndarray:
    """Smooth random images: one colour for each cell of 4x4 pixels, and ramps between."""
    image = rng.normal(size=(count, size // 4, size // 4, 3)).repeat(4, axis=1).repeat(4, axis=2)
    for axis in (1, 2):
        image = sum(np.roll(image, shift, axis=axis) for shift in range(4)) / 4
    return image


def _clip(drawn: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {"onset": drawn["frame"], "motion": drawn["motion"]}


def _pairs(drawn: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {key: drawn[key] for key in ("frame", "future", "motion", "gap")}


if __name__ == "__main__":
    target, saver = Path(sys.argv[1]), sys.argv[2]
    arrays = run(target, saver, sys.argv[3:], save=False)
    np.savez(target / f"{keras.backend.backend()}.npz", **arrays)
