"""What classifiers that are no networks have in common."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning.training_rows import Rows
from ma2mi_recipes.labelled_clips import LabelledClips


class WithoutEpochs:
    """A classifier of a fold that is fitted in one go, and is no Keras model."""

    has_epochs = False

    def heat_maps(self, clips: LabelledClips, rows: Rows) -> npt.NDArray[np.float32] | None:
        """None: it tells no places apart, or not in a way that a map could show."""
        return None

    def save(self, path: Path) -> None:
        """Raises InputError: there is no network to save."""
        raise InputError(f"{type(self).__name__} is no network, so {path} cannot hold it")
