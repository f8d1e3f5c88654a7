"""A model for workers that asks no framework."""

from collections.abc import Mapping
from typing import Any

import numpy as np


class MadeUpModel:
    def answer(self, pair: np.ndarray) -> Mapping[str, Any]:
        moved = float(np.abs(pair[1].astype(int) - pair[0]).mean()) / 255
        return {
            "label": "still" if moved < 0.5 else "moved",
            "probabilities": {"still": 1 - moved, "moved": moved},
            "heat_map": [[moved]],
            "model": "made up",
            "notes": [],
        }


def made_up_model() -> MadeUpModel:
    return MadeUpModel()
