"""Options of `train` about key frames that are not where the annotation says."""

from typing import Annotated

import typer

from ma2mi_preprocessing.errors import InputError

FOUND = "found"

KeyFramesOption = Annotated[
    str | None,
    typer.Option(
        metavar="FRAMES",
        help="Predict held-out clips also with onset, apex and both moved by so many frames, comma "
        "separated, such as 0,1,2,3,5,7,10,found; `found`: searched for instead of annotated, "
        "a few seconds a clip. Default: none.",
        show_default=False,
    ),
]
JitterOption = Annotated[
    float,
    typer.Option(
        help="Train also on onsets up to a quarter of this share of the onset-to-apex time later, "
        "and apexes as much earlier. MMNet: 0.15.",
        min=0.0,
        max=4.0,
    ),
]
JitterFramesOption = Annotated[
    int,
    typer.Option(
        help="Train also on onsets and apexes up to so many frames off, either way.", min=0
    ),
]
JitterVariantsOption = Annotated[
    int, typer.Option(help="Jittered samples of a clip beside the annotated one.", min=1)
]


def parse_key_frames(text: str | None) -> tuple[tuple[int, ...], bool]:
    """`"0,5,found"` to the distances in frames, sorted, and whether to search.

    Raises:
        InputError: Where a part is neither a number from 0 up nor `found`.
    """
    parts = [part.strip() for part in text.split(",")] if text else []
    distances = [part for part in parts if part != FOUND]
    if not all(part.isdecimal() for part in distances):
        raise InputError(
            "--key-frames must be numbers of frames from 0 up, or `found`, with commas, such as "
            f"0,2,5,10,found; got {text!r}"
        )
    return tuple(sorted({int(part) for part in distances})), FOUND in parts


def check_jitter(share: float, frames: int) -> None:
    """Raises InputError where both kinds of jitter are asked for."""
    if share and frames:
        raise InputError("--jitter and --jitter-frames are two ways to do the same; use one")
