"""Detectors by name: those in this package, and those that other packages bring."""

from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from ..errors import InputError
from .cascade import CascadeDetector
from .detection import FaceDetector
from .model_files import YUNET_2023, fetched
from .whole_frame import WholeFrame
from .yunet import YuNetDetector

ENTRY_POINTS = "ma2mi_preprocessing.face_detectors"
"""Group of entry points under which another package names its detectors."""

MakeDetector = Callable[[str | Path | None], FaceDetector]

DETECTORS: dict[str, MakeDetector] = {
    "cascade": lambda model: CascadeDetector(),
    "yunet": lambda model: YuNetDetector(fetched(YUNET_2023) if model is None else model),
    "none": lambda model: WholeFrame(),
}
"""Detectors of this package; each is called with the model file or None."""


def detector_names() -> tuple[str, ...]:
    """Names that `create_detector` knows, those of other packages last."""
    return (*DETECTORS, *(name for name in _of_other_packages() if name not in DETECTORS))


def create_detector(name: str = "cascade", model: str | Path | None = None) -> FaceDetector:
    """Make a face detector.

    Parameters
    ----------
    name : {"cascade", "yunet", "none"} or str
        Haar cascades (works offline), YuNet, the whole frame for data that is cropped to the face
        already, or a detector of another package.
    model : str or Path, optional
        Network of a detector that needs one. YuNet's is fetched once if it is not given.

    Raises
    ------
    InputError
        Unknown name, or a model that is missing, unreadable, or cannot be fetched.
    """
    if name in DETECTORS:
        return DETECTORS[name](model)
    others = _of_other_packages()
    if name not in others:
        raise InputError(f"there is no detector '{name}'; choose one of {_listed()}")
    try:
        make: MakeDetector = others[name].load()
    except (ImportError, AttributeError) as error:
        raise InputError(
            f"the detector '{name}' is announced as {others[name].value} but cannot be loaded: "
            f"{error}; repair that package or use another detector"
        ) from error
    return make(model)


def _listed() -> str:
    return ", ".join(detector_names())


def _of_other_packages() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=ENTRY_POINTS)}
