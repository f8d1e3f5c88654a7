"""`keras-ma2mi benchmark recipe`: what each ingredient of the training recipe does."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.backend import use_backend
from ma2mi_recipes.commands.benchmark_output import (
    JsonFileOption,
    MarkdownFileOption,
    measuring,
    show_and_write,
    typed_command,
)
from ma2mi_recipes.commands.train_options import SeedsOption
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption, WorkersOption

if TYPE_CHECKING:
    from ma2mi_recipes.fine_tuning import TrainOptions

_QUICK = ("no augmentation", "label smoothing", "average", "svm")


@one_line_errors
def benchmark_recipe_command(
    store: Annotated[
        Path | None,
        typer.Option(help="Store of labelled clips. Default: micro-expressions are rendered."),
    ] = None,
    preset: Annotated[str, typer.Option(help="MIACNet preset.")] = "miacnet_tiny",
    subjects: Annotated[int, typer.Option(help="Identities to render.", min=3)] = 12,
    clips_per_subject: Annotated[int, typer.Option(help="Clips of each.", min=3)] = 6,
    render_seed: Annotated[int, typer.Option(help="Seed of the rendered clips.", min=0)] = 7,
    seeds: SeedsOption = "0,1",
    epochs: Annotated[
        int | None, typer.Option(help="Epochs. Default: those of the preset.", min=1)
    ] = None,
    only: Annotated[
        str | None,
        typer.Option(help="Only variants whose name has one of these words, comma separated."),
    ] = None,
    pretrained: Annotated[
        Path | None,
        typer.Option(help="Run of `pretrain`: then freezing and rates of stages are varied."),
    ] = None,
    quick: Annotated[
        bool, typer.Option(help="Few clips, epochs and variants: whether it runs, not what it says")
    ] = False,
    workers: WorkersOption = None,
    backend: BackendOption = None,
    json_file: JsonFileOption = None,
    markdown: MarkdownFileOption = None,
) -> None:
    """Leave-one-subject-out with the default recipe, and with one ingredient changed at a time.

    On clips with classes of unequal size, so that something is to be done about them.

    Example: keras-ma2mi benchmark recipe --quick
    """
    chosen_backend = use_backend(backend, fits=True)
    if quick:
        subjects, clips_per_subject, seeds, epochs = 3, 6, "0", 2
        only = only or ",".join(_QUICK)
    from ma2mi_preprocessing.available_cpus import available_cpus
    from ma2mi_preprocessing.benchmarks.machine import machine_facts
    from ma2mi_recipes.recipe_tables import recipe_markdown, recipe_remarks, recipe_tables

    start = time.perf_counter()
    processes = workers or (1 if quick else available_cpus())
    options = _options(preset, pretrained, epochs)
    rendered = (subjects, clips_per_subject, render_seed)
    part = _part(store, rendered, options, seeds, only, processes)
    document = {
        "command": typed_command(),
        "backend": str(chosen_backend),
        "machine": machine_facts(),
        "seconds": time.perf_counter() - start,
        "workers": processes,
        "parts": [part],
    }
    tables, remarks = recipe_tables(document), recipe_remarks(document)
    show_and_write(document, tables, remarks, recipe_markdown, json_file, markdown)


def _options(preset: str, pretrained: Path | None, epochs: int | None) -> "TrainOptions":
    from keras_ma2mi.models import PRESETS
    from ma2mi_recipes.fine_tuning import TrainOptions, default_recipe

    if preset not in PRESETS:
        raise InputError(f"there is no preset {preset}; there are {', '.join(PRESETS)}")
    recipe = default_recipe(preset, pretrained is not None)
    if epochs is not None:
        recipe["epochs"] = epochs
    start = str(pretrained) if pretrained else None
    return TrainOptions(preset=preset, pretrained=start, **recipe)


def _part(
    store: Path | None,
    rendered: tuple[int, int, int],
    options: "TrainOptions",
    seeds: str,
    only: str | None,
    workers: int,
) -> dict[str, Any]:
    import tempfile

    from keras_ma2mi.models import PRESETS
    from ma2mi_recipes.commands.train import parse_seeds
    from ma2mi_recipes.recipe_benchmark import recipe_document
    from ma2mi_recipes.recipe_variants import variants_of

    variants = variants_of(options)
    if only:
        words = [word.strip() for word in only.split(",")]
        kept = [one for one in variants[1:] if any(word in one.name for word in words)]
        if not kept:
            names = "; ".join(one.name for one in variants[1:])
            raise InputError(f"--only {only} fits no variant; there are: {names}")
        variants = [variants[0], *kept]
    with tempfile.TemporaryDirectory() as folder, measuring("variant") as (on_progress, say):
        if store is None:
            say("rendering clips")
            size = int(PRESETS[str(options.preset)]["config"]["input_size"])
            store = _rendered(Path(folder), rendered, size, workers)

        def on_variant(name: str, done: int, total: int) -> None:
            say(name)
            on_progress(done, total)

        return recipe_document(
            store,
            options,
            parse_seeds(seeds),
            variants=variants,
            workers=workers,
            on_variant=on_variant,
        )


def _rendered(folder: Path, rendered: tuple[int, int, int], size: int, workers: int) -> Path:
    from ma2mi_preprocessing.pipeline import PreprocessOptions, preprocess
    from ma2mi_preprocessing.synthesis import synthesize
    from ma2mi_recipes.commands.preprocess import clips_of

    subjects, clips, seed = rendered
    synthesize(
        "micro", folder / "clips", subjects=subjects, clips_per_subject=clips, size=128, seed=seed
    )
    options = PreprocessOptions(size=size, pairs="key", detector="none")
    clips_found = clips_of(folder / "clips" / "manifest.csv").clips
    preprocess(clips_found, folder / "store", options, workers=workers, contact_sheets=False)
    return folder / "store"
