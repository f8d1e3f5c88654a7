"""Pictures of a prediction: one expression, or all of a long video."""

from pathlib import Path
from typing import Any

import numpy as np

from ma2mi_preprocessing.flow_colour import flow_to_colour
from ma2mi_recipes.classified_pair import ClassifiedPair
from ma2mi_recipes.pictures import overlay_heat_map
from ma2mi_recipes.prediction import EventPrediction, Prediction

MOST_DRAWN = 12
"""Events with a row of their own: the strongest; the picture says how many there are."""

_COLOURS = {"onset": "#2a8f4f", "apex": "#c0392b", "offset": "#3b6ea5"}
_KINDS = {"micro": "#c0392b", "macro": "#3b6ea5"}


def draw_prediction(prediction: Prediction, path: Path) -> None:
    """Draws what was found into a PNG file: one expression, or all where all were looked for."""
    if prediction.every:
        _draw_events(prediction, path)
    else:
        _draw_strongest(prediction, path)


def _draw_strongest(prediction: Prediction, path: Path) -> None:
    """Motion curve with key frames, the faces, the flow, the heat map and the probabilities."""
    from matplotlib.figure import Figure

    found = prediction.events[0]
    figure = Figure(figsize=(11, 6.4), layout="constrained")
    upper, lower = np.ravel(np.asarray(figure.subfigures(2, 1, height_ratios=(1, 1.1))))
    curve, bars = upper.subplots(1, 2, width_ratios=(2.4, 1))
    _draw_curve(curve, prediction)
    for name, frame in found.key_frames().items():
        place = frame / prediction.fps
        curve.axvline(place, color=_COLOURS[name], label=name, linewidth=1.4)
    curve.legend(fontsize=8)
    _draw_probabilities(bars, found.pair)
    _draw_faces(lower.subplots(1, 4), found)
    figure.suptitle(prediction.title, fontsize=11)
    figure.savefig(path, dpi=110)


def _draw_events(prediction: Prediction, path: Path) -> None:
    """The whole curve with numbered events, and a row of pictures for each of the strongest."""
    from matplotlib.figure import Figure

    numbered = list(enumerate(prediction.events, 1))
    by_strength = sorted(numbered, key=lambda each: -each[1].event.strength)
    drawn = sorted(by_strength[:MOST_DRAWN], key=lambda each: each[0])
    figure = Figure(figsize=(13, 3.6 + 2.3 * len(drawn)), layout="constrained")
    parts = np.ravel(
        np.asarray(figure.subfigures(1 + len(drawn), 1, height_ratios=(3.4, *(2.3,) * len(drawn))))
    )
    curve = parts[0].subplots()
    _draw_curve(curve, prediction, logarithmic=True)
    _mark(curve, prediction)
    for part, (number, each) in zip(parts[1:], drawn, strict=True):
        axes = part.subplots(1, 5, width_ratios=(1, 1, 1, 1, 1.6))
        _draw_faces(axes[:4], each)
        _draw_probabilities(axes[4], each.pair)
        axes[0].text(
            -0.12, 0.5, f"{number}  {each.event.kind}, {each.event.seconds:.2f} s", rotation=90,
            transform=axes[0].transAxes, va="center", ha="center", fontsize=10,
            color=_KINDS[each.event.kind],
        )  # fmt: skip
    left_out = len(numbered) - len(drawn)
    more = f"; pictures of the {len(drawn)} strongest, {left_out} more in events.csv"
    figure.suptitle(prediction.title + (more if left_out else ""), fontsize=11)
    figure.savefig(path, dpi=90)


def _mark(axes: Any, prediction: Prediction) -> None:
    top = axes.get_ylim()[1]
    for number, each in enumerate(prediction.events, 1):
        onset, apex, offset = (frame / prediction.fps for frame in each.key_frames().values())
        axes.axvspan(onset, offset, color=_KINDS[each.event.kind], alpha=0.2, linewidth=0)
        axes.axvline(apex, color=_KINDS[each.event.kind], linewidth=1)
        axes.text(apex, top, str(number), fontsize=8, ha="center", va="bottom")
    from matplotlib.patches import Patch

    handles = axes.get_legend_handles_labels()[0] + [
        Patch(color=colour, alpha=0.4, label=kind) for kind, colour in _KINDS.items()
    ]
    # Below the axes: above them stand the numbers, and anywhere within them a curve.
    place = {"loc": "upper right", "bbox_to_anchor": (1.0, -0.1)}
    axes.legend(handles=handles, fontsize=7, ncols=len(handles), frameon=False, **place)


def _draw_curve(axes: Any, prediction: Prediction, *, logarithmic: bool = False) -> None:
    seconds = (np.arange(len(prediction.curve)) + prediction.first_frame) / prediction.fps
    axes.plot(seconds, prediction.curve, color="#b5b5b5", linewidth=1.0, label="blinks, glances")
    axes.plot(seconds, prediction.counted, color="#333333", linewidth=1.0, label="movement")
    axes.set_xlabel("seconds")
    axes.set_ylabel(f"{prediction.curve_of}, px", fontsize=8)
    axes.margins(x=0.01)
    if logarithmic:
        # A micro-expression moves a tenth of what a macro-expression does.
        axes.set_yscale("log")
        axes.set_ylim(bottom=max(1e-4, 0.5 * float(np.quantile(prediction.curve, 0.05))))
        axes.plot(
            seconds, prediction.least, color="#777777", linewidth=0.8, linestyle="--",
            label="least that counts",
        )  # fmt: skip
    axes.set_title("motion curve", fontsize=10, pad=14 if logarithmic else 6)


def _draw_faces(axes: Any, found: EventPrediction) -> None:
    keys, pair = found.key_frames(), found.pair
    shown = (
        (pair.onset_face, f"onset, frame {keys['onset']}"),
        (pair.apex_face, f"apex, frame {keys['apex']}"),
        (flow_to_colour(pair.flow), f"flow, largest {pair.largest_flow:.2f} px"),
        (overlay_heat_map(pair.apex_face, pair.heat_map), f"speaks for {pair.label}"),
    )
    for place, (image, title) in zip(axes, shown, strict=True):
        place.imshow(image)
        place.set_title(title, fontsize=9)
        place.axis("off")


def _draw_probabilities(axes: Any, pair: ClassifiedPair) -> None:
    names, values = zip(*pair.probabilities.items(), strict=True)
    axes.barh(names, values, color="#3b6ea5")
    axes.set_xlim(0, 1)
    axes.set_title("class probabilities", fontsize=9)
    axes.tick_params(labelsize=8)
    axes.invert_yaxis()
