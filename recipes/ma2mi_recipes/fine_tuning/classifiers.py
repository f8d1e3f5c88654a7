"""What can be fitted in a fold, by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt
import pandas as pd

from ma2mi_recipes.fine_tuning.options import TrainOptions
from ma2mi_recipes.fine_tuning.training_rows import Rows, TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips

Probabilities = npt.NDArray[np.float64]
Watched = tuple[LabelledClips, Rows]
EpochTold = Callable[[int, float], None]


@dataclass(frozen=True)
class Fitted:
    """What a fit leaves behind beside the classifier.

    Attributes:
        history: One row an epoch, with `epoch` from 1; empty where there are no epochs.
        watched: Probabilities of the watched clips after each epoch, `(clips, classes)` each.
    """

    history: pd.DataFrame
    watched: list[Probabilities] = field(default_factory=list)


class FoldClassifier(Protocol):
    """Something that is fitted anew in every fold.

    The result of a fold depends on its rows and its seed alone, never on which folds ran before:
    that is what makes a run resumable, and folds free to run anywhere.
    """

    has_epochs: bool
    """Whether there are epochs to choose from."""

    def fit(
        self,
        rows: TrainingRows,
        fold_seed: int,
        *,
        epochs: int | None = None,
        watched: Watched | None = None,
        told: EpochTold | None = None,
    ) -> Fitted:
        """Forgets what it knew, and fits to the rows.

        Args:
            rows: All that may be looked at.
            fold_seed: Fixes everything that is random.
            epochs: Stop after so many of the schedule's epochs; None for all.
            watched: Clips to predict after each epoch, for a selection.
            told: Called after each epoch with its number from 0 and its loss.
        """

    def predict(self, clips: LabelledClips, rows: Rows) -> Probabilities:
        """Class probabilities, `(len(rows), classes)`."""

    def heat_maps(self, clips: LabelledClips, rows: Rows) -> npt.NDArray[np.float32] | None:
        """What each place of a face adds to the answer, where it can tell.

        Returns:
            `(len(rows), h, w)`; of action units `(len(rows), units, h, w)`; or None.
        """

    def save(self, path: Path) -> None:
        """Writes it as a Keras model, where it is a network."""


@runtime_checkable
class ChangesSeed(Protocol):
    """A classifier that can take up another seed of the run, which spares building it anew."""

    def start_seed(self, seed: int) -> None:
        """Becomes what `build_classifier` would give under `seed`."""


@runtime_checkable
class StartsElsewhere(Protocol):
    """A classifier that can start from another pre-training, which spares building it anew."""

    def start_from(self, options: TrainOptions, seed: int) -> None:
        """Becomes what `build_classifier` would give under `options` and `seed`.

        Raises:
            ValueError: Where the options need another network; see `compiled_alike`.
        """


def build_classifier(clips: LabelledClips, options: TrainOptions, seed: int) -> FoldClassifier:
    """The classifier that the options name.

    Raises:
        InputError: Where there is none of that name, or it does not fit the clips.
    """
    if options.is_network:
        from ma2mi_recipes.fine_tuning.fold_trainer import FoldTrainer

        return FoldTrainer(clips, options, seed)
    from ma2mi_recipes.baselines import build_baseline

    return build_baseline(options.model)
