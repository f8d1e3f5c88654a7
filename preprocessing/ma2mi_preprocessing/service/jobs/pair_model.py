"""A model that workers ask about onset and apex; what it is made with is none of this package's."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt


class PairModel(Protocol):
    """Something that classifies the movement between two faces."""

    def answer(self, pair: npt.NDArray[np.uint8]) -> Mapping[str, Any]:
        """What it says, as JSON can hold it.

        Parameters
        ----------
        pair : ndarray, shape (2, S, S, 3), uint8, RGB
            Aligned faces at onset and apex.

        Returns
        -------
        mapping
            `label`; `probabilities` by class; `heat_map`, rows of numbers over the face, what
            each place adds to the label; `model`, its name; and `notes`, what a reader must know.
        """
        ...


@dataclass(frozen=True)
class ModelSource:
    """Where a worker gets its model, which no process hands to another.

    Attributes
    ----------
    factory : str
        ``"module:function"``, which gives a `PairModel`.
    arguments : tuple of str
        What the function takes.
    """

    factory: str
    arguments: tuple[str, ...] = ()

    def load(self) -> PairModel:
        """The model, in this process."""
        module, _, name = self.factory.partition(":")
        model: PairModel = getattr(importlib.import_module(module), name)(*self.arguments)
        return model
