"""Markdown tables of what `keras-ma2mi benchmark presets` and `benchmark train` measured."""

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]


def preset_markdown(rows: Sequence[Row]) -> str:
    """A line a preset and a column a backend, of rows of `benchmark presets`."""
    backends = list(dict.fromkeys(row["backend"] for row in rows))
    titles = ["preset", "input", "parameters", "multiply-adds", *(f"{b}, ms" for b in backends)]
    lines = []
    for name in dict.fromkeys(row["name"] for row in rows):
        of_preset = {row["backend"]: row for row in rows if row["name"] == name}
        row = next(iter(of_preset.values()))
        size = row["input_size"]
        lines.append(
            [
                f"`{name}`",
                f"{size}x{size}, {' and '.join(row['inputs'])}",
                f"{row['parameters']:,}",
                f"{row['multiply_adds'] / 1e6:,.0f} M",
                *(_spread(of_preset[b], "milliseconds", "low", "high", 1) for b in backends),
            ]
        )
    return _table(titles, lines, left=2)


def training_markdown(documents: dict[str, Sequence[Row]]) -> str:
    """A line a preset, kind of work and backend, of rows of `benchmark train` by preset."""
    titles = ["preset", "work", "backend", "ms a step", "by hand, ms", "ratio"]
    lines = [
        [
            f"`{preset}`",
            row["work"] if row["model"] == "MIACNet" else "MA2MI pre-training",
            row["backend"],
            _spread(row, "milliseconds", "low", "high", 1),
            "" if row["by_hand"] is None else f"{row['by_hand']:.1f}",
            "" if row["ratio"] is None else _spread(row, "ratio", "ratio_low", "ratio_high", 2),
        ]
        for preset, rows in documents.items()
        for row in rows
    ]
    return _table(titles, lines, left=3)


def _spread(row: Row, middle: str, low: str, high: str, digits: int) -> str:
    values = [f"{row[name]:.{digits}f}" for name in (middle, low, high)]
    return f"{values[0]} ({values[1]}-{values[2]})"


def _table(titles: list[str], lines: list[list[str]], left: int) -> str:
    rule = ["---"] * left + ["--:"] * (len(titles) - left)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in (titles, rule, *lines))
