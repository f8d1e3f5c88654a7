"""Finding faces and bringing them to one place, size and angle."""

from .detection import Face, FaceDetector
from .registry import DETECTORS, create_detector, detector_names

__all__ = ["DETECTORS", "Face", "FaceDetector", "create_detector", "detector_names"]
