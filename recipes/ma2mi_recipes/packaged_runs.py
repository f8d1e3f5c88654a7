"""Weights of the package in the place of runs: to predict with, and to start from."""

from dataclasses import replace
from pathlib import Path

from keras_ma2mi.models.packaged_weights import WEIGHTS, start_folder, weights_facts, weights_folder
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.run_directory import RunDirectory

NOT_PEOPLE = "They were never trained on people, and are not for judging people."


def is_weights(name: str | Path) -> bool:
    """Whether that is the name of packaged weights; a folder called so is written `./NAME`."""
    return str(name) in WEIGHTS and not isinstance(name, Path)


def weights_run(name: str) -> RunDirectory:
    """Packaged weights as a run to predict with.

    Raises:
        InputError: Where there are none of that name.
    """
    if name not in WEIGHTS:
        raise InputError(f"there are no packaged weights {name}; there are {', '.join(WEIGHTS)}")
    return replace(RunDirectory.open(weights_folder(name)), title=name)


def start_run(start: str | Path) -> RunDirectory:
    """What a fine-tuning run starts from: packaged weights by name, or a run of `pretrain`.

    Raises:
        InputError: Where it is neither.
    """
    if isinstance(start, Path) or not is_weights(start):
        return RunDirectory.open(Path(start), "pretrain")
    folder = start_folder(weights_folder(start))
    return replace(RunDirectory.open(folder, "pretrain"), title=start)


def weights_words(name: str) -> str:
    """One sentence each on which weights these are, and what they are not."""
    facts = weights_facts(name)
    return (
        f"Packaged weights {name}, made {str(facts['finished'])[:10]}: {facts['saw']} {NOT_PEOPLE}"
    )
