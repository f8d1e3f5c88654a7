"""What each ingredient of the training recipe does: leave-one-subject-out with and without it."""

import multiprocessing
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation import leave_one_subject_out, paired_permutation_test, summarise
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.chosen_clips import choose_clips
from ma2mi_recipes.fine_tuning import TrainingRows, TrainOptions, build_classifier
from ma2mi_recipes.fine_tuning.classifiers import ChangesSeed
from ma2mi_recipes.fine_tuning.fold_results import FoldResult, predictions_table
from ma2mi_recipes.fine_tuning.fold_runner import fold_seed
from ma2mi_recipes.fine_tuning.selection import fit_fold
from ma2mi_recipes.key_frame_jitter import with_jitter
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.recipe_variants import DEFAULT, Variant


def recipe_document(
    store: Path,
    default: TrainOptions,
    seeds: Sequence[int],
    *,
    variants: Sequence[Variant],
    imbalance: bool = True,
    workers: int = 1,
    on_variant: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> dict[str, Any]:
    """Fits every variant fold by fold and compares it with the default.

    Args:
        store: Clips with labels.
        default: The options that the first variant has as they are.
        seeds: A set of folds for each.
        variants: What to fit, the default first.
        imbalance: Whether to thin the classes, as no published dataset has equal ones.
        workers: Processes that variants are spread over.
        on_variant: Told the name of each variant that is done, how many are, and of how many.

    Returns:
        Dict with `classes` (name to number of clips), `subjects`, `seeds`, `epochs`, `preset` and
        `rows`, one a variant: `name`, `changes`, `accuracy`, `uf1` and `uar` (each `value`, `low`,
        `high`), `train_accuracy`, `difference` of UF1 to the default with `low`, `high` and
        `p_value` (None for the default itself), and `seconds`.
    """
    clips = _clips(store, default, imbalance)
    tasks = [
        (store, replace(default, **variant.changes), tuple(seeds), imbalance)
        for variant in variants
    ]
    results = dict[int, _Result]()
    for place, result in _computed(tasks, workers):
        results[place] = result
        on_variant(variants[place].name, len(results), len(variants))
    rows = [
        _row(variant, results[place], results[0], clips.classes)
        for place, variant in enumerate(variants)
    ]
    counts = np.bincount(clips.labels, minlength=len(clips.classes))
    return {
        "classes": dict(zip(clips.classes, counts.tolist(), strict=True)),
        "subjects": len(set(clips.subjects)),
        "size": clips.size,
        "seeds": list(seeds),
        "epochs": default.epochs,
        "preset": default.preset,
        "pretrained": default.pretrained is not None,
        "rows": rows,
    }


def thinned(clips: LabelledClips) -> LabelledClips:
    """Unequal classes: of the k-th only every k-th clip, of the first all.

    Published micro-expression sets have two to four times as many clips of one class as of
    another. Clips are left out one by one in the order of the store, so that all subjects lose
    some.
    """
    kept = [
        row
        for name in range(len(clips.classes))
        for row in np.flatnonzero(clips.labels == name)[:: 1 + name // 2]
    ]
    return _only(clips, np.sort(np.array(kept)))


@dataclass(frozen=True)
class _Result:
    predictions: pd.DataFrame
    train_accuracy: float
    seconds: float


_Task = tuple[Path, TrainOptions, tuple[int, ...], bool]


def _clips(store: Path, options: TrainOptions, imbalance: bool) -> LabelledClips:
    opened = open_store(store)
    clips = load_labelled_clips(
        opened, options.motion, choose_clips(opened), size=options.input_size
    )
    clips = thinned(clips) if imbalance else clips
    return with_jitter(
        clips,
        options.motion,
        share=options.jitter,
        most=options.jitter_frames,
        count=options.jitter_variants,
    )


def _computed(tasks: Sequence[_Task], workers: int) -> Iterable[tuple[int, _Result]]:
    if workers == 1:
        yield from ((place, _fit_all(task)) for place, task in enumerate(tasks))
        return
    # A forked process would share the threads of a framework that has started already.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        places = {pool.submit(_fit_all, task): place for place, task in enumerate(tasks)}
        for future in as_completed(places):
            yield places[future], future.result()


def _fit_all(task: _Task) -> _Result:
    store, options, seeds, imbalance = task
    start = time.perf_counter()
    clips = _clips(store, options, imbalance)
    folds = leave_one_subject_out(clips.subjects)
    tables, right = [], []
    classifier = build_classifier(clips, options, seeds[0])
    for seed in seeds:
        # Built once, a network is compiled once.
        if isinstance(classifier, ChangesSeed):
            classifier.start_seed(seed)
        for fold in folds:
            rows = TrainingRows(clips, fold)
            selected = fit_fold(classifier, clips, fold, rows, options, fold_seed(seed, fold))
            answers = classifier.predict(clips, rows.rows).argmax(axis=1)
            right.append(float((answers == rows.labels(rows.rows)).mean()))
            result = FoldResult(
                seed=seed,
                fold=fold,
                select=options.select,
                epochs=selected.epochs,
                probabilities=selected.probabilities,
                last=None,
                history=selected.history,
                train_accuracy=right[-1],
                heat_maps=None,
            )
            tables.append(predictions_table(clips, result, result.probabilities, options.select))
    return _Result(
        pd.concat(tables, ignore_index=True), float(np.mean(right)), time.perf_counter() - start
    )


def _row(
    variant: Variant, result: _Result, default: _Result, classes: Sequence[str]
) -> dict[str, Any]:
    pooled = summarise(result.predictions, classes)["pooled"]
    row: dict[str, Any] = {"name": variant.name, "changes": variant.changes}
    for metric in ("uf1", "uar", "accuracy"):
        row[metric] = {key: pooled[metric][key] for key in ("value", "low", "high")}
    row["train_accuracy"] = result.train_accuracy
    row["difference"] = None
    if variant.name != DEFAULT:
        compared = paired_permutation_test(default.predictions, result.predictions, classes)
        uf1 = compared.as_dict()["metrics"]["uf1"]
        row["difference"] = {key: uf1[key] for key in ("difference", "low", "high", "p_value")}
    row["seconds"] = result.seconds
    return row


def _only(clips: LabelledClips, rows: np.ndarray) -> LabelledClips:
    names = {clips.clip_ids[row] for row in rows}
    return replace(
        clips,
        clip_ids=[clips.clip_ids[row] for row in rows],
        datasets=[clips.datasets[row] for row in rows],
        subjects=[clips.subjects[row] for row in rows],
        labels=clips.labels[rows],
        onset=clips.onset[rows],
        motion=clips.motion[rows],
        without_onset=tuple(name for name in clips.without_onset if name in names),
    )
