"""What is known of emotions before a labelled clip is seen, on rendered clips in other crops."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation import class_set, paired_permutation_test, summarise
from keras_ma2mi.models import MIACNet
from ma2mi_preprocessing.benchmarks.machine import machine_facts
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.synthesis.face_draws import FlowFieldOptions
from ma2mi_recipes.baselines import MajorityClassifier, SupportVectorClassifier
from ma2mi_recipes.commands.pretrain_units import run_pretrain_units
from ma2mi_recipes.fine_tuning import FoldClassifier, TrainingRows, TrainOptions, plan_run
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.motion_prior_ma2mi import (
    MacroClips,
    action_maps,
    macro_store,
    pretrained_on,
)
from ma2mi_recipes.networks import build_network, load_classifier, names_of
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.shifted_clips import SIZE, FlowAt, render_pairs, shifted_clips
from ma2mi_recipes.unit_pretraining import UnitPretrainOptions
from ma2mi_recipes.zero_shot_model import answers_of, with_classes

FLOW_AT: tuple[FlowAt, ...] = ("crop", "size")
REFERENCE = "RBF SVM"
ZERO_SHOT = "zero-shot"

# Cells along a side of an action map that the linear probe reads: where it was, roughly.
_PROBE_GRID = 4
_CROPS_SEED = 0
_USUAL_ERRORS = 1.0

OnStep = Callable[[str], None]


@dataclass(frozen=True)
class PriorSetting:
    """What is measured.

    Attributes:
        scalings: How motion is scaled: `"minmax"`, `"pixels"`.
        trained_crops: Crops that networks are pre-trained on, one network each and scaling.
        errors: Sizes of the errors of estimation that they are pre-trained with, one network each;
            0 for exact flow.
        crops: Crops that the rendered clips are cut to.
        flow_at: Where flow is estimated.
        samples: Flow fields of a pre-training, in `epochs` parts.
        subjects: Rendered identities, with `clips` clips each.
        style: Rendering style.
        seed: Of clips and pre-training.
        macro_people: Rendered identities that MA2MI is pre-trained on at the same size, beside
            the prior; 0 for none.
        macro_style: Rendering style of their macro clips.
        macro_epochs: Epochs of that pre-training.
    """

    scalings: tuple[MotionScaling, ...] = ("minmax", "pixels")
    trained_crops: tuple[str, ...] = ("any", "aligned")
    errors: tuple[float, ...] = (1.0,)
    crops: tuple[str, ...] = ("aligned", "tight", "loose")
    flow_at: tuple[FlowAt, ...] = FLOW_AT
    samples: int = 100_000
    epochs: int = 10
    subjects: int = 16
    clips: int = 10
    style: str = "plain"
    seed: int = 0
    macro_people: int = 0
    macro_style: str = "posed"
    macro_epochs: int = 5


@dataclass(frozen=True)
class _Prior:
    """A network of action units, by what it was trained on."""

    name: str
    run: RunDirectory
    network: MIACNet

    @classmethod
    def loaded(cls, crop: str, errors: float, run: RunDirectory) -> "_Prior":
        return cls(f"{crop}{_words_of(errors)}", run, load_classifier(run))


def motion_prior_document(folder: Path, setting: PriorSetting, on_step: OnStep) -> dict[str, Any]:
    """Pre-trains, renders, and scores every way under every shift.

    Args:
        folder: Pre-training runs; finished ones are not repeated.
        setting: What is measured.
        on_step: Told what is at hand.

    Returns:
        A document for JSON with a row for each way, shift and class set.
    """
    start = time.perf_counter()
    runs = {
        (crop, scaling, errors): _pretrained(folder, crop, scaling, errors, setting)
        for scaling in setting.scalings
        for crop in setting.trained_crops
        for errors in setting.errors
    }
    ma2mi = _ma2mi_runs(folder, setting, on_step)
    on_step("rendering clips")
    pairs = render_pairs(setting.style, setting.subjects, setting.clips, setting.seed)
    rows: list[dict[str, Any]] = []
    for scaling in setting.scalings:
        priors = [
            _Prior.loaded(crop, errors, runs[crop, scaling, errors])
            for crop in setting.trained_crops
            for errors in setting.errors
        ]
        untrained = _untrained(scaling)
        for crop in setting.crops:
            for flow_at in setting.flow_at:
                on_step(f"{scaling}, {crop} crops, flow at {flow_at}")
                clips = shifted_clips(
                    pairs, crop=crop, flow_at=flow_at, scaling=scaling, seed=_CROPS_SEED
                )
                shift = {"scaling": scaling, "crop": crop, "flow_at": flow_at}
                rows += [
                    {**shift, **row}
                    for row in _scored(clips, priors, untrained, ma2mi.get(scaling))
                ]
    return {
        "seconds": time.perf_counter() - start,
        "machine": machine_facts(),
        "backend": keras.config.backend(),
        "setting": vars(setting),
        "clips": len(pairs),
        "units": [_unit_figures(run, *key) for key, run in runs.items()],
        "rows": rows,
    }


def _pretrained(
    folder: Path, crop: str, scaling: MotionScaling, errors: float, setting: PriorSetting
) -> RunDirectory:
    marked = "" if errors == _USUAL_ERRORS else f"-errors-{errors:g}"
    run = RunDirectory(folder / f"units-{crop}-{scaling}-{setting.samples}{marked}")
    options = UnitPretrainOptions(
        fields=FlowFieldOptions(crop=crop, scaling=scaling, errors=errors),
        samples=setting.samples,
        epochs=setting.epochs,
    )
    run_pretrain_units(run.path, options, setting.seed)
    return run


def _ma2mi_runs(
    folder: Path, setting: PriorSetting, on_step: OnStep
) -> dict[MotionScaling, RunDirectory]:
    if not setting.macro_people:
        return {}
    on_step("rendering macro clips")
    clips = MacroClips(setting.macro_people, setting.macro_style, setting.macro_epochs)
    store = macro_store(folder, clips)
    return {
        scaling: pretrained_on(folder, store, clips, scaling, setting.seed)
        for scaling in setting.scalings
    }


def _unit_figures(run: RunDirectory, crop: str, scaling: str, errors: float) -> dict[str, Any]:
    name = f"{crop}{_words_of(errors)}"
    return {"crop": name, "scaling": scaling, **run.read_json("metrics.json")}


def _words_of(errors: float) -> str:
    if errors == _USUAL_ERRORS:
        return ""
    return ", exact flow" if errors == 0 else f", errors times {errors:g}"


def _scored(
    clips: LabelledClips,
    priors: Sequence[_Prior],
    untrained: MIACNet,
    ma2mi: RunDirectory | None = None,
) -> list[dict[str, Any]]:
    """Every way on clips in one crop, with their own classes and with three."""
    rows = []
    maps = {prior.name: _maps(prior.network, clips) for prior in priors}
    ours = None if ma2mi is None else action_maps(ma2mi, clips.motion)
    for name, chosen in (("5", clips), ("3", _in_three_classes(clips))):
        tables = {
            "majority": _held_out(chosen, MajorityClassifier()),
            REFERENCE: _held_out(chosen, SupportVectorClassifier("rbf")),
            "linear probe, untrained": _probed(chosen, _maps(untrained, clips)),
        }
        for prior in priors:
            tables[f"{ZERO_SHOT}, {prior.name}"] = _zero_shot(chosen, prior, name)
            tables[f"linear probe, {prior.name}"] = _probed(chosen, maps[prior.name])
        if ours is not None:
            tables["linear probe, MA2MI"] = _probed(chosen, ours)
            for prior in priors:
                both = np.concatenate([maps[prior.name], ours], axis=-1)
                tables[f"linear probe, MA2MI and {prior.name}"] = _probed(chosen, both)
        rows += [
            {"classes": name, "way": way, **_figures(table, tables[REFERENCE], chosen.classes)}
            for way, table in tables.items()
        ]
    return rows


def _in_three_classes(clips: LabelledClips) -> LabelledClips:
    assigned = class_set("3").assign([clips.classes[label] for label in clips.labels])
    classes = list(assigned.classes)
    labels = np.array([classes.index(str(target)) for target in assigned.targets], np.int32)
    return replace(clips, classes=classes, labels=labels)


def _untrained(scaling: MotionScaling) -> MIACNet:
    keras.utils.set_random_seed(0)
    preset = UnitPretrainOptions().preset
    return build_network(preset, SIZE, "flow", 2, branches="action", scaling=scaling)


def _maps(network: MIACNet, clips: LabelledClips) -> npt.NDArray[np.float32]:
    """What the action branch makes of the motion."""
    maps = network.maps.predict_on_batch({"motion": clips.motion})["action_map"]
    return np.asarray(maps, np.float32)


def _probed(clips: LabelledClips, maps: npt.NDArray[np.float32]) -> pd.DataFrame:
    """A linear machine on action maps, averaged over a grid."""
    probe = SupportVectorClassifier("linear", grid=min(_PROBE_GRID, maps.shape[1]))
    return _held_out(replace(clips, motion=maps), probe)


def _held_out(clips: LabelledClips, classifier: FoldClassifier) -> pd.DataFrame:
    """Predictions, each subject's by a classifier that was fitted without them."""
    said = np.empty((len(clips), len(clips.classes)))
    for fold in plan_run(clips, TrainOptions(motion_scaling=clips.scaling), [0]).folds:
        classifier.fit(TrainingRows(clips, fold), 0)
        said[fold.test] = classifier.predict(clips, fold.test)
    return _table(clips, said)


def _zero_shot(clips: LabelledClips, prior: _Prior, name: str) -> pd.DataFrame:
    labels: dict[str, tuple[str, ...]] = {one: (one,) for one in clips.classes}
    if name == "3":
        labels = dict(class_set(name).classes)
    asked = with_classes(prior.run, labels)
    said = answers_of(prior.network, asked.info, {"motion": clips.motion}, len(clips))
    return _table(clips, said)


def _table(clips: LabelledClips, said: np.ndarray) -> pd.DataFrame:
    table = pd.DataFrame(
        {
            "clip_id": clips.clip_ids,
            "subject": clips.subjects,
            "label": [clips.classes[label] for label in clips.labels],
            "prediction": [clips.classes[best] for best in said.argmax(axis=1)],
            "seed": 0,
        }
    )
    table[names_of(clips.classes)] = said
    return table


def _figures(
    table: pd.DataFrame, reference: pd.DataFrame, classes: Sequence[str]
) -> dict[str, Any]:
    pooled = summarise(table, classes)["pooled"]
    test = paired_permutation_test(reference, table, classes).metrics["uf1"]
    return {
        **{name: pooled[name] for name in ("uf1", "uar", "accuracy")},
        "difference": {**vars(test)},
        "recall": {name: one["recall"] for name, one in pooled["per_class"].items()},
    }
