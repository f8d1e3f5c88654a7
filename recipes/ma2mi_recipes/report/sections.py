"""What the page's template needs, computed from runs."""

from collections.abc import Sequence
from typing import Any

from ma2mi_recipes.report.action_units import unit_content
from ma2mi_recipes.report.baselines import baselines_of
from ma2mi_recipes.report.facts import facts_of
from ma2mi_recipes.report.gallery import hits_and_misses, most_shown
from ma2mi_recipes.report.notices import collapsed_latents, notices_of
from ma2mi_recipes.report.panels import (
    curve_panels,
    fit_panels,
    interval_panels,
    key_frame_panels,
    subject_panel,
)
from ma2mi_recipes.report.runs import ReportRun, RunComparison, checked_predictions
from ma2mi_recipes.report.selection_gap import selection_gaps
from ma2mi_recipes.report.wording import listed, plural


def page_content(runs: Sequence[ReportRun], comparisons: Sequence[RunComparison]) -> dict[str, Any]:
    """Everything that the template shows, apart from what the caller wrote.

    Args:
        runs: The runs, under the names that the page shows.
        comparisons: Tests between them.

    Raises:
        PredictionsError: Where predictions cannot be scored; the message names the run.
    """
    scored = [run for run in runs if run.scored]
    results = [(run, summary_of(run)) for run in scored]
    baselines = [(run, summary_of(run)) for run in baselines_of(scored)]
    units = unit_content(runs)
    found = notices_of(scored, [summary for _, summary in results], comparisons)
    collapses = [notice for run in runs if not run.scored for notice in collapsed_latents(run)]
    return {
        "lead": _lead(runs, results, units["results"]),
        "found_notices": [*collapses, *units["notices"], *found],
        "units": units,
        "results": results,
        "baselines": baselines,
        "by_dataset": _by_dataset([*results, *baselines]),
        "several_seeds": any(len(summary["pooled"]["seeds"]) > 1 for _, summary in results),
        "interval_plots": interval_panels(results, baselines),
        "comparisons": list(comparisons),
        "corrected": any(one.adjusted for one in comparisons),
        "gaps": selection_gaps(runs),
        "subjects": subject_panel(scored, [run for run, _ in baselines]),
        "curves": curve_panels(runs),
        "fits": fit_panels(runs),
        "key_frames": key_frame_panels(runs),
        "facts": [(run, facts_of(run)) for run in runs],
        "heat_maps": [
            (run, hits_and_misses(run.heat_maps, most_shown(len(run.units))))
            for run in runs
            if run.heat_maps
        ],
    }


def summary_of(run: ReportRun) -> dict[str, Any]:
    """Scores of a run with their intervals.

    Raises:
        PredictionsError: Where predictions cannot be scored; the message names the run.
    """
    from keras_ma2mi.evaluation import summarise

    return summarise(checked_predictions(run), run.classes)


def _by_dataset(
    results: Sequence[tuple[ReportRun, dict[str, Any]]],
) -> dict[str, list[tuple[ReportRun, dict[str, Any]]]]:
    """For each dataset the runs with their figures there; nothing where there is only one."""
    found: dict[str, list[tuple[ReportRun, dict[str, Any]]]] = {}
    for run, summary in results:
        for dataset, block in summary["per_dataset"].items():
            found.setdefault(dataset, []).append((run, block))
    return found if len(found) > 1 else {}


def _lead(
    runs: Sequence[ReportRun],
    of_classes: Sequence[tuple[ReportRun, dict[str, Any]]],
    of_units: Sequence[tuple[ReportRun, dict[str, Any]]],
) -> str:
    """One sentence on what the page is about."""
    results = [*of_classes, *of_units]
    if not results:
        return f"{plural(len(runs), 'run')}, none of them with predictions."
    summary = results[0][1]
    pooled = summary["pooled"]
    answers = (
        plural(len(summary["classes"]), "class")
        if of_classes
        else plural(len(summary["units"]), "action unit")
    )
    text = (
        f"{plural(pooled['n_clips'], 'clip')} of {plural(pooled['n_subjects'], 'subject')}, "
        f"{answers}"
    )
    protocols = {str(run.info["protocol"]) for run, _ in results if run.info.get("protocol")}
    if len(protocols) == 1:
        text += f", {protocols.pop()}"
    names = listed([run.name for run, _ in results])
    return f"{text}. {plural(len(results), 'run')}: {names}."
