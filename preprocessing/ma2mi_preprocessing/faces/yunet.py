"""YuNet, a small neural face detector with landmarks that OpenCV runs."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..stage_clock import timed
from .detection import Face, largest_first, reduced

_LONGEST_SIDE = 640
_SCORE_THRESHOLD = 0.7
_OVERLAP_THRESHOLD = 0.3


class YuNetDetector:
    """Faces and eyes by YuNet through ``cv2.FaceDetectorYN``.

    Parameters
    ----------
    model : str or Path
        The network as an ONNX file, e.g. ``face_detection_yunet_2023mar.onnx`` of the OpenCV Zoo.

    Raises
    ------
    InputError
        The file is missing or not a YuNet network.

    References
    ----------
    .. [1] W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector",
           Machine Intelligence Research 20, 2023, DOI 10.1007/s11633-023-1423-y.
    """

    name = "yunet"

    def __init__(self, model: str | Path) -> None:
        path = Path(model)
        if not path.is_file():
            raise InputError(f"there is no YuNet model at {path}; give the path of its .onnx file")
        try:
            self._network = cv2.FaceDetectorYN.create(
                str(path), "", (320, 320), _SCORE_THRESHOLD, _OVERLAP_THRESHOLD
            )
            self.detect(np.zeros((320, 320, 3), np.uint8))
        except cv2.error as error:
            raise InputError(f"{path} is not a YuNet network that OpenCV can read") from error

    @timed("detect")
    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Find faces; see `FaceDetector.detect`."""
        small, factor = reduced(image, _LONGEST_SIDE)
        self._network.setInputSize((small.shape[1], small.shape[0]))
        _, rows = self._network.detect(cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
        if rows is None:
            return []
        return largest_first([_face(row).scaled(factor) for row in np.asarray(rows, np.float64)])


def _face(row: NDArray[np.float64]) -> Face:
    # A row is box (4), then eyes, nose, mouth corners (5 x 2), then the score. YuNet names eyes by
    # the person's side, and in a picture of an upright face that is the other one.
    values = [float(value) for value in row]
    first, second = (values[4], values[5]), (values[6], values[7])
    left, right = sorted((first, second))
    return Face(
        box=(values[0], values[1], values[2], values[3]),
        left_eye=left,
        right_eye=right,
        score=min(1.0, max(0.0, values[14])),
    )
