"""Networks that compile in moments, for the tests of the models."""

from typing import Any

import numpy as np

from keras_ma2mi.models import FutureFrameReconstructor, MIACNet

SMALL: dict[str, Any] = {
    "input_size": 16,
    "stem_filters": (4,),
    "stem_strides": (2,),
    "filters": (4, 8),
    "strides": (1, 2),
    "position_depth": 1,
    "position_heads": 2,
    "position_mlp_ratio": 1.0,
}


def small_classifier(**overrides: Any) -> MIACNet:
    return MIACNet(**{"num_classes": 3, **SMALL, **overrides})


def small_reconstructor(motion_channels: int = 3, **options: Any) -> FutureFrameReconstructor:
    return FutureFrameReconstructor.from_preset(
        "miacnet_tiny",
        motion_channels=motion_channels,
        **{**SMALL, "code_channels": 2, "predictor_depth": 1, **options},
    )


def classifier_inputs(rng: np.random.Generator, batch: int = 4) -> dict[str, np.ndarray]:
    return {
        "onset": rng.uniform(size=(batch, 16, 16, 3)).astype("float32"),
        "motion": (0.1 * rng.normal(size=(batch, 16, 16, 3))).astype("float32"),
    }


def reconstructor_inputs(rng: np.random.Generator, batch: int = 4) -> dict[str, np.ndarray]:
    frame, future = rng.uniform(size=(2, batch, 16, 16, 3)).astype("float32")
    return {
        "frame": frame,
        "future": future,
        "motion": future - frame,
        "gap": rng.uniform(0.08, 0.32, size=(batch, 1)).astype("float32"),
    }
