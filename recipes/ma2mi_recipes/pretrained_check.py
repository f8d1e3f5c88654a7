"""Whether a pre-training run may serve as the start of a fine-tuning run."""

from pathlib import Path

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.fine_tuning import TrainOptions
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.run_directory import RunDirectory


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
    shared = sorted(set(info.get("subjects", [])) & set(clips.subjects))
    if shared:
        raise InputError(
            f"{path} was pre-trained on {len(shared)} of the subjects to be held out "
            f"({', '.join(shared[:3])}{', ...' if len(shared) > 3 else ''}): that would leak; "
            "pre-train without them"
        )
