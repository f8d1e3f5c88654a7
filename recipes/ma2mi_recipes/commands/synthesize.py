"""`keras-ma2mi synthesize`: rendered clips with ground truth."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import SeedOption
from ma2mi_recipes.progress import console, progress_bar


class Amplitude(StrEnum):
    """How large the rendered movements are."""

    macro = "macro"
    micro = "micro"


class FramesAs(StrEnum):
    """In what files frames are written."""

    png = "png"
    jpeg = "jpeg"
    video = "video"


# A process takes as long to start as to render about so many clips.
_FEWEST_CLIPS_A_WORKER = 8


@one_line_errors
def synthesize_command(
    kind: Annotated[Amplitude, typer.Argument(help="Size of the movements.")],
    out: Annotated[
        Path | None,
        typer.Argument(
            help="Folder to write: new, empty, or begun before. Not needed with --sheet."
        ),
    ] = None,
    subjects: Annotated[int, typer.Option(help="Identities to render.", min=1)] = 8,
    clips_per_subject: Annotated[int, typer.Option(help="Clips of each identity.", min=1)] = 8,
    size: Annotated[int, typer.Option(help="Side of the square frames, pixels.", min=32)] = 128,
    seed: SeedOption = 0,
    style: Annotated[
        str,
        typer.Option(
            help="plain: faces without detail that do nothing else, as in all figures of the docs; "
            "natural: skin, glasses, beards, light, blinks, gaze and speech; "
            "dim and smooth: as natural, in bad light or without pores; "
            "photograph: a real photograph of one person is moved, to report on and never to "
            "choose on; its identities are variants of that picture."
        ),
    ] = "plain",
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="Picture (.png or .jpg) to draw of the style: 48 people, and every action unit.",
            show_default=False,
        ),
    ] = None,
    frames_as: Annotated[
        FramesAs,
        typer.Option(
            help="png: a file a frame, lossless; video: a file a clip, lossless and quickly "
            "written; jpeg: a quarter of the room."
        ),
    ] = FramesAs.png,
    workers: Annotated[
        int | None,
        typer.Option(
            help="Processes. Default: one a core, fewer for a few clips.", min=1, show_default=False
        ),
    ] = None,
) -> None:
    """Renders face clips with known key frames, action units and dense optical flow.

    Rendered clips are for trying the tools and for measuring them against a known truth. They are
    drawn by a program: no figure measured on them says how a model does on people.

    The same options give the same files, whatever the number of processes. Interrupted and called
    again, it goes on.

    Example: keras-ma2mi synthesize micro clips/micro --subjects 8 --clips-per-subject 8
    """
    if sheet is not None:
        from ma2mi_preprocessing.synthesis.sheet import write_face_sheet

        write_face_sheet(sheet, style, seed=seed)
        console.print(f"people and action units of style {style}: {sheet}")
    if out is None:
        if sheet is None:
            raise InputError("there is nowhere to write clips to; name a folder after the kind")
        return
    run_synthesize(kind, out, subjects, clips_per_subject, size, seed, style, frames_as, workers)


def run_synthesize(
    kind: Amplitude,
    out: Path,
    subjects: int,
    clips_per_subject: int,
    size: int,
    seed: int,
    style: str = "plain",
    frames_as: FramesAs = FramesAs.png,
    workers: int | None = None,
) -> None:
    """Renders with a progress bar. The manifest comes last: it marks the folder as finished."""
    from ma2mi_preprocessing.available_cpus import available_cpus
    from ma2mi_preprocessing.synthesis import synthesize

    if workers is None:
        workers = max(
            1, min(available_cpus(), subjects * clips_per_subject // _FEWEST_CLIPS_A_WORKER)
        )
    with progress_bar(f"rendering {kind} clips", subjects * clips_per_subject, "clip") as advance:
        clips = synthesize(
            kind.value,
            out,
            subjects=subjects,
            clips_per_subject=clips_per_subject,
            size=size,
            seed=seed,
            style=style,
            frames_as=frames_as.value,
            workers=workers,
            on_clip=lambda clip: advance(),
        )
    people = len({clip.subject for clip in clips})
    said = f"{people} identities" if people == subjects else f"{subjects} variants of one person"
    console.print(f"{len(clips)} rendered clips of {said}: {out / 'manifest.csv'}")
