"""Which runs of a report are compared with which."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from ma2mi_recipes.report.baselines import (
    baselines_of,
    only_counts_labels,
    over_seeds_of,
    same_clips,
)
from ma2mi_recipes.report.runs import (
    ReportRun,
    RunComparison,
    checked_predictions,
    presentable,
)
from ma2mi_recipes.report.wording import METRIC_NAMES

_ALL_PAIRS_UP_TO = 3


def compare_all(runs: Sequence[ReportRun]) -> list[RunComparison]:
    """Runs with each other, and each with the best simple baseline over its clips.

    All of them are one family of tests: where there are several, p-values after Holm's correction
    stand beside the raw ones.
    """
    return holm_corrected([*compare_runs(runs), *compare_with_baselines(runs)])


def compare_runs(runs: Sequence[ReportRun]) -> list[RunComparison]:
    """Tests every pair of runs, or each run against the first where there are more than three.

    Runs without predictions are passed over; two runs over different clips give a comparison with
    a reason instead of a result.
    """
    scored = [run for run in presentable(runs) if run.scored]
    if len(scored) <= _ALL_PAIRS_UP_TO:
        pairs = list(itertools.combinations(scored, 2))
    else:
        pairs = [(scored[0], other) for other in scored[1:]]
    return [compare(baseline, candidate) for baseline, candidate in pairs]


def compare_with_baselines(runs: Sequence[ReportRun]) -> list[RunComparison]:
    """Tests each run against that baseline over its clips which has the highest UF1.

    Raises:
        PredictionsError: Where predictions cannot be scored; the message names the run.
    """
    scored = [run for run in presentable(runs) if run.scored]
    for run in scored:
        checked_predictions(run)
    baselines = baselines_of(scored)
    found = []
    for run in scored:
        rivals = [one for one in baselines if same_clips(one, run)]
        if rivals and not only_counts_labels(run):
            best = max(rivals, key=_uf1)
            found.append(replace(_with_baseline(best, run), with_baseline=True))
    return found


def holm_corrected(
    comparisons: Sequence[RunComparison], metrics: Sequence[str] = tuple(METRIC_NAMES)
) -> list[RunComparison]:
    """The same comparisons, with `adjusted` filled for each metric where there are several."""
    from keras_ma2mi.evaluation import holm_adjusted

    results = [one.result for one in comparisons if one.result is not None]
    if len(results) < 2:
        return list(comparisons)
    by_metric = {
        metric: iter(holm_adjusted([one.metrics[metric].p_value for one in results]))
        for metric in metrics
    }
    return [
        one
        if one.result is None
        else replace(one, adjusted={metric: next(values) for metric, values in by_metric.items()})
        for one in comparisons
    ]


def compare(baseline: ReportRun, candidate: ReportRun) -> RunComparison:
    """The paired test of two runs, or the reason why there is none."""
    from keras_ma2mi.evaluation import PredictionsError, paired_permutation_test

    assert baseline.predictions is not None and candidate.predictions is not None
    if sorted(baseline.classes) != sorted(candidate.classes):
        return RunComparison(
            baseline.name, candidate.name, None, "the runs have different class sets"
        )
    try:
        result = paired_permutation_test(
            baseline.predictions, candidate.predictions, baseline.classes
        )
    except PredictionsError as error:
        return RunComparison(baseline.name, candidate.name, None, str(error))
    return RunComparison(baseline.name, candidate.name, result)


def _with_baseline(baseline: ReportRun, run: ReportRun) -> RunComparison:
    assert baseline.predictions is not None and run.predictions is not None
    return compare(
        replace(baseline, predictions=over_seeds_of(baseline.predictions, run.predictions)), run
    )


def _uf1(run: ReportRun) -> float:
    from keras_ma2mi.evaluation import score_seeds

    assert run.predictions is not None
    return score_seeds(run.predictions, run.classes).mean["uf1"]
