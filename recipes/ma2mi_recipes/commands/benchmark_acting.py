"""`keras-ma2mi benchmark acting`: how rendered faces act, beside published annotations."""

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


@one_line_errors
def benchmark_acting_command(
    style: Annotated[str, typer.Option(help="Rendering style.")] = "natural",
    people: Annotated[int, typer.Option(help="People of each kind.", min=1)] = 80,
    clips: Annotated[int, typer.Option(help="Clips of each; five show each emotion.", min=5)] = 10,
    seed: Annotated[int, typer.Option(help="Fixes people and expressions.", min=0)] = 0,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Durations, action units and distractors of a rendering style; nothing is drawn.

    Example: keras-ma2mi benchmark acting --style natural
    """
    from ma2mi_preprocessing.benchmarks.acting import acting_document
    from ma2mi_preprocessing.synthesis.style import STYLES
    from ma2mi_recipes.acting_tables import acting_markdown, acting_remarks, acting_tables

    if style not in STYLES:
        raise InputError(f"there is no rendering style '{style}'; use {' or '.join(STYLES)}")
    with measuring("clip") as (on_progress, _):
        figures = acting_document(
            style, people=people, clips=clips, seed=seed, on_progress=on_progress
        )
    document = {"command": typed_command(), **figures}
    show_and_write(
        document,
        acting_tables(document),
        acting_remarks(document),
        acting_markdown,
        json_file,
        markdown,
    )
