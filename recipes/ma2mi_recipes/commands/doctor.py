"""`keras-ma2mi doctor`: what is installed, what works, and what to do about the rest."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.progress import console

_MARKS = {"good": "[green]good[/green]", "note": "[yellow]note[/yellow]", "bad": "[red]bad[/red] "}


@one_line_errors
def doctor_command(
    backends: Annotated[
        bool, typer.Option(help="Whether to train a step with each backend; some seconds each.")
    ] = True,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write all findings to this JSON file.")
    ] = None,
) -> None:
    """Shows versions, backends, devices and folders, and what to do about each problem.

    Ends with exit code 1 where something is bad. Send its output with a bug report.

    Example: keras-ma2mi doctor
    """
    from rich.markup import escape

    from ma2mi_recipes.commands.benchmark_output import write_text
    from ma2mi_recipes.doctor import findings

    found = []
    for finding in findings(backends):
        found.append(finding)
        console.print(
            f"{_MARKS[finding.state]}  {escape(finding.what)}: {escape(finding.words)}",
            soft_wrap=True,
        )
        if finding.advice:
            console.print(f"      {escape(finding.advice)}", soft_wrap=True, style="dim")
    if json_file is not None:
        text = json.dumps([asdict(finding) for finding in found], indent=1) + "\n"
        write_text(json_file, text)
    bad = sum(finding.state == "bad" for finding in found)
    if bad:
        console.print(f"{bad} of {len(found)} findings are bad")
        raise typer.Exit(1)
