"""Where key frames go when they are moved, and when they are jittered."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.commands.key_frame_options import check_jitter, parse_key_frames
from ma2mi_recipes.key_frame_pairs import (
    jittered_pairs,
    kept_in_clip,
    moved_pair,
    why_not_movable,
)

NAMES = st.integers(0, 99).map("clip{}".format)


@st.composite
def annotations(draw: st.DrawFn) -> tuple[tuple[int, int], int]:
    """Onset and apex, and the number of frames of their clip."""
    frames = draw(st.integers(2, 60))
    apex = draw(st.integers(1, frames - 1))
    return (draw(st.integers(0, apex - 1)), apex), frames


@given(
    annotations(),
    st.sampled_from(["onset", "apex", "both"]),
    st.integers(0, 12),
    NAMES,
)
def test_moved_key_frames_stay_in_the_clip_and_in_order(annotation, moved, by, clip_id) -> None:
    annotated, frames = annotation
    place = moved_pair(clip_id, annotated, frames, moved, by)
    onset, apex = place.pair
    assert 0 <= onset < apex < frames
    assert (place.onset_error, place.apex_error) == (onset - annotated[0], apex - annotated[1])
    asked = (by if moved in ("onset", "both") else 0, by if moved in ("apex", "both") else 0)
    reached = (abs(place.onset_error), abs(place.apex_error))
    assert place.at_border == (reached != asked)
    assert all(one <= wanted for one, wanted in zip(reached, asked, strict=True))


def test_a_clip_with_room_goes_one_way_at_every_distance_and_clips_differ() -> None:
    ways = set()
    for number in range(40):
        errors = [
            moved_pair(f"c{number}", (100, 200), 300, "both", by) for by in (1, 5, 10)
        ]  # fmt: skip
        signs = {(np.sign(place.onset_error), np.sign(place.apex_error)) for place in errors}
        assert len(signs) == 1
        ways |= signs
    assert len(ways) == 4


@pytest.mark.parametrize(
    ("annotated", "steps", "frames", "kept"),
    [
        ((3, 9), (-5, 0), 20, (0, 9)),
        ((3, 9), (0, 30), 20, (3, 19)),
        ((3, 9), (8, 0), 20, (8, 9)),
        ((3, 9), (0, -8), 20, (3, 4)),
        ((3, 9), (8, -8), 20, (6, 7)),
        ((0, 1), (3, -3), 2, (0, 1)),
    ],
)
def test_borders(annotated, steps, frames, kept) -> None:
    assert kept_in_clip(annotated, steps, frames) == kept


def test_a_key_frame_at_the_border_goes_the_way_that_is_open() -> None:
    for number in range(20):
        place = moved_pair(f"c{number}", (0, 40), 41, "both", 10)
        assert (place.onset_error, place.apex_error) == (10, -10)
        assert not place.at_border


@given(annotations(), st.floats(0, 4), NAMES)
def test_jitter_by_share_only_shortens_and_by_no_more_than_asked(
    annotation, share, clip_id
) -> None:
    annotated, frames = annotation
    reach = share * (annotated[1] - annotated[0]) / 4
    for onset, apex in jittered_pairs(clip_id, annotated, frames, share=share, most=0, count=8):
        assert annotated[0] <= onset <= annotated[0] + reach + 0.5
        assert annotated[1] - reach - 0.5 <= apex <= annotated[1]
        assert onset < apex


@given(annotations(), st.integers(1, 9), NAMES)
def test_jitter_by_frames_goes_either_way_and_repeats(annotation, most, clip_id) -> None:
    annotated, frames = annotation
    drawn = jittered_pairs(clip_id, annotated, frames, share=0, most=most, count=8)
    assert drawn == jittered_pairs(clip_id, annotated, frames, share=0, most=most, count=8)
    for onset, apex in drawn:
        assert 0 <= onset < apex < frames
        assert abs(onset - annotated[0]) <= most
        assert abs(apex - annotated[1]) <= most


def test_the_share_of_mmnet_seldom_reaches_the_next_frame_of_a_short_clip() -> None:
    short = jittered_pairs("c", (10, 23), 60, share=0.15, most=0, count=50)
    assert set(short) == {(10, 23)}
    assert len(set(jittered_pairs("c", (10, 80), 90, share=0.15, most=0, count=50))) > 4


@pytest.mark.parametrize(
    ("onset", "apex", "frames", "reason"),
    [(None, 3, 9, "without frames"), (0, 1, 0, "without frames"), (4, 4, 9, "not before")],
)
def test_clips_that_cannot_be_moved_say_why(onset, apex, frames, reason) -> None:
    assert reason in str(why_not_movable(onset, apex, frames))


def test_key_frames_as_typed() -> None:
    assert parse_key_frames("10, 0,2,found,2") == ((0, 2, 10), True)
    assert parse_key_frames(None) == ((), False)
    for text in ("-1", "1.5", "a", "1,,2", ""):
        if text:
            with pytest.raises(InputError, match="--key-frames must be numbers"):
                parse_key_frames(text)
    with pytest.raises(InputError, match="use one"):
        check_jitter(0.15, 3)
