"""What wrong key frames cost on rendered clips, with and without jitter in training."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from keras_ma2mi.evaluation import key_frame_curve
from ma2mi_preprocessing.benchmarks.machine import machine_facts
from ma2mi_preprocessing.pipeline import PreprocessOptions
from ma2mi_recipes.commands.preprocess import run_preprocess
from ma2mi_recipes.commands.synthesize import Amplitude, run_synthesize
from ma2mi_recipes.commands.train import run_train
from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.found_key_frames import FOUND_FILE
from ma2mi_recipes.progress import console
from ma2mi_recipes.run_directory import RunDirectory

DISTANCES = (0, 1, 2, 3, 5, 7, 10)


def jitter_of(name: str) -> dict[str, Any]:
    """Options of `TrainOptions` for a jitter as typed: `0`, `0.15` (a share), `5f` (frames).

    Raises:
        ValueError: Where it is none of these.
    """
    in_frames = name.endswith("f")
    amount = int(name[:-1]) if in_frames else float(name)
    if not 0 <= amount < float("inf"):
        raise ValueError(f"`name` must not be negative. Received: name={name!r}")
    return {"jitter_frames" if in_frames else "jitter": amount}


def key_frame_document(
    folder: Path,
    options: TrainOptions,
    *,
    jitters: list[str],
    subjects: int,
    clips_per_subject: int,
    size: int,
    seeds: list[int],
) -> dict[str, Any]:
    """Renders, preprocesses, and trains once for each jitter; what is in `folder` is not repeated.

    Args:
        folder: Clips, store and runs.
        options: What the runs have in common.
        jitters: As for `jitter_of`.
        subjects: Identities to render.
        clips_per_subject: Clips of each.
        size: Side of the aligned faces, pixels.
        seeds: One LOSO each.

    Returns:
        The figures, ready for JSON.
    """
    clips, store = folder / "clips", folder / "micro.store"
    if not (clips / "manifest.csv").is_file():
        run_synthesize(Amplitude.micro, clips, subjects, clips_per_subject, 2 * size, 0)
    run_preprocess(clips / "manifest.csv", store, PreprocessOptions(size=size, pairs="key"), None)
    asked = replace(options, key_frames=DISTANCES, found_key_frames=True)
    runs: dict[str, RunDirectory] = {}
    for name in jitters:
        run = folder / "runs" / f"jitter-{name}"
        console.print(f"[bold]jitter {name}[/bold]")
        runs[name] = RunDirectory(run)
        run_train(store, run, replace(asked, **jitter_of(name)), seeds)
    return {
        "machine": machine_facts(),
        "clips": subjects * clips_per_subject,
        "subjects": subjects,
        "size": size,
        "epochs": options.epochs,
        "seeds": seeds,
        "variants": options.jitter_variants,
        "backend": next(iter(runs.values())).info["backend"],
        "spans": _spans(next(iter(runs.values()))),
        "rows": [row for name, run in runs.items() for row in _rows(name, run)],
    }


def _spans(run: RunDirectory) -> dict[str, float]:
    table = run.read_table(FOUND_FILE)
    spans = table["apex"] - table["onset"]
    return {
        "shortest": float(spans.min()),
        "median": float(np.median(spans)),
        "longest": float(spans.max()),
    }


def _rows(name: str, run: RunDirectory) -> list[dict[str, Any]]:
    curve = key_frame_curve(run.read_table("key_frames.csv"), run.info["classes"])
    columns = [str(column) for column in curve]
    return [
        {"jitter": name, **dict(zip(columns, values, strict=True))}
        for values in curve.astype(object).to_numpy().tolist()
    ]
