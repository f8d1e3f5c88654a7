"""`keras-ma2mi benchmark`: the figures in README, on your machine."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from collections.abc import Sequence

benchmark_app = typer.Typer(
    help="Measures speed and accuracy on this machine.", no_args_is_help=True, add_completion=False
)

JsonOption = Annotated[Path | None, typer.Option(help="Also write the figures to this JSON file.")]


@benchmark_app.command("flow")
@one_line_errors
def benchmark_flow_command(
    quick: Annotated[bool, typer.Option(help="Fewer pairs: under two minutes.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the figures here.")
    ] = None,
) -> None:
    """Error and time of TV-L1 flow on pairs whose flow is known, beside OpenCV's methods.

    One thread, all methods in one process; times are medians, ratios are taken pair by pair.

    Example: keras-ma2mi benchmark flow --quick
    """
    from ma2mi_preprocessing.benchmarks.flow import benchmark_flow

    with progress_bar("measuring", None, "pair") as advance:
        done = 0

        def on_progress(finished: int, total: int) -> None:
            nonlocal done
            advance(finished - done, total=total)
            done = finished

        rows = benchmark_flow(quick=quick, on_progress=on_progress)
    figures = [vars(row) for row in rows]
    _print_table([_flow_line(row) for row in figures])
    _write(figures, json_file)


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


def _flow_line(row: dict[str, Any]) -> dict[str, Any]:
    """What fits on a line of a narrow terminal; the JSON file has all figures."""
    return {
        "px": row["size"],
        "noise": row["noise"],
        "method": row["method"],
        "error all/moving": f"{row['epe']:.3f}/{row['epe_moving']:.3f}",
        "ms": f"{row['milliseconds']:.1f}",
        "times faster": f"{row['speed_up']:.0f} "
        f"({row['speed_up_min']:.0f}-{row['speed_up_max']:.0f})",
    }


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
