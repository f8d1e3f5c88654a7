"""What the command `benchmark spotting` measures, in one document."""

import dataclasses
import multiprocessing
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any

from ..available_cpus import available_cpus
from ..errors import InputError
from .machine import machine_facts
from .spotting_videos import VideoTask, search_video

FORMAT = 1

TUNING_SEED = 4242
"""The people on whom thresholds were set; nobody of them is ever measured."""


@dataclass(frozen=True)
class SpottingPlan:
    """How much to measure.

    Attributes
    ----------
    clips : tuple of (str, float, int)
        Kind, frames a second, and number of clips of one expression.
    recordings : tuple of (str, float, int, float)
        What they show (see `VideoTask`), frames a second, number, and seconds of each.
    """

    clips: tuple[tuple[str, float, int], ...]
    recordings: tuple[tuple[str, float, int, float], ...]


FULL_PLAN = SpottingPlan(
    clips=(("micro", 100.0, 36), ("micro", 200.0, 18), ("macro", 30.0, 18)),
    recordings=(
        ("expressions", 100.0, 4, 30.0),
        ("expressions", 30.0, 5, 40.0),
        ("blinks", 50.0, 3, 30.0),
        ("still", 50.0, 2, 30.0),
    ),
)
"""Some seven minutes on two CPUs."""

QUICK_PLAN = SpottingPlan(
    clips=(("micro", 100.0, 5), ("macro", 30.0, 3)),
    recordings=(("expressions", 30.0, 2, 20.0), ("blinks", 30.0, 1, 10.0)),
)
"""Under a minute."""


def spotting_document(
    plan: SpottingPlan = FULL_PLAN,
    *,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Search rendered videos with every method; only builtin types, so that JSON can hold it.

    Parameters
    ----------
    plan : SpottingPlan, optional
    seed : int, optional
        Fixes people, expressions and noise.
    on_progress : callable, optional
        Called with (done, total) after each video.

    Returns
    -------
    dict
        ``format``, ``seed``, ``seconds``, ``machine``, ``plan``, and ``videos``, see
        `search_video`. Scores are for whoever reads it.

    Raises
    ------
    InputError
        The `seed` is the one that thresholds were set with.
    """
    if seed == TUNING_SEED:
        raise InputError(f"thresholds were set on the people of seed {seed}; take another one")
    start = time.perf_counter()
    tasks = list(_tasks(plan, seed))
    videos: list[dict[str, Any]] = []
    # Longest first, so that no CPU is left with one of them at the end.
    order = sorted(range(len(tasks)), key=lambda place: -tasks[place].seconds * tasks[place].fps)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(available_cpus(), len(tasks)), mp_context=context) as pool:
        futures = {place: pool.submit(search_video, tasks[place]) for place in order}
        for done, place in enumerate(order, 1):
            futures[place].result()
            if on_progress is not None:
                on_progress(done, len(tasks))
        videos = [futures[place].result() for place in range(len(tasks))]
    return {
        "format": FORMAT,
        "seed": seed,
        "tuning_seed": TUNING_SEED,
        "seconds": round(time.perf_counter() - start, 1),
        "machine": machine_facts(),
        "plan": dataclasses.asdict(plan),
        "videos": videos,
    }


def _tasks(plan: SpottingPlan, seed: int) -> Iterator[VideoTask]:
    # A person for each video: none is met twice.
    subject = 0
    for kind, fps, count in plan.clips:
        for _ in range(count):
            yield VideoTask("clip", kind, subject, fps, 0.0, seed)
            subject += 1
    for what, fps, count, seconds in plan.recordings:
        for _ in range(count):
            yield VideoTask(what, "", subject, fps, seconds, seed)
            subject += 1
