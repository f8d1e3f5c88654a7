"""A long load on the service as a picture: memory, files and threads over time."""

from pathlib import Path
from typing import Any

from ma2mi_preprocessing.atomic_files import atomic_path

_PANELS = (
    ("memory, MB", (("service_megabytes", "service"), ("worker_megabytes", "workers"))),
    ("files, threads", (("files", "open files"), ("threads", "threads"))),
    ("files of jobs", (("job_files", "on the disk"),)),
)


def draw_soak(soak: dict[str, Any], path: Path) -> None:
    """Draws what a service took over time.

    Args:
        soak: The entry `soak` of a document of `service_document`.
        path: A PNG file.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), layout="constrained")
    minutes = [sample["second"] / 60 for sample in soak["samples"]]
    for axes, (title, lines) in zip(
        figure.subplots(len(_PANELS), 1, sharex=True), _PANELS, strict=True
    ):
        for name, words in lines:
            values = [sample[name] for sample in soak["samples"]]
            if None not in values:
                axes.plot(minutes, values, label=words)
        axes.set_ylabel(title)
        axes.set_ylim(bottom=0)
        if axes.lines:
            axes.legend(loc="lower right")
    axes.set_xlabel("minutes of mixed load")
    with atomic_path(path) as partial:
        figure.savefig(partial, dpi=100, format="png")
