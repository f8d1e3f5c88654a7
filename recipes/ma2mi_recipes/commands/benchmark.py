"""`keras-ma2mi benchmark`: the figures in README, on your machine."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ma2mi_recipes.backend import installed_backends, use_backend
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
    steps: Annotated[int, typer.Option(help="Steps in a round.", min=1)] = 20,
    rounds: Annotated[int, typer.Option(help="Rounds measured, after one to warm up.", min=3)] = 7,
    steps_per_execution: Annotated[
        int, typer.Option(help="Steps that Keras compiles into one call.", min=1)
    ] = 1,
    backend: BackendOption = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the figures here.")
    ] = None,
) -> None:
    """Time of training and inference, beside the same network by hand in PyTorch and JAX.

    Every installed backend is measured in a process of its own, or only the one named.

    Example: keras-ma2mi benchmark train --preset miacnet_tiny
    """
    if backend is None:
        rows = _each_backend(preset, batch_size, steps, rounds, steps_per_execution)
    else:
        use_backend(backend, fits=True)
        from ma2mi_recipes.training_benchmark import benchmark_train

        with console.status(f"measuring {backend} ..."):
            rows = benchmark_train(preset, batch_size, steps, rounds, steps_per_execution)
    console.print(f"{preset}, batches of {batch_size}; milliseconds a step, median of {rounds}")
    _print_table([_speed_line(row) for row in rows])
    _write(rows, json_file)


def _each_backend(preset: str, *numbers: int) -> list[dict[str, Any]]:
    from ma2mi_preprocessing.benchmarks.child_process import measure_in_child

    rows: list[dict[str, Any]] = []
    for name in installed_backends():
        code = (
            "import json\n"
            "from ma2mi_recipes.backend import installed_backends, use_backend\n"
            f"use_backend({str(name)!r}, fits=True)\n"
            "from ma2mi_recipes.training_benchmark import benchmark_train\n"
            f"print(json.dumps(benchmark_train({preset!r}, *{numbers!r})))"
        )
        with console.status(f"measuring {name} ..."):
            rows += measure_in_child(code, {})
    return rows


def _speed_line(row: dict[str, Any]) -> dict[str, Any]:
    ratio = row["ratio"]
    return {
        "backend": row["backend"],
        "model": row["model"],
        "work": row["work"],
        "parameters": row["parameters"],
        "first, s": f"{row['first']:.1f}",
        "ms": f"{row['milliseconds']:.1f} ({row['low']:.1f}-{row['high']:.1f})",
        "by hand": "" if row["by_hand"] is None else f"{row['by_hand']:.1f}",
        "ratio": ""
        if ratio is None
        else f"{ratio:.2f} ({row['ratio_low']:.2f}-{row['ratio_high']:.2f})",
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
