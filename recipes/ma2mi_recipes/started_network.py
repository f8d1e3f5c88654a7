"""The classifier that takes up all that a pre-training has learnt."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ma2mi_recipes.fine_tuning.options import TrainOptions
from ma2mi_recipes.network_arguments import network_arguments

# Arguments of a reconstructor that change what its encoders, fusion or code compute.
_LEARNT_WITH = (
    "code_units",
    "fusion",
    "motion_floor",
    "filters",
    "strides",
    "stem_filters",
    "stem_strides",
    "position_kind",
    "position_depth",
    "position_heads",
    "position_mlp_ratio",
)


def fitted_to_start(options: TrainOptions, info: Mapping[str, Any]) -> TrainOptions:
    """The options with the network and the pixels of a pre-training, where none were asked for.

    Frames and motion are averaged down to what the pre-training saw, where it averaged its own or
    drew flow fields. A code of the whole face is taken up by `head=code`. One without a fusion
    tells of motion alone: then `"auto"` branches are the action branch.

    Args:
        options: Of a fine-tuning run.
        info: Content of the `run.json` of a run of `pretrain`, or of packaged weights.
    """
    started = info.get("options", {})
    drawn = started.get("fields") or {}
    size = options.input_size or started.get("input_size") or drawn.get("size")
    options = replace(options, input_size=size)
    if options.network:
        return options
    typed = started.get("network", ())
    names = {text.partition("=")[0].strip().replace("-", "_") for text in typed}
    arguments = network_arguments(typed, names)
    kept = {name: arguments[name] for name in _LEARNT_WITH if arguments.get(name) is not None}
    branches = options.branches
    if "code_units" in kept:
        kept = {"head": "code", **kept}
        if "fusion" not in kept and branches == "auto":
            branches = "action"
    network = tuple(f"{name}={_typed(value)}" for name, value in kept.items())
    return replace(options, network=network, branches=branches)


def _typed(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
