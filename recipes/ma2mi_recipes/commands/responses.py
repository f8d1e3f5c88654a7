"""`keras-ma2mi responses`: where an action encoder responds to the movements of a video."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.predict import (
    FpsOption,
    LongestOption,
    ThresholdOption,
    check_spotting,
)
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, DetectorModelOption, DetectorOption, SeedOption
from ma2mi_recipes.progress import console, steps_bar

if TYPE_CHECKING:
    from ma2mi_recipes.action_responses import RespondedEvent, Responder


@one_line_errors
def responses_command(
    video: Annotated[Path, typer.Argument(help="Video file or folder of frames.")],
    model: Annotated[Path, typer.Option(help="Run directory of `pretrain` or `train`.")],
    beside: Annotated[
        Path | None,
        typer.Option(help="Another run. Default: the same network untrained.", show_default=False),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results. Default: VIDEO's name + .responses"),
    ] = None,
    most: Annotated[int, typer.Option(help="Draw the strongest movements only.", min=1)] = 6,
    detector: DetectorOption = "cascade",
    detector_model: DetectorModelOption = None,
    threshold: ThresholdOption = 1.5,
    longest: LongestOption = 1.5,
    fps: FpsOption = None,
    seed: SeedOption = 0,
    backend: BackendOption = None,
) -> None:
    """Draws where networks respond to the strongest visible movements of a video.

    No classes are needed, so that it also shows what a pre-training has learnt. Writes
    responses.png (onset, apex, measured flow, and a map a network: how far the features of its
    action branch are from those of no motion) and responses.json.

    Example: keras-ma2mi responses interview.mp4 --model runs/pretrained
    """
    check_spotting(threshold, longest, fps)
    if not video.exists():
        raise InputError(f"{video} does not exist; give a video or a folder of frames")
    use_backend(backend)
    from ma2mi_preprocessing.options import PreprocessOptions
    from ma2mi_recipes.action_responses import responses_to_video
    from ma2mi_recipes.prediction import Spotting

    responders = _responders(model, beside, seed)
    options = PreprocessOptions(
        detector=detector, detector_model=str(detector_model) if detector_model else None
    )
    with steps_bar("frame") as on_progress:
        events = responses_to_video(
            video,
            responders,
            options,
            most=most,
            spotting=Spotting(True, threshold, longest, fps),
            on_progress=on_progress,
        )
    _write(events, video, out or Path(f"{video.stem.strip()}.responses"))


def _responders(model: Path, beside: Path | None, seed: int) -> "list[Responder]":
    from dataclasses import replace

    from ma2mi_recipes.action_features import untrained_twin
    from ma2mi_recipes.action_responses import responder_of
    from ma2mi_recipes.run_directory import RunDirectory

    first = responder_of(RunDirectory(model))
    if beside is None:
        twin = untrained_twin(first.network, seed)
        return [replace(first, name="untrained", network=twin), first]
    second = responder_of(RunDirectory(beside))
    if second.name == first.name:
        first, second = (
            replace(one, name=str(path)) for one, path in ((first, model), (second, beside))
        )
    return [second, first]


def _write(events: "list[RespondedEvent]", video: Path, folder: Path) -> None:
    from ma2mi_preprocessing.atomic_files import atomic_path
    from ma2mi_recipes.response_pictures import draw_responses

    with atomic_path(folder / "responses.json") as partial:
        text = json.dumps([event.as_json() for event in events], indent=2, default=float)
        partial.write_text(text + "\n", encoding="utf-8")
    with atomic_path(folder / "responses.png") as partial:
        draw_responses(events, f"{video.name}: where action branches respond", partial)
    console.print(f"{len(events)} movements: {folder / 'responses.png'}")
