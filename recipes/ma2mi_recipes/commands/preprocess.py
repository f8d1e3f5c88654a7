"""`keras-ma2mi preprocess`: manifest or folder of videos -> clip store."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import (
    DetectorModelOption,
    DetectorOption,
    SeedOption,
    WorkersOption,
)
from ma2mi_recipes.progress import console, progress_bar

if TYPE_CHECKING:
    from ma2mi_preprocessing.datasets.manifest import IndexResult
    from ma2mi_preprocessing.pipeline import PreprocessOptions, PreprocessSummary


_MOST_LINES = 20


class Pairs(StrEnum):
    """Which frame pairs get optical flow."""

    auto = "auto"
    key = "key"
    gap = "gap"
    onset = "onset"


class Alignment(StrEnum):
    """How often the face is aligned."""

    auto = "auto"
    clip = "clip"
    track = "track"


class MagnifyMethod(StrEnum):
    """How motion is magnified."""

    phase = "phase"
    linear = "linear"


class Stabilisation(StrEnum):
    """What holds the head still after alignment."""

    auto = "auto"
    rigid = "rigid"
    none = "none"


AlignmentOption = Annotated[
    Alignment,
    typer.Option(
        help="clip: one transform a clip, from its onset; track: follows the face through long "
        "video; auto: clip where the onset is annotated, else track."
    ),
]
StabilisationOption = Annotated[
    Stabilisation,
    typer.Option(
        help="rigid: holds still the parts of the face that do not act; auto: rigid, but for "
        "cropped faces (--detector none)."
    ),
]
FaceOption = Annotated[
    str,
    typer.Option(
        metavar="largest|left|right|X,Y",
        help="Whose face, of several; X,Y: nearest to that point of the first frame, pixels.",
    ),
]
PairsOption = Annotated[
    Pairs,
    typer.Option(
        help="key: onset and apex; gap: frames a short time apart, for pre-training; onset: "
        "the onset with every frame; auto: key where annotated, else gap."
    ),
]
MaxFramesOption = Annotated[
    int, typer.Option(help="Most frames kept of a clip; memory grows with it.", min=2)
]
ClusterOption = Annotated[
    str | None,
    typer.Option(help="Dask cluster to work on: tcp://host:port, a scheduler file, or `local`."),
]


@one_line_errors
def preprocess_command(
    source: Annotated[
        Path, typer.Argument(help="Manifest (.csv, .parquet), folder of videos, or a video.")
    ],
    store: Annotated[Path, typer.Argument(help="Clip store to write: a folder or a URL.")],
    size: Annotated[int, typer.Option(help="Side of the aligned face, pixels.", min=28)] = 224,
    detector: DetectorOption = "cascade",
    detector_model: DetectorModelOption = None,
    alignment: AlignmentOption = Alignment.auto,
    stabilisation: StabilisationOption = Stabilisation.auto,
    face: FaceOption = "largest",
    pairs: PairsOption = Pairs.auto,
    gap_seconds: Annotated[
        tuple[float, float], typer.Option(help="Shortest and longest gap, seconds.")
    ] = (0.08, 0.32),
    pairs_per_clip: Annotated[int, typer.Option(help="Gap pairs of a clip.", min=1)] = 16,
    max_frames: MaxFramesOption = 900,
    magnify: Annotated[
        float,
        typer.Option(help="Enlarge movement since the onset so many times; 1: not at all.", min=1),
    ] = 1.0,
    magnify_method: Annotated[
        MagnifyMethod, typer.Option(help="Move phases of bands, or add scaled differences.")
    ] = MagnifyMethod.phase,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    seed: SeedOption = 0,
) -> None:
    """Finds and aligns faces, computes TV-L1 flow, and writes a clip store.

    A clip that cannot be used is listed with its reason in STORE/rejected.csv; the others go on.
    A second run does only what is missing or changed. STORE/contact_sheets has a picture a clip.

    Example: keras-ma2mi preprocess recordings/ recordings.store --size 224
    """
    from ma2mi_preprocessing.pipeline import PreprocessOptions
    from ma2mi_preprocessing.store_location import store_path

    options = PreprocessOptions(
        size=size,
        detector=detector,
        detector_model=str(detector_model) if detector_model else None,
        alignment=alignment.value,
        stabilisation=stabilisation.value,
        face=face,
        pairs=pairs.value,
        gap_seconds=gap_seconds,
        pairs_per_clip=pairs_per_clip,
        max_frames=max_frames,
        magnify=magnify,
        magnify_method=magnify_method.value,
        seed=seed,
    )
    store = store_path(store)
    summary = run_preprocess(source, store, options, workers, cluster)
    print_summary(summary, store)
    if summary.stored + summary.kept == 0:
        raise InputError(
            f"no clip of {source} could be used; the reasons are in {store / 'rejected.csv'}"
        )


def run_preprocess(
    source: Path,
    store: Path,
    options: "PreprocessOptions",
    workers: int | None,
    cluster: str | None = None,
) -> "PreprocessSummary":
    """Preprocesses with a progress bar."""
    from ma2mi_preprocessing.pipeline import Rejection, preprocess

    indexed = clips_of(source)
    unusable = [
        Rejection(problem.clip_id or f"row {problem.row}", "manifest", str(problem))
        for problem in indexed.problems
    ]
    with progress_bar("preprocessing", len(indexed.clips), "clip") as advance:
        return preprocess(
            indexed.clips,
            store,
            options,
            workers=workers,
            cluster=cluster,
            on_outcome=lambda outcome: advance(),
            rejected_before=unusable,
        )


def clips_of(source: Path) -> "IndexResult":
    """The clips of a manifest, a folder of videos, or one video, and rows that cannot be used."""
    from ma2mi_preprocessing.datasets import ADAPTERS
    from ma2mi_preprocessing.datasets.manifest import Clip, IndexResult, index_manifest

    if not source.exists():
        raise InputError(
            f"{source} does not exist; give a manifest, a folder of videos, or a video"
        )
    if source.is_file() and source.suffix.lower() not in (".csv", ".parquet"):
        return IndexResult([Clip(clip_id=source.stem, source=source.resolve())], [])
    result = ADAPTERS["videos"].read(source) if source.is_dir() else index_manifest(source)
    if not result.clips:
        first = result.problems[0]
        raise InputError(f"{source} has no usable clip; the first problem: {first}")
    return result


def print_summary(summary: "PreprocessSummary", store: Path) -> None:
    """What went in and what came out."""
    console.print(
        f"{summary.clips_in} clips in: {summary.stored} stored, {summary.kept} already there, "
        f"{len(summary.rejected)} rejected: {store}"
    )
    if summary.options_changed:
        console.print(f"the options have changed since the last run: {summary.redone} clips redone")
    if summary.frames_dropped:
        console.print(f"{summary.frames_dropped} frames left out of the stored clips")
    lines = [f"{clip_id}: {note}" for clip_id, note in summary.notes]
    lines += [
        f"rejected {rejection.clip_id} ({rejection.stage}): {rejection.reason}"
        for rejection in summary.rejected
    ]
    for line in lines[:_MOST_LINES]:
        console.print(line, markup=False)
    if len(lines) > _MOST_LINES:
        console.print(
            f"and {len(lines) - _MOST_LINES} more; all rejected: {store / 'rejected.csv'}"
        )
