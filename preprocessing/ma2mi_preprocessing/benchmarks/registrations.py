"""The registration in `faces.stabilisation` beside others that could do its work."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..faces.alignment import Matrix, align_frame, eye_transform
from ..flow import optical_flow_tvl1
from ..head_motion import head_motion
from .alignments import Transforms, stabilised
from .faces import Spread, residual, spread
from .known_heads import SIZE, KnownHead, known_head

Gray = NDArray[np.uint8]
Register = Callable[[Gray, Gray], Matrix]

OURS = "TV-L1, robust similarity (ours)"
_LOOKS = 2


@dataclass(frozen=True)
class RegistrationRow:
    """One registration on rendered clips with a strongly moving head.

    Attributes
    ----------
    method : str
    clips : int
    residual : Spread
        As in `faces.MotionRow`, pixels.
    kept : Spread
        As in `known_heads.ExpressionLeft`.
    milliseconds : float
        CPU time a frame, median over clips.
    """

    method: str
    clips: int
    residual: Spread
    kept: Spread
    milliseconds: float


def benchmark_registrations(
    *, micro: int, macro: int, sway: float, seed: int = 0, on_clip: Callable[[], None] | None = None
) -> list[RegistrationRow]:
    """Register all frames of rendered clips to the onset, from the true eyes there."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    kinds = [("micro", number) for number in range(micro)]
    kinds += [("macro", number) for number in range(macro)]
    for kind, number in kinds:
        clip = known_head(kind, number + 100, number % 5, sway=sway, seed=seed)
        left, right = clip.eyes[clip.onset].astype(float).tolist()
        start = np.repeat(eye_transform(tuple(left), tuple(right), SIZE)[None], len(clip.frames), 0)
        transforms, seconds = stabilised(clip.frames, start, SIZE, clip.onset, None)
        found.setdefault(OURS, []).append(_figures(clip, transforms, seconds))
        for name, register in _OTHERS.items():
            transforms, seconds = _registered(clip, start, register)
            found.setdefault(name, []).append(_figures(clip, transforms, seconds))
        if on_clip is not None:
            on_clip()
    return [
        RegistrationRow(
            name,
            len(figures),
            spread([each[0] for each in figures]),
            spread([each[1] for each in figures]),
            1000 * statistics.median(each[2] for each in figures),
        )
        for name, figures in found.items()
    ]


def _figures(clip: KnownHead, transforms: Transforms, seconds: float) -> tuple[float, float, float]:
    return residual(clip, transforms), clip.expression(transforms).kept, seconds


def _registered(clip: KnownHead, start: Transforms, register: Register) -> tuple[Transforms, float]:
    """Each frame from where the one before it came to lie, as `Stabiliser` does it."""
    began = time.thread_time()
    gray = [np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8) for image in clip.frames]
    reference = align_frame(gray[clip.onset], start[clip.onset], SIZE)
    transforms = []
    current = start[0]
    for image in gray:
        for _ in range(_LOOKS):
            matrix = register(reference, align_frame(image, current, SIZE))
            current = (np.linalg.inv(matrix) @ np.vstack([current, [0.0, 0.0, 1.0]]))[:2]
        transforms.append(current)
    return np.stack(transforms), (time.thread_time() - began) / len(gray)


def _by_correlation(model: int, region: NDArray[np.uint8]) -> Register:
    """Enhanced correlation coefficient over a region, a motion of OpenCV's `model`."""

    def register(reference: Gray, moving: Gray) -> Matrix:
        criteria = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 50, 1e-5)
        try:
            _, matrix = cv2.findTransformECC(
                reference, moving, np.eye(2, 3, dtype=np.float32), model, criteria, region, 5
            )
        except cv2.error:
            # It does not converge: the frame stays where it was.
            return np.eye(3)
        return np.vstack([matrix, [0.0, 0.0, 1.0]]).astype(np.float64)

    return register


def _by_phase(reference: Gray, moving: Gray) -> Matrix:
    window = cv2.createHanningWindow((SIZE, SIZE), cv2.CV_32F)
    shift, _ = cv2.phaseCorrelate(reference.astype(np.float32), moving.astype(np.float32), window)
    return np.array([[1.0, 0.0, shift[0]], [0.0, 1.0, shift[1]], [0.0, 0.0, 1.0]])


def _by_affine_flow(reference: Gray, moving: Gray) -> Matrix:
    flow = head_motion(optical_flow_tvl1(reference, moving), _ellipse(0.36, 0.45) > 0)
    origin, right, down = flow[0, 0], flow[0, -1], flow[-1, 0]
    across, along = (right - origin) / (SIZE - 1), (down - origin) / (SIZE - 1)
    return np.array(
        [
            [1.0 + across[0], along[0], origin[0]],
            [across[1], 1.0 + along[1], origin[1]],
            [0.0, 0.0, 1.0],
        ]
    )


def _ellipse(half_width: float, half_height: float, middle: float = 0.5) -> NDArray[np.uint8]:
    rows, columns = (np.mgrid[:SIZE, :SIZE] + 0.5) / SIZE
    inside = ((columns - 0.5) / half_width) ** 2 + ((rows - middle) / half_height) ** 2 < 1
    return inside.astype(np.uint8)


_OTHERS: dict[str, Register] = {
    "TV-L1, robust affine": _by_affine_flow,
    # Nose, upper cheeks and lids: what acts least.
    "ECC, Euclidean, middle of the face": _by_correlation(
        cv2.MOTION_EUCLIDEAN, _ellipse(0.28, 0.16, 0.48)
    ),
    "ECC, Euclidean, whole face": _by_correlation(cv2.MOTION_EUCLIDEAN, _ellipse(0.36, 0.45)),
    "phase correlation": _by_phase,
}
