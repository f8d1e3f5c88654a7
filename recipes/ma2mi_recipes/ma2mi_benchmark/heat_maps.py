"""Heat maps of held-out clips, scored by where the faces truly move."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from keras_ma2mi.evaluation import mass_inside, pointing_hits, region_overlap
from keras_ma2mi.explain import action_maps, resize_maps
from keras_ma2mi.models import MIACNet
from ma2mi_recipes.batches import as_unit_range
from ma2mi_recipes.fine_tuning.classifiers import FoldClassifier
from ma2mi_recipes.fine_tuning.fold_trainer import FoldTrainer
from ma2mi_recipes.fine_tuning.training_rows import Rows
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition

Regions = npt.NDArray[np.bool_]
Maps = npt.NDArray[np.floating]
SCORES = {"pointing": pointing_hits, "overlap": region_overlap, "mass": mass_inside}
"""What a heat map is judged by; see these functions."""


def has_action_maps(condition: Condition) -> bool:
    """Whether a condition ends in a network with an action branch."""
    return not condition.is_baseline and condition.branches != "position"


def scored_heat_maps(
    classifier: FoldClassifier, clips: LabelledClips, rows: Rows, regions: Regions
) -> pd.DataFrame:
    """Scores of all `action_maps` of some clips, by the network as it is now.

    Args:
        classifier: A fitted MIACNet with an action branch.
        clips: All clips.
        rows: Those to explain.
        regions: `(N, S, S)` bool, where each of all clips truly moves.

    Returns:
        One row a clip and kind of map: `clip_id`, `subject`, `map`, and `SCORES`.
    """
    assert isinstance(classifier, FoldTrainer) and isinstance(classifier.network, MIACNet)
    inputs = {"onset": as_unit_range(clips.onset[rows]), "motion": clips.motion[rows]}
    maps = action_maps(classifier.network, inputs, classifier.options.batch_size)
    return scores_of(maps, clips, rows, regions)


def scores_of(
    maps: dict[str, Maps], clips: LabelledClips, rows: Rows, regions: Regions
) -> pd.DataFrame:
    """Scores of maps of any size, brought to that of the regions; as `scored_heat_maps`."""
    size = regions.shape[1:3]
    people = {
        "clip_id": [clips.clip_ids[row] for row in rows],
        "subject": [clips.subjects[row] for row in rows],
    }
    parts = []
    for name, values in maps.items():
        heat = resize_maps(values, size)
        scores = {score: function(heat, regions[rows]) for score, function in SCORES.items()}
        parts.append(pd.DataFrame({**people, "map": name, **scores}))
    return pd.concat(parts, ignore_index=True)
