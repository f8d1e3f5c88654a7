"""`keras-ma2mi benchmark`: the figures in README, on your machine."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from ma2mi_recipes.backend import installed_backends
from ma2mi_recipes.commands.benchmark_acting import benchmark_acting_command
from ma2mi_recipes.commands.benchmark_experiments import benchmark_experiments_command
from ma2mi_recipes.commands.benchmark_faces import benchmark_faces_command
from ma2mi_recipes.commands.benchmark_flow import benchmark_flow_command
from ma2mi_recipes.commands.benchmark_key_frames import benchmark_key_frames_command
from ma2mi_recipes.commands.benchmark_loso import benchmark_loso_command
from ma2mi_recipes.commands.benchmark_ma2mi import benchmark_ma2mi_command
from ma2mi_recipes.commands.benchmark_magnification import benchmark_magnification_command
from ma2mi_recipes.commands.benchmark_motion_prior import benchmark_motion_prior_command
from ma2mi_recipes.commands.benchmark_preprocess import benchmark_preprocess_command
from ma2mi_recipes.commands.benchmark_probes import benchmark_probes_command
from ma2mi_recipes.commands.benchmark_recipe import benchmark_recipe_command
from ma2mi_recipes.commands.benchmark_rendering import benchmark_rendering_command
from ma2mi_recipes.commands.benchmark_service import benchmark_service_command
from ma2mi_recipes.commands.benchmark_shifts import benchmark_shifts_command
from ma2mi_recipes.commands.benchmark_spotting import benchmark_spotting_command
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption
from ma2mi_recipes.progress import console

if TYPE_CHECKING:
    from collections.abc import Sequence

benchmark_app = typer.Typer(
    help="Measures speed and accuracy on this machine.", no_args_is_help=True, add_completion=False
)

_TIME_LIMIT = 3600
"""Seconds that one backend may take."""

JsonOption = Annotated[
    Path | None, typer.Option("--json", help="Also write the figures to this JSON file.")
]


benchmark_app.command("acting")(benchmark_acting_command)
benchmark_app.command("flow")(benchmark_flow_command)
benchmark_app.command("magnification")(benchmark_magnification_command)
benchmark_app.command("key-frames")(benchmark_key_frames_command)
benchmark_app.command("faces")(benchmark_faces_command)
benchmark_app.command("preprocess")(benchmark_preprocess_command)
benchmark_app.command("probes")(benchmark_probes_command)
benchmark_app.command("recipe")(benchmark_recipe_command)
benchmark_app.command("rendering")(benchmark_rendering_command)
benchmark_app.command("service")(benchmark_service_command)
benchmark_app.command("shifts")(benchmark_shifts_command)
benchmark_app.command("spotting")(benchmark_spotting_command)
benchmark_app.command("motion-prior")(benchmark_motion_prior_command)
benchmark_app.command("loso")(benchmark_loso_command)
benchmark_app.command("ma2mi")(benchmark_ma2mi_command)
benchmark_app.command("experiments")(benchmark_experiments_command)


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
    json_file: JsonOption = None,
) -> None:
    """Time of training and inference, beside the same network by hand in PyTorch and JAX.

    Every installed backend is measured in a process of its own, or only the one named.

    Example: keras-ma2mi benchmark train --preset miacnet_tiny
    """
    arguments = (preset, batch_size, steps, rounds, steps_per_execution)
    rows = _measured(backend, "training_benchmark", "benchmark_train", arguments)
    console.print(f"{preset}, batches of {batch_size}; milliseconds a step, median of {rounds}")
    _print_table([_speed_line(row) for row in rows])
    _write(rows, json_file)


@benchmark_app.command("presets")
@one_line_errors
def benchmark_presets_command(
    rounds: Annotated[int, typer.Option(help="Predictions measured.", min=3)] = 30,
    backend: BackendOption = None,
    json_file: JsonOption = None,
) -> None:
    """Parameters, multiply-adds, and milliseconds for one sample of each preset of MIACNet.

    Every installed backend is measured in a process of its own, or only the one named.

    Example: keras-ma2mi benchmark presets
    """
    rows = _measured(backend, "preset_benchmark", "benchmark_presets", (rounds,))
    columns = ("name", "input_size", "parameters", "multiply_adds", "backend")
    _print_table(
        [
            {**{name: f"{row[name]}" for name in columns}, "ms": _spread(row, digits=2)}
            for row in rows
        ]
    )
    _write(rows, json_file)


def _measured(
    backend: str | None, module: str, function: str, arguments: tuple[Any, ...]
) -> list[dict[str, Any]]:
    """What a function of a module of ours returns under `backend`, or under each installed one.

    A process of its own for each: Keras chooses its backend when it is imported.
    """
    from ma2mi_preprocessing.benchmarks.child_process import measure_in_child
    from ma2mi_preprocessing.errors import InputError

    rows: list[dict[str, Any]] = []
    for name in [backend] if backend else installed_backends():
        code = (
            "import json\n"
            "from ma2mi_recipes.backend import use_backend\n"
            f"use_backend({str(name)!r}, fits=True)\n"
            f"from ma2mi_recipes.{module} import {function}\n"
            f"print(json.dumps({function}(*{arguments!r})))"
        )
        try:
            with console.status(f"measuring {name} ..."):
                rows += measure_in_child(code, {}, time_limit=_TIME_LIMIT)
        except RuntimeError as error:
            raise InputError(str(error).rpartition("InputError: ")[2]) from error
    return rows


def _speed_line(row: dict[str, Any]) -> dict[str, Any]:
    ratio = row["ratio"]
    return {
        "backend": row["backend"],
        "model": row["model"],
        "work": row["work"],
        "parameters": row["parameters"],
        "first, s": f"{row['first']:.1f}",
        "ms": _spread(row, digits=1),
        "by hand": "" if row["by_hand"] is None else f"{row['by_hand']:.1f}",
        "ratio": ""
        if ratio is None
        else f"{ratio:.2f} ({row['ratio_low']:.2f}-{row['ratio_high']:.2f})",
    }


def _spread(row: dict[str, Any], digits: int) -> str:
    middle, low, high = (f"{row[name]:.{digits}f}" for name in ("milliseconds", "low", "high"))
    return f"{middle} ({low}-{high})"


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
