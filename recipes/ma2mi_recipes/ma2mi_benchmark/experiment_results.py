"""The figures of the experiments: scores with intervals, and differences to the reference."""

from dataclasses import asdict
from typing import Any

from ma2mi_recipes.ma2mi_benchmark.experiment_stage import ExperimentResults
from ma2mi_recipes.ma2mi_benchmark.experiments import QUESTIONS, REFERENCE_NAME, Experiment
from ma2mi_recipes.ma2mi_benchmark.scores import (
    scores_with_intervals,
    uf1_difference,
    with_holm,
)


def experiments_document(results: ExperimentResults, *, resamples: int = 2000) -> dict[str, Any]:
    """The figures, ready for JSON.

    Args:
        results: Of `run_experiments`, with the reference among them.
        resamples: Bootstrap samples of the intervals, and permutations of the tests.

    Returns:
        Dict with `plan`; `classes`; `reference`, what it sets; `rows`, one for each experiment and
        share of the labels (`experiment`, `question`, `changes`, `features`, `fraction`, scores as
        of `scores_with_intervals`, `train_clips`); `comparisons` with the reference (`question`,
        `experiment`, `fraction`, `difference` of UF1 with `low` and `high` over people, `p_value`,
        and `p_holm`, adjusted within each question); `pretraining`, one row a run (`condition`,
        `seed`, `clips`, `seconds`, `last_epoch`); `pretraining_seconds` and `probe_seconds`, those
        of earlier calls among them.
    """
    reference = next(one for one in results.experiments if one.name == REFERENCE_NAME)
    fractions = results.plan.fractions
    pretraining = [start.facts() for start in results.starts]
    return {
        "plan": asdict(results.plan),
        "classes": list(results.classes),
        "reference": dict(reference.condition().pretraining or {}),
        "rows": [
            _row(results, one, fraction, resamples)
            for one in results.experiments
            for fraction in fractions
        ],
        "comparisons": [
            line for question in QUESTIONS for line in _compared(results, question, resamples)
        ],
        "pretraining": pretraining,
        "pretraining_seconds": sum(row["seconds"] for row in pretraining),
        "probe_seconds": sum(
            probe.facts(fraction)["seconds"] for probe in results.probes for fraction in fractions
        ),
    }


def _row(
    results: ExperimentResults, one: Experiment, fraction: float, resamples: int
) -> dict[str, Any]:
    facts = results.probes_of(one.name)[0].facts(fraction)
    table = results.predictions(one.name, fraction)
    return {
        "experiment": one.name,
        "question": QUESTIONS.get(one.question, ""),
        "changes": one.changes,
        "features": facts["features"],
        "fraction": fraction,
        **scores_with_intervals(table, results.classes, resamples),
        "train_clips": facts["train_clips"],
    }


def _compared(results: ExperimentResults, question: str, resamples: int) -> list[dict[str, Any]]:
    lines = [
        {
            "question": QUESTIONS[question],
            "experiment": one.name,
            "fraction": fraction,
            **uf1_difference(
                results.predictions(REFERENCE_NAME, fraction),
                results.predictions(one.name, fraction),
                results.classes,
                resamples,
            ),
        }
        for one in results.experiments
        if one.question == question
        for fraction in results.plan.fractions
    ]
    return with_holm(lines)
