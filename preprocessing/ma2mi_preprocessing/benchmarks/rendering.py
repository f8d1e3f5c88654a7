"""What rendered frames cost: a whole set by several processes, and the steps of one clip."""

import dataclasses
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..synthesis import render_clip, synthesize
from ..synthesis.clips import ground_truth
from ..synthesis.frame_files import FRAME_FORMS, frames_path, write_frames

_MEGABYTE = 2**20
# Subjects, and clips of each, that have some 100,000 frames.
_WHOLE = (240, 7)


@dataclass(frozen=True)
class SetPlan:
    """A set to be rendered and written."""

    kind: str
    style: str
    frames_as: str
    workers: int
    subjects: int
    clips_per_subject: int
    size: int
    seed: int = 0


@dataclass(frozen=True)
class SetRow:
    """What a set cost, from the call to the manifest, the start of its processes included.

    Attributes
    ----------
    clips, frames : int
    seconds : float
        By the clock.
    cpu_seconds : float or None
        Of all processes together, the system's work for them included; None on Windows.
    frame_bytes, truth_bytes : int
        On disk.
    megabytes : float or None
        Memory of the largest process; None on Windows.
    """

    kind: str
    style: str
    frames_as: str
    workers: int
    size: int
    clips: int
    frames: int
    seconds: float
    cpu_seconds: float | None
    frame_bytes: int
    truth_bytes: int
    megabytes: float | None


@dataclass(frozen=True)
class StepRow:
    """CPU milliseconds that a step takes for a frame, in one process."""

    kind: str
    style: str
    step: str
    milliseconds: float


def measure_set(plan: SetPlan) -> SetRow:
    """Render a set into a temporary folder; of memory, the largest process so far counts."""
    with tempfile.TemporaryDirectory(prefix="ma2mi-benchmark-") as name:
        out = Path(name) / "set"
        before, start = _cpu_seconds(), time.perf_counter()
        clips = synthesize(
            plan.kind,
            out,
            subjects=plan.subjects,
            clips_per_subject=plan.clips_per_subject,
            size=plan.size,
            seed=plan.seed,
            style=plan.style,
            frames_as=plan.frames_as,
            workers=plan.workers,
        )
        seconds, after = time.perf_counter() - start, _cpu_seconds()
        return SetRow(
            kind=plan.kind,
            style=plan.style,
            frames_as=plan.frames_as,
            workers=plan.workers,
            size=plan.size,
            clips=len(clips),
            frames=_frames(out),
            seconds=seconds,
            cpu_seconds=None if before is None or after is None else after - before,
            frame_bytes=_bytes(out / "frames"),
            truth_bytes=_bytes(out / "ground_truth"),
            megabytes=_largest_process(),
        )


def measure_steps(kind: str, style: str, *, clips: int, size: int, seed: int = 0) -> list[StepRow]:
    """Rendering, ground truth and each form of frames, over the first clips of as many people."""
    spent: dict[str, float] = {}
    frames = 0
    # Compiled code is loaded, and memory warm, before anything is measured.
    render_clip(kind, size=size, style=style)
    with tempfile.TemporaryDirectory(prefix="ma2mi-benchmark-") as name:
        for subject in range(clips):
            with _added_time(spent, "rendering"):
                clip = render_clip(kind, subject=subject, size=size, seed=seed, style=style)
            frames += len(clip.frames)
            with _added_time(spent, "exact flow and ground truth"):
                ground_truth(clip)
            for form in FRAME_FORMS:
                path = frames_path(Path(name) / form, f"{subject}", form)
                with _added_time(spent, f"writing as {form}"):
                    write_frames(clip.frames, clip.fps, path, form)
    return [StepRow(kind, style, step, 1e3 * total / frames) for step, total in spent.items()]


@contextmanager
def _added_time(spent: dict[str, float], step: str) -> Iterator[None]:
    start = time.process_time()
    yield
    spent[step] = spent.get(step, 0.0) + time.process_time() - start


def set_plans(
    styles: Sequence[str],
    *,
    workers: int,
    subjects: int,
    clips_per_subject: int,
    size: int,
    whole: bool = False,
) -> list[SetPlan]:
    """Every style and size of movement; other forms of frames, and one process, for the first.

    With `whole`, one of some 100,000 frames comes before them.
    """
    first = SetPlan("macro", styles[0], "png", workers, subjects, clips_per_subject, size)
    plans = [
        dataclasses.replace(first, kind=kind, style=style)
        for style in styles
        for kind in ("macro", "micro")
    ]
    plans += [dataclasses.replace(first, frames_as=form) for form in FRAME_FORMS if form != "png"]
    if workers > 1:
        plans.append(dataclasses.replace(first, workers=1))
    if whole:
        plans.insert(0, dataclasses.replace(first, subjects=_WHOLE[0], clips_per_subject=_WHOLE[1]))
    return plans


def _cpu_seconds() -> float | None:
    """Of this process and of all that it has started and that have ended."""
    try:
        import resource
    except ImportError:
        return None
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _largest_process() -> float | None:
    try:
        import resource
    except ImportError:
        return None
    peaks = [
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    # Linux counts kilobytes, macOS bytes.
    return max(peaks) * (1 if sys.platform == "darwin" else 1024) / _MEGABYTE


def _frames(out: Path) -> int:
    total = 0
    for path in sorted((out / "ground_truth").rglob("*.npz")):
        with np.load(path) as arrays:
            total += len(arrays["intensities"])
    return total


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
