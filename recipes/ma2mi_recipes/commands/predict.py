"""`keras-ma2mi predict`: what a trained model says of a video, a store, or a motion file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import (
    BackendOption,
    DetectorModelOption,
    DetectorOption,
    MotionScaling,
)
from ma2mi_recipes.progress import console, steps_bar

if TYPE_CHECKING:
    from ma2mi_recipes.prediction import Prediction
    from ma2mi_recipes.run_directory import RunDirectory
    from ma2mi_recipes.stored_prediction import ClipPredictions

EveryOption = Annotated[
    bool | None,
    typer.Option(
        "--all/--strongest",
        help="Every expression, or the strongest only. Default: every one of a video of more "
        "than 6 seconds.",
        show_default=False,
    ),
]
ThresholdOption = Annotated[
    float,
    typer.Option(
        help="Least movement that counts, in levels of a still face of the same video; lower "
        "finds fainter expressions, and more that are none."
    ),
]
LongestOption = Annotated[float, typer.Option(help="Longest expression looked for, in seconds.")]
FpsOption = Annotated[
    float | None,
    typer.Option(
        help="Frames a second of a folder of frames. Default: what the video says, else 25.",
        show_default=False,
    ),
]

WeightsOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Weights of the package in the place of --model: miacnet_motion28_rendered (action "
        "units, or with --zero-shot emotions) or miacnet_tiny_rendered (five emotions of rendered "
        "faces). None was trained on people.",
        show_default=False,
    ),
]
ZeroShotOption = Annotated[
    str | None,
    typer.Option(
        metavar="CLASSES",
        help="Emotions from the action units of a `pretrain-units` run, without any training: "
        "3, emotions (all), or a mapping as for `train --classes`. Default where neither --model "
        "nor --weights is given: 3.",
        show_default=False,
    ),
]


@one_line_errors
def predict_command(
    video: Annotated[
        Path,
        typer.Argument(
            help="Video file, folder of frames, clip store, or a file of precomputed motion."
        ),
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            help="Run directory of `train` or `pretrain-units`. Default: weights of the package.",
            show_default=False,
        ),
    ] = None,
    weights: WeightsOption = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results. Default: VIDEO's name + .prediction"),
    ] = None,
    detector: DetectorOption = "cascade",
    detector_model: DetectorModelOption = None,
    every: EveryOption = None,
    threshold: ThresholdOption = 3.5,
    longest: LongestOption = 4.0,
    fps: FpsOption = None,
    motion_scaling: Annotated[
        MotionScaling | None,
        typer.Option(
            help="How a motion file is scaled. Default: minmax for images, else pixels.",
            show_default=False,
        ),
    ] = None,
    motion_channels: Annotated[
        str, typer.Option(help="Channels of a motion file in their order, such as u-v-strain.")
    ] = "",
    zero_shot: ZeroShotOption = None,
    backend: BackendOption = None,
) -> None:
    """Finds the expressions of a video of any length and classifies them.

    Writes prediction.json, prediction.png and, where every expression is wanted, events.csv: the
    motion curve with onset, apex and offset, the class probabilities, and a heat map over the
    face. Blinks do not count. Of a clip store, or of a file of motion that was computed
    elsewhere, all clips are classified as they are, into predictions.csv.

    Without a model of your own, action units are told by weights of the package, and positive,
    negative or surprise is read off them by a table. They never saw a person: see `keras-ma2mi
    weights show miacnet_motion28_rendered`.

    Example: keras-ma2mi predict interview.mp4 --model runs/ma2mi
    """
    check_spotting(threshold, longest, fps)
    if not video.exists():
        raise InputError(f"{video} does not exist; give a video, frames, a store or a motion file")
    use_backend(backend)
    from ma2mi_preprocessing.motion_files import is_motion_source
    from ma2mi_preprocessing.store import is_store

    run = _asked_model(model, weights, zero_shot)
    folder = out or Path(f"{video.stem.strip()}.prediction")
    if is_store(video) or is_motion_source(video):
        scaling = motion_scaling.value if motion_scaling else ""
        _show_clips(_predict_clips(video, run, scaling, motion_channels), folder)
        return
    prediction = _predict_video(
        video, run, detector, detector_model, (every, threshold, longest, fps)
    )
    _write(prediction, folder)
    _show(prediction, folder)


def check_spotting(threshold: float, longest: float, fps: float | None) -> None:
    """Raises InputError where an option of spotting is not above zero."""
    for name, value in (("--threshold", threshold), ("--longest", longest), ("--fps", fps)):
        if value is not None and not value > 0:
            raise InputError(f"{name} must be above 0, not {value:g}")


def _asked_model(model: Path | None, weights: str | None, zero_shot: str | None) -> "RunDirectory":
    from ma2mi_recipes.zero_shot_model import asked_model

    run = asked_model(model, weights, zero_shot)
    if model is None:
        console.print(f"no --model: {run.label}, weights of the package", markup=False)
    return run


def _predict_video(
    video: Path,
    run: "RunDirectory",
    detector: str,
    detector_model: Path | None,
    wanted: tuple[bool | None, float, float, float | None],
) -> "Prediction":
    from ma2mi_recipes.prediction import Spotting, predict_video

    with steps_bar("frame") as on_progress:
        return predict_video(
            video,
            run,
            detector,
            str(detector_model) if detector_model else None,
            Spotting(*wanted),
            on_progress,
        )


def _predict_clips(
    source: Path, run: "RunDirectory", scaling: str, channels: str
) -> "ClipPredictions":
    from ma2mi_preprocessing.store import is_store, open_store
    from ma2mi_recipes.stored_prediction import predict_motion_file, predict_store

    if is_store(source):
        return predict_store(open_store(source), run)
    return predict_motion_file(source, run, scaling, channels)


def _show_clips(predictions: "ClipPredictions", folder: Path) -> None:
    from ma2mi_preprocessing.atomic_files import atomic_path

    with atomic_path(folder / "predictions.csv") as partial:
        predictions.table.to_csv(partial, index=False)
    with atomic_path(folder / "prediction.json") as partial:
        partial.write_text(json.dumps(predictions.as_json(), indent=2) + "\n", encoding="utf-8")
    for note in predictions.notes:
        console.print(f"note: {note}", markup=False)
    counts = predictions.table["prediction"].value_counts()
    table = Table("class", "clips")
    for name in predictions.classes:
        table.add_row(name, str(counts.get(name, 0)))
    console.print(table)
    console.print(
        f"{len(predictions.table)} clips classified, {len(predictions.left_out)} left out "
        f"(listed in prediction.json): {folder / 'predictions.csv'}"
    )


def _write(prediction: "Prediction", folder: Path) -> None:
    import pandas as pd

    from ma2mi_preprocessing.atomic_files import atomic_path
    from ma2mi_recipes.event_pictures import draw_prediction

    with atomic_path(folder / "prediction.json") as partial:
        partial.write_text(json.dumps(prediction.as_json(), indent=2) + "\n", encoding="utf-8")
    if prediction.every:
        with atomic_path(folder / "events.csv") as partial:
            pd.DataFrame(prediction.rows(), columns=prediction.columns()).to_csv(
                partial, index=False
            )
    with atomic_path(folder / "prediction.png") as partial:
        draw_prediction(prediction, partial)


def _show(prediction: "Prediction", folder: Path) -> None:
    for note in prediction.notes:
        console.print(f"note: {note}", markup=False)
    if prediction.every:
        _show_events(prediction)
        console.print(f"{folder / 'events.csv'}")
    else:
        _show_strongest(prediction)
    console.print(f"{folder / 'prediction.json'}, {folder / 'prediction.png'}")


def _show_events(prediction: "Prediction") -> None:
    table = Table("", "kind", "onset, s", "apex, s", "offset, s", "px", "contrast", "class", "")
    for number, each in enumerate(prediction.events, 1):
        times = (f"{frame / prediction.fps:.2f}" for frame in each.key_frames().values())
        table.add_row(
            str(number),
            each.event.kind,
            *times,
            f"{each.event.strength:.2f}",
            f"{each.event.contrast:.0f}",
            each.pair.label,
            f"{each.pair.probabilities[each.pair.label]:.0%}",
        )
    console.print(table)


def _show_strongest(prediction: "Prediction") -> None:
    found = prediction.events[0]
    keys = ", ".join(
        f"{name} {frame} ({frame / prediction.fps:.2f} s)"
        for name, frame in found.key_frames().items()
    )
    console.print(f"{keys}; largest movement {found.pair.largest_flow:.2f} px")
    table = Table("class", "probability")
    for name, value in sorted(found.pair.probabilities.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{value:.3f}")
    console.print(table)
