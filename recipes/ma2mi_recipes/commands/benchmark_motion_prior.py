"""`keras-ma2mi benchmark motion-prior`: emotions before a labelled clip is seen."""

import tempfile
from collections.abc import Sequence
from math import inf
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, SeedOption
from ma2mi_recipes.progress import console

Name = TypeVar("Name", bound=str)

_ErrorsOption = Annotated[
    str,
    typer.Option(
        help="Sizes of the errors of estimation to pre-train with, comma separated, see "
        "pretrain-units; 0 for exact flow."
    ),
]
_MacroPeopleOption = Annotated[
    int,
    typer.Option(help="Identities whose macro clips MA2MI is pre-trained on; 0: none.", min=0),
]
_MacroEpochsOption = Annotated[int, typer.Option(help="Epochs of that.", min=1)]


@one_line_errors
def benchmark_motion_prior_command(
    folder: Annotated[
        Path | None,
        typer.Option(help="Keep pre-trained runs here, and go on with them. Default: none."),
    ] = None,
    samples: Annotated[int, typer.Option(help="Flow fields a pre-training.", min=1)] = 100_000,
    epochs: Annotated[int, typer.Option(help="Parts that they are divided into.", min=1)] = 10,
    subjects: Annotated[int, typer.Option(help="Identities to render.", min=3)] = 16,
    clips_per_subject: Annotated[int, typer.Option(help="Clips of each identity.", min=5)] = 10,
    scalings: Annotated[
        str, typer.Option(help="Scalings of motion, comma separated.")
    ] = "minmax,pixels",
    trained_crops: Annotated[
        str, typer.Option(help="Crops to pre-train on, comma separated, see pretrain-units.")
    ] = "any,aligned",
    errors: _ErrorsOption = "1",
    crops: Annotated[
        str, typer.Option(help="Crops of the rendered clips, comma separated.")
    ] = "aligned,tight,loose",
    style: Annotated[str, typer.Option(help="Rendering style of the clips.")] = "plain",
    macro_people: _MacroPeopleOption = 0,
    macro_epochs: _MacroEpochsOption = 5,
    seed: SeedOption = 0,
    backend: BackendOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Zero-shot emotions and linear probes on rendered clips, beside baselines fitted to them.

    Pre-trains on flow fields without pictures, then meets rendered micro clips in crops and with
    flow that it knows and does not know. Half an hour on two cores.

    Example: keras-ma2mi benchmark motion-prior --folder prior --samples 20000 --scalings minmax
    """
    use_backend(backend, fits=True)
    from ma2mi_preprocessing.motion_channels import SCALINGS
    from ma2mi_preprocessing.synthesis.crops import CROP_NAMES
    from ma2mi_preprocessing.synthesis.style import STYLES
    from ma2mi_recipes.motion_prior_benchmark import PriorSetting, motion_prior_document
    from ma2mi_recipes.motion_prior_tables import (
        motion_prior_markdown,
        motion_prior_remarks,
        motion_prior_tables,
    )

    setting = PriorSetting(
        scalings=_names("--scalings", scalings, SCALINGS),
        trained_crops=_names("--trained-crops", trained_crops, CROP_NAMES),
        errors=_sizes("--errors", errors),
        crops=_names("--crops", crops, CROP_NAMES),
        samples=samples,
        epochs=epochs,
        subjects=subjects,
        clips=clips_per_subject,
        style=_names("--style", style, tuple(STYLES))[0],
        seed=seed,
        macro_people=macro_people,
        macro_epochs=macro_epochs,
    )
    with tempfile.TemporaryDirectory() as scratch:
        figures = motion_prior_document(folder or Path(scratch), setting, console.print)
    document = {"command": typed_command(), **figures}
    tables, remarks = motion_prior_tables(document), motion_prior_remarks(document)
    show_and_write(document, tables, remarks, motion_prior_markdown, json_file, markdown)


def _sizes(option: str, text: str) -> tuple[float, ...]:
    try:
        sizes = tuple(float(part) for part in text.split(","))
    except ValueError:
        sizes = ()
    if not sizes or len(set(sizes)) < len(sizes) or not all(0 <= size < inf for size in sizes):
        raise InputError(f"{option} must be different numbers from 0 up, such as 0,1; got {text!r}")
    return sizes


def _names(option: str, text: str, known: Sequence[Name]) -> tuple[Name, ...]:
    found = {str(name): name for name in known}
    names = [part.strip() for part in text.split(",")]
    if not set(names) <= set(found) or len(set(names)) < len(names):
        raise InputError(f"{option} must be different ones of {', '.join(found)}; got {text!r}")
    return tuple(found[name] for name in names)
