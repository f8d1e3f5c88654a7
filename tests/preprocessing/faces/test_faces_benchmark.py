"""The figures of `benchmark faces` are complete, and mean what they say."""

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from ma2mi_preprocessing.benchmarks import faces_document as faces_document_module
from ma2mi_preprocessing.benchmarks.alignments import CLIP_RIGID, EACH_FRAME, UNALIGNED, Remembered
from ma2mi_preprocessing.benchmarks.faces import jitter, residual
from ma2mi_preprocessing.benchmarks.faces_document import FacesPlan, faces_document
from ma2mi_preprocessing.benchmarks.faces_videos import benchmark_videos
from ma2mi_preprocessing.benchmarks.known_heads import SIZE, known_head
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.faces import Face, create_detector
from ma2mi_preprocessing.faces.alignment import eye_transform
from ma2mi_recipes.cli import app
from ma2mi_recipes.commands import benchmark_faces
from ma2mi_recipes.faces_tables import faces_markdown, faces_tables


class OneFace:
    """Sees the same face in every picture."""

    name = "one"

    def __init__(self) -> None:
        self.calls = 0

    def detect(self, image: np.ndarray) -> list[Face]:
        self.calls += 1
        return [Face((80.0, 80.0, 160.0, 160.0), (124.0, 140.0), (196.0, 140.0), 1.0)]


@pytest.fixture(scope="module")
def document() -> dict[str, object]:
    return faces_document([OneFace()], FacesPlan(1, 0, 1, 0, 10))


@pytest.mark.xdist_group("faces_document")
def test_document_is_plain_and_has_a_row_for_each_way(document: dict[str, Sequence[dict]]) -> None:  # type: ignore[type-arg]
    json.dumps(document)
    assert [(row["head"], row["method"]) for row in document["motion"]][:2] == [
        ("slight", UNALIGNED),
        ("slight", EACH_FRAME),
    ]
    assert len(document["motion"]) == 2 * 6
    assert len(document["expression"]) == 2 * 6
    assert {row["step"] for row in document["times"]} == {"stabilisation", "detection, one"}
    assert len(document["registrations"]) == 5
    assert document["videos"] == []


@pytest.mark.xdist_group("faces_document")
def test_stabilisation_leaves_less_than_a_detector_that_never_moves(
    document: dict[str, Sequence[dict]],  # type: ignore[type-arg]
) -> None:
    left = {
        row["method"]: row["residual"]["median"]
        for row in document["motion"]
        if row["head"] == "strong"
    }
    assert left[CLIP_RIGID] < 0.15 < left[EACH_FRAME]
    assert left[EACH_FRAME] == pytest.approx(left[UNALIGNED], rel=0.3)


@pytest.mark.xdist_group("faces_document")
def test_tables_have_a_cell_for_each_column(document: dict[str, object]) -> None:
    shown = {**document, "command": "keras-ma2mi benchmark faces", "not_measured": {"yunet": "why"}}
    for table in faces_tables(shown):
        assert table.rows
        assert all(len(row) == len(table.columns) for row in table.rows)
    text = faces_markdown(shown)
    assert "yunet: why" in text
    assert text.count("**") == 2 * len(faces_tables(shown))


def test_command_writes_files_that_name_no_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark_faces, "_detectors", lambda model: ([OneFace()], {}))
    monkeypatch.setattr(faces_document_module, "QUICK_PLAN", FacesPlan(1, 0, 1, 0, 4))
    files = [tmp_path / name for name in ("faces.json", "faces.md", "faces.png")]
    options = zip(("--json", "--markdown", "--picture"), map(str, files), strict=True)
    arguments = ["benchmark", "faces", "--quick", *(part for pair in options for part in pair)]
    monkeypatch.setattr("sys.argv", ["/somewhere/keras-ma2mi", *arguments])
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    document = json.loads(files[0].read_text())
    assert document["command"].startswith("keras-ma2mi benchmark faces --quick --json faces.json")
    assert str(tmp_path) not in files[0].read_text() + files[1].read_text()
    picture = cv2.imread(str(files[2]))
    assert picture is not None and picture.std() > 10
    assert files[2].stat().st_size < 300_000


def test_perfect_transforms_leave_nothing_of_the_head_and_all_of_the_expression() -> None:
    clip = known_head("micro", 1, 1, sway=6.0)
    (left_x, left_y), (right_x, right_y) = clip.eyes[clip.onset].astype(float)
    onset = np.vstack([eye_transform((left_x, left_y), (right_x, right_y), SIZE), [0, 0, 1]])
    back = [
        onset @ clip._head(clip.onset) @ np.linalg.inv(clip._head(frame))
        for frame in range(len(clip.frames))
    ]
    transforms = np.stack(back)[:, :2]
    assert residual(clip, transforms) < 1e-9
    expression = clip.expression(transforms)
    assert expression.kept == pytest.approx(1.0, abs=0.02)
    assert 0.6 < expression.measured < 1.1
    assert residual(clip, np.repeat(transforms[:1], len(transforms), 0)) > 1.0


def test_jitter_is_the_deviation_of_independent_errors_and_blind_to_steady_motion(
    rng: np.random.Generator,
) -> None:
    steady = np.arange(4000.0)[:, None] * np.array([0.3, -0.2])
    assert jitter(steady) == pytest.approx(0.0, abs=1e-9)
    noisy = steady + rng.normal(0, 0.5, steady.shape)
    assert jitter(noisy) == pytest.approx(0.5 * np.sqrt(2), rel=0.1)


def test_each_image_is_looked_at_once() -> None:
    counted = OneFace()
    remembered = Remembered(counted)
    images = [np.zeros((9, 9, 3), np.uint8) for _ in range(3)]
    for image in [*images, *images]:
        remembered.detect(image)
    assert counted.calls == len(remembered.seconds) == 3


def test_videos_are_named_without_their_folder(real_data: Path) -> None:
    rows = benchmark_videos(real_data / "faces", [create_detector("cascade")], most_frames=12)
    found = {row.video: row.found for row in rows}
    assert found == {"WolfgangLanger_Pexels.mp4": 1.0, "face_noface.mov": 1.0, "no_face.mp4": 0.0}
    shaking = next(row for row in rows if row.video == "face_noface.mov").shake
    assert shaking[CLIP_RIGID] < 0.3 * shaking[EACH_FRAME]


def test_folder_without_videos_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no videos"):
        faces_document([OneFace()], FacesPlan(1, 0, 0, 0, 4), videos=tmp_path)


def test_figures_in_the_guide_are_those_of_the_report() -> None:
    docs = Path(__file__).resolve().parents[3] / "docs"
    report = set((docs / "faces_benchmark.md").read_text(encoding="utf-8").splitlines())
    quoted = [
        line
        for line in (docs / "faces.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("|") and "–" in line
    ]
    assert len(quoted) >= 5
    assert set(quoted) <= report


def test_report_is_made_from_the_stored_figures() -> None:
    docs = Path(__file__).resolve().parents[3] / "docs"
    stored = json.loads((docs / "faces_benchmark.json").read_text(encoding="utf-8"))
    assert faces_markdown(stored) == (docs / "faces_benchmark.md").read_text(encoding="utf-8")
