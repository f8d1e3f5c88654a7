"""Finding faces and bringing them to one place, size and angle."""

from collections.abc import Callable
from pathlib import Path

from ..errors import InputError
from .cascade import CascadeDetector
from .detection import Face, FaceDetector
from .whole_frame import WholeFrame
from .yunet import YuNetDetector

__all__ = ["DETECTORS", "Face", "FaceDetector", "create_detector"]


def _yunet(model: str | Path | None) -> FaceDetector:
    if model is None:
        raise InputError(
            "the detector 'yunet' needs its network; give the .onnx file with --detector-model"
        )
    return YuNetDetector(model)


DETECTORS: dict[str, Callable[[str | Path | None], FaceDetector]] = {
    "cascade": lambda model: CascadeDetector(),
    "yunet": _yunet,
    "none": lambda model: WholeFrame(),
}
"""Detectors by the name that the command line uses; each is called with the model file or None."""


def create_detector(name: str = "cascade", model: str | Path | None = None) -> FaceDetector:
    """Make a face detector.

    Parameters
    ----------
    name : {"cascade", "yunet", "none"}
        Haar cascades (works offline), YuNet (needs a model file), or the whole frame for data that
        is cropped to the face already.
    model : str or Path, optional
        Network of a detector that needs one.

    Raises
    ------
    InputError
        Unknown name, or a model that is missing or unreadable.
    """
    if name not in DETECTORS:
        raise InputError(f"there is no detector '{name}'; choose one of {', '.join(DETECTORS)}")
    return DETECTORS[name](model)
