"""Trained weights that come with the package: where they lie, and what is known of them."""

import json
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from keras_ma2mi.validation import check_one_of

WEIGHTS: Mapping[str, str] = {
    "miacnet_tiny_rendered": (
        "The network miacnet_tiny after MA2MI on rendered macro-expressions and then their labels, "
        "with a head for the five emotions of rendered micro-expressions"
    ),
    "miacnet_motion28_rendered": (
        "The network miacnet_motion28 with a head for 16 action units, learnt from drawn flow "
        "fields"
    ),
}
"""Weights that come with the package: name to what it is. None of them was trained on people."""

CARD_FILE = "card.md"
RUN_FILE = "run.json"
CHECK_FILE = "check.npz"
START_FOLDER = "start"


def weights_folder(name: str) -> Path:
    """The folder of packaged weights.

    It has the files of `MIACNet.save_to_preset`, and beside them `card.md` (what the weights are,
    and what they are not), `run.json` (how they were made) and `check.npz` (inputs and what they
    gave where the weights were made). The folder `start` in it, where there is one, has the network
    as it was before it met a label of a micro-expression: what a new head is put on.

    Args:
        name: A key of `WEIGHTS`.
    """
    check_one_of("name", name, tuple(WEIGHTS))
    return Path(str(resources.files("keras_ma2mi"))) / "weights" / name


def start_folder(folder: Path) -> Path:
    """Where a new head starts from: the folder `start` of packaged weights, else all of it."""
    start = folder / START_FOLDER
    return start if start.is_dir() else folder


def weights_facts(name: str) -> dict[str, Any]:
    """How packaged weights were made: the content of their `run.json`."""
    facts: dict[str, Any] = json.loads((weights_folder(name) / RUN_FILE).read_text("utf-8"))
    return facts
