"""The tables of `benchmark spotting` hold what its document says, and nothing else."""

from typing import Any

import pytest

from ma2mi_recipes.spotting_tables import (
    recording_scores,
    spotting_markdown,
    spotting_remarks,
    spotting_tables,
)


def clip(kind: str, fps: float, peak: float, shift: int) -> dict[str, Any]:
    true = [10, 20, 30]
    return {
        "name": f"clip-{kind}-{peak}", "what": "clip", "kind": kind, "fps": fps, "frames": 40,
        "true": true, "peak": peak,
        "found": {"ours": [each + shift for each in true], "simple": [5, 25, 39]},
    }  # fmt: skip


def recording(what: str, true: list[list], found: list[list]) -> dict[str, Any]:
    return {
        "name": what, "what": what, "kind": "", "fps": 50.0, "frames": 3000, "blinks": 4,
        "true": true, "largest_contrast": 2.25, "found": {"ours": found, "simple": []},
    }  # fmt: skip


@pytest.fixture
def document() -> dict[str, Any]:
    videos = [
        clip("micro", 100.0, 0.4, 1),
        clip("micro", 100.0, 1.0, -3),
        clip("macro", 30.0, 5, 0),
    ]
    videos += [
        recording("expressions", [[0, 19, "micro"], [100, 199, "macro"]], [[0, 15, "micro"]]),
        recording("still", [], [[3, 9, "micro"], [40, 50, "micro"]]),
        {"name": "expressions-9", "what": "expressions", "kind": "", "fps": 50.0, "frames": 9,
         "blinks": 0, "true": [[5, 8, "micro"]], "failed": "no face found"},
    ]  # fmt: skip
    machine = {"cpu": "A", "cpus": 2, "system": "B", "python": "3", "versions": {"numpy": "2"}}
    return {
        "command": "keras-ma2mi benchmark spotting", "seed": 0, "tuning_seed": 4242,
        "seconds": 1.0, "machine": machine, "videos": videos,
    }  # fmt: skip


def test_errors_of_key_frames_are_medians_in_frames_and_milliseconds(
    document: dict[str, Any],
) -> None:
    rows = {(row[0], row[3]): row for row in spotting_tables(document)[0].rows}
    assert rows["micro, under 0.6 px", "ours"][4] == "1 (1-1), 10 ms"
    assert rows["micro, all", "ours"][2] == "2"
    assert rows["micro, all", "ours"][4] == "2 (1.5-2.5), 20 ms"
    assert rows["macro, all", "simple"][4:] == (
        "5 (5-5), 167 ms",
        "5 (5-5), 167 ms",
        "9 (9-9), 300 ms",
    )


def test_a_recording_without_a_face_counts_as_missed(document: dict[str, Any]) -> None:
    group = [each for each in document["videos"] if each["what"] == "expressions"]
    scores = recording_scores(group, "ours")
    assert (scores["micro"].true_positives, scores["micro"].false_negatives) == (1, 1)
    assert scores["macro"].recall == 0
    assert any("no face found" in remark for remark in spotting_remarks(document))


def test_false_alarms_are_counted_by_the_minute(document: dict[str, Any]) -> None:
    rows = {row[:2]: row for row in spotting_tables(document)[2].rows}
    assert rows["still face", "ours"][2:] == ("1.0", "4", "2", "2.0", "2.2")


def test_markdown_is_the_same_for_the_same_document(document: dict[str, Any]) -> None:
    text = spotting_markdown(document)
    assert text == spotting_markdown(document)
    assert text.count("**") == 6
    assert "seed 4242" in text
