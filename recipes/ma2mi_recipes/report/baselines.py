"""The simple models that a run has to beat before its figures mean anything."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ma2mi_recipes.report.runs import ReportRun

if TYPE_CHECKING:
    import pandas as pd

MODEL_NAMES = {
    "majority": "majority of training clips",
    "most_frequent": "most frequent class of all clips",
    "linear_svm": "linear SVM",
    "rbf_svm": "RBF SVM",
    "rbf_svm_residual": "RBF SVM without head motion",
    "three_stream_cnn": "three-stream CNN",
    "miacnet": "MIACNet",
}
_NOTES = {
    "majority": "in each fold what most of its training clips show",
    "most_frequent": "one answer, known only from the labels that it is scored on",
}
_COUNTING = ("majority", "most_frequent", "always_present")
_SCORED = ["clip_id", "subject", "label", "prediction", "seed"]


def baselines_of(runs: Sequence[ReportRun]) -> list[ReportRun]:
    """The baselines of all runs, none twice, each under a name of its own.

    Where the runs' directories hold no majority of the training clips, the most frequent class of
    the whole table stands in for it: that one knows the held-out labels, and over folds that train
    on all others its accuracy is never lower.
    """
    scored = [run for run in runs if run.scored]
    found: list[ReportRun] = []
    for baseline in [one for run in scored for one in _stored(run)]:
        if not any(_same(baseline, other) for other in found):
            found.append(baseline)
    for run in scored:
        known = [one for one in [*scored, *found] if only_counts_labels(one)]
        if not any(same_clips(run, one) for one in known):
            found.append(_most_frequent(run))
    return sorted(told_apart(found), key=lambda one: place_of(one.info.get("model")))


def told_apart(baselines: Sequence[ReportRun]) -> list[ReportRun]:
    """The baselines, those of equal names with the name of the run that they stand beside."""
    names = [baseline.name for baseline in baselines]
    return [
        replace(one, name=f"{one.name}, of {one.info['baseline_of']}")
        if names.count(one.name) > 1
        else one
        for one in baselines
    ]


def baseline_note(run: ReportRun) -> str:
    """What a baseline that fits nothing answers; empty for all others."""
    return _NOTES.get(str(run.info.get("model")), "")


def only_counts_labels(run: ReportRun) -> bool:
    """Whether a run answers by counting labels, whatever a clip shows."""
    return run.info.get("model") in _COUNTING


def same_clips(first: ReportRun, second: ReportRun) -> bool:
    """Whether both runs predict the same clips of the same labels."""
    return _labels(first) == _labels(second)


def place_of(model: object) -> int:
    """Where a baseline stands among others, from 0: what only counts labels comes last."""
    order = ["three_stream_cnn", "rbf_svm_residual", "rbf_svm", "linear_svm"]
    if model in _COUNTING:
        return len(order) + 1
    return order.index(str(model)) if model in order else len(order)


def over_seeds_of(baseline: "pd.DataFrame", run: "pd.DataFrame") -> "pd.DataFrame":
    """A baseline of one seed under every seed of a run.

    A support vector machine answers the same under every seed, and a paired test needs as many
    seeds on either side.
    """
    import pandas as pd

    seeds = sorted(set(run["seed"]))
    if baseline["seed"].nunique() != 1 or len(seeds) == 1:
        return baseline
    return pd.concat([baseline.assign(seed=seed) for seed in seeds], ignore_index=True)


def _stored(run: ReportRun) -> Iterable[ReportRun]:
    for baseline in run.baselines:
        if baseline.scored:
            name = MODEL_NAMES.get(str(baseline.info.get("model")), baseline.name)
            info = {**baseline.info, "baseline_of": run.name}
            yield replace(baseline, name=name, info=info, is_baseline=True)


def _most_frequent(run: ReportRun) -> ReportRun:
    assert run.predictions is not None
    rows = run.predictions.drop_duplicates("clip_id")
    counts = rows["label"].astype(str).value_counts()
    # Ties go to the earlier class, as in `keras_ma2mi.evaluation.majority_baseline`.
    favourite = max(run.classes, key=lambda name: (counts.get(name, 0), -run.classes.index(name)))
    kept = [name for name in rows.columns if not str(name).startswith("probability_")]
    return ReportRun(
        MODEL_NAMES["most_frequent"],
        {"model": "most_frequent", "baseline_of": run.name},
        rows[kept].assign(prediction=favourite, seed=0).drop(columns="select", errors="ignore"),
        None,
        run.classes,
        is_baseline=True,
    )


def _same(one: ReportRun, other: ReportRun) -> bool:
    if one.info.get("model") != other.info.get("model"):
        return False
    return _answers(one) == _answers(other)


def _answers(run: ReportRun) -> set[tuple[object, ...]]:
    assert run.predictions is not None
    columns = [name for name in _SCORED if name in run.predictions]
    return set(run.predictions[columns].astype(str).itertuples(index=False, name=None))


def _labels(run: ReportRun) -> set[tuple[object, ...]]:
    assert run.predictions is not None
    return set(run.predictions[["clip_id", "label"]].astype(str).itertuples(index=False, name=None))
