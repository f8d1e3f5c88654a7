"""`keras-ma2mi benchmark`: the figures in README, on your machine."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.benchmark_flow import benchmark_flow_command
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption
from ma2mi_recipes.progress import console

if TYPE_CHECKING:
    from collections.abc import Sequence

benchmark_app = typer.Typer(
    help="Measures speed and accuracy on this machine.", no_args_is_help=True, add_completion=False
)

JsonOption = Annotated[Path | None, typer.Option(help="Also write the figures to this JSON file.")]


benchmark_app.command("flow")(benchmark_flow_command)


@benchmark_app.command("train")
@one_line_errors
def benchmark_train_command(
    preset: Annotated[str, typer.Option(help="MIACNet preset to measure.")] = "miacnet_tiny",
    batch_size: Annotated[int, typer.Option(help="Samples a step.", min=1)] = 16,
    repeats: Annotated[int, typer.Option(help="Steps measured, after a warm-up.", min=3)] = 20,
    backend: BackendOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the figures here.")
    ] = None,
) -> None:
    """Time of a training step of MIACNet and of the future-frame reconstructor.

    Example: keras-ma2mi benchmark train --preset miacnet_tiny --backend jax
    """
    use_backend(backend)
    from ma2mi_recipes.training_benchmark import benchmark_train

    with console.status("measuring ..."):
        rows = benchmark_train(preset, batch_size, repeats)
    _print_table(rows, shared=("preset", "size", "batch", "backend"))
    _write(rows, json_file)


def _print_table(rows: "Sequence[dict[str, Any]]", shared: "Sequence[str]" = ()) -> None:
    title = ", ".join(f"{name} {rows[0][name]}" for name in shared)
    columns = [name for name in rows[0] if name not in shared]
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(_cell(row[name]) for name in columns))
    console.print(table)


def _write(rows: "Sequence[dict[str, Any]]", json_file: Path | None) -> None:
    if json_file is not None:
        from ma2mi_preprocessing.atomic_files import atomic_path

        with atomic_path(json_file) as partial:
            partial.write_text(
                json.dumps(list(rows), indent=2, default=float) + "\n", encoding="utf-8"
            )
        console.print(f"{json_file}")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return " to ".join(_cell(part) for part in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
