"""Time by stage: nested stages are not counted twice, and nothing is measured unasked."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ma2mi_preprocessing.pipeline import ClipOutcome, preprocess
from ma2mi_preprocessing.stage_clock import measured_stages, timed, timed_iterator
from tests.preprocessing.pipeline.small_clips import OPTIONS, annotated

STEP = 0.03


@timed("inner")
def inner() -> None:
    time.sleep(STEP)


@timed("outer")
def outer() -> None:
    time.sleep(STEP)
    inner()


@timed_iterator("values")
def values(count: int) -> Iterator[int]:
    for index in range(count):
        time.sleep(STEP)
        yield index


def test_time_counts_for_the_innermost_stage_and_all_adds_up() -> None:
    start = time.perf_counter()
    with measured_stages() as times:
        outer()
        inner()
    total = time.perf_counter() - start
    assert set(times) == {"inner", "outer", "other"}
    assert STEP <= times["outer"][0] < times["inner"][0]
    assert times["inner"][0] >= 2 * STEP
    assert sum(wall for wall, _ in times.values()) == pytest.approx(total, abs=0.01)
    assert all(cpu <= wall + 0.02 for wall, cpu in times.values())


def test_generator_pays_for_its_values_and_not_for_what_is_done_with_them() -> None:
    with measured_stages() as times:
        for _ in values(3):
            time.sleep(STEP)
    assert times["values"][0] >= 3 * STEP
    assert times["other"][0] >= 3 * STEP
    assert times["values"][0] < 6 * STEP or times["other"][0] < 6 * STEP


def test_stage_that_ends_in_an_error_is_left() -> None:
    @timed("bad")
    def bad() -> None:
        raise OSError("broken")

    with measured_stages() as times:
        with pytest.raises(OSError, match="broken"):
            bad()
        inner()
    assert times["inner"][0] >= STEP
    assert times["bad"][0] < STEP


def test_nothing_is_measured_unasked() -> None:
    with measured_stages() as times:
        pass
    outer()
    assert list(values(2)) == [0, 1]
    assert set(times) == {"other"}


@pytest.mark.parametrize("measured", [True, False])
def test_outcome_says_where_the_time_went_if_asked(measured: bool, tmp_path: Path) -> None:
    outcomes: list[ClipOutcome] = []
    preprocess(
        [annotated(tmp_path / "lab", "a")], tmp_path / "s", OPTIONS, workers=1,
        on_outcome=outcomes.append, measured=measured,
    )  # fmt: skip
    times = outcomes[0].times
    if not measured:
        assert times is None
        return
    assert times is not None
    stages = {"decode", "detect", "align", "flow", "contact sheet", "store", "other"}
    assert set(times) == stages
    assert all(wall > 0 for wall, _ in times.values())
