"""What a person sees while folds are fitted."""

from ma2mi_recipes.fine_tuning import EpochEnd, FoldEnd
from ma2mi_recipes.progress import Advance


class TrainingProgress:
    """Moves the bar, and shows training beside held-out accuracy so far: over-fitting shows early.

    Nothing is chosen by these figures; they are those that the run will report.
    """

    def __init__(self, advance: Advance) -> None:
        self._advance = advance
        self._folds, self._trained, self._right, self._held_out = 0, 0.0, 0.0, 0

    def on_epoch(self, end: EpochEnd) -> None:
        note = f"seed {end.seed}, {end.fold.split('/')[-1]}"
        self._advance(end.steps, note=self._so_far or note)

    def on_fold(self, end: FoldEnd) -> None:
        self._folds += 1
        self._trained += end.train_accuracy
        self._right += end.held_out_accuracy * end.held_out_clips
        self._held_out += end.held_out_clips
        self._advance(0, note=self._so_far)

    @property
    def _so_far(self) -> str:
        if not self._held_out:
            return ""
        trained, held_out = self._trained / self._folds, self._right / self._held_out
        return f"train {trained:.2f} held out {held_out:.2f}"
