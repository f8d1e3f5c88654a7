"""What a person sees when a command cannot go on."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import typer
from rich.console import Console

from ma2mi_preprocessing.errors import InputError

P = ParamSpec("P")
R = TypeVar("R")

EXIT_INPUT = 2
EXIT_INTERRUPTED = 130


def one_line_errors(command: Callable[P, R]) -> Callable[P, R]:
    """Turns `InputError` into one line and exit code 2, and Ctrl-C into a word about going on.

    Every other exception is a defect of ours and keeps its traceback.
    """

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        console = Console(stderr=True, soft_wrap=True, highlight=False)
        try:
            return command(*args, **kwargs)
        except InputError as error:
            message = " ".join(str(error).split())
            console.print(f"error: {message}", markup=False)
            raise typer.Exit(EXIT_INPUT) from error
        except KeyboardInterrupt as interrupt:
            console.print(
                "stopped. What was finished is kept; the same command goes on from there."
            )
            raise typer.Exit(EXIT_INTERRUPTED) from interrupt

    return guarded
