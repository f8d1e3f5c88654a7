"""Frame numbers of tables that are not those of the files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.datasets.annotation_table import AnnotationRow
from ma2mi_preprocessing.datasets.frame_numbers import FrameNumbers
from ma2mi_preprocessing.datasets.numbering import FROM_FIRST, FROM_ONSET, matched_numbers


def row(onset: object, offset: object, first: object = "") -> AnnotationRow:
    return AnnotationRow(2, {"onset": str(onset), "offset": str(offset), "first": str(first)})


def numbers(start: int, stop: int) -> FrameNumbers:
    return FrameNumbers(tuple(range(start, stop + 1)))


@given(st.integers(0, 9999), st.integers(0, 300), st.integers(0, 50), st.integers(0, 50))
def test_numbers_that_the_folder_holds_are_kept(
    onset: int, length: int, before: int, after: int
) -> None:
    frames = numbers(max(0, onset - before), onset + length + after)
    assert matched_numbers(row(onset, onset + length), frames) == (frames, "")


@given(st.integers(2, 9999), st.integers(1, 300), st.sampled_from([0, 1]))
def test_cut_folder_numbered_anew_starts_at_the_onset(onset: int, length: int, first: int) -> None:
    frames = numbers(first, first + length)
    matched, reading = matched_numbers(row(onset, onset + length), frames)
    assert matched == numbers(onset, onset + length)
    assert reading == FROM_ONSET


@given(st.integers(2000, 9999), st.integers(0, 300), st.integers(0, 300), st.integers(0, 300))
def test_video_numbered_anew_starts_at_the_first_frame_of_the_table(
    first: int, before: int, length: int, after: int
) -> None:
    frames = numbers(1, before + length + after + 1)
    onset = first + before
    matched, reading = matched_numbers(row(onset, onset + length, first), frames)
    assert matched.numbers[0] == first
    assert reading == FROM_FIRST


@pytest.mark.parametrize(
    ("onset", "offset", "held"),
    [
        (10, 20, tuple(range(8, 60, 2))),
        (10, 20, tuple(range(1, 18))),
        (100, 120, tuple(range(1, 60))),
        (100, 120, tuple(range(30, 60))),
        (20, 10, tuple(range(1, 12))),
        ("", 10, tuple(range(1, 12))),
        ("x", 10, tuple(range(1, 12))),
        (10, 20, ()),
    ],
    ids=[
        "frames are missing",
        "the end is missing",
        "more frames than the expression has",
        "folder of another part",
        "out of order",
        "no onset",
        "no number",
        "empty folder",
    ],
)
def test_what_cannot_be_matched_is_left_as_it_is(
    onset: object, offset: object, held: tuple[int, ...]
) -> None:
    frames = FrameNumbers(held)
    assert matched_numbers(row(onset, offset), frames) == (frames, "")
