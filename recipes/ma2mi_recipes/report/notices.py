"""What a reader has to know before believing a figure, found in the runs themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ma2mi_recipes.overfitting import fit_gap, overfitting_warning
from ma2mi_recipes.report.runs import ReportRun, RunComparison
from ma2mi_recipes.report.wording import (
    MEAN_F1,
    SIGNIFICANCE,
    difference,
    figure,
    interval,
    listed,
    p_value,
    plural,
)

FEW_SUBJECTS = 10
# Of the largest latent variance seen; and of the error without motion over that with it.
_COLLAPSED, _NO_GAIN = 0.01, 1.01


@dataclass(frozen=True)
class Notice:
    """One thing to know.

    Attributes:
        level: `"warning"` where figures may mislead, `"note"` otherwise.
        text: One or two sentences.
    """

    level: str
    text: str


def notices_of(
    runs: Sequence[ReportRun],
    summaries: Sequence[dict[str, Any]],
    comparisons: Sequence[RunComparison] = (),
) -> list[Notice]:
    """Notices about scored runs, their summaries and their comparison with simple baselines.

    Warnings come first, and none twice.
    """
    found = notices_of_any_run(runs, summaries, comparisons)
    for run, summary in zip(runs, summaries, strict=True):
        found += [*_absent_classes(summary), *_collapse(run, summary), *_chance(run, summary)]
    unique = list(dict.fromkeys(found))
    return sorted(unique, key=lambda notice: notice.level != "warning")


def notices_of_any_run(
    runs: Sequence[ReportRun],
    summaries: Sequence[dict[str, Any]],
    comparisons: Sequence[RunComparison] = (),
) -> list[Notice]:
    """Those notices that do not depend on what is predicted, in no order."""
    found = [notice for one in comparisons for notice in _not_better(one)]
    for run, summary in zip(runs, summaries, strict=True):
        found += [
            *_peeking(run),
            *_few_subjects(summary),
            *_over_fitting(run),
            *_diverged(run),
            *_incomplete_protocol(run),
            *_left_out(run),
            *_single_seed(summary),
        ]
    return found


def _peeking(run: ReportRun) -> list[Notice]:
    if not run.peeked:
        return []
    return [
        Notice(
            "warning",
            f"{run.name}: epochs were chosen on the held-out subjects (--select peek). These "
            "figures are inflated; they only serve to compare with literature that did the same.",
        )
    ]


def _few_subjects(summary: dict[str, Any]) -> list[Notice]:
    count = summary["pooled"]["n_subjects"]
    if count >= FEW_SUBJECTS:
        return []
    return [
        Notice(
            "warning",
            f"Only {plural(count, 'subject')}: intervals over subjects are too narrow to be "
            "trusted, and only large differences between runs can show.",
        )
    ]


def _absent_classes(summary: dict[str, Any]) -> list[Notice]:
    found = []
    blocks = {"": summary["pooled"]}
    if len(summary["per_dataset"]) > 1:
        blocks |= {f" in {name}": block for name, block in summary["per_dataset"].items()}
    for where, block in blocks.items():
        absent = block["absent_classes"]
        if absent:
            have = "has" if len(absent) == 1 else "have"
            found.append(
                Notice(
                    "warning",
                    f"{listed(absent)} {have} no clip{where}, and "
                    f"{'counts' if len(absent) == 1 else 'count'} 0 in UF1 and UAR there.",
                )
            )
    return found


def _collapse(run: ReportRun, summary: dict[str, Any]) -> list[Notice]:
    assert run.predictions is not None
    answers = sorted(set(run.predictions["prediction"].astype(str)))
    if len(answers) == 1:
        return [Notice("warning", f"{run.name} answers “{answers[0]}” for every clip.")]
    missing = [name for name in summary["classes"] if name not in answers]
    if missing:
        return [Notice("note", f"{run.name} never answers {listed(missing)}.")]
    return []


def _chance(run: ReportRun, summary: dict[str, Any]) -> list[Notice]:
    uar = summary["pooled"]["uar"]
    present = len(summary["classes"]) - len(summary["pooled"]["absent_classes"])
    chance = (1 / len(summary["classes"])) if present else 0.0
    if uar["low"] is None or uar["low"] > chance:
        return []
    return [
        Notice(
            "warning",
            f"{run.name}: the 95 % interval of its UAR, {interval(uar['low'], uar['high'])}, "
            f"includes chance ({chance:.2f}).",
        )
    ]


def _not_better(comparison: RunComparison) -> list[Notice]:
    if not comparison.with_baseline or comparison.result is None:
        return []
    metrics = comparison.result.metrics
    metric, title = ("uf1", "UF1") if "uf1" in metrics else (MEAN_F1, "mean F1")
    tested = metrics[metric]
    p = comparison.adjusted.get(metric, tested.p_value)
    if tested.difference > 0 and p < SIGNIFICANCE:
        return []
    verdict = "is not shown to be better than" if tested.difference > 0 else "is no better than"
    return [
        Notice(
            "warning",
            f"{comparison.candidate} {verdict} the best simple baseline, “{comparison.baseline}”: "
            f"{title} {figure(tested.b)} against {figure(tested.a)}, "
            f"{difference(tested.difference)} "
            f"({p_value(p)}).",
        )
    ]


def _over_fitting(run: ReportRun) -> list[Notice]:
    text = overfitting_warning(fit_gap(run.fits), run.name)
    return [Notice("warning", text)] if text else []


def _diverged(run: ReportRun) -> list[Notice]:
    history = run.history
    if history is None or history.empty or not {"epoch", "loss"} <= set(history.columns):
        return []
    keys = [name for name in ("fold", "seed", "part", "inner_fold") if name in history]
    rows = history.fillna(dict.fromkeys(keys, ""))
    groups = rows.groupby(keys) if keys else [("", rows)]
    lost = still = 0
    for _, one in groups:
        loss = one.sort_values("epoch")["loss"]
        lost += bool(loss.isna().any())
        still += bool(len(loss) > 1 and loss.iloc[-1] >= loss.iloc[0])
    found = []
    if lost:
        found.append(f"in {plural(lost, 'training')} the loss became not-a-number")
    if still:
        found.append(f"in {plural(still, 'training')} of {len(groups)} the loss never fell")
    return [Notice("warning", f"{run.name}: {' and '.join(found)}.")] if found else []


def collapsed_latents(run: ReportRun) -> list[Notice]:
    """A pre-training whose teacher answers the same for every face, or whose motion adds nothing.

    Args:
        run: A run with a history; one of fine-tuning has none of these columns.
    """
    history = run.history
    if history is None or history.empty:
        return []
    last, found = history.sort_values("epoch").iloc[-1], []
    if "latent_variance" in history:
        variance, first = last["latent_variance"], history["latent_variance"].max()
        if variance < _COLLAPSED * first:
            found.append(f"the latent variance fell to {variance:.2g} from {first:.2g}: collapse")
    if "motion_gain" in history and last["motion_gain"] < _NO_GAIN:
        found.append(f"motion gains {last['motion_gain']:.3f} over none: the frame is copied")
    return [Notice("warning", f"{run.name}: {'; '.join(found)}.")] if found else []


def _incomplete_protocol(run: ReportRun) -> list[Notice]:
    published = run.info.get("published_protocol")
    if not isinstance(published, dict) or published.get("complete", True):
        return []
    problems = "; ".join(str(one) for one in published.get("problems", []))
    why = f" ({problems})" if problems else ""
    return [
        Notice(
            "warning",
            f"{run.name} follows the protocol {published.get('name')} in part{why}: its figures "
            "must not stand beside those published under that name.",
        )
    ]


def _left_out(run: ReportRun) -> list[Notice]:
    left_out = run.info.get("left_out")
    if not left_out:
        return []
    reasons = sorted(set(left_out.values())) if isinstance(left_out, dict) else []
    why = f" ({'; '.join(map(str, reasons[:3]))})" if reasons else ""
    return [Notice("note", f"{plural(len(left_out), 'clip')} of the store left out{why}.")]


def _single_seed(summary: dict[str, Any]) -> list[Notice]:
    if len(summary["pooled"]["seeds"]) > 1:
        return []
    return [
        Notice(
            "note",
            "One seed: the intervals cover the choice of subjects, not the luck of the "
            "initialisation. Repeat with several seeds before claiming a gain.",
        )
    ]
