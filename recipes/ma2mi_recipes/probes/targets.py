"""What is read from features: the true movement of the face, and its action units."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ma2mi_recipes.baselines.grid_features import grid_means
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.ma2mi_benchmark.true_motion import TrueMotion

FLOW = "flow"
FLOW_GRID = 8
_FEWEST_CLIPS, _FEWEST_PEOPLE = 8, 4


@dataclass(frozen=True, eq=False)
class ProbeTargets:
    """True values of clips.

    Attributes:
        values: By name `(N, values)` float64: `"flow"`, u and v in pixels, averaged over cells;
            and each action unit's intensity.
        clips_of_units: In how many clips each unit moves.
        left_out: Units that move in too few clips, or of too few people, to say anything about
            others, with the number of clips.
    """

    values: dict[str, npt.NDArray[np.float64]]
    clips_of_units: dict[str, int]
    left_out: dict[str, int]

    @property
    def units(self) -> list[str]:
        return list(self.clips_of_units)


def probe_targets(clips: LabelledClips, truth: TrueMotion) -> ProbeTargets:
    """Flow and action units of the clips, from the truth that they were rendered by."""
    cells = grid_means(truth.flow, min(FLOW_GRID, clips.size))
    values = {FLOW: cells.reshape(len(cells), -1)}
    subjects = np.array(clips.subjects)
    seen, left_out = {}, {}
    for unit in sorted({name for one in truth.intensities for name in one}, key=_number):
        intensity = np.array([one.get(unit, 0.0) for one in truth.intensities])
        moves = np.abs(intensity) > 0
        count, people = int(moves.sum()), len(set(subjects[moves]))
        if count < _FEWEST_CLIPS or people < _FEWEST_PEOPLE:
            left_out[unit] = count
        else:
            seen[unit] = count
            values[unit] = intensity[:, None]
    return ProbeTargets(values, seen, left_out)


def _number(unit: str) -> int:
    return int(unit.removeprefix("AU"))
