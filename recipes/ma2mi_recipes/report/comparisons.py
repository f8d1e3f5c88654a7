"""Which runs of a report are compared with which."""

import itertools
from collections.abc import Sequence

from ma2mi_recipes.report.runs import ReportRun, RunComparison, presentable

_ALL_PAIRS_UP_TO = 3


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
    return [_compare(baseline, candidate) for baseline, candidate in pairs]


def _compare(baseline: ReportRun, candidate: ReportRun) -> RunComparison:
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
