"""`keras-ma2mi predict`: onset and apex of a face video, class probabilities, heat map."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, Detector, DetectorModelOption, DetectorOption
from ma2mi_recipes.progress import console

if TYPE_CHECKING:
    from ma2mi_recipes.prediction import Prediction


@one_line_errors
def predict_command(
    video: Annotated[Path, typer.Argument(help="Video file, or folder of frames.")],
    model: Annotated[Path, typer.Option(help="Run directory of `train`.")],
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results. Default: VIDEO's name + .prediction"),
    ] = None,
    detector: DetectorOption = Detector.cascade,
    detector_model: DetectorModelOption = None,
    backend: BackendOption = None,
) -> None:
    """Finds the strongest facial movement of a video and classifies it.

    Writes prediction.json and prediction.png: the motion curve with onset, apex and offset, the
    class probabilities, and a heat map over the face.

    Example: keras-ma2mi predict interview.mp4 --model runs/ma2mi
    """
    if not video.exists():
        raise InputError(f"{video} does not exist; give a video file or a folder of frames")
    use_backend(backend)
    from ma2mi_recipes.prediction import predict_video
    from ma2mi_recipes.run_directory import RunDirectory

    run = RunDirectory.open(model, "train")
    with console.status("reading, aligning, measuring movement ..."):
        prediction = predict_video(
            video, run, detector.value, str(detector_model) if detector_model else None
        )
    folder = out or Path(f"{video.stem}.prediction")
    _write(prediction, folder)
    _show(prediction, folder)


def _write(prediction: "Prediction", folder: Path) -> None:
    from ma2mi_preprocessing.atomic_files import atomic_path
    from ma2mi_recipes.pictures import draw_prediction

    with atomic_path(folder / "prediction.json") as partial:
        partial.write_text(json.dumps(prediction.as_json(), indent=2) + "\n", encoding="utf-8")
    with atomic_path(folder / "prediction.png") as partial:
        draw_prediction(prediction, partial)


def _show(prediction: "Prediction", folder: Path) -> None:
    for note in prediction.notes:
        console.print(f"note: {note}", markup=False)
    keys = ", ".join(
        f"{name} {frame} ({frame / prediction.fps:.2f} s)"
        for name, frame in prediction.key_frames.items()
    )
    console.print(f"{keys}; largest movement {prediction.largest_flow:.2f} px")
    table = Table("class", "probability")
    for name, value in sorted(prediction.probabilities.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{value:.3f}")
    console.print(table)
    console.print(f"{folder / 'prediction.json'}, {folder / 'prediction.png'}")
