"""What a fine-tuning run fits: which clips, which folds, which seeds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from keras_ma2mi.evaluation import Fold, check_folds, clip_list_hash, leave_one_subject_out
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning.options import TrainOptions
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.run_directory import RunDirectory


@dataclass(frozen=True)
class TrainPlan:
    """A run, before anything is fitted.

    Attributes:
        clips: The clips of the protocol.
        options: How each fold is fitted.
        seeds: One set of folds for each.
        folds: Who is held out, fold by fold.
        split: The same in words.
        protocol: What is known of the published protocol that is followed; empty for none.
    """

    clips: LabelledClips
    options: TrainOptions
    seeds: tuple[int, ...]
    folds: tuple[Fold, ...]
    split: str
    protocol: dict[str, Any]

    @property
    def fitted_before(self) -> list[str]:
        """Subjects of the pre-training that the folds start from."""
        if self.options.pretrained is None:
            return []
        return list(RunDirectory.open(Path(self.options.pretrained), "pretrain").info["subjects"])

    def describe(self, store: Path) -> dict[str, Any]:
        """The part of run.json that tells what the run is."""
        clips = self.clips
        return {
            "kind": "train",
            "model": self.options.model,
            "backend": keras.config.backend(),
            "store": str(store),
            "protocol": self.split,
            "protocol_name": self.protocol.get("name"),
            "published_protocol": self.protocol or None,
            "folds": len(self.folds),
            "select": self.options.select,
            "seeds": list(self.seeds),
            "classes": clips.classes,
            "clips": len(clips),
            "subjects": len(set(clips.subjects)),
            "clip_list_hash": clip_list_hash(clips.clip_ids),
            "left_out": clips.left_out,
            "magnification": clips.magnification,
            "rendered": all(name.startswith("rendered") for name in clips.datasets),
            "options": asdict(self.options),
        }


def plan_leave_one_subject_out(
    clips: LabelledClips, options: TrainOptions, seeds: Sequence[int]
) -> TrainPlan:
    """The usual run: each subject is held out once.

    Raises:
        InputError: Where there are too few subjects for the selection.
    """
    folds = leave_one_subject_out(clips.subjects)
    check_folds(folds, clips.subjects)
    plan = TrainPlan(clips, options, tuple(seeds), tuple(folds), "leave-one-subject-out", {})
    check_selection(plan)
    return plan


def check_selection(plan: TrainPlan) -> None:
    """Raises InputError where an inner selection has fewer than two subjects to split."""
    if plan.options.select != "nested":
        return
    for fold in plan.folds:
        subjects = {plan.clips.subjects[row] for row in fold.train}
        if len(subjects) < 2:
            raise InputError(
                f"fold {fold.name} trains on {len(subjects)} subject(s), which --select nested "
                "cannot split; use --select last"
            )
