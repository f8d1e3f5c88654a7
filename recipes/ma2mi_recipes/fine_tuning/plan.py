"""What a fine-tuning run fits: which clips, which folds, which seeds."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras

from keras_ma2mi.evaluation import (
    FixedSplit,
    Fold,
    LeaveOneSubjectOut,
    Split,
    clip_list_hash,
    not_predicted,
    not_used,
)
from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.chosen_clips import ChosenClips
from ma2mi_recipes.fine_tuning.options import TrainOptions
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.packaged_runs import start_run


@dataclass(frozen=True)
class TrainPlan:
    """A run, before anything is fitted.

    Attributes:
        clips: The clips of the protocol.
        options: How each fold is fitted.
        seeds: One set of folds for each.
        folds: Who is held out, fold by fold.
        split: The same in words.
        split_missing: Names of a fixed split's list that the clips lack.
        class_set: What each class is made of, in words.
        protocol: What is known of the published protocol that is followed; empty for none.
    """

    clips: LabelledClips
    options: TrainOptions
    seeds: tuple[int, ...]
    folds: tuple[Fold, ...]
    split: str
    split_missing: tuple[str, ...]
    class_set: str
    protocol: dict[str, Any]

    @property
    def fitted_before(self) -> list[str]:
        """Subjects of the pre-training that the folds start from."""
        return list(self._pretrained.get("subjects", []))

    @property
    def fitted_before_on_nobody_knows_whom(self) -> int:
        """Clips of the pre-training without a subject: nobody can check whom they show."""
        return int(self._pretrained.get("clips_without_subject", 0))

    @property
    def _pretrained(self) -> dict[str, Any]:
        if self.options.pretrained is None:
            return {}
        return start_run(self.options.pretrained).info

    def _named(self, rows: Iterable[int]) -> list[str]:
        return [self.clips.clip_ids[row] for row in rows]

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
            "split": self.split,
            "published_protocol": self.protocol or None,
            "folds": len(self.folds),
            "split_missing": list(self.split_missing),
            "not_used": self._named(not_used(self.folds, len(clips))),
            "not_predicted": self._named(not_predicted(self.folds, len(clips))),
            "select": self.options.select,
            "seeds": list(self.seeds),
            "classes": clips.classes,
            "class_set": self.class_set,
            "action_units": clips.multi_label,
            "clips": len(clips),
            "subjects": len(set(clips.subjects)),
            "clip_list_hash": clip_list_hash(clips.clip_ids),
            "targets_hash": _hash_of(zip(clips.clip_ids, clips.labels.tolist(), strict=True)),
            "folds_hash": _hash_of(
                (fold.name, fold.train.tolist(), fold.test.tolist()) for fold in self.folds
            ),
            "left_out": clips.left_out,
            "pretrained_weights": self._pretrained.get("weights_sha256"),
            "pretrained_clips_without_subject": self.fitted_before_on_nobody_knows_whom,
            "magnification": clips.magnification,
            "rendered": all(name.startswith("rendered") for name in clips.datasets),
            "options": asdict(self.options),
        }


def plan_run(
    clips: LabelledClips,
    options: TrainOptions,
    seeds: Sequence[int],
    chosen: ChosenClips | None = None,
) -> TrainPlan:
    """Divides the clips into folds, and checks that every fold can be fitted.

    Args:
        clips: The clips that could be loaded.
        options: How each fold is fitted.
        seeds: One set of folds for each.
        chosen: How they were chosen; by default each subject is held out once.

    Raises:
        InputError: Where the clips do not fit the split, a person would be on both sides of a
            fold, or there are too few subjects for the selection.
    """
    split = LeaveOneSubjectOut() if chosen is None else chosen.split
    try:
        folds = split.folds(clips.clip_ids, clips.subjects, clips.datasets)
    except ValueError as error:
        raise InputError(f"{split.description}: {error}") from error
    protocol = {} if chosen is None else dict(chosen.protocol)
    plan = TrainPlan(
        clips,
        options,
        tuple(seeds),
        tuple(folds),
        split=split.description,
        split_missing=_missing(split, clips),
        class_set="native" if chosen is None else chosen.class_set,
        protocol=_as_it_became(protocol, clips),
    )
    check_selection(plan)
    return plan


def _hash_of(items: Iterable[object]) -> str:
    text = json.dumps(list(items))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _missing(split: Split, clips: LabelledClips) -> tuple[str, ...]:
    if not isinstance(split, FixedSplit):
        return ()
    by_side = split.missing(clips.clip_ids, clips.subjects)
    return tuple(name for names in by_side.values() for name in names)


def _as_it_became(protocol: dict[str, Any], clips: LabelledClips) -> dict[str, Any]:
    """The protocol with the clips that it lost on the way, so that no report calls it complete."""
    lost = protocol.get("clips", 0) - len(clips)
    if not protocol or not lost:
        return protocol
    problems = [*protocol["problems"], f"{lost} of its clips cannot be used, see left_out"]
    return {**protocol, "complete": False, "problems": problems}


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
