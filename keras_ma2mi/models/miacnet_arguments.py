"""Checks of the constructor arguments of MIACNet that are not those of its encoders."""

from collections.abc import Sequence
from numbers import Integral

from keras_ma2mi.types import Config
from keras_ma2mi.validation import check_fraction, check_one_of, check_positive

BRANCHES = ("both", "position", "action")
HEADS = ("pool", "flatten", "code")


def checked_arguments(config: Config) -> Config:
    """Returns `config` with whole numbers as Python's ints and sequences as lists.

    A config must equal itself after a round trip through JSON.

    Raises:
        ValueError: If an argument is none of those allowed.
    """
    config = {
        key: list(value) if isinstance(value, tuple | list) else value
        for key, value in config.items()
    }
    config |= _whole_numbers(config, ("num_classes", "input_size", "motion_channels"))
    check_positive("num_classes", config["num_classes"])
    check_positive("motion_channels", config["motion_channels"])
    check_one_of("branches", config["branches"], BRANCHES)
    check_one_of("head", config["head"], HEADS)
    check_positive("code_units", config["code_units"])
    check_fraction("dropout", config["dropout"])
    return config


def _whole_numbers(config: Config, names: Sequence[str]) -> Config:
    # 224.0 or (224, 224) would pass the checks of strides, and fail far from here.
    for name in names:
        if not isinstance(config[name], Integral):
            raise ValueError(f"`{name}` must be an int. Received: {name}={config[name]!r}")
    return {name: int(config[name]) for name in names}
