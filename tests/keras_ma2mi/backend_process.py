"""Run as a program: saves the outputs of every small model, with weights given or drawn.

    python -m tests.keras_ma2mi.backend_process FOLDER save|load

`save` draws weights and writes them with inputs and outputs; `load` reads weights and inputs and
writes outputs. `KERAS_BACKEND` decides which backend computes.
"""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_ma2mi.explain import class_contribution_maps
from keras_ma2mi.models import FutureFrameReconstructor, MIACNet


def _classifier() -> MIACNet:
    return MIACNet.from_preset("miacnet_tiny", num_classes=3, fusion="gate")


def _reconstructor() -> FutureFrameReconstructor:
    return FutureFrameReconstructor.from_preset("miacnet_tiny")


def main(folder: Path, mode: str) -> None:
    models: dict[str, Any] = {"classifier": _classifier(), "reconstructor": _reconstructor()}
    if mode == "save":
        _draw_inputs(folder / "inputs.npz")
    for name, model in models.items():
        path = folder / f"{name}.weights.h5"
        if mode == "save":
            _draw_weights(model)
            model.save_weights(path)
        else:
            model.load_weights(path)
    outputs = _outputs(models, dict(np.load(folder / "inputs.npz")))
    np.savez(folder / f"{keras.backend.backend()}.npz", **outputs)


def _draw_inputs(path: Path) -> None:
    rng = np.random.default_rng(0)
    images = rng.uniform(size=(2, 2, 64, 64, 3)).astype("float32")
    motion = (0.1 * rng.normal(size=(2, 64, 64, 3))).astype("float32")
    np.savez(path, frame=images[0], future=images[1], motion=motion, gap=np.float32([0.1, 0.3]))


def _draw_weights(model: Any) -> None:
    # Fresh normalisation layers do nothing; statistics as after training make them count.
    rng = np.random.default_rng(1)
    for weight in model.weights:
        if weight.name == "moving_variance":
            weight.assign(rng.uniform(0.5, 2.0, weight.shape))
        elif weight.name in ("moving_mean", "beta", "bias"):
            weight.assign(0.1 * rng.normal(size=weight.shape))


def _outputs(models: dict[str, Any], inputs: dict[str, Any]) -> dict[str, Any]:
    clip = {"onset": inputs["frame"], "motion": inputs["motion"]}
    maps = models["classifier"].maps.predict(clip, verbose=0)
    outputs = {f"maps/{name}": value for name, value in maps.items()}
    outputs |= models["reconstructor"].predict(inputs, verbose=0)
    outputs["contributions"] = class_contribution_maps(models["classifier"], clip, 1)
    return outputs


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
