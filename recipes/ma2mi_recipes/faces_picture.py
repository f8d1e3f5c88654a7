"""How an aligned face jitters, beside the micro-expression that one is after, as one picture."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.benchmarks.alignments import (
    CLIP,
    CLIP_RIGID,
    EACH_FRAME,
    TRACK,
    Remembered,
    each_frame,
    followed,
    one_a_clip,
    stabilised,
)
from ma2mi_preprocessing.benchmarks.faces import SWAYS
from ma2mi_preprocessing.benchmarks.known_heads import FPS, SIZE, KnownHead, known_head

if TYPE_CHECKING:
    from ma2mi_preprocessing.faces import FaceDetector

_CLIP = ("micro", 5, 1)
_COLOURS = {EACH_FRAME: "#c44e52", TRACK: "#dd8452", CLIP: "#8c8c8c", CLIP_RIGID: "#2f6fb0"}


def write_faces_picture(detector: "FaceDetector", path: Path) -> None:
    """Draws what is left of the head's motion over a clip, for both motions of the head.

    Args:
        detector: Finds the eyes.
        path: PNG file.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 6.0), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (head, sway) in zip(figure.subplots(2, 1, sharex=True), SWAYS.items(), strict=True):
        clip = known_head(*_CLIP, sway=sway)
        _draw(axes, clip, _curves(clip, detector))
        axes.set_title(f"Head moves {'slightly' if head == 'slight' else 'strongly'}", loc="left")
    axes.set_xlabel("seconds")
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=3, frameon=False)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", dpi=100)


def _curves(clip: KnownHead, detector: "FaceDetector") -> dict[str, npt.NDArray[np.float64]]:
    """Mean vertical displacement of the face since the onset by alignment, (T,) pixels."""
    remembered = Remembered(detector)
    ways = {
        EACH_FRAME: each_frame(clip.frames, remembered, SIZE),
        TRACK: followed(clip.frames, remembered, SIZE, FPS),
        CLIP: one_a_clip(clip.frames, remembered, SIZE, clip.onset),
    }
    ways[CLIP_RIGID] = stabilised(clip.frames, ways[CLIP], SIZE, clip.onset, None)[0]
    return {name: clip.residuals(way).mean(axis=1)[:, 1] for name, way in ways.items()}


def _draw(axes: Any, clip: KnownHead, curves: Mapping[str, npt.NDArray[np.float64]]) -> None:
    seconds = (np.arange(len(clip.frames)) - clip.onset) / FPS
    for name, curve in curves.items():
        axes.plot(seconds, curve, color=_COLOURS[name], label=name, linewidth=1.6)
    expression = clip.expression_course()
    axes.fill_between(
        seconds, 0, expression, color="#55a868", alpha=0.35, linewidth=0, label="the expression"
    )
    axes.set_ylabel("pixels of 224")
    axes.axhline(0.0, color="#404040", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
