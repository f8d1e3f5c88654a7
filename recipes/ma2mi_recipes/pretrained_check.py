"""Whether a pre-training run may serve as the start of a fine-tuning run."""

from pathlib import Path
from typing import Any

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.packaged_runs import start_run
from ma2mi_recipes.rendered_people import people_named, people_of_store
from ma2mi_recipes.run_directory import RunDirectory


def subjects_of(path: Path) -> tuple[str, ...]:
    """The subjects of a manifest or a store, sorted.

    Raises:
        InputError: Where it is neither, or names no subject.
    """
    from ma2mi_preprocessing.datasets.manifest import read_manifest
    from ma2mi_preprocessing.store import open_store

    if path.suffix.lower() in (".csv", ".parquet") and not path.is_dir():
        subjects = {clip.subject for clip in read_manifest(path)}
    else:
        subjects = set(open_store(path).manifest["subject"].dropna().astype(str))
    named = tuple(sorted(subjects - {""}))
    if not named:
        raise InputError(f"{path} names no subject; fill its column `subject`")
    return named


def check_pretrained(start: str | Path, clips: LabelledClips, options: TrainOptions) -> list[str]:
    """Checks that a start fits a fine-tuning run, and that no subject is in both of them.

    A subject of the fine-tuning set that was also pre-trained on has been seen when it is held out.

    Args:
        start: Run of `pretrain`, or the name of packaged weights.
        clips: What will be fine-tuned on.
        options: How.

    Returns:
        Rendered people who cannot be told from those that packaged weights saw, because the folder
        they were rendered to is gone.

    Raises:
        InputError: Where the two do not fit, or share a subject.
    """
    pretrained = check_motion(start, options)
    info, path = pretrained.info, pretrained.label
    shared, unknown = _seen_before(info, clips)
    if shared:
        raise InputError(
            f"{path} was pre-trained on {len(shared)} of the subjects to be held out "
            f"({', '.join(shared[:3])}{', ...' if len(shared) > 3 else ''}): that would leak; "
            "pre-train with --without-subjects-of and this store"
        )
    return unknown


def check_motion(start: str | Path, options: TrainOptions) -> RunDirectory:
    """The run of a start, if it has seen motion as a further training will.

    Args:
        start: Run of `pretrain`, or the name of packaged weights.
        options: Of the further training.

    Raises:
        InputError: Where it has not, or is not finished.
    """
    pretrained = start_run(start)
    pretrained.require_finished()
    info, path = pretrained.info, pretrained.label
    motion = info["options"]["motion"]
    if motion != options.motion:
        raise InputError(
            f"{path} was pre-trained on --motion {motion}, this run asks for {options.motion}; "
            f"use --motion {motion}"
        )
    scaling = info["options"].get("motion_scaling", "pixels")
    if scaling != options.motion_scaling:
        raise InputError(
            f"{path} was pre-trained with --motion-scaling {scaling}, this run has motion in "
            f"{options.motion_scaling}; pre-train with --motion-scaling {options.motion_scaling}"
        )
    return pretrained


def _seen_before(info: dict[str, Any], clips: LabelledClips) -> tuple[list[str], list[str]]:
    """Subjects that the start saw, and those of whom nobody can say."""
    subjects = sorted(set(clips.subjects))
    shared = sorted(set(info.get("subjects", [])) & set(subjects))
    sets = info.get("rendered_people", [])
    if not sets or not clips.store:
        return shared, []
    seen, kinds = people_named(sets), {str(one["kind"]) for one in sets}
    people = people_of_store(Path(clips.store), subjects)
    shared += [name for name, person in people.items() if person in seen]
    unknown = [
        name
        for name, person in people.items()
        if person is None and any(name.startswith(f"rendered_{kind}/") for kind in kinds)
    ]
    return shared, unknown
