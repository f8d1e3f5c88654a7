"""A classifier that says after each epoch what a test wants it to say."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from ma2mi_recipes.fine_tuning.classifiers import EpochTold, Fitted, Probabilities, Watched
from ma2mi_recipes.fine_tuning.training_rows import Rows, TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips


@dataclass
class ScriptedClassifier:
    """Gives the true class the probability `skill(rows, epoch)`, epochs from 1.

    Attributes:
        skill: How sure of the truth it is about clips after an epoch.
        epochs: Length of its schedule.
        looks: What it asks for in every fit; a test plants its leak here.
    """

    skill: Callable[[Rows, int], np.ndarray]
    epochs: int = 5
    looks: Callable[[TrainingRows], object] = lambda rows: rows.labels(rows.rows)
    has_epochs: bool = True
    trained: int = 0
    fits: list[tuple[tuple[int, ...], int]] = field(default_factory=list)

    def fit(
        self,
        rows: TrainingRows,
        fold_seed: int,
        *,
        epochs: int | None = None,
        watched: Watched | None = None,
        told: EpochTold | None = None,
    ) -> Fitted:
        self.looks(rows)
        seen = []
        for epoch in range(1, (epochs or self.epochs) + 1):
            self.trained = epoch
            if watched is not None:
                seen.append(self.predict(*watched))
            if told is not None:
                told(epoch - 1, 1.0 / epoch)
        self.fits.append((tuple(rows.rows.tolist()), self.trained))
        return Fitted(pd.DataFrame({"epoch": range(1, self.trained + 1), "loss": 0.5}), seen)

    def predict(self, clips: LabelledClips, rows: Rows) -> Probabilities:
        sure = np.asarray(self.skill(rows, self.trained), np.float64) * np.ones(len(rows))
        probabilities = np.stack([1 - sure, sure], axis=1)
        wrong_way = clips.labels[rows] == 0
        probabilities[wrong_way] = probabilities[wrong_way, ::-1]
        return probabilities

    def heat_maps(self, clips: LabelledClips, rows: Rows) -> None:
        return None

    def save(self, path: Path) -> None:
        path.write_text("scripted")
