"""The picture shows what it says."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ma2mi_preprocessing.contact_sheet import _spread, contact_sheet, write_picture

FRAMES = np.repeat(np.arange(20, 220, 10, dtype=np.uint8), 40 * 40 * 3).reshape(20, 40, 40, 3)
FLOW = np.zeros((2, 40, 40, 2), np.float32)
PAIRS = np.array([[0, 5], [3, 9]], np.int32)


def tile(sheet: np.ndarray, row: int, column: int) -> np.ndarray:
    top, left = 30 + row * 184, 4 + column * 164
    return sheet[top + 10 : top + 150, left + 10 : left + 150]


def test_three_rows_of_eight_tiles() -> None:
    assert contact_sheet(FRAMES, FLOW, PAIRS).shape == (30 + 3 * 184, 4 + 8 * 164, 3)


def test_key_frames_are_among_those_shown_and_are_marked() -> None:
    plain = contact_sheet(FRAMES, FLOW, PAIRS)
    marked = contact_sheet(FRAMES, FLOW, PAIRS, key_frames={"onset": 1, "apex": 7, "offset": None})
    levels = [int(tile(marked, 0, column)[50, 50, 0]) for column in range(8)]
    assert {30, 90} <= set(levels)
    assert levels == sorted(levels)
    gold = (marked == (255, 196, 64)).all(-1).sum()
    assert gold > 0 == (plain == (255, 196, 64)).all(-1).sum()


def test_differences_have_the_sign_of_the_change_and_gray_is_none() -> None:
    sheet = contact_sheet(FRAMES, FLOW, PAIRS)
    assert tile(sheet, 2, 6).min() > tile(sheet, 2, 0).max() > 130
    still = contact_sheet(np.full_like(FRAMES, 99), FLOW, PAIRS)
    assert np.abs(tile(still, 2, 0).astype(int) - 128).max() <= 1


def test_many_pairs_show_their_own_differences() -> None:
    pairs = np.array([[0, 1], [1, 0], [2, 3], [4, 5]], np.int32)
    sheet = contact_sheet(FRAMES, np.zeros((4, 40, 40, 2), np.float32), pairs)
    up, down = tile(sheet, 2, 0), tile(sheet, 2, 1)
    assert up.min() > 128 > down.max()


def test_flow_is_white_where_nothing_moves() -> None:
    moving = FLOW.copy()
    moving[1, ..., 0] = 2.0
    sheet = contact_sheet(FRAMES, moving, PAIRS)
    assert tile(sheet, 1, 0).min() == 255
    red, green, blue = tile(sheet, 1, 1).mean((0, 1))
    assert red > green
    assert red > blue


@pytest.mark.parametrize("count", [1, 2, 3])
def test_few_frames_without_pairs_still_give_a_picture(count: int) -> None:
    sheet = contact_sheet(FRAMES[:count], FLOW[:0], PAIRS[:0], title="微 clip", fps=25)
    assert sheet.shape[1] == 4 + 8 * 164
    assert sheet.std() > 5


def test_spread_is_even_and_holds_what_is_wanted() -> None:
    assert _spread(8, 8, []) == list(range(8))
    assert _spread(3, 8, []) == [0, 1, 2]
    assert _spread(0, 8, []) == []
    assert _spread(100, 5, []) == [0, 25, 50, 74, 99]
    shown = _spread(100, 8, [33, 34, 35])
    assert {33, 34, 35} <= set(shown)
    assert len(shown) == 8


def test_picture_is_written_in_its_own_colours(tmp_path: Path) -> None:
    picture = np.zeros((4, 5, 3), np.uint8)
    picture[..., 0] = 200
    write_picture(picture, tmp_path / "deep" / "p.png")
    assert tuple(cv2.imread(str(tmp_path / "deep" / "p.png"))[0, 0]) == (0, 0, 200)
