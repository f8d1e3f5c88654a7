"""Where encoders start: pre-training runs, each made once for all that begin with it."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import pandas as pd

from ma2mi_preprocessing.atomic_files import atomic_path
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.fine_tuning import TrainOptions, default_recipe
from ma2mi_recipes.fine_tuning.options import fitted_to_clips
from ma2mi_recipes.label_pretraining import describe_run as describe_labels
from ma2mi_recipes.label_pretraining import pretrain_on_labels
from ma2mi_recipes.labelled_clips import load_labelled_clips
from ma2mi_recipes.ma2mi_benchmark.compiled import CompiledClassifier
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition
from ma2mi_recipes.ma2mi_benchmark.keys import folder_name, key_of
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.stores import macro_store
from ma2mi_recipes.pretraining import PretrainOptions, describe_run, pretrain
from ma2mi_recipes.run_directory import RunDirectory


@dataclass(frozen=True)
class Start:
    """A pre-training run.

    Attributes:
        store: Macro clips.
        options: Of the reconstruction, or of the classification.
        seed: Of everything random in it.
        condition: Label of the first condition that needs it, for people.
        out: Where it is kept.
        trained_with: Keras backend that it is trained with; None for that of this process.
        after: The pre-training that this one begins with; None for weights as they are drawn.
    """

    store: Path
    options: PretrainOptions | TrainOptions
    seed: int
    condition: str
    out: Path
    trained_with: str | None = None
    after: "Start | None" = None

    @property
    def backend(self) -> str:
        """Keras backend that it is trained with."""
        return self.trained_with or str(keras.config.backend())

    @property
    def key(self) -> str:
        """What the encoders depend on beside the seed."""
        before = [] if self.after is None else [self.after.key]
        return key_of(self.store.name, self.options, self.backend, *before)

    @property
    def lineage(self) -> "tuple[Start, ...]":
        """Those that come before it, the first first, and itself."""
        return (self,) if self.after is None else (*self.after.lineage, self)

    @property
    def depth(self) -> int:
        """How many others come before it."""
        return len(self.lineage) - 1

    @property
    def folder(self) -> Path:
        task = "reconstruction" if isinstance(self.options, PretrainOptions) else "classification"
        return self.out / "pretrained" / folder_name(task, self.key) / f"seed-{self.seed}"

    @property
    def facts_path(self) -> Path:
        """What is reported of it, beside its folder: it can be told where the network is not."""
        return self.folder.with_name(f"{self.folder.name}.json")

    @property
    def finished(self) -> bool:
        return self.facts_path.is_file() and self.trained

    @property
    def trained(self) -> bool:
        """Whether the network is there; what is told of it may still be missing."""
        return (self.folder / "run.json").is_file() and RunDirectory(self.folder).finished

    def subjects(self) -> list[str]:
        """Whom a finished run was trained on."""
        info = RunDirectory.open(self.folder, "pretrain").info
        return [str(name) for name in info["subjects"]]

    def facts(self) -> dict[str, Any]:
        """`condition`, `seed`, `clips`, `seconds`, and the figures of the `last_epoch`."""
        facts = json.loads(self.facts_path.read_text(encoding="utf-8"))
        return {"condition": self.condition, "seed": self.seed, **facts}


def start_of(plan: Plan, condition: Condition, seed: int, out: Path) -> Start | None:
    """The pre-training that a condition begins with; None where it has none.

    Reconstruction trains both encoders whatever is fine-tuned later, so that one run serves all
    branches. A classifier of macro clips has the branches that are fine-tuned later.
    """
    if condition.pretraining is None:
        return None
    if condition.task == "classification":
        return _classification(plan, condition, condition.pretraining, seed, out)
    usual = PretrainOptions(preset=plan.preset, motion=plan.motion, epochs=plan.pretraining_epochs)
    options = replace(usual, **{**plan.pretraining, **condition.pretraining})
    store, trained_with = macro_store(plan, out, condition), plan.pretraining_backend
    reconstruction = Start(store, options, seed, condition.label, out, trained_with)
    if condition.then_classify is None:
        return reconstruction
    return _classification(plan, condition, condition.then_classify, seed, out, reconstruction)


def _classification(
    plan: Plan,
    condition: Condition,
    changes: Mapping[str, Any],
    seed: int,
    out: Path,
    after: Start | None = None,
) -> Start:
    # Classifiers of a process share one compiled network: they stay with its backend.
    drawn = TrainOptions(preset=plan.preset, motion=plan.motion, branches=condition.branches)
    recipe = default_recipe(plan.preset, pretrained=after is not None)
    recipe |= {**plan.training, "epochs": plan.transfer_epochs, **changes}
    store = macro_store(plan, out, condition)
    return Start(store, replace(drawn, **recipe), seed, condition.label, out, after=after)


def starts_of(plan: Plan, conditions: Sequence[Condition], out: Path) -> list[Start]:
    """Each pre-training that the conditions need, once; seeds of one follow each other."""
    begun_with = [
        start_of(plan, condition, seed, out) for condition in conditions for seed in plan.seeds
    ]
    found: dict[Path, Start] = {}
    for start in begun_with:
        for one in () if start is None else start.lineage:
            found.setdefault(one.folder, one)
    return list(found.values())


def with_those_before(starts: Iterable[Start]) -> list[Start]:
    """The starts, and what those that are not finished begin with."""
    found: dict[Path, Start] = {}
    for start in starts:
        for one in (start,) if start.finished else start.lineage:
            found.setdefault(one.folder, one)
    return list(found.values())


def make_start(start: Start, compiled: CompiledClassifier) -> None:
    """Pre-trains, or goes on where it was cut off; a finished run is left as it is.

    Args:
        start: What to make.
        compiled: Serves the classifications.
    """
    if start.finished:
        return
    if not start.trained:
        _pretrain(start, compiled)
    run = RunDirectory.open(start.folder, "pretrain")
    facts = {
        "clips": run.info["clips"],
        "seconds": run.info["seconds"],
        "last_epoch": run.read_json("metrics.json"),
    }
    with atomic_path(start.facts_path) as partial:
        partial.write_text(json.dumps(facts) + "\n", encoding="utf-8")


def _pretrain(start: Start, compiled: CompiledClassifier) -> None:
    begun = time.perf_counter()
    if isinstance(start.options, PretrainOptions):
        run, history = _reconstruct(start, start.options)
    else:
        run, history = _classify(start, start.options, compiled)
    # Of a run that was cut off, those since it went on.
    run.finish_trained(history, seconds=round(time.perf_counter() - begun, 2))


def _reconstruct(start: Start, options: PretrainOptions) -> tuple[RunDirectory, pd.DataFrame]:
    store = open_store(start.store)
    run = RunDirectory.create(start.folder, describe_run(store, options, start.seed))
    return run, pretrain(run, store, options, start.seed, lambda epoch, logs: None)


def _classify(
    start: Start, options: TrainOptions, compiled: CompiledClassifier
) -> tuple[RunDirectory, pd.DataFrame]:
    clips = load_labelled_clips(open_store(start.store), options.motion)
    if start.after is not None:
        options = replace(options, pretrained=str(start.after.folder))
    options = fitted_to_clips(options, clips)
    run = RunDirectory.create(start.folder, describe_labels(clips, options, start.seed))
    classifier = compiled.begin(clips, options, start.seed)
    return run, pretrain_on_labels(run, clips, options, start.seed, classifier=classifier)
