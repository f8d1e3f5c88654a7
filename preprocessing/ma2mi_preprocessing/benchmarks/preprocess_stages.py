"""Where the time of the cores goes while clips are preprocessed, from end to end."""

import os
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..datasets.clip import Clip
from ..options import PreprocessOptions
from ..pipeline import ClipOutcome, preprocess
from ..store import open_store
from ..store_format import CLIPS_FOLDER
from .preprocess_clips import KINDS

NEEDED = ("decode", "detect", "align", "flow")
"""Stages that are the work itself; all others are what it costs to have it done."""

_OUTSIDE = "start, planning, tables, waiting"


@dataclass(frozen=True)
class StageRow:
    """Time of one stage, over all workers.

    Attributes
    ----------
    stage : str
    seconds, cpu_seconds : float
        By the wall clock, and of the processors.
    share : float
        Of the cores' time: duration of the run times the number of workers.
    needed : bool
        Whether it is among `NEEDED`.
    """

    stage: str
    seconds: float
    cpu_seconds: float
    share: float
    needed: bool


@dataclass(frozen=True)
class KindRow:
    """What clips of one kind cost.

    Attributes
    ----------
    kind : str
    clips, frames : int
        Stored frames; those of the source that are not kept are not counted.
    core_seconds : float
        Time of a core for one clip.
    frames_per_core_second : float
    needed_share : float
        Share of `NEEDED` in the time spent on such clips.
    megabytes, files : float
        On disk, of one clip.
    """

    kind: str
    clips: int
    frames: int
    core_seconds: float
    frames_per_core_second: float
    needed_share: float
    megabytes: float
    files: float


@dataclass(frozen=True)
class RunRow:
    """A run from end to end, start of the workers and tables included.

    `needed_share` is the share of `NEEDED` in the cores' time, and `needed_cpu_share` in the CPU
    time of the workers, which other programs on the machine change less.
    """

    workers: int
    clips: int
    frames: int
    seconds: float
    clips_per_second: float
    frames_per_second: float
    needed_share: float
    needed_cpu_share: float


def measure_run(
    clips: Sequence[Clip], store: Path, workers: int
) -> tuple[RunRow, list[StageRow], list[KindRow]]:
    """Preprocess clips with default options, and say where the time went.

    Raises
    ------
    RuntimeError
        A clip was rejected: the figures would not be those of the work.
    """
    outcomes: list[ClipOutcome] = []
    start = time.perf_counter()
    summary = preprocess(
        clips,
        store,
        PreprocessOptions(),
        workers=workers,
        on_outcome=outcomes.append,
        measured=True,
    )
    seconds = time.perf_counter() - start
    if summary.rejected:
        raise RuntimeError(f"a clip of the benchmark was rejected: {summary.rejected[0]}")
    stages = _stage_rows(outcomes, seconds * workers)
    frames = sum(outcome.frames for outcome in outcomes)
    run = RunRow(
        workers=workers,
        clips=len(clips),
        frames=frames,
        seconds=seconds,
        clips_per_second=len(clips) / seconds,
        frames_per_second=frames / seconds,
        needed_share=sum(row.share for row in stages if row.needed),
        needed_cpu_share=sum(row.cpu_seconds for row in stages if row.needed)
        / sum(row.cpu_seconds for row in stages),
    )
    return run, stages, _kind_rows(outcomes, store)


def _stage_rows(outcomes: Sequence[ClipOutcome], cores_time: float) -> list[StageRow]:
    wall, cpu = _totals(outcomes)
    wall[_OUTSIDE] = max(0.0, cores_time - sum(wall.values()))
    rows = [
        StageRow(stage, spent, cpu.get(stage, 0.0), spent / cores_time, stage in NEEDED)
        for stage, spent in wall.items()
    ]
    return sorted(rows, key=lambda row: (not row.needed, -row.seconds))


def _totals(outcomes: Sequence[ClipOutcome]) -> tuple[dict[str, float], dict[str, float]]:
    wall: defaultdict[str, float] = defaultdict(float)
    cpu: defaultdict[str, float] = defaultdict(float)
    for outcome in outcomes:
        for stage, (seconds, cpu_seconds) in (outcome.times or {}).items():
            wall[stage] += seconds
            cpu[stage] += cpu_seconds
    return wall, cpu


def _kind_rows(outcomes: Sequence[ClipOutcome], store: Path) -> list[KindRow]:
    folders = open_store(store).manifest.set_index("clip_id")["folder"]
    rows = []
    for kind in KINDS:
        mine = [each for each in outcomes if each.clip_id.startswith(f"{kind.name}/")]
        wall, _ = _totals(mine)
        total = sum(wall.values())
        sizes = [_sizes(store / CLIPS_FOLDER / str(folders[each.clip_id])) for each in mine]
        frames = sum(each.frames for each in mine)
        rows.append(
            KindRow(
                kind=kind.name,
                clips=len(mine),
                frames=frames,
                core_seconds=total / len(mine),
                frames_per_core_second=frames / total,
                needed_share=sum(wall.get(stage, 0.0) for stage in NEEDED) / total,
                megabytes=sum(map(sum, sizes)) / len(mine) / 1e6,
                files=sum(map(len, sizes)) / len(mine),
            )
        )
    return rows


def _sizes(folder: Path) -> list[int]:
    return [
        (Path(parent) / name).stat().st_size
        for parent, _, names in os.walk(folder)
        for name in names
    ]
