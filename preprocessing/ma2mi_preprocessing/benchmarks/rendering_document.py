"""All figures that the command `benchmark rendering` reports, in one document."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

from ..synthesis import render_clip
from .child_process import measure_in_child
from .machine import machine_facts
from .rendering import SetPlan, SetRow, measure_steps, set_plans

FORMAT = 1
_TIME_LIMIT = 6 * 3600.0


def rendering_document(
    styles: Sequence[str],
    *,
    workers: int,
    subjects: int,
    clips_per_subject: int,
    size: int,
    whole: bool = False,
    step_clips: int = 10,
    on_progress: Callable[[int, int], None] | None = None,
    on_step: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Measure everything; only builtin types, so that JSON can hold it.

    Parameters
    ----------
    styles : sequence of str
        Names of rendering styles; of the first one more is measured.
    workers : int
        Processes.
    subjects, clips_per_subject : int
        Size of each set.
    size : int
        Side of the frames in pixels.
    whole : bool
        Whether a set of some 100,000 frames comes first.
    step_clips : int
        Clips whose steps are timed one by one.
    on_progress : callable, optional
        Called with (done, total) as sets are finished.
    on_step : callable, optional
        Called with a few words before each measurement.

    Returns
    -------
    dict
        ``format``, ``seconds``, ``machine``, ``size``, and the rows ``sets`` and ``steps``.
    """
    announce = on_step or (lambda words: None)
    start = time.perf_counter()
    # Once for each installation: what a set costs from then on is measured.
    render_clip("macro", size=48, style=styles[0])
    plans = set_plans(
        styles,
        workers=workers,
        subjects=subjects,
        clips_per_subject=clips_per_subject,
        size=size,
        whole=whole,
    )
    sets = []
    for number, plan in enumerate(plans):
        announce(f"{plan.style} {plan.kind} {plan.frames_as}")
        sets.append(_measured_alone(plan))
        if on_progress is not None:
            on_progress(number + 1, len(plans))
    announce("the steps of a clip")
    steps = [
        dataclasses.asdict(row)
        for style in styles
        for kind in ("macro", "micro")
        for row in measure_steps(kind, style, clips=step_clips, size=size)
    ]
    announce("")
    return {
        "format": FORMAT,
        "seconds": round(time.perf_counter() - start, 1),
        "machine": machine_facts(),
        "size": size,
        "sets": [dataclasses.asdict(row) for row in sets],
        "steps": steps,
    }


def _measured_alone(plan: SetPlan) -> SetRow:
    # In a process of its own: what a system knows of the memory of processes is their largest ever.
    code = (
        "import dataclasses, json\n"
        "from ma2mi_preprocessing.benchmarks.rendering import SetPlan, measure_set\n"
        "if __name__ == '__main__':\n"
        f"    row = measure_set(SetPlan(**{dataclasses.asdict(plan)!r}))\n"
        "    print(json.dumps(dataclasses.asdict(row)))\n"
    )
    return SetRow(**measure_in_child(code, {}, time_limit=_TIME_LIMIT))
