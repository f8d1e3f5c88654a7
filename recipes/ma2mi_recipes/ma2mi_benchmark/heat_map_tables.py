"""Tables of how well heat maps show where faces truly move."""

from collections.abc import Callable, Mapping
from typing import Any

from ma2mi_recipes.flow_table import ReportTable

_MAPS = {
    "response": "response of the action branch",
    "attention": "attention of the action branch",
    "action_contribution": "what the action says for the class",
    "contribution": "what both branches say for the class",
}
_WITHOUT_NETWORK = {
    "motion": "length of the measured motion",
    "others": "where other people truly move",
    "centre": "nearness to the centre",
    "chance": "chance (no differences)",
}
_SCORES = ("pointing", "overlap", "mass")


def heat_map_tables(
    figures: Mapping[str, Any], label_words: Callable[[str], str]
) -> list[ReportTable]:
    """Scores of all maps, and MA2MI against scratch.

    Args:
        figures: Of `heat_map_figures`.
        label_words: A condition's label as the reader knows it.
    """
    rows = [
        (label_words(row["condition"]), _MAPS[row["map"]], *_cells(row)) for row in figures["rows"]
    ]
    rows += [
        ("(no network)", _WITHOUT_NETWORK[row["name"]], *_cells(row))
        for row in figures["without_network"]
    ]
    tables = [
        ReportTable(
            "Heat maps",
            "Of clips of people held out, by the network of their fold, with "
            f"{100 * figures['fraction']:g} % of the labels. What truly moves are the places whose "
            "displacement from onset to apex, without that of the head, is above half the largest: "
            f"{100 * figures['area']:.1f} % of the picture. Pointing: share of clips whose hottest "
            "place lies there. Overlap: intersection over union with as many of the hottest "
            "places. Mass: share of the heat that lies there. In brackets 95 per cent intervals "
            "over people and seeds.",
            ("method", "map", *_SCORES),
            rows,
            text_columns=2,
        )
    ]
    if figures["comparisons"]:
        tables.append(_comparisons(figures["comparisons"], label_words))
    return tables


def _cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{row[name]['value']:.3f} ({row[name]['low']:.3f} to {row[name]['high']:.3f})"
        for name in _SCORES
    )


def _comparisons(lines: Any, label_words: Callable[[str], str]) -> ReportTable:
    return ReportTable(
        "Do heat maps of MA2MI point better?",
        "Differences over the same clips, with intervals over people; p of a paired permutation "
        f"test over people, and p adjusted by Holm for the {len(lines)} tests of this table.",
        ("this", "above this", "map", "score", "difference", "p", "p, Holm"),
        [
            (
                label_words(line["b"]),
                label_words(line["a"]),
                _MAPS[line["map"]],
                line["score"],
                f"{line['difference']:+.3f} ({line['low']:+.3f} to {line['high']:+.3f})",
                f"{line['p_value']:.4f}",
                f"{line['p_holm']:.4f}",
            )
            for line in lines
        ],
        text_columns=4,
    )
