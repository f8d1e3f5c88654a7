"""From a face video of any length to its expressions: key frames, classes and heat maps."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.aligned_video import AlignedVideo
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.spotting import (
    DEFAULT_THRESHOLD,
    ExpressionEvent,
    Movement,
    events_of,
    expression_curve,
    measure_movement,
    still_level,
    strongest_of,
)
from ma2mi_recipes.classified_pair import ClassifiedPair, classify_pair, notes_on_model
from ma2mi_recipes.networks import load_classifier
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.smaller_motion import sees_smaller
from ma2mi_recipes.zero_shot_model import FACE_SIZE

LONGEST_CLIP_SECONDS = 6.0
"""Longer videos are not taken for a clip of one expression."""

_SPOTTING_SIZE = 112
# Ten times the level of still rendered faces, in pixels of a face of `_SPOTTING_SIZE`.
_RESTLESS = 0.15
_KEY_FRAMES = ("onset", "apex", "offset")
_CURVE_OF = "distance from the neutral face"

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Spotting:
    """How expressions are looked for.

    Attributes:
        every: Whether every expression is wanted, or the strongest only. None: every one of a
            video that is longer than `LONGEST_CLIP_SECONDS`.
        threshold: Least movement that counts, in levels of a still face.
        longest_seconds: Longest expression.
        fps: Frames a second, where the video does not say so.
    """

    every: bool | None = None
    threshold: float = DEFAULT_THRESHOLD
    longest_seconds: float = 4.0
    fps: float | None = None


@dataclass(frozen=True)
class EventPrediction:
    """One expression of a video.

    Attributes:
        event: Its key frames as frame indices of the video, and its strength in pixels of the
            aligned face.
        pair: What the model says of it.
    """

    event: ExpressionEvent
    pair: ClassifiedPair

    def key_frames(self) -> dict[str, int]:
        """Onset, apex and offset."""
        return {name: getattr(self.event, name) for name in _KEY_FRAMES}


@dataclass(frozen=True)
class Prediction:
    """What is known of one video.

    Attributes:
        title: What a person reads above the picture.
        video: The file.
        model: The run directory.
        fps: Frames a second of the video.
        first_frame: Index in the video of the first aligned frame; `curve` starts there.
        curve: `(T,)` float32, movement in pixels of the aligned face; `curve_of` says which.
        curve_of: As an axis is labelled.
        counted: `(T,)` float32, the curve without what blinks and glances do.
        least: `(T,)` float32, what `counted` must reach.
        every: Whether all expressions were looked for.
        threshold: In levels of a still face.
        classes: Of the model, in its order.
        events: In order of time; one, unless `every`.
        notes: What a reader must know before believing the rest.
    """

    title: str
    video: str
    model: str
    fps: float
    first_frame: int
    curve: npt.NDArray[np.float32]
    curve_of: str
    counted: npt.NDArray[np.float32]
    least: npt.NDArray[np.float32]
    every: bool
    threshold: float
    classes: list[str]
    events: list[EventPrediction]
    notes: list[str]

    @property
    def strongest(self) -> EventPrediction | None:
        """The expression that moves the face most."""
        return max(self.events, key=lambda each: each.event.strength, default=None)

    def as_json(self) -> dict[str, Any]:
        """Everything but the pictures; the strongest expression also at the top level."""
        values: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("video", "model", "fps", "first_frame", "curve_of")
        }
        values["curve"] = [round(float(value), 5) for value in self.curve]
        if self.strongest is not None:
            values |= self._described(self.strongest)
        if self.every:
            values["threshold"] = self.threshold
            values["events"] = [asdict(each.event) | self._described(each) for each in self.events]
        values["notes"] = self.notes
        values["backend"] = keras.config.backend()
        return values

    def rows(self) -> list[dict[str, Any]]:
        """The events as rows of a table: frames, seconds, strength, and class probabilities."""
        return [
            {
                "event": number,
                **each.key_frames(),
                **{
                    f"{name}_seconds": round(frame / self.fps, 4)
                    for name, frame in each.key_frames().items()
                },
                "seconds": round(each.event.seconds, 4),
                "kind": each.event.kind,
                "strength": round(each.event.strength, 5),
                "contrast": round(each.event.contrast, 3),
                "label": each.pair.label,
                **{f"probability_{name}": value for name, value in each.pair.probabilities.items()},
            }
            for number, each in enumerate(self.events, 1)
        ]

    def columns(self) -> list[str]:
        """Columns of `rows`, also where there are none."""
        names = [
            "event",
            *_KEY_FRAMES,
            *(f"{name}_seconds" for name in _KEY_FRAMES),
            *("seconds", "kind", "strength", "contrast", "label"),
        ]
        return names + [f"probability_{name}" for name in self.classes]

    def _described(self, each: EventPrediction) -> dict[str, Any]:
        keys = each.key_frames()
        return {
            "key_frames": keys,
            "probabilities": each.pair.probabilities,
            "label": each.pair.label,
            "heat_map": np.round(each.pair.heat_map, 5).tolist(),
            "seconds": {name: frame / self.fps for name, frame in keys.items()},
        }


def predict_video(
    video: Path,
    run: RunDirectory,
    detector: str,
    detector_model: str | None,
    spotting: Spotting | None = None,
    on_progress: Progress | None = None,
) -> Prediction:
    """Finds the expressions of a face video and classifies them with a run's final model.

    Args:
        video: Video file or folder of frames.
        run: Run directory of `train` or `pretrain-units`, or a `ZeroShotRun`.
        detector: Name of a face detector.
        detector_model: Its network file, where it needs one.
        spotting: What is looked for.
        on_progress: Called as `(step, frames done, frames in all)`; 0 where that is not known.

    Raises:
        InputError: Where the video has no usable face, or the run no model.
    """
    spotting = spotting or Spotting()
    network = load_classifier(run)
    size = FACE_SIZE if sees_smaller(run.info) else int(next(iter(network.inputs)).shape[1])
    # Small networks see too little of a face to find its movements in what they see.
    options = PreprocessOptions(
        size=_SPOTTING_SIZE, detector=detector, detector_model=detector_model
    )

    def step(name: str) -> Callable[[int, int], None]:
        return lambda done, total: on_progress(name, done, total) if on_progress else None

    aligned = AlignedVideo(
        video.resolve(), options, fps=spotting.fps, on_frame=step("looking for the face")
    )
    measuring = step("measuring movement")
    movement = measure_movement(
        aligned.frames(), aligned.fps, on_frame=lambda done: measuring(done, aligned.count)
    )
    # The rate by the time stamps is known when all frames have been read.
    movement = replace(movement, fps=aligned.fps)
    every = spotting.every
    if every is None:
        every = len(movement.curve) > LONGEST_CLIP_SECONDS * aligned.fps
    found = _found(movement, spotting, every)
    predictions = _classified(
        aligned, found, size, lambda pair: classify_pair(network, run.info, pair)
    )
    scale = np.float32(size / _SPOTTING_SIZE)
    level = still_level(movement.curve, aligned.fps)
    return Prediction(
        title=_title(video, run, predictions, every),
        video=str(video),
        model=run.label,
        fps=aligned.fps,
        first_frame=aligned.indices[0],
        curve=movement.curve * scale,
        curve_of=_CURVE_OF,
        counted=np.asarray(expression_curve(movement) * scale, np.float32),
        least=np.asarray(scale * spotting.threshold * level, np.float32),
        every=every,
        threshold=spotting.threshold,
        classes=list(run.info["classes"]),
        events=predictions,
        notes=[*aligned.notes(), *notes_on_model(run.info), *_notes(found, spotting, level)],
    )


def _found(movement: Movement, spotting: Spotting, every: bool) -> list[ExpressionEvent]:
    if every:
        return events_of(
            movement, threshold=spotting.threshold, longest_seconds=spotting.longest_seconds
        )
    return [strongest_of(movement, longest_seconds=spotting.longest_seconds)]


def _classified(
    aligned: AlignedVideo,
    events: list[ExpressionEvent],
    size: int,
    classify: Callable[[npt.NDArray[np.uint8]], ClassifiedPair],
) -> list[EventPrediction]:
    faces = aligned.pick(sorted({each for one in events for each in (one.onset, one.apex)}), size)
    scale = size / _SPOTTING_SIZE
    return [
        EventPrediction(
            replace(
                event,
                onset=aligned.indices[event.onset],
                apex=aligned.indices[event.apex],
                offset=aligned.indices[event.offset],
                strength=scale * event.strength,
            ),
            classify(np.stack([faces[event.onset], faces[event.apex]])),
        )
        for event in events
    ]


def _title(video: Path, run: RunDirectory, predictions: list[EventPrediction], every: bool) -> str:
    if every:
        micro = sum(each.event.kind == "micro" for each in predictions)
        return (
            f"{video.name}: {micro} micro- and {len(predictions) - micro} macro-expressions, "
            f"model {run.name}"
        )
    label, values = predictions[0].pair.label, predictions[0].pair.probabilities
    return f"{video.name}: {label} ({values[label]:.0%}), model {run.name}"


def _notes(
    events: list[ExpressionEvent], spotting: Spotting, level: npt.NDArray[np.float64]
) -> list[str]:
    notes = []
    if np.median(level) > _RESTLESS:
        notes.append(
            "The face is hardly ever still (speech, laughter, a head that turns?), so that faint "
            "expressions cannot be told from the rest."
        )
    if not events:
        return [
            *notes,
            f"No movement stands out from a still face by {spotting.threshold:g} times or more; "
            "a lower --threshold shows fainter ones, and more that are none.",
        ]
    if min(event.contrast for event in events) < DEFAULT_THRESHOLD:
        notes.append(
            "No movement stands out from the noise; the key frames found mean little."
            if len(events) == 1
            else "Some events hardly stand out from a still face (see contrast): they mean little."
        )
    return notes
