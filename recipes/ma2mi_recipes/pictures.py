"""Pictures of heat maps and of a prediction."""

from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.flow_colour import flow_to_colour

if TYPE_CHECKING:
    from pathlib import Path

    from ma2mi_recipes.prediction import Prediction


def overlay_heat_map(
    face: npt.NDArray[np.uint8], heat_map: npt.NDArray[np.floating], strength: float = 0.6
) -> npt.NDArray[np.uint8]:
    """Heat map over a face: warm where the place speaks for the class, clear where it doesn't.

    Args:
        face: `(H, W, 3)` uint8 RGB.
        heat_map: `(h, w)`: what each place adds to the class's logit. Values below zero, which
            speak against the class, stay clear.
        strength: Opacity of the highest value, 0..1.

    Returns:
        `(H, W, 3)` uint8 RGB.
    """
    height, width = face.shape[:2]
    positive = np.maximum(heat_map, 0).astype(np.float32)
    positive = cv2.resize(positive, (width, height), interpolation=cv2.INTER_CUBIC)
    positive = np.clip(positive / max(float(positive.max()), 1e-12), 0, 1)
    levels = np.round(positive * 255).astype(np.uint8)
    colours = cv2.cvtColor(cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO), cv2.COLOR_BGR2RGB)
    opacity = strength * positive[..., None]
    return np.asarray(np.round(face * (1 - opacity) + colours * opacity), np.uint8)


def encode_png(image: npt.NDArray[np.uint8]) -> bytes:
    """RGB image to PNG bytes."""
    done, content = cv2.imencode(".png", cv2.cvtColor(image, cv2.COLOR_RGB2BGR))
    assert done
    return content.tobytes()


def beside(
    images: list[npt.NDArray[np.uint8]], height: int = 224, space: int = 6
) -> npt.NDArray[np.uint8]:
    """Images of any size in one row of one height, on white."""
    scaled = []
    for image in images:
        width = round(image.shape[1] * height / image.shape[0])
        smooth = cv2.INTER_AREA if image.shape[0] > height else cv2.INTER_CUBIC
        scaled.append(cv2.resize(image, (width, height), interpolation=smooth))
        scaled.append(np.full((height, space, 3), 255, np.uint8))
    return np.concatenate(scaled[:-1], axis=1)


def draw_prediction(prediction: "Prediction", path: "Path") -> None:
    """Motion curve with key frames, the faces, the flow, the heat map and the probabilities."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6.4), layout="constrained")
    upper, lower = np.ravel(np.asarray(figure.subfigures(2, 1, height_ratios=(1, 1.1))))
    curve, bars = upper.subplots(1, 2, width_ratios=(2.4, 1))
    _draw_curve(curve, prediction)
    names, values = zip(*prediction.probabilities.items(), strict=True)
    bars.barh(names, values, color="#3b6ea5")
    bars.set_xlim(0, 1)
    bars.set_title("class probabilities", fontsize=10)
    bars.invert_yaxis()
    keys = prediction.key_frames
    shown = (
        (prediction.onset_face, f"onset, frame {keys['onset']}"),
        (prediction.apex_face, f"apex, frame {keys['apex']}"),
        (flow_to_colour(prediction.flow), f"flow, largest {prediction.largest_flow:.2f} px"),
        (
            overlay_heat_map(prediction.apex_face, prediction.heat_map),
            f"speaks for {prediction.label}",
        ),
    )
    for axes, (image, title) in zip(lower.subplots(1, len(shown)), shown, strict=True):
        axes.imshow(image)
        axes.set_title(title, fontsize=10)
        axes.axis("off")
    figure.suptitle(prediction.title, fontsize=11)
    figure.savefig(path, dpi=110)


def _draw_curve(axes: object, prediction: "Prediction") -> None:
    seconds = (np.arange(len(prediction.curve)) + prediction.first_frame) / prediction.fps
    axes.plot(seconds, prediction.curve, color="#333333", linewidth=1.2)  # type: ignore[attr-defined]
    for name, colour in (("onset", "#2a8f4f"), ("apex", "#c0392b"), ("offset", "#3b6ea5")):
        place = prediction.key_frames[name] / prediction.fps
        axes.axvline(place, color=colour, label=name, linewidth=1.4)  # type: ignore[attr-defined]
    axes.set_xlabel("seconds")  # type: ignore[attr-defined]
    axes.set_ylabel(f"{prediction.curve_of}, px")  # type: ignore[attr-defined]
    axes.set_title("motion curve", fontsize=10)  # type: ignore[attr-defined]
    axes.legend(fontsize=8)  # type: ignore[attr-defined]
