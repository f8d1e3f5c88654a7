"""Figures of acting are those of the scripts that are rendered."""

import json

import numpy as np
import pytest

from ma2mi_preprocessing.benchmarks.acting import acting_document
from ma2mi_preprocessing.synthesis import CLASSES, render_clip


@pytest.mark.parametrize("style", ["plain", "natural"])
def test_figures_are_those_of_the_rendered_clips(style: str) -> None:
    finished = []
    document = acting_document(
        style, people=1, clips=5, seed=4, on_progress=lambda done, total: finished.append(done)
    )
    json.dumps(document)
    assert finished == list(range(1, 11))
    micro = document["rendered"][1]
    clips = [
        render_clip("micro", subject=0, clip=clip, size=48, seed=4, style=style)
        for clip in range(5)
    ]
    seconds = [(clip.offset - clip.onset) / clip.fps for clip in clips]
    assert micro["clips"] == 5 and micro["fps"] == 100
    assert micro["duration"][1] == pytest.approx(np.median(seconds))
    assert micro["one_sided"] == np.mean(
        ["L" in clip.action_units or "R" in clip.action_units for clip in clips]
    )
    assert sum(micro["unit_counts"]) == pytest.approx(1.0)
    assert set(micro["units"]) == set(CLASSES)
    assert 0.28 < micro["peak"][0] <= micro["peak"][2] < 2.1
    speech = np.mean(["speech" in clip.distractor_reasons for clip in clips])
    assert document["beside"][1]["clips_with_speech"] == speech
