"""`keras-ma2mi explain`: where in the face a run's predictions come from."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import RunArgument
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from ma2mi_recipes.run_directory import RunDirectory


@one_line_errors
def explain_command(
    run: RunArgument,
    store: Annotated[
        Path | None, typer.Option(help="Clip store, where it was moved since the run.")
    ] = None,
    most: Annotated[
        int | None,
        typer.Option(
            help="Draw only so many clips, of each action unit where those are predicted: right "
            "and wrong answers evenly, over all classes.",
            min=1,
        ),
    ] = None,
    action_units: Annotated[
        str | None,
        typer.Option(
            help="Of a run that predicts action units only these: FACS numbers, such as 4,12.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Draws heat maps of held-out clips: onset, apex, flow, and what speaks for the class.

    A map is the exact share of each place in the class's score, from the model that never saw the
    clip's subject. Pictures go to RUN/heat_maps, as hit__CLIP.png or miss__CLIP.png, and into the
    report when `evaluate` is run again. Of a run over action units each unit has a folder there,
    and a map shows what speaks for the unit.

    Example: keras-ma2mi explain runs/ma2mi --most 20
    """
    from ma2mi_recipes.run_directory import RunDirectory

    directory = RunDirectory.open(run, "train")
    directory.require_finished()
    count = run_explain(directory, store, most, action_units)
    console.print(f"{count} pictures: {run / 'heat_maps'}")


def run_explain(
    directory: "RunDirectory",
    store: Path | None,
    most: int | None,
    action_units: str | None = None,
) -> int:
    """Draws with a progress bar; returns how many pictures were written.

    Arguments as for `explain`.
    """
    from ma2mi_preprocessing.store import open_store
    from ma2mi_recipes.chosen_clips import action_unit_numbers
    from ma2mi_recipes.explanation import draw_heat_maps, explained_units

    opened = open_store(store or Path(directory.info["store"]))
    if not (directory.path / "heat_maps.npz").is_file():
        model = directory.info.get("model", "miacnet")
        raise InputError(
            f"{directory.path} has no heat_maps.npz: "
            + ("repeat the run" if model == "miacnet" else f"a {model} draws none")
        )
    asked = [f"AU{unit}" for unit in action_unit_numbers(action_units)] if action_units else None
    clips, units = directory.info["clips"], explained_units(directory, asked)
    total = min(most or clips, clips) * max(1, len(units))
    with progress_bar("drawing", total, "picture") as advance:
        return len(draw_heat_maps(directory, opened, most, on_picture=advance, units=asked))
