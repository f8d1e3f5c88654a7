"""Action units from drawn flow fields, and the emotions that can be read off them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from keras_ma2mi.evaluation import class_set
from keras_ma2mi.models import MIACNet
from ma2mi_recipes.commands.pretrain_units import run_pretrain_units
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.networks import load_classifier
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.shifted_clips import render_pairs, shifted_clips
from ma2mi_recipes.weights_making.made import Made
from ma2mi_recipes.weights_making.plans import UnitPlan, WeightsPlan
from ma2mi_recipes.weights_making.scores import checked_clips, score_row
from ma2mi_recipes.zero_shot_model import answers_of, with_classes

_CROPS_SEED = 0


def make_units(plan: WeightsPlan, work: UnitPlan, out: Path) -> Made:
    """Trains, or goes on with it, and scores."""
    run = RunDirectory(out / "units")
    run_pretrain_units(run.path, work.options, plan.seed)
    network, found = load_classifier(run), run.info
    shifted = _test_clips(plan, work)
    rows = [row for crop, clips in shifted.items() for row in _zero_shot(crop, clips, network, run)]
    units = run.read_table("units.csv").round(4)
    kept = ("kind", "model", "supervision", "action_units", "classes", "unit_shares", "clips",
            "subjects", "clip_list_hash", "magnification", "options")  # fmt: skip
    info: dict[str, Any] = {name: found[name] for name in kept}
    info |= {
        "rendered_people": [],
        "pretrained_layers": ["action_encoder"],
        "saw": (
            f"they saw {work.options.samples:,} drawn flow fields of invented faces, and no "
            "picture; emotions are read off their 16 action units by a table."
        ),
        "figures": rows,
        "figures_of": (
            f"{len(next(iter(shifted.values())))} rendered micro clips of {plan.test.subjects} "
            f"people (style {plan.test.style}, seed {plan.test.seed}), annotated key frames, no "
            "clip trained on: zero-shot emotions by crop, flow measured in 64x64 pixels"
        ),
        "units": units.to_dict("records"),
    }
    return Made(network, info, checked_clips(network, shifted[work.crops[0]], multi_label=True))


def _test_clips(plan: WeightsPlan, work: UnitPlan) -> dict[str, LabelledClips]:
    test = plan.test
    pairs = render_pairs(test.style, test.subjects, test.clips_per_subject, test.seed)
    scaling = work.options.fields.scaling
    return {
        crop: shifted_clips(pairs, crop=crop, flow_at="crop", scaling=scaling, seed=_CROPS_SEED)
        for crop in work.crops
    }


def _zero_shot(
    crop: str, clips: LabelledClips, network: MIACNet, run: RunDirectory
) -> list[dict[str, Any]]:
    rows = []
    three = class_set("3")
    sets: dict[int, dict[str, tuple[str, ...]]] = {
        3: {name: tuple(labels) for name, labels in three.classes.items()},
        5: {name: (name,) for name in clips.classes},
    }
    for count, classes in sets.items():
        asked = with_classes(run, classes)
        said = answers_of(network, asked.info, {"motion": clips.motion}, len(clips))
        labelled = _in_three(clips) if count == 3 else clips
        rows.append(score_row("zero-shot", labelled, said, crop=crop))
    return rows


def _in_three(clips: LabelledClips) -> LabelledClips:
    assigned = class_set("3").assign([clips.classes[label] for label in clips.labels])
    classes = list(assigned.classes)
    labels = np.array([classes.index(str(target)) for target in assigned.targets], np.int32)
    return replace(clips, classes=classes, labels=labels)
