"""Progress bars with a rate and a time left."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column
from rich.text import Text

console = Console(soft_wrap=True, highlight=False)

Advance = Callable[..., None]

_WIDEST_NOTE = 22


class RateColumn(ProgressColumn):
    """Steps a second, or seconds a step where they are slow."""

    def __init__(self, unit: str, table_column: Column | None = None) -> None:
        super().__init__(table_column=table_column)
        self.unit = unit

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        if not speed:
            return Text("")
        if speed >= 1:
            return Text(f"{speed:.1f} {self.unit}/s")
        return Text(f"{1 / speed:.1f} s/{self.unit}")


def _one_line(widest: int | None = None) -> Column:
    return Column(no_wrap=True, overflow="ellipsis", max_width=widest)


@contextmanager
def progress_bar(description: str, total: int | None, unit: str) -> Iterator[Advance]:
    """Yields `advance(steps=1, note="")`, which moves the bar and may show a note beside it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(table_column=_one_line()),
        RateColumn(unit, table_column=_one_line()),
        TimeElapsedColumn(table_column=_one_line()),
        TextColumn("left"),
        TimeRemainingColumn(table_column=_one_line()),
        TextColumn("{task.fields[note]}", table_column=_one_line(_WIDEST_NOTE)),
    )
    with Progress(*columns, console=console, transient=False) as progress:
        task = progress.add_task(description, total=total, note="")

        def advance(steps: int = 1, note: str = "", total: int | None = None) -> None:
            if total is not None:
                progress.update(task, total=total)
            progress.update(task, advance=steps, note=note)

        yield advance


@contextmanager
def steps_bar(unit: str) -> Iterator[Callable[[str, int, int], None]]:
    """Yields `(step, done, total)`: one bar for each step, in turn; a `total` of 0 is not known."""
    with ExitStack() as bars:
        step_now, done_now = "", 0
        advance: Advance | None = None

        def on_progress(step: str, done: int, total: int) -> None:
            nonlocal advance, step_now, done_now
            if advance is None or step != step_now:
                bars.close()
                advance = bars.enter_context(progress_bar(step, total or None, unit))
                step_now, done_now = step, 0
            advance(done - done_now)
            done_now = done

        yield on_progress
