"""A classifier for tests that looks at its clips, and needs no backend."""

from pathlib import Path

import numpy as np
import pandas as pd

from ma2mi_recipes.fine_tuning.classifiers import EpochTold, Fitted, Probabilities, Watched
from ma2mi_recipes.fine_tuning.training_rows import Rows, TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips


class NearestMean:
    """The nearer a clip's motion and onset are to a class's mean, the likelier the class."""

    has_epochs = False

    def fit(
        self,
        rows: TrainingRows,
        fold_seed: int,
        *,
        epochs: int | None = None,
        watched: Watched | None = None,
        told: EpochTold | None = None,
    ) -> Fitted:
        labels = rows.labels(rows.rows)
        values = features(rows.onset(rows.rows), rows.motion(rows.rows))
        everything = values.mean(axis=0)
        self.means = np.stack(
            [
                values[labels == label].mean(axis=0) if (labels == label).any() else everything
                for label in range(len(rows.classes))
            ]
        )
        return Fitted(pd.DataFrame())

    def predict(self, clips: LabelledClips, rows: Rows) -> Probabilities:
        values = features(clips.onset[rows], clips.motion[rows])
        distances = np.square(values[:, None] - self.means).mean(axis=-1)
        likely = np.exp(-distances / distances.mean(axis=1, keepdims=True))
        return likely / likely.sum(axis=1, keepdims=True)

    def heat_maps(self, clips: LabelledClips, rows: Rows) -> None:
        return None

    def save(self, path: Path) -> None:
        path.write_text("nearest mean")


def features(onset: np.ndarray, motion: np.ndarray) -> np.ndarray:
    return np.concatenate(
        [onset.reshape(len(onset), -1) / 255.0, motion.reshape(len(motion), -1)], axis=1
    )
