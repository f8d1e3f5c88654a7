"""What weights say of people whom they never saw."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation import Fold, summarise
from keras_ma2mi.models import MIACNet
from ma2mi_recipes.baselines import MajorityClassifier, SupportVectorClassifier
from ma2mi_recipes.batches import Batch, as_unit_range
from ma2mi_recipes.fine_tuning import FoldClassifier, TrainingRows
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.networks import class_probabilities, names_of
from ma2mi_recipes.weights_making.made import Checked

CHECKED_CLIPS = 10


def network_row(
    way: str, network: MIACNet, clips: LabelledClips, batch_size: int
) -> dict[str, Any]:
    """UF1, UAR and accuracy of a classifier, with intervals over people."""
    batch = _batch(network, as_unit_range(clips.onset), clips.motion)
    said = class_probabilities(network, batch, min(batch_size, len(clips)))
    return score_row(way, clips, said)


def baseline_rows(train: LabelledClips, test: LabelledClips, seed: int) -> list[dict[str, Any]]:
    """The same of machines that are no network, fitted to the same labelled clips."""
    everything = np.arange(len(train))
    rows = TrainingRows(train, Fold("all clips", everything, everything[:0]))
    found = []
    ways: dict[str, FoldClassifier] = {
        "RBF SVM": SupportVectorClassifier("rbf"),
        "majority": MajorityClassifier(),
    }
    for way, classifier in ways.items():
        classifier.fit(rows, seed)
        found.append(score_row(way, test, classifier.predict(test, np.arange(len(test)))))
    return found


def score_row(
    way: str, clips: LabelledClips, said: npt.NDArray[np.float64], **facts: Any
) -> dict[str, Any]:
    """A row of the card from `(N, classes)` probabilities."""
    table = pd.DataFrame(
        {
            "clip_id": clips.clip_ids,
            "subject": clips.subjects,
            "label": [clips.classes[label] for label in clips.labels],
            "prediction": [clips.classes[best] for best in said.argmax(axis=1)],
            "seed": 0,
        }
    )
    table[names_of(clips.classes)] = said
    pooled = summarise(table, clips.classes)["pooled"]
    scores = {
        name: {part: _rounded(pooled[name][part]) for part in ("value", "low", "high")}
        for name in ("uf1", "uar", "accuracy")
    }
    return {"way": way, "classes": len(clips.classes), **facts, **scores}


def checked_clips(
    network: MIACNet, clips: LabelledClips, multi_label: bool = False, most: int = CHECKED_CLIPS
) -> Checked:
    """The first clips, as halves of floats, and what the network says of just these."""
    rows = np.arange(min(most, len(clips)))
    motion = clips.motion[rows].astype(np.float16)
    onset = clips.onset[rows]
    batch = _batch(network, as_unit_range(onset), motion.astype(np.float32))
    said = class_probabilities(network, batch, len(rows), multi_label)
    return Checked(
        onset,
        motion,
        said.astype(np.float32),
        _of(clips.clip_ids, rows),
        tuple(clips.classes[clips.labels[row]] for row in rows),
    )


def _batch(network: MIACNet, onset: npt.NDArray[Any], motion: npt.NDArray[Any]) -> Batch:
    values = {"onset": onset, "motion": motion}
    return {name: values[name] for name in network.input_keys}


def _of(names: Sequence[str], rows: npt.NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(names[row] for row in rows)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(float(value), 4)
