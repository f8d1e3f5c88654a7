"""For data whose frames already are faces: takes the frame as it is."""

import numpy as np
from numpy.typing import NDArray

from ..stage_clock import timed
from .alignment import eyes_of_whole_frame
from .detection import Face


class WholeFrame:
    """Gives every frame back as one face that, once aligned, is the frame fitted into the crop."""

    name = "none"

    @timed("detect")
    def detect(self, image: NDArray[np.uint8]) -> list[Face]:
        """Return one face that covers the frame; see `FaceDetector.detect`."""
        height, width = image.shape[:2]
        left_eye, right_eye = eyes_of_whole_frame(width, height)
        return [Face((0.0, 0.0, float(width), float(height)), left_eye, right_eye, 1.0)]
