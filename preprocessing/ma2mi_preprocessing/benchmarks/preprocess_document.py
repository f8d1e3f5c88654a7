"""All figures that the command `benchmark preprocess` reports, in one document."""

import dataclasses
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..available_cpus import available_cpus
from ..motion import compile_kernels
from .machine import machine_facts
from .preprocess_clips import KINDS, write_clips
from .preprocess_rerun import RerunRow, measure_rerun
from .preprocess_stages import KindRow, measure_run

FORMAT = 1

LARGE_STORES = (16_000, 1_000_000)
"""Clips of DFEW, and of a crawl of the web."""


@dataclass(frozen=True)
class PreprocessPlan:
    """How much to measure.

    Attributes
    ----------
    people, repeats : int
        Rendered clips of each kind, and how often each is preprocessed.
    reruns : tuple of (int, bool)
        Clips of stores to run on again, and whether they are folders of images.
    rounds : int
        How often the command is run on each.
    """

    people: int
    repeats: int
    reruns: tuple[tuple[int, bool], ...]
    rounds: int = 3


FULL_PLAN = PreprocessPlan(people=6, repeats=3, reruns=((10_000, False), (100_000, False)))
"""Some five minutes on two cores."""

QUICK_PLAN = PreprocessPlan(people=2, repeats=1, reruns=((1_000, False),), rounds=1)
"""Half a minute."""


@dataclass(frozen=True)
class GrowthRow:
    """What many clips of a kind cost, in proportion to those measured."""

    clips: int
    kind: str
    core_hours: float
    gigabytes: float
    files: float


def preprocess_document(
    plan: PreprocessPlan,
    command: Sequence[str],
    *,
    on_progress: Callable[[int, int], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure everything; only builtin types, so that JSON can hold it.

    Parameters
    ----------
    plan : PreprocessPlan
    command : sequence of str
        What runs `preprocess` in a process of its own; manifest and store are added.
    on_progress : callable, optional
        Called with (done, total) while clips are rendered.
    on_step : callable, optional
        Called with a few words before each measurement.

    Returns
    -------
    dict
        ``format``, ``seconds``, ``machine``, ``plan``, ``run``, and lists of rows: ``stages``,
        ``kinds``, ``reruns``, ``growth``.
    """
    announce = on_step or (lambda words: None)
    start = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="ma2mi-benchmark-") as name:
        folder = Path(name)
        announce("rendering clips")
        clips = write_clips(
            _made(folder / "clips"), plan.people, plan.repeats, _counter(plan, on_progress)
        )
        # Once for each installation: what a run costs from then on is measured.
        compile_kernels()
        announce("preprocessing them")
        run, stages, kinds = measure_run(clips, folder / "store", _workers(len(clips)))
        reruns = []
        for number, (count, images) in enumerate(plan.reruns):
            announce(f"nothing to do, {count:,} clips")
            place = _made(folder / f"rerun{number}")
            reruns.append(measure_rerun(place, count, command, images=images, rounds=plan.rounds))
        announce("")
    return {
        "format": FORMAT,
        "seconds": round(time.perf_counter() - start, 1),
        "machine": machine_facts(),
        "plan": dataclasses.asdict(plan),
        "run": dataclasses.asdict(run),
        "stages": [dataclasses.asdict(row) for row in stages],
        "kinds": [dataclasses.asdict(row) for row in kinds],
        "reruns": [dataclasses.asdict(row) for row in reruns],
        "growth": [dataclasses.asdict(row) for row in _growth(kinds)],
        "planner": _planner(reruns),
    }


def _growth(kinds: Sequence[KindRow]) -> list[GrowthRow]:
    return [
        GrowthRow(
            clips=clips,
            kind=kind.kind,
            core_hours=clips * kind.core_seconds / 3600,
            gigabytes=clips * kind.megabytes / 1000,
            files=clips * kind.files,
        )
        for clips in LARGE_STORES
        for kind in kinds
    ]


def _planner(reruns: Sequence[RerunRow]) -> list[dict[str, float]]:
    """What the one process that plans and writes the tables needs; linear in the clips."""
    files = [row for row in reruns if row.sources == "video files"]
    if len(files) < 2:
        return []
    few, many = files[0], files[-1]
    more = many.clips - few.clips
    return [
        {
            "clips": clips,
            "seconds": _line(clips - few.clips, more, min(few.seconds), min(many.seconds)),
            "table_seconds": many.table_seconds * clips / many.clips,
            "megabytes": _line(clips - few.clips, more, few.megabytes, many.megabytes),
        }
        for clips in LARGE_STORES
    ]


def _line(at: float, step: float, start: float, end: float) -> float:
    return start + (end - start) * at / step


def _workers(clips: int) -> int:
    return min(available_cpus(), clips)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _counter(
    plan: PreprocessPlan, on_progress: Callable[[int, int], None] | None
) -> Callable[[], None]:
    done, total = 0, plan.people * len(KINDS)

    def count() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, total)

    return count
