"""The commonest class of the training clips, whatever the clip shows."""

import numpy as np
import pandas as pd

from ma2mi_recipes.baselines.without_epochs import WithoutEpochs
from ma2mi_recipes.fine_tuning.classifiers import EpochTold, Fitted, Probabilities, Watched
from ma2mi_recipes.fine_tuning.training_rows import Rows, TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips


class MajorityClassifier(WithoutEpochs):
    """Answers every clip with the shares of the classes among the training clips.

    The answer is thus the commonest class; of equally common ones the first of the class set. What
    scores below it on accuracy, or gets no more than one class's share on UAR, has learnt nothing.
    Of action units the answer is whether most training clips show them.
    """

    def fit(
        self,
        rows: TrainingRows,
        fold_seed: int,
        *,
        epochs: int | None = None,
        watched: Watched | None = None,
        told: EpochTold | None = None,
    ) -> Fitted:
        """Counts the classes of the rows; nothing is random, and there are no epochs."""
        labels = rows.labels(rows.rows)
        units = labels.ndim == 2
        counts = labels.sum(axis=0) if units else np.bincount(labels, minlength=len(rows.classes))
        self._shares = counts / len(labels)
        return Fitted(pd.DataFrame())

    def predict(self, clips: LabelledClips, rows: Rows) -> Probabilities:
        """The same shares for each clip, `(len(rows), classes)`."""
        return np.tile(self._shares, (len(rows), 1))
