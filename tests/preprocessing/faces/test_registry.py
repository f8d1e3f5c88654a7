"""Detectors of other packages are found by their names."""

from pathlib import Path

import numpy as np
import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.faces import create_detector, detector_names
from ma2mi_preprocessing.options import PreprocessOptions

MODULE = '''
from ma2mi_preprocessing.faces import Face


class Middle:
    """Takes the middle of the picture for a face."""

    name = "middle"

    def __init__(self, model):
        self.model = model

    def detect(self, image):
        height, width = image.shape[:2]
        x, y = width / 2, height / 2
        box = (x - 50, y - 50, 100.0, 100.0)
        return [Face(box, (x - 20, y - 10), (x + 20, y - 10), 1.0)]
'''


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "middle_faces.py").write_text(MODULE)
    metadata = tmp_path / "middle_faces-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: middle-faces\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(
        "[ma2mi_preprocessing.face_detectors]\n"
        "middle = middle_faces:Middle\nbroken = middle_faces:Absent\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.mark.usefixtures("other_package")
def test_detector_of_another_package_is_made_by_its_name() -> None:
    assert detector_names() == ("cascade", "yunet", "none", "middle", "broken")
    detector = create_detector("middle", "net.bin")
    (face,) = detector.detect(np.zeros((200, 300, 3), np.uint8))
    assert (face.left_eye, face.right_eye) == ((130.0, 90.0), (170.0, 90.0))
    assert detector.model == "net.bin"  # type: ignore[attr-defined]
    assert PreprocessOptions(detector="middle").stabilised


@pytest.mark.usefixtures("other_package")
def test_detector_that_cannot_be_loaded_is_one_line() -> None:
    with pytest.raises(InputError, match=r"'broken'.*middle_faces:Absent"):
        create_detector("broken")


def test_unknown_name_lists_what_there_is() -> None:
    with pytest.raises(InputError, match="cascade, yunet, none"):
        create_detector("haar")
