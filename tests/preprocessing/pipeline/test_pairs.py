"""Which frame pairs get flow."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.options import PreprocessOptions
from ma2mi_preprocessing.pairs import choose_pairs

OPTIONS = PreprocessOptions()


def chosen(kind: str, **changes: object) -> list[list[int]]:
    options = dataclasses.replace(OPTIONS, pairs=kind)
    return choose_pairs("clip", 10, 25.0, options, **changes).tolist()  # type: ignore[arg-type]


def test_key_is_onset_and_apex() -> None:
    assert chosen("key", onset=2, apex=6) == [[2, 6]]


def test_onset_is_paired_with_every_other_frame() -> None:
    assert chosen("onset", onset=2) == [[2, t] for t in range(10) if t != 2]


def test_auto_is_key_only_where_both_are_annotated() -> None:
    assert chosen("auto", onset=2, apex=6) == [[2, 6]]
    assert chosen("auto", onset=2) == chosen("gap") != []


@pytest.mark.parametrize("kind", ["key", "onset", "none"])
def test_nothing_is_paired_without_the_annotation_it_needs(kind: str) -> None:
    pairs = choose_pairs("clip", 10, 25.0, dataclasses.replace(OPTIONS, pairs=kind))
    assert pairs.shape == (0, 2)
    assert pairs.dtype == np.int32


@given(
    st.integers(2, 400), st.floats(5, 250), st.integers(0, 9), st.text(max_size=8),
    st.integers(1, 40),
)  # fmt: skip
def test_gap_pairs_are_distinct_inside_and_a_short_time_apart(
    frames: int, fps: float, seed: int, clip_id: str, count: int
) -> None:
    options = PreprocessOptions(pairs="gap", seed=seed, pairs_per_clip=count)
    pairs = choose_pairs(clip_id, frames, fps, options)
    assert 1 <= len(pairs) <= count
    assert len({tuple(pair) for pair in pairs.tolist()}) == len(pairs)
    assert pairs.min() >= 0
    assert pairs.max() < frames
    gaps = pairs[:, 1] - pairs[:, 0]
    assert gaps.min() >= 1
    assert gaps.max() <= max(1, np.ceil(0.32 * fps))
    assert gaps.min() >= min(frames - 1, np.floor(0.08 * fps))


def test_gaps_are_even_in_seconds_whatever_the_frame_rate() -> None:
    options = PreprocessOptions(pairs="gap", pairs_per_clip=400)
    for fps in (25.0, 100.0, 200.0):
        pairs = choose_pairs("clip", 5000, fps, options)
        seconds = (pairs[:, 1] - pairs[:, 0]) / fps
        assert seconds.mean() == pytest.approx(0.2, abs=0.015)
        assert seconds.std() == pytest.approx(0.24 / np.sqrt(12), abs=0.015)


def test_pairs_depend_on_the_clip_and_the_seed_and_nothing_else() -> None:
    options = PreprocessOptions(pairs="gap")
    first = choose_pairs("a", 300, 25.0, options)
    np.testing.assert_array_equal(first, choose_pairs("a", 300, 25.0, options))
    assert first.tolist() != choose_pairs("b", 300, 25.0, options).tolist()
    other = dataclasses.replace(options, seed=1)
    assert first.tolist() != choose_pairs("a", 300, 25.0, other).tolist()


@pytest.mark.parametrize(
    "change",
    [{"size": 8}, {"detector": "x"}, {"alignment": "x"}, {"pairs": "x"}, {"pairs_per_clip": 0},
     {"gap_seconds": (0.3, 0.1)}, {"gap_seconds": (0.0, 0.1)}, {"max_frames": 1}, {"seed": -1},
     {"smoothing_seconds": 0.0}, {"detections_per_second": -1.0}, {"context_seconds": -0.1}],
    ids=str,
)  # fmt: skip
def test_options_that_make_no_sense_are_refused_by_name(change: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(change))):
        PreprocessOptions(**change)  # type: ignore[arg-type]
