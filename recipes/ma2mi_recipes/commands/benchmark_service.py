"""`keras-ma2mi benchmark service`: what the service makes of the machine that it runs on."""

from pathlib import Path
from typing import Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    measuring,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.progress import console
from ma2mi_recipes.service_tables import service_markdown, service_remarks, service_tables


@one_line_errors
def benchmark_service_command(
    sizes: Annotated[str, typer.Option(help="Sides of the images, pixels.")] = "224,640",
    clients: Annotated[str, typer.Option(help="Clients at once.")] = "1,8,64,256",
    seconds: Annotated[float, typer.Option(help="Of each measurement.", min=0.2)] = 8.0,
    repeats: Annotated[
        int, typer.Option(help="Measurements of each; 0 for the mixed load alone.", min=0)
    ] = 3,
    soak_minutes: Annotated[
        float, typer.Option(help="Of a mixed load after them, to find what grows.", min=0)
    ] = 0.0,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
    picture: Annotated[
        Path | None, typer.Option(help="Also draw the mixed load into this PNG file.")
    ] = None,
) -> None:
    """Requests for flow a second, how long they wait, and whether the service grows.

    A service is started on loopback, and clients on the same machine ask it as fast as they are
    answered. Some eight minutes, and the mixed load.

    Example: keras-ma2mi benchmark service --sizes 224 --clients 1,8 --repeats 1
    """
    from ma2mi_preprocessing.benchmarks.service_document import service_document
    from ma2mi_recipes.service_picture import draw_soak

    wanted = _numbers("--sizes", sizes, 32), _numbers("--clients", clients, 1)
    if not repeats and not soak_minutes:
        raise InputError("with --repeats 0 there is only the mixed load; give --soak-minutes, too")
    if picture is not None and not soak_minutes:
        raise InputError("--picture draws the mixed load; give --soak-minutes, too")
    with measuring("measurement") as (on_progress, on_step):
        figures = service_document(
            *wanted,
            seconds=seconds,
            repeats=repeats,
            soak_seconds=60 * soak_minutes,
            on_progress=on_progress,
            on_step=on_step,
        )
    document = {"command": typed_command(), **figures}
    tables, remarks = service_tables(document), service_remarks(document)
    show_and_write(document, tables, remarks, service_markdown, json_file, markdown)
    if picture is not None:
        draw_soak(document["soak"], picture)
        console.print(f"{picture}")


def _numbers(option: str, text: str, least: int) -> list[int]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isdigit() and int(part) >= least for part in parts):
        raise InputError(f"{option} takes numbers from {least} on, with commas; not '{text}'")
    return [int(part) for part in dict.fromkeys(parts)]
