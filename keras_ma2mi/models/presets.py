"""Named sizes of MIACNet. None of them carries trained weights.

All have the head that looks at each place on its own. Averaged over places first, a map forgets
where the movement was, and where it was is most of what tells expressions apart.
"""

from typing import Any

from keras_ma2mi.types import Config
from keras_ma2mi.validation import check_one_of

PRESETS: dict[str, dict[str, Any]] = {
    "miacnet_base": {
        "description": "Both branches at 224x224 with the sizes of MMNet.",
        "config": {
            "input_size": 224,
            "branches": "both",
            "stem_filters": [180, 128],
            "stem_strides": [2, 1],
            "filters": [128, 128, 256, 512],
            "strides": [1, 2, 2, 2],
            "position_heads": 4,
            "position_mlp_ratio": 4.0,
            "head": "flatten",
            "dropout": 0.0,
        },
    },
    "miacnet_small": {
        "description": "Both branches at 112x112, for a few hundred clips on one GPU or a CPU.",
        "config": {
            "input_size": 112,
            "branches": "both",
            "stem_filters": [32, 48],
            "stem_strides": [2, 1],
            "filters": [48, 96, 192],
            "strides": [1, 2, 2],
            "position_heads": 4,
            "position_mlp_ratio": 4.0,
            "fusion": "modulate",
            "head": "flatten",
            "dropout": 0.2,
        },
    },
    "miacnet_tiny": {
        "description": "Both branches at 64x64, for tests and trials on two CPU cores.",
        "config": {
            "input_size": 64,
            "branches": "both",
            "stem_filters": [16, 24],
            "stem_strides": [2, 2],
            "filters": [24, 48, 64],
            "strides": [1, 2, 1],
            "position_heads": 4,
            "position_mlp_ratio": 2.0,
            "fusion": "modulate",
            "head": "flatten",
            "dropout": 0.2,
        },
    },
    "miacnet_motion28": {
        "description": "Action branch alone on 28x28x3 motion, as small published models take it.",
        "config": {
            "input_size": 28,
            "branches": "action",
            "stem_filters": [16, 16],
            "stem_strides": [1, 1],
            "filters": [24, 32, 64],
            "strides": [2, 1, 2],
            "position_heads": 4,
            "position_mlp_ratio": 2.0,
            "head": "flatten",
            "dropout": 0.2,
        },
    },
}
"""Sizes of MIACNet by name: a description, and arguments of the constructor."""


def preset_config(name: str) -> Config:
    """Returns a copy of the constructor arguments of preset `name`."""
    check_one_of("name", name, tuple(PRESETS))
    return dict(PRESETS[name]["config"])
