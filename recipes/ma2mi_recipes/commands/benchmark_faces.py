"""`keras-ma2mi benchmark faces`: detectors and alignments, on your machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    measuring,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.faces_tables import faces_markdown, faces_remarks, faces_tables
from ma2mi_recipes.options import DetectorModelOption
from ma2mi_recipes.progress import console

if TYPE_CHECKING:
    from ma2mi_preprocessing.faces import FaceDetector


@one_line_errors
def benchmark_faces_command(
    quick: Annotated[bool, typer.Option(help="Fewer clips: under a minute or two.")] = False,
    videos: Annotated[
        Path | None, typer.Option(help="Folder of videos to measure the detectors on, too.")
    ] = None,
    detector_model: DetectorModelOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw how aligned faces jitter into this PNG file.")
    ] = None,
) -> None:
    """What alignments leave of a known motion of the head, and of the expression.

    Rendered clips, and the videos of a folder. YuNet takes part where its model is given or can
    be fetched. The full run takes some five minutes.

    Example: keras-ma2mi benchmark faces --quick --videos recordings/
    """
    detectors, not_measured = _detectors(detector_model)
    document = {
        "command": _without_folders(typed_command()),
        **_measure(detectors, quick, videos),
        "not_measured": not_measured,
    }
    tables, remarks = faces_tables(document), faces_remarks(document)
    show_and_write(document, tables, remarks, faces_markdown, json_file, markdown)
    if picture is not None:
        from ma2mi_recipes.faces_picture import write_faces_picture

        write_faces_picture(detectors[-1], picture)
        console.print(f"{picture}")


def _detectors(model: Path | None) -> tuple[list["FaceDetector"], dict[str, str]]:
    from ma2mi_preprocessing.errors import InputError
    from ma2mi_preprocessing.faces import create_detector

    detectors = [create_detector("cascade")]
    try:
        detectors.append(create_detector("yunet", model))
    except InputError as error:
        if model is not None:
            raise
        return detectors, {"yunet": str(error)}
    return detectors, {}


def _measure(detectors: "list[FaceDetector]", quick: bool, videos: Path | None) -> dict[str, Any]:
    from ma2mi_preprocessing.benchmarks.faces_document import (
        FULL_PLAN,
        QUICK_PLAN,
        faces_document,
    )

    with measuring("clip") as (on_progress, _):
        return faces_document(
            detectors,
            QUICK_PLAN if quick else FULL_PLAN,
            videos=videos,
            on_progress=on_progress,
        )


def _without_folders(command: str) -> str:
    """The command without the folders of this machine."""
    import re

    return re.sub(r"\S*/(?=[^/\s]+)", "", command)
