"""Whether a pre-training run may serve as the start of a fine-tuning run."""

from pathlib import Path

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.labelled_clips import LabelledClips
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


def check_pretrained(path: Path, clips: LabelledClips, options: TrainOptions) -> None:
    """Raises InputError where the runs do not fit, or where a subject is in both of them.

    A subject of the fine-tuning set that was also pre-trained on has been seen when it is held out.
    """
    pretrained = RunDirectory.open(path, "pretrain")
    pretrained.require_finished()
    info = pretrained.info
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
    shared = sorted(set(info.get("subjects", [])) & set(clips.subjects))
    if shared:
        raise InputError(
            f"{path} was pre-trained on {len(shared)} of the subjects to be held out "
            f"({', '.join(shared[:3])}{', ...' if len(shared) > 3 else ''}): that would leak; "
            "pre-train with --without-subjects-of and this store"
        )
