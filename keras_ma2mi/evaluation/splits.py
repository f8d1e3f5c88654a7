"""How a clip list is divided into folds: one small class a scheme."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keras_ma2mi.evaluation.confusion import IntArray, quoted
from keras_ma2mi.evaluation.errors import ProtocolError
from keras_ma2mi.evaluation.protocols import (
    Fold,
    check_folds,
    k_fold_by_subject,
    leave_one_dataset_out,
    leave_one_subject_out,
)


class Split(ABC):
    """A way to divide a clip list into folds that share no subject."""

    every_clip: bool = True
    """Whether each clip is predicted by one fold; False where only test clips are predicted."""

    @property
    @abstractmethod
    def spec(self) -> str:
        """The text that `parse_split` reads, such as `"k-fold:5:0"`."""

    @property
    @abstractmethod
    def description(self) -> str:
        """What a report says, such as `"leave-one-subject-out"`."""

    @abstractmethod
    def folds(
        self, clip_ids: Sequence[str], subjects: Sequence[str], datasets: Sequence[str]
    ) -> list[Fold]:
        """Divides a clip list.

        Args:
            clip_ids: name of each clip.
            subjects: subject of each clip, with its dataset's name where datasets are pooled.
            datasets: dataset of each clip.

        Returns:
            A list of `Fold`, checked: no fold has a subject on both sides, and no clip is
            predicted twice.

        Raises:
            ProtocolError: if the clip list does not fit the split; the message says what is
                missing.
            SubjectLeakError: if a person would be on both sides.
            ValueError: if clips have no subject, or there are fewer than two groups to divide.
        """


@dataclass(frozen=True)
class LeaveOneSubjectOut(Split):
    """LOSO: each subject is held out once."""

    @property
    def spec(self) -> str:
        return "loso"

    @property
    def description(self) -> str:
        return "leave-one-subject-out"

    def folds(
        self, clip_ids: Sequence[str], subjects: Sequence[str], datasets: Sequence[str]
    ) -> list[Fold]:
        return leave_one_subject_out(subjects)


@dataclass(frozen=True)
class LeaveOneDatasetOut(Split):
    """Cross-dataset: each dataset is held out once."""

    @property
    def spec(self) -> str:
        return "lodo"

    @property
    def description(self) -> str:
        return "leave-one-dataset-out"

    def folds(
        self, clip_ids: Sequence[str], subjects: Sequence[str], datasets: Sequence[str]
    ) -> list[Fold]:
        return leave_one_dataset_out(datasets, subjects)


@dataclass(frozen=True)
class HoldoutDatabase(Split):
    """Holdout-database: fit on some datasets, predict the others; one fold.

    Args:
        held_out: datasets that are predicted; all others are fitted on.
    """

    held_out: tuple[str, ...]
    every_clip = False

    def __post_init__(self) -> None:
        if not self.held_out or len(set(self.held_out)) != len(self.held_out):
            raise ProtocolError(
                f"a holdout needs one dataset or several different ones, not {self.held_out}"
            )

    @property
    def spec(self) -> str:
        return "holdout:" + ",".join(self.held_out)

    @property
    def description(self) -> str:
        return "holdout-database, predicted " + ", ".join(self.held_out)

    def folds(
        self, clip_ids: Sequence[str], subjects: Sequence[str], datasets: Sequence[str]
    ) -> list[Fold]:
        names = np.asarray([str(name) for name in datasets], dtype=str)
        present = set(names.tolist())
        absent = [name for name in self.held_out if name not in present]
        if absent:
            raise ProtocolError(
                f"the split holds out {quoted(absent)}, of which there is no clip; "
                f"datasets at hand: {quoted(sorted(present), limit=10) or 'none'}"
            )
        test = np.isin(names, self.held_out)
        if test.all():
            raise ProtocolError(
                f"the split holds out every dataset at hand ({', '.join(sorted(present))}), so "
                "nothing is left to fit on"
            )
        fold = Fold("+".join(self.held_out), np.flatnonzero(~test), np.flatnonzero(test))
        check_folds([fold], subjects, every_clip=False)
        return [fold]


@dataclass(frozen=True)
class KFoldBySubject(Split):
    """Folds of whole subjects with about equally many clips.

    Args:
        k: number of folds.
        seed: decides which subjects share a fold.
    """

    k: int
    seed: int = 0

    def __post_init__(self) -> None:
        if self.k < 2:
            raise ProtocolError(f"k-fold needs at least 2 folds, not {self.k}")

    @property
    def spec(self) -> str:
        return f"k-fold:{self.k}:{self.seed}"

    @property
    def description(self) -> str:
        return f"{self.k}-fold by subject, seed {self.seed}"

    def folds(
        self, clip_ids: Sequence[str], subjects: Sequence[str], datasets: Sequence[str]
    ) -> list[Fold]:
        people = len({str(subject) for subject in subjects})
        if self.k > people:
            raise ProtocolError(
                f"{self.k} folds by subject need at least {self.k} subjects; there are {people}"
            )
        return k_fold_by_subject(subjects, self.k, seed=self.seed)


def not_predicted(folds: Sequence[Fold], n_clips: int) -> IntArray:
    """Positions of the clips that no fold predicts, int64; what a holdout only fits on.

    Args:
        folds: the folds of a split.
        n_clips: length of the clip list.
    """
    predicted = np.zeros(n_clips, dtype=bool)
    for fold in folds:
        predicted[fold.test] = True
    return np.flatnonzero(~predicted)


def not_used(folds: Sequence[Fold], n_clips: int) -> IntArray:
    """Positions of the clips that no fold fits on or predicts, int64.

    Args:
        folds: the folds of a split.
        n_clips: length of the clip list.
    """
    used = np.zeros(n_clips, dtype=bool)
    for fold in folds:
        used[fold.train] = True
        used[fold.test] = True
    return np.flatnonzero(~used)
