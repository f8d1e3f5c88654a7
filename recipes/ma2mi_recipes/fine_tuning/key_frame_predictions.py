"""What a fold's classifier says of its held-out clips when their key frames are elsewhere."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import Fold
from ma2mi_recipes.fine_tuning.classifiers import FoldClassifier, Probabilities
from ma2mi_recipes.fine_tuning.fold_results import answers_table
from ma2mi_recipes.fine_tuning.plan import TrainPlan
from ma2mi_recipes.fine_tuning.selection import Selected
from ma2mi_recipes.found_key_frames import found_key_frames
from ma2mi_recipes.key_frame_pairs import Moved, Pair, PlacedPair, moved_pair
from ma2mi_recipes.key_frame_samples import KeyFrameSamples, clips_at
from ma2mi_recipes.run_directory import RunDirectory

MOVED: tuple[Moved, ...] = ("onset", "apex", "both")

CACHE_BYTES = 256 << 20

Shift = tuple[Moved, int]


class KeyFramePredictions:
    """Predicts held-out clips with onset and apex moved, or found instead of annotated.

    Nothing is chosen by these predictions. All that it needs stands in the run and the plan, so
    that a worker process makes its own, and nothing is read before the first fold has ended.

    Args:
        run: Where found key frames are kept.
        plan: Its options `key_frames` and `found_key_frames` say what is asked for.
    """

    def __init__(self, run: RunDirectory, plan: TrainPlan) -> None:
        self.run, self.plan = run, plan
        self.clips, self.options = plan.clips, plan.options

    @cached_property
    def samples(self) -> KeyFrameSamples:
        """The clips at other key frames; kept where another seed will want them again."""
        kept = CACHE_BYTES if len(self.plan.seeds) > 1 else 0
        return KeyFrameSamples(self.clips, self.options.motion, kept)

    def of_fold(
        self, classifier: FoldClassifier, seed: int, fold: Fold, selected: Selected
    ) -> pd.DataFrame | None:
        """Predictions of a fold's held-out clips, one row a clip and shift; None if not asked for.

        Clips whose key frames cannot be moved are not there; `samples.left_out` names them.

        Args:
            classifier: As the fold left it.
            seed: Seed of the run.
            fold: The fold.
            selected: How the fold ended.
        """
        if not self.options.asks_key_frames:
            return None
        # The classifier of a fold that peeked has gone on to the last epoch.
        select = self.options.select if selected.last is None else "last"
        rows = [int(row) for row in fold.test if int(row) in self.samples.movable]
        step = self.options.batch_size
        told = {"fold": fold.name, "seed": seed, "select": select}
        parts = [
            part
            for start in range(0, len(rows), step)
            for part in self._of_clips(classifier, rows[start : start + step], told)
        ]
        if not parts:
            return pd.DataFrame()
        table = pd.concat(parts, ignore_index=True)
        return table.sort_values(["moved", "frames"], kind="stable", ignore_index=True)

    def _of_clips(
        self, classifier: FoldClassifier, rows: list[int], told: Mapping[str, Any]
    ) -> Iterator[pd.DataFrame]:
        shifts = self._shifts(rows)
        wanted = {row: {places[row].pair for places in shifts.values()} for row in rows}
        samples = self.samples.at(wanted)
        answers: dict[tuple[Pair, ...], Probabilities] = {}
        for shift, places in shifts.items():
            pairs = tuple(places[row].pair for row in rows)
            # A shift of none is the same for onset, apex and both.
            if pairs not in answers:
                chosen = {row: samples[row][places[row].pair] for row in rows}
                moved = clips_at(self.clips, chosen)
                answers[pairs] = classifier.predict(moved, np.arange(len(moved)))
            columns = {**told, **_columns(shift, [places[row] for row in rows])}
            yield answers_table(self.clips, rows, answers[pairs], columns)

    @cached_property
    def _found(self) -> dict[int, PlacedPair]:
        return found_key_frames(self.run, self.samples)

    def _shifts(self, rows: list[int]) -> dict[Shift, dict[int, PlacedPair]]:
        """Where the key frames of clips are, for everything that is asked for."""
        shifts: dict[Shift, dict[int, PlacedPair]] = {
            (moved, by): {row: self._moved(row, moved, by) for row in rows}
            for moved in MOVED
            for by in self.options.key_frames
        }
        if self.options.found_key_frames:
            shifts["found", 0] = {row: self._found[row] for row in rows}
        return shifts

    def _moved(self, row: int, moved: Moved, by: int) -> PlacedPair:
        clip = self.samples.movable[row]
        return moved_pair(self.clips.clip_ids[row], clip.pair, clip.frames, moved, by)


def _columns(shift: Shift, places: Sequence[PlacedPair]) -> dict[str, Any]:
    return {
        "moved": shift[0],
        "frames": shift[1],
        "onset_error": [place.onset_error for place in places],
        "apex_error": [place.apex_error for place in places],
        "at_border": [place.at_border for place in places],
    }
