"""Matplotlib figures as SVG that lives inside a page and follows its colours."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

# Colours that stand for the page's own: each is replaced by a CSS variable, so that one picture
# serves a light and a dark page.
INK, MUTED, GRID = "#010101", "#020202", "#030303"
SERIES = tuple(f"#0400{number:02x}" for number in range(6))
_VARIABLES = {INK: "--ink", MUTED: "--muted", GRID: "--grid"} | {
    colour: f"--series-{number}" for number, colour in enumerate(SERIES)
}
_FONT = "system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif"
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "keras-ma2mi",
    "font.size": 9,
    "text.color": INK,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
}


@contextmanager
def axes(width: float, height: float) -> Iterator[tuple[Any, Any]]:
    """A figure and its axes in the page's style; sizes in inches.

    Neither pyplot nor its global state is touched: a report may be written from a thread.
    """
    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.add_subplot()


def inline_svg(figure: Any, label: str, prefix: str) -> str:
    """The figure as an `<svg>` element for a page.

    Args:
        figure: A figure made by `axes`, while its context is open.
        label: What the picture shows, for a reader who cannot see it.
        prefix: Begins every id, so that two pictures of a page never share one.
    """
    buffer = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :].strip()
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    text = _own_ids(text, prefix)
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, f"var({variable})")
    text = re.sub(r"font: (\d+(?:\.\d+)?px) [^;\"]+", rf"font: \1 {_FONT}", text)
    text = re.sub(r"font-family: [^;\"]+", f"font-family: {_FONT}", text)
    opening, rest = text.split(">", 1)
    box = re.search(r'viewBox="[^"]+"', opening)
    assert box is not None
    return f'<svg {box.group()} role="img" aria-label="{_attribute(label)}">{rest}'


def _own_ids(text: str, prefix: str) -> str:
    used = set(re.findall(r"url\(#([^)]+)\)", text)) | set(re.findall(r'href="#([^"]+)"', text))
    text = re.sub(
        r' id="([^"]+)"',
        lambda match: f' id="{prefix}-{match[1]}"' if match[1] in used else "",
        text,
    )
    text = re.sub(r"url\(#", f"url(#{prefix}-", text)
    return re.sub(r'(?:xlink:)?href="#', f'href="#{prefix}-', text)


def _attribute(text: str) -> str:
    escapes = {"&": "&amp;", '"': "&quot;", "<": "&lt;", ">": "&gt;"}
    return "".join(escapes.get(letter, letter) for letter in text)
