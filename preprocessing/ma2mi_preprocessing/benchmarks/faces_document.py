"""All figures about faces that the command `benchmark faces` reports, in one document."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..faces.detection import FaceDetector
from .faces import SWAYS, benchmark_heads
from .faces_videos import benchmark_videos, videos_of
from .machine import machine_facts
from .one_cpu import pinned_to_one_cpu
from .registrations import benchmark_registrations

FORMAT = 1


@dataclass(frozen=True)
class FacesPlan:
    """How much to measure.

    Attributes
    ----------
    micro, macro : int
        Rendered clips of either kind, each with both motions of the head.
    registration_micro, registration_macro : int
        Rendered clips on which registrations are compared.
    video_frames : int
        Most frames of a video.
    """

    micro: int
    macro: int
    registration_micro: int
    registration_macro: int
    video_frames: int


FULL_PLAN = FacesPlan(12, 4, 6, 2, 120)
"""Some four minutes."""

QUICK_PLAN = FacesPlan(3, 1, 2, 1, 40)
"""Well under a minute."""


def faces_document(
    detectors: Sequence[FaceDetector],
    plan: FacesPlan = FULL_PLAN,
    *,
    videos: str | Path | None = None,
    seed: int = 0,
    on_progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Measure everything; only builtin types, so that JSON can hold it.

    Parameters
    ----------
    detectors : sequence of FaceDetector
    plan : FacesPlan, optional
    videos : str or Path, optional
        Folder with videos; without it only rendered clips are measured.
    seed : int, optional
        Fixes the rendered clips.
    on_progress : callable, optional
        Called with (done, total) after each clip and video.

    Returns
    -------
    dict
        ``format``, ``seed``, ``seconds``, ``machine``, ``plan``, and lists of rows: ``motion``,
        ``expression``, ``times``, ``registrations``, ``videos``.

    Raises
    ------
    InputError
        The folder holds no video.
    """
    start = time.perf_counter()
    clips = len(SWAYS) * (plan.micro + plan.macro)
    total = clips + plan.registration_micro + plan.registration_macro
    total += len(videos_of(videos)) if videos is not None else 0
    done = 0

    def step() -> None:
        nonlocal done
        done += 1
        if on_progress is not None:
            on_progress(done, total)

    with pinned_to_one_cpu():
        motion, expression, times = benchmark_heads(
            detectors, micro=plan.micro, macro=plan.macro, seed=seed, on_clip=step
        )
        registrations = benchmark_registrations(
            micro=plan.registration_micro,
            macro=plan.registration_macro,
            sway=SWAYS["strong"],
            seed=seed,
            on_clip=step,
        )
        seen = (
            []
            if videos is None
            else benchmark_videos(videos, detectors, most_frames=plan.video_frames, on_video=step)
        )
    return {
        "format": FORMAT,
        "seed": seed,
        "seconds": round(time.perf_counter() - start, 1),
        "machine": machine_facts(),
        "plan": dataclasses.asdict(plan),
        "detectors": [detector.name for detector in detectors],
        "motion": _plain(motion),
        "expression": _plain(expression),
        "times": _plain(times),
        "registrations": _plain(registrations),
        "videos": _plain(seen),
    }


def _plain(rows: Sequence[Any]) -> list[dict[str, Any]]:
    return [_rounded(dataclasses.asdict(row)) for row in rows]


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    return round(value, 4) if isinstance(value, float) else value
