"""`keras-ma2mi weights`: weights that come with the package, and how they are made."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, WorkersOption
from ma2mi_recipes.progress import console

weights_app = typer.Typer(
    help="Shows, and makes, the weights that come with the package.",
    no_args_is_help=True,
    add_completion=False,
)

NameArgument = Annotated[
    str, typer.Argument(help="miacnet_tiny_rendered or miacnet_motion28_rendered.")
]


@weights_app.command("list")
@one_line_errors
def weights_list_command(backend: BackendOption = None) -> None:
    """Names of the weights, and what they are."""
    use_backend(backend)
    from keras_ma2mi.models.packaged_weights import WEIGHTS

    table = Table("name", "what it is")
    for name, description in WEIGHTS.items():
        table.add_row(name, description)
    console.print(table)


@weights_app.command("show")
@one_line_errors
def weights_show_command(
    name: NameArgument,
    page: Annotated[
        Path | None,
        typer.Option(
            help="Markdown page to put the card into, between its markers, in the place of "
            "printing it.",
            show_default=False,
        ),
    ] = None,
    backend: BackendOption = None,
) -> None:
    """Prints the card: what the weights saw, what they are not, and how they score.

    Example: keras-ma2mi weights show miacnet_tiny_rendered
    """
    use_backend(backend)
    from keras_ma2mi.models.packaged_weights import CARD_FILE
    from ma2mi_preprocessing.atomic_files import atomic_path
    from ma2mi_recipes.packaged_runs import weights_run
    from ma2mi_recipes.weights_making.card import with_card

    card = (weights_run(name).path / CARD_FILE).read_text(encoding="utf-8")
    if page is None:
        typer.echo(card, nl=False)
        return
    text = with_card(page.read_text(encoding="utf-8"), name, card)
    with atomic_path(page) as partial:
        partial.write_text(text, encoding="utf-8")
    console.print(f"card of {name}: {page}")


@weights_app.command("make")
@one_line_errors
def weights_make_command(
    name: NameArgument,
    out: Annotated[Path, typer.Option(help="Folder for clips, stores, runs and the weights.")],
    style: Annotated[str, typer.Option(help="Rendering style of all clips.")] = "natural",
    quick: Annotated[
        bool, typer.Option("--quick", help="Few clips and epochs: whether it runs.")
    ] = False,
    workers: WorkersOption = None,
    backend: BackendOption = None,
) -> None:
    """Makes weights as those of the package were made: renders, trains, scores and packs.

    With the options of `pretrain`, `pretrain-units` and `train` as they are by default. Cut off,
    the same command goes on.

    Example: keras-ma2mi weights make miacnet_tiny_rendered --out weights
    """
    chosen = use_backend(backend, fits=True)
    from ma2mi_recipes.weights_making import PLANS, make_weights, quick_plan
    from ma2mi_recipes.weights_making.plans import plan_in_style

    if name not in PLANS:
        raise InputError(f"there are no weights {name} to make; there are {', '.join(PLANS)}")
    plan = plan_in_style(PLANS[name], style)
    command = f"keras-ma2mi weights make {name} --style {style} --backend {chosen}"
    if quick:
        plan, command = quick_plan(plan), f"{command} --quick"
    folder = make_weights(plan, out, command, workers)
    console.print(f"weights and card: {folder}")
