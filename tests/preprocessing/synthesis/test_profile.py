"""Expressions rise from the onset to the apex and are gone at the offset, in realistic time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.synthesis.profile import (
    TEMPI,
    Timeline,
    rise_and_fall,
    sample_timeline,
)

seeds = st.integers(0, 2**32 - 1)


@given(seed=seeds, kind=st.sampled_from(sorted(TEMPI)), fps=st.floats(10.0, 240.0))
def test_durations_are_those_of_the_kind(seed: int, kind: str, fps: float) -> None:
    line = sample_timeline(np.random.default_rng(seed), TEMPI[kind], fps)
    assert 2 <= line.onset < line.apex < line.offset <= line.frames - 2
    shortest, longest = TEMPI[kind].duration
    assert (line.offset - line.onset) / fps <= longest + 1e-6
    assert (line.offset - line.onset) / fps >= shortest - 0.5 / fps


@given(
    onset=st.integers(0, 20),
    up=st.integers(1, 60),
    down=st.integers(1, 60),
    rise=st.floats(0.85, 1.3),
    fall=st.floats(0.85, 1.3),
    hold=st.floats(0.0, 0.2),
)
def test_apex_is_the_one_strongest_frame(
    onset: int, up: int, down: int, rise: float, fall: float, hold: float
) -> None:
    line = Timeline(onset + up + down + 3, onset, onset + up, onset + up + down)
    curve = rise_and_fall(line, rise, fall, hold)
    assert curve[line.apex] == pytest.approx(1.0)
    assert curve.argmax() == line.apex
    assert np.all(curve[: line.onset + 1] == 0) and np.all(curve[line.offset :] == 0)
    assert np.all(np.diff(curve[line.onset : line.apex + 1]) > 0)
    assert np.all(np.diff(curve[line.apex : line.offset + 1]) < 0)
