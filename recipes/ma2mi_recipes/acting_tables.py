"""The tables of `keras-ma2mi benchmark acting`, made from its JSON document alone."""

from collections.abc import Callable, Sequence
from typing import Any

from ma2mi_recipes.benchmark_markdown import markdown_report
from ma2mi_recipes.flow_table import ReportTable

_Figures = dict[str, Any]
_UNITS_SHOWN = 4


def acting_tables(document: dict[str, Any]) -> list[ReportTable]:
    """Durations and units beside the published ones, units by emotion, and what else happens."""
    sets = [*document["published"], *document["rendered"]]
    return [_profiles(sets), _units(document), _beside(document["beside"])]


def acting_remarks(document: dict[str, Any]) -> list[str]:
    """What was drawn, one sentence each."""
    clips = document["rendered"][0]["clips"]
    return [
        f"`{document['command']}`: style {document['style']}, {clips} clips of each kind by "
        f"{document['people']} people, seed {document['seed']}; nothing was measured on a clock."
    ]


def acting_markdown(document: dict[str, Any]) -> str:
    """The report as Markdown; the same document gives the same text."""
    return markdown_report(acting_remarks(document), acting_tables(document))


def _profiles(sets: Sequence[_Figures]) -> ReportTable:
    lines: tuple[tuple[str, Callable[[_Figures], str]], ...] = (
        ("clips", lambda each: str(each["clips"])),
        ("frames a second", lambda each: f"{each['fps']:g}"),
        ("onset to offset, s", lambda each: _spread(each["duration"])),
        ("onset to apex, s", lambda each: _spread(each["rise"])),
        ("apex to offset, s", lambda each: _spread(each["fall"])),
        ("share before the apex", lambda each: _mean_and_deviation(each["before_apex"])),
        ("clips with a one-sided unit", lambda each: _percent(each["one_sided"])),
        (
            "clips with 1, 2, 3, 4 or more units",
            lambda each: ", ".join(f"{100 * share:.0f}" for share in each["unit_counts"]) + " %",
        ),
        ("best accuracy from the units", lambda each: _percent(each["best_accuracy"])),
        ("largest displacement, px", lambda each: _spread(each["peak"])),
    )
    return ReportTable(
        "Expressions",
        "Spreads are medians, and in brackets what a tenth is below and above. Published: counted "
        "in annotation tables; best accuracy is the published F1 from annotated units. Pixels of a "
        "picture of 224.",
        ("", *(each["name"] for each in sets)),
        [(name, *(text(each) for each in sets)) for name, text in lines],
    )


def _units(document: dict[str, Any]) -> ReportTable:
    published = document["published"][0]["units"]
    rows = [
        (
            label,
            _most_frequent(published[label]),
            *(_most_frequent(each["units"][label]) for each in document["rendered"]),
        )
        for label in published
    ]
    names = [each["name"] for each in document["rendered"]]
    return ReportTable(
        "Action units of each emotion",
        "Share of clips that have the unit, on one side or both. Published: CASME II and SAMM "
        "together (anger 57, disgust 72, happiness 58, sadness 6, surprise 40 clips).",
        ("emotion", "CASME II and SAMM", *names),
        rows,
        text_columns=4,
    )


def _beside(rows: Sequence[_Figures]) -> ReportTable:
    lines: tuple[tuple[str, str, Callable[[Any], str]], ...] = (
        ("blinks a minute", "blinks_a_minute", _plain),
        ("clips with a blink", "clips_with_blink", _percent),
        ("clips with a change of gaze", "clips_with_glance", _percent),
        ("clips with speech", "clips_with_speech", _percent),
        ("clips with a swallow", "clips_with_swallow", _percent),
        ("clips with a unit that does not belong", "clips_with_leak", _percent),
        ("largest displacement by those three, px", "distractor_pixels", _spread),
        ("deviation of the head, px", "head_shift_pixels", _plain),
    )
    return ReportTable(
        "What else happens",
        "Blinks a minute count those that begin within a clip. Pixels of a picture of 224.",
        ("", *(row["name"] for row in rows)),
        [(name, *(text(row[key]) for row in rows)) for name, key, text in lines],
    )


def _most_frequent(shares: dict[str, float]) -> str:
    first = sorted(shares.items(), key=lambda each: -each[1])[:_UNITS_SHOWN]
    return ", ".join(f"{unit} {100 * share:.0f} %" for unit, share in first)


def _spread(values: Sequence[float] | None) -> str:
    if values is None:
        return ""
    low, middle, high = values
    return f"{middle:.2f} ({low:.2f}-{high:.2f})"


def _mean_and_deviation(values: Sequence[float]) -> str:
    mean, deviation = values
    return f"{mean:.2f} +- {deviation:.2f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.0f} %"


def _plain(value: float) -> str:
    return f"{value:.1f}"
