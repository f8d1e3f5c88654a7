"""The only door to the clips for whatever is fitted in a fold."""

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from keras_ma2mi.evaluation import Fold, SubjectLeakError, check_subject_disjoint
from ma2mi_recipes.labelled_clips import LabelledClips

Rows = npt.NDArray[np.intp]


class TrainingRows:
    """The clips that a fold may fit on; asking for any other raises.

    Weights, class weights, normalisation, statistics of augmentation, inner splits: all of it is
    computed from what this hands out, so nothing fitted can see a held-out subject.

    Args:
        clips: All clips.
        fold: Its training rows may be read; the subjects of its test rows are closed.
        fitted_before: Subjects that weights were fitted on which the fold starts from.

    Raises:
        SubjectLeakError: Where a held-out subject is among the training rows or `fitted_before`,
            or where a held-out clip is there a second time under another subject's name.
    """

    def __init__(
        self, clips: LabelledClips, fold: Fold, *, fitted_before: Iterable[str] = ()
    ) -> None:
        check_subject_disjoint(clips.subjects, fold, fitted_before=fitted_before)
        _check_no_copies(clips, fold)
        self._clips, self.name = clips, fold.name
        self.rows: Rows = np.asarray(fold.train)
        self._open = np.zeros(len(clips), bool)
        self._open[self.rows] = True

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def subjects(self) -> list[str]:
        """The subject of each of `rows`."""
        return [self._clips.subjects[row] for row in self.rows]

    @property
    def classes(self) -> list[str]:
        """The class set, which is fixed beforehand and not taken from the rows."""
        return list(self._clips.classes)

    @property
    def variants(self) -> int:
        """How many samples there are of each clip: 1, the annotated one, without jitter."""
        return 1 if self._clips.jittered is None else self._clips.jittered.variants

    def onset(self, rows: Rows, variants: Rows | None = None) -> npt.NDArray[np.uint8]:
        """Onset frames of clips, `(len(rows), S, S, 3)` uint8.

        Args:
            rows: The clips.
            variants: Which sample of each, from 0, the annotated one; None for the annotated.
        """
        values = self._clips.onset[self._checked(rows)]
        jittered = self._clips.jittered
        if variants is not None and jittered is not None:
            places = jittered.place[rows, variants]
            values[places >= 0] = jittered.onset[places[places >= 0]]
        return values

    def motion(self, rows: Rows, variants: Rows | None = None) -> npt.NDArray[np.float32]:
        """Motion of clips, `(len(rows), S, S, C)` float32; arguments as for `onset`."""
        values = self._clips.motion[self._checked(rows)]
        jittered = self._clips.jittered
        if variants is not None and jittered is not None:
            places = jittered.place[rows, variants]
            values[places >= 0] = jittered.motion[places[places >= 0]]
        return values

    def labels(self, rows: Rows) -> npt.NDArray[np.int32]:
        """Labels of clips, `(len(rows),)` int32."""
        return self._clips.labels[self._checked(rows)]

    def part(self, name: str, train: Sequence[int] | Rows, test: Sequence[int] | Rows) -> Fold:
        """A split of these rows, for an inner selection.

        Args:
            name: Name of the inner fold.
            train: Positions in `rows` to fit on.
            test: Positions in `rows` to select on.
        """
        return Fold(
            f"{self.name}, {name}", self.rows[np.asarray(train)], self.rows[np.asarray(test)]
        )

    def within(self, inner: Fold) -> "TrainingRows":
        """The rows of an inner fold: closed are its own held-out subjects, and all closed here."""
        self._checked(inner.train)
        self._checked(inner.test)
        return TrainingRows(self._clips, inner)

    def watched(self, rows: Rows) -> tuple[LabelledClips, Rows]:
        """Clips whose predictions may be looked at epoch by epoch: none that is held out."""
        return self._clips, self._checked(rows)

    def _checked(self, rows: Rows) -> Rows:
        rows = np.asarray(rows)
        closed = rows[~self._open[rows]]
        if len(closed):
            names = sorted({self._clips.subjects[row] for row in closed})
            raise SubjectLeakError(
                f"fold '{self.name}': something to be fitted asked for {len(closed)} clips that "
                f"the fold does not train on, of {', '.join(names[:5])}"
            )
        return rows


def _check_no_copies(clips: LabelledClips, fold: Fold) -> None:
    """One recording under two names puts a held-out person into the training set."""
    content = clips.fingerprints
    known = {content[row]: row for row in fold.train if content[row] is not None}
    for row in fold.test:
        twin = known.get(content[row])
        if twin is not None:
            raise SubjectLeakError(
                f"fold '{fold.name}': the clip {clips.clip_ids[row]} is held out, and trained on "
                f"as {clips.clip_ids[twin]}: their motion is the same, number for number; "
                "correct the manifest"
            )
