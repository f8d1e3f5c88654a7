"""Pre-training with labels: the network learns to tell the classes of plentiful clips apart."""

from dataclasses import asdict
from typing import Any

import keras
import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import Fold, clip_list_hash
from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions, build_classifier
from ma2mi_recipes.fine_tuning.classifiers import EpochTold, FoldClassifier
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.packaged_runs import start_run
from ma2mi_recipes.run_directory import RunDirectory


def describe_run(clips: LabelledClips, options: TrainOptions, seed: int) -> dict[str, Any]:
    """The part of run.json that tells what the run is.

    Whom its start has seen, it has seen: all of them are told, so that none is held out later.
    """
    start = start_run(options.pretrained).info if options.pretrained else {}
    return {
        "kind": "pretrain",
        "task": "classification",
        "backend": keras.config.backend(),
        "store": clips.store,
        "seeds": [seed],
        "classes": clips.classes,
        "action_units": clips.multi_label,
        "clips": len(clips),
        "left_out": clips.left_out,
        "subjects": sorted({*clips.subjects, *start.get("subjects", [])}),
        "clips_without_subject": int(start.get("clips_without_subject", 0)),
        "rendered_people": start.get("rendered_people", []),
        "clip_list_hash": clip_list_hash(clips.clip_ids),
        "magnification": clips.magnification,
        "options": asdict(options),
    }


def pretrain_on_labels(
    run: RunDirectory,
    clips: LabelledClips,
    options: TrainOptions,
    seed: int,
    *,
    classifier: FoldClassifier | None = None,
    told: EpochTold | None = None,
) -> pd.DataFrame:
    """Fits one network to all clips; the last epoch counts.

    Args:
        run: Where the network is kept.
        clips: Nobody of them is held out.
        options: Of the fit; `pretrained` names the run that it begins with.
        seed: Of everything random.
        classifier: As `build_classifier` gives it, where one is there already.
        told: Called after each epoch with its number from 0 and its loss.

    Returns:
        The history, one row an epoch; also written to `history.csv`.
    """
    everything = np.arange(len(clips))
    rows = TrainingRows(clips, Fold("all clips", everything, everything[:0]))
    classifier = classifier or build_classifier(clips, options, seed)
    history = classifier.fit(rows, seed, told=told).history
    with atomic_path(run.model_path) as partial:
        classifier.save(partial)
    run.write_table("history.csv", history)
    return history
