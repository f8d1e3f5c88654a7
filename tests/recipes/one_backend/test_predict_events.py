"""`predict` shows every expression of a long video, and says so where there is none."""

import json
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from tests.recipes.conftest import Chain, call, succeed

# What they share takes long to make: once, by one worker.
pytestmark = pytest.mark.xdist_group("predict_events")


def write_frames(folder: Path, frames: list[np.ndarray]) -> Path:
    folder.mkdir()
    for index, frame in enumerate(frames):
        cv2.imwrite(str(folder / f"{index:04d}.png"), cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    return folder


@pytest.fixture(scope="module")
def long_video(chain: Chain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered clip with a still face before and after."""
    folder = min((chain.clips / "micro" / "frames").glob("*/*"))
    clip = [
        cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB) for path in sorted(folder.iterdir())
    ]
    rng = np.random.default_rng(1)

    def still(frame: np.ndarray, count: int) -> list[np.ndarray]:
        noise = rng.normal(0, 1.5, (count, *frame.shape))
        return list(np.clip(frame + noise, 0, 255).astype(np.uint8))

    frames = [*still(clip[0], 60), *clip, *still(clip[-1], 60)]
    return write_frames(tmp_path_factory.mktemp("long") / "video", frames)


def test_every_event_has_a_row_a_class_and_a_heat_map(
    chain: Chain, long_video: Path, tmp_path: Path, backend: str
) -> None:
    text = succeed("predict", long_video, "--model", chain.run, "--all", "--fps", 100,
                   "--out", tmp_path, "--detector", "none", "--backend", backend)  # fmt: skip
    table = pd.read_csv(tmp_path / "events.csv")
    found = json.loads((tmp_path / "prediction.json").read_text())
    assert len(table) == len(found["events"]) >= 1
    assert (table["onset"] <= table["apex"]).all()
    assert (table["apex"] <= table["offset"]).all()
    assert set(table["kind"]) <= {"micro", "macro"}
    np.testing.assert_allclose(table["apex_seconds"], table["apex"] / 100)
    probabilities = table.filter(like="probability_")
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-4)
    for row, event in zip(table.to_dict("records"), found["events"], strict=True):
        assert event["key_frames"] == {name: row[name] for name in ("onset", "apex", "offset")}
        assert np.asarray(event["heat_map"]).ndim == 2
    # The strongest one also stands where that of a short clip does.
    strongest = max(found["events"], key=lambda each: each["strength"])
    assert found["key_frames"] == strongest["key_frames"]
    assert 60 <= strongest["apex"] < len(list(long_video.iterdir())) - 60
    assert (tmp_path / "prediction.png").stat().st_size > 10_000
    assert "events.csv" in text


def test_a_face_that_does_not_move_gives_a_table_without_rows(
    chain: Chain, long_video: Path, tmp_path: Path, backend: str
) -> None:
    frames = [cv2.imread(str(path)) for path in sorted(long_video.iterdir())[:40]]
    folder = write_frames(tmp_path / "still", frames)
    text = succeed("predict", folder, "--model", chain.run, "--all", "--out", tmp_path / "out",
                   "--detector", "none", "--backend", backend)  # fmt: skip
    assert "--threshold" in text
    table = pd.read_csv(tmp_path / "out" / "events.csv")
    assert len(table) == 0
    assert {"onset", "kind", "label"} <= set(table.columns)
    assert (tmp_path / "out" / "prediction.png").is_file()


@pytest.mark.parametrize("option", ["--threshold", "--longest", "--fps"])
def test_an_option_out_of_range_is_refused_in_one_line(
    chain: Chain, long_video: Path, option: str
) -> None:
    result = call("predict", long_video, "--model", chain.run, option, 0)
    assert result.exit_code != 0
    assert f"{option} must be above 0" in result.output
