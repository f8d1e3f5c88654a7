"""What every benchmark does around its work: one at a time, taking up and adding to an archive."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from ma2mi_preprocessing.store_lock import run_lock
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.prediction_archive import PredictionArchive
from ma2mi_recipes.ma2mi_benchmark.starts import Start, starts_of, with_those_before


class Judged(Protocol):
    """A piece that predictions come of."""

    @property
    def finished(self) -> bool:
        """Whether they are on disk."""

    def files(self) -> list[Path]:
        """All that its figures are made from; what says that it is finished comes last."""


@contextmanager
def archived_run(
    out: Path,
    archive: PredictionArchive | None,
    starts: Sequence[Start],
    pieces: Sequence[Judged],
) -> Iterator[None]:
    """Alone in a folder, with what an archive tells; what is finished in the end is added to it.

    Also where the work inside is cut off.

    Args:
        out: The folder.
        archive: None for none.
        starts: All pre-trainings of the benchmark.
        pieces: All that is made of them.

    Raises:
        InputError: Where another benchmark writes to the folder, or the archive does not fit.
    """
    out.mkdir(parents=True, exist_ok=True)
    with run_lock(out, "benchmark's folder"):
        if archive is None:
            yield
            return
        archive.unpack(out)
        try:
            yield
        finally:
            told = [start.facts_path for start in starts if start.facts_path.is_file()]
            finished = [path for piece in pieces if piece.finished for path in piece.files()]
            archive.add(out, told + finished)


def still_needed(starts: Sequence[Start], begun_with: Iterable[Start | None]) -> list[Start]:
    """Pre-trainings that something is left to do with; of the others there may be no network.

    Args:
        starts: All.
        begun_with: By what is not finished yet.
    """
    folders = {start.folder for start in begun_with if start is not None}
    return with_those_before(
        start for start in starts if start.folder in folders or not start.facts_path.is_file()
    )


def to_pretrain(
    plan: Plan, conditions: Sequence[Condition], needed: Sequence[Start], out: Path
) -> list[Condition]:
    """The conditions whose macro clips are needed for what is still to be pre-trained."""
    left = {start.folder for start in needed if not start.finished}
    return [
        condition
        for condition in conditions
        if any(start.folder in left for start in starts_of(plan, [condition], out))
    ]
