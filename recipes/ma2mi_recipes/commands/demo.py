"""`keras-ma2mi demo`: the whole chain on rendered clips."""

from pathlib import Path
from typing import Annotated

import typer

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, SeedOption, WorkersOption
from ma2mi_recipes.progress import console


@one_line_errors
def demo_command(
    out: Annotated[Path, typer.Option(help="Folder for everything the demo makes.")] = Path(
        "ma2mi-demo"
    ),
    backend: BackendOption = None,
    workers: WorkersOption = None,
    seed: SeedOption = 0,
    pretrain: Annotated[
        bool,
        typer.Option(
            "--pretrain",
            help="Pre-train here, on macro clips rendered for it, in the place of starting from "
            "the weights of the package.",
        ),
    ] = False,
) -> None:
    """Runs every stage on rendered clips, in a few minutes, and ends with a report.

    Renders micro-expression clips, preprocesses them, fine-tunes on them under
    leave-one-subject-out from scratch and from MA2MI pre-training, and compares the two. The
    pre-training is that of the weights of the package, which saw other people; with --pretrain it
    is done here. Cut off, the same command goes on.

    Example: keras-ma2mi demo --backend jax
    """
    chosen = use_backend(backend, fits=True)
    console.rule(f"keras-ma2mi demo on {chosen}")
    from ma2mi_recipes.demonstration import run_demo
    from ma2mi_recipes.evaluation_stage import RENDERED_NOTICE

    console.print(RENDERED_NOTICE)
    report = run_demo(out, workers, seed, pretrain)
    console.print(f"report: {report}")
    console.print(
        "next, on your own data: keras-ma2mi preprocess YOUR_VIDEOS/ my.store && "
        f"keras-ma2mi predict YOUR_VIDEO.mp4 --model {out / 'runs' / 'ma2mi'}",
        markup=False,
    )
