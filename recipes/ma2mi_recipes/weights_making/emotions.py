"""MA2MI on rendered macro clips, their labels, and then the emotions of rendered micro clips."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_ma2mi.evaluation import clip_list_hash
from keras_ma2mi.models import MIACNet
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.store import open_store
from ma2mi_recipes.commands.preprocess import print_summary, run_preprocess
from ma2mi_recipes.commands.pretrain import run_pretrain
from ma2mi_recipes.commands.synthesize import Amplitude, run_synthesize
from ma2mi_recipes.fine_tuning import TrainOptions, with_recipe
from ma2mi_recipes.fine_tuning.options import fitted_to_clips
from ma2mi_recipes.label_pretraining import describe_run, pretrain_on_labels
from ma2mi_recipes.labelled_clips import LabelledClips, load_labelled_clips
from ma2mi_recipes.ma2mi_benchmark.plan import RenderedSet
from ma2mi_recipes.networks import build_network, load_classifier, load_reconstructor
from ma2mi_recipes.pretrained_check import check_pretrained
from ma2mi_recipes.pretraining import PretrainOptions
from ma2mi_recipes.progress import progress_bar
from ma2mi_recipes.rendered_people import people_named, unmistakable
from ma2mi_recipes.run_directory import RunDirectory
from ma2mi_recipes.weights_making.made import Made, Start
from ma2mi_recipes.weights_making.plans import EmotionPlan, WeightsPlan
from ma2mi_recipes.weights_making.scores import baseline_rows, checked_clips, network_row

_OVERSAMPLING = 2


@dataclass(frozen=True)
class _Stores:
    macro: Path
    micro: Path
    test: Path


def make_emotions(plan: WeightsPlan, work: EmotionPlan, out: Path, workers: int | None) -> Made:
    """Does every stage that `out` does not hold yet."""
    stores = _Stores(
        *(
            _store(name, rendered, work, out, workers)
            for name, rendered in (
                ("macro", work.macro),
                ("micro", work.micro),
                ("test", plan.test),
            )
        )
    )
    options = PretrainOptions(**{"preset": work.preset, **work.pretraining})
    pretrained = RunDirectory(out / "pretrained")
    run_pretrain(stores.macro, pretrained.path, options, plan.seed)
    macro, micro = (
        load_labelled_clips(open_store(store), options.motion)
        for store in (stores.macro, stores.micro)
    )
    labelled = _labelled(plan, work, macro, pretrained.path, out / "labels")
    run, trained = _trained(plan, work, micro, labelled.path, out / "classifier")
    network = load_classifier(run)
    test = load_labelled_clips(open_store(stores.test), options.motion)
    return Made(
        network,
        _info(plan, work, run, trained, micro, test),
        checked_clips(network, test),
        _start(plan, work, pretrained, trained, micro),
    )


def _store(
    name: str, rendered: RenderedSet, work: EmotionPlan, out: Path, workers: int | None
) -> Path:
    """Rendered and preprocessed as everybody's videos are, the face detector included."""
    clips, store = out / "clips" / name, out / f"{name}.store"
    if not (clips / "manifest.csv").is_file():
        run_synthesize(
            Amplitude(rendered.kind),
            clips,
            rendered.subjects,
            rendered.clips_per_subject,
            _OVERSAMPLING * work.size,
            rendered.seed,
            rendered.style,
            workers=workers,
        )
    pairs = "gap" if rendered.kind == "macro" else "key"
    options = PreprocessOptions(size=work.size, pairs=pairs, pairs_per_clip=work.pairs_per_clip)
    print_summary(run_preprocess(clips / "manifest.csv", store, options, workers), store)
    return store


def _labelled(
    plan: WeightsPlan, work: EmotionPlan, clips: LabelledClips, start: Path, folder: Path
) -> RunDirectory:
    """The classifier of all macro clips, which goes on from the reconstruction."""
    options = _options(work, clips, start)
    run = RunDirectory.create(folder, describe_run(clips, options, plan.seed))
    _fit(run, clips, options, plan.seed)
    return run


def _trained(
    plan: WeightsPlan, work: EmotionPlan, clips: LabelledClips, start: Path, folder: Path
) -> tuple[RunDirectory, TrainOptions]:
    """The classifier of all micro clips."""
    options = _options(work, clips, start)
    check_pretrained(start, clips, options)
    described = {
        "kind": "train",
        "model": "miacnet",
        "backend": keras.config.backend(),
        "seeds": [plan.seed],
        "classes": clips.classes,
        "clip_list_hash": clip_list_hash(clips.clip_ids),
        "options": asdict(options),
    }
    run = RunDirectory.create(folder, described)
    _fit(run, clips, options, plan.seed)
    return run, options


def _options(work: EmotionPlan, clips: LabelledClips, start: Path) -> TrainOptions:
    drawn = TrainOptions(preset=work.preset, pretrained=str(start))
    return fitted_to_clips(with_recipe(drawn, open_store(Path(clips.store)), work.training), clips)


def _fit(run: RunDirectory, clips: LabelledClips, options: TrainOptions, seed: int) -> None:
    """Fits to all clips; a finished run is left as it is."""
    if run.finished:
        return
    with progress_bar("training", options.epochs, "epoch") as advance:
        pretrain_on_labels(
            run, clips, options, seed, told=lambda epoch, loss: advance(note=f"loss {loss:.4f}")
        )
    run.finish()


def _info(
    plan: WeightsPlan,
    work: EmotionPlan,
    run: RunDirectory,
    trained: TrainOptions,
    micro: LabelledClips,
    test: LabelledClips,
) -> dict[str, Any]:
    macro_clips = work.macro.subjects * work.macro.clips_per_subject
    saw = (
        f"they saw rendered faces only: {macro_clips} macro clips of {work.macro.subjects} "
        f"invented people, first without labels (MA2MI) and then with those of five emotions, and "
        f"{len(micro)} micro clips of {work.micro.subjects} others with such labels."
    )
    rows = [network_row("these weights", load_classifier(run), test, trained.batch_size)]
    rows += baseline_rows(micro, test, plan.seed)
    return {
        "kind": "train",
        "model": "miacnet",
        "classes": micro.classes,
        "action_units": False,
        "labels_of": ["macro", "micro"],
        "clips": len(micro),
        "subjects": _names([work.macro, work.micro]),
        "rendered_people": [_people(one) for one in (work.macro, work.micro)],
        "clip_list_hash": clip_list_hash(micro.clip_ids),
        "magnification": {},
        "options": {**asdict(trained), "pretrained": f"{plan.name}, start"},
        "saw": saw,
        "left_out": {"micro": len(micro.left_out), "test": len(test.left_out)},
        "figures": rows,
        "figures_of": (
            f"{len(test)} rendered micro clips of {plan.test.subjects} people whom no stage saw "
            f"(style {plan.test.style}, seed {plan.test.seed}), annotated key frames"
        ),
    }


def _start(
    plan: WeightsPlan,
    work: EmotionPlan,
    pretrained: RunDirectory,
    trained: TrainOptions,
    clips: LabelledClips,
) -> Start:
    keras.utils.set_random_seed(plan.seed)
    network = build_network(
        trained.preset,
        clips.size,
        trained.motion,
        len(clips.classes),
        trained.branches,
        trained.motion_scaling,
        trained.network,
    )
    before = {layer.name: layer.get_weights() for layer in network.layers}
    network.load_encoders(load_reconstructor(pretrained))
    found = pretrained.info
    info = {
        "kind": "pretrain",
        "model": "miacnet",
        "clips": found["clips"],
        "clips_without_subject": 0,
        "clip_list_hash": found["clip_list_hash"],
        "subjects": _names([work.macro]),
        "rendered_people": [_people(work.macro)],
        "options": found["options"],
        "pretrained_layers": _changed(network, before),
        "last_epoch": pretrained.read_json("metrics.json"),
    }
    return Start(network, info)


def _changed(network: MIACNet, before: dict[str, list[Any]]) -> list[str]:
    return [
        layer.name
        for layer in network.layers
        if any(
            not np.array_equal(old, new)
            for old, new in zip(before[layer.name], layer.get_weights(), strict=True)
        )
    ]


def _people(rendered: RenderedSet) -> dict[str, Any]:
    return {"kind": rendered.kind, "seed": rendered.seed, "subjects": rendered.subjects}


def _names(sets: Iterable[RenderedSet]) -> list[str]:
    return sorted(map(unmistakable, people_named(_people(one) for one in sets)))
