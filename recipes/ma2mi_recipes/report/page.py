"""One HTML file that tells what was run and what came out, and opens without a network."""

import base64
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_recipes.report import wording
from ma2mi_recipes.report.comparisons import compare_all
from ma2mi_recipes.report.runs import ReportRun, RunComparison, presentable


def write_report(
    path: Path,
    title: str,
    runs: Sequence[ReportRun],
    *,
    notices: Sequence[str] = (),
    pictures: Sequence[tuple[str, bytes]] = (),
    next_steps: Sequence[str] = (),
    comparisons: Sequence[RunComparison] | None = None,
) -> None:
    """Writes a self-contained report; the file appears whole or not at all.

    Args:
        path: The HTML file.
        title: Heading of the page.
        runs: What to report; runs without predictions show their training only.
        notices: What the reader must know first, for instance that clips are rendered.
        pictures: Captions and PNG files of the data.
        next_steps: Commands, or sentences, that close the page.
        comparisons: Tests between runs. By default every pair is tested, and each run against
            the best simple baseline.

    Raises:
        PredictionsError: Where predictions cannot be scored; the message names the run.
        InputError: Where the file cannot be written.
    """
    html = render(
        title,
        runs,
        notices=notices,
        pictures=pictures,
        next_steps=next_steps,
        comparisons=compare_all(runs) if comparisons is None else comparisons,
    )
    with atomic_path(Path(path)) as partial:
        partial.write_text(html, encoding="utf-8")


def render(
    title: str,
    runs: Sequence[ReportRun],
    *,
    notices: Sequence[str] = (),
    pictures: Sequence[tuple[str, bytes]] = (),
    next_steps: Sequence[str] = (),
    comparisons: Sequence[RunComparison] = (),
) -> str:
    """The report as text; arguments as for `write_report`."""
    from ma2mi_recipes.report.sections import page_content

    environment = _environment()
    content = page_content(presentable(runs), comparisons)
    return str(
        environment.get_template("page.html").render(
            title=title,
            given_notices=list(notices),
            pictures=list(pictures),
            next_steps=list(next_steps),
            **content,
        )
    )


@functools.cache
def _environment() -> Any:
    import jinja2

    from ma2mi_recipes.report.baselines import baseline_note
    from ma2mi_recipes.report.key_frame_curves import MOVED_NAMES

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("ma2mi_recipes.report", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "figure": wording.figure,
        "difference": wording.difference,
        "p_value": wording.p_value,
        "holm": wording.holm,
        "data_uri": _data_uri,
    }
    environment.globals |= {
        "baseline_note": baseline_note,
        "MOVED_NAMES": MOVED_NAMES,
        "interval": wording.interval,
        "difference_interval": wording.difference_interval,
        "plural": wording.plural,
        "METRIC_NAMES": wording.METRIC_NAMES,
        "SIGNIFICANCE": wording.SIGNIFICANCE,
    }
    return environment


def _data_uri(picture: bytes) -> str:
    kind = "jpeg" if picture.startswith(b"\xff\xd8") else "png"
    return f"data:image/{kind};base64,{base64.b64encode(picture).decode()}"
