"""How far motion magnification does what it is asked, and what it adds to scaling the flow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from skimage.transform import warp

from ..flow import optical_flow_tvl1
from ..magnification import magnify_motion
from ..motion import to_gray
from ..synthesis import render_clip
from .cpu_time import timed
from .machine import machine_facts

AMPLITUDES = (0.3, 0.5, 1.0, 2.0)
"""Largest displacement, pixels of a face of 224."""

NOISES = (0.0, 1.0, 2.0)
"""Standard deviation of the noise of both frames, grey levels."""

FACTORS = (2.0, 4.0, 8.0)

SCALED = "scaled flow"
"""The rival: the flow of the frames as they are, multiplied by the factor."""

METHODS = (SCALED, "phase", "linear")

_SIZE = 224
_MOVING, _STILL = 0.3, 0.02
# Without noise the still places differ by rounding only.
_NOISY = 0.5

_warp: Callable[..., npt.NDArray[np.float64]] = warp

Gray = npt.NDArray[np.uint8]
Flow = npt.NDArray[np.float32]


@dataclass(frozen=True)
class FacePair:
    """Two frames of a rendered face, and the displacement between them, which is exact.

    Attributes
    ----------
    frames : ndarray, shape (2, 224, 224, 3), uint8
    flow : ndarray, shape (224, 224, 2), float32
    """

    frames: Gray
    flow: Flow

    @property
    def length(self) -> npt.NDArray[np.float32]:
        """Length of the displacement, (224, 224)."""
        return np.asarray(np.linalg.norm(self.flow, axis=-1), np.float32)


@dataclass(frozen=True)
class MagnificationRow:
    """Means over the faces of one cell.

    Attributes
    ----------
    amplitude, noise, factor : float
    method : str
        One of `METHODS`.
    amplified : float
        Flow of the result along the true displacement, in multiples of it, where it is at least
        0.3 of the largest. Asked for is `factor`.
    error : float
        Distance of the flow, divided by `factor`, from the truth, in the same places, pixels. A
        linear model does not see the factor: this is what it would gain or lose.
    contrast : float
        Length of the flow in the same places, divided by that where next to nothing moves. A
        common factor leaves it alone.
    still_change : float
        RMS grey-level difference of the two frames in the same places, divided by that before
        magnification; NaN without noise and for scaled flow.
    clipped : float
        Percentage of the pixels of the result that are black or white and were not before.
    """

    amplitude: float
    noise: float
    factor: float
    method: str
    amplified: float
    error: float
    contrast: float
    still_change: float
    clipped: float


def magnification_document(
    *,
    faces: int = 6,
    amplitudes: Sequence[float] = AMPLITUDES,
    noises: Sequence[float] = NOISES,
    factors: Sequence[float] = FACTORS,
    seed: int = 0,
    on_cell: Callable[[int], None] = lambda total: None,
) -> dict[str, Any]:
    """All figures of `keras-ma2mi benchmark magnification`, ready for JSON.

    Parameters
    ----------
    faces : int
        Rendered people, each with one expression.
    amplitudes, noises, factors : sequence of float
    seed : int
        Fixes faces and noise.
    on_cell : callable
        Called after each amplitude and noise of each face with the number of them all.
    """
    cells: dict[tuple[float, float, float, str], list[list[float]]] = {}
    total = faces * len(amplitudes) * len(noises)
    for face in range(faces):
        picture, flow = _face(face, seed)
        for amplitude in amplitudes:
            for noise in noises:
                pair = face_pair(picture, flow, amplitude, noise, seed=seed + face)
                for factor, method, figures in _measured(pair, factors):
                    cells.setdefault((amplitude, noise, factor, method), []).append(figures)
                on_cell(total)
    rows = [
        MagnificationRow(*key, *(float(value) for value in np.mean(figures, axis=0)))
        for key, figures in sorted(cells.items(), key=lambda item: _order(item[0]))
    ]
    return {
        "machine": machine_facts(),
        "seed": seed,
        "faces": faces,
        "milliseconds": _milliseconds(seed),
        "rows": [_without_nan(asdict(row)) for row in rows],
    }


def face_pair(
    picture: npt.NDArray[np.float64], flow: Flow, amplitude: float, noise: float, *, seed: int
) -> FacePair:
    """A pair in which `picture` is the moving frame, and the reference is pulled from it exactly.

    Parameters
    ----------
    picture : ndarray, shape (H, W, 3)
        0..255.
    flow : ndarray, shape (H, W, 2)
        Of any size; its longest vector becomes `amplitude` pixels.
    """
    flow = np.asarray(flow * (amplitude / np.linalg.norm(flow, axis=-1).max()), np.float32)
    rows, columns = np.mgrid[: flow.shape[0], : flow.shape[1]].astype(np.float64)
    places = np.stack([rows + flow[..., 1], columns + flow[..., 0]])
    reference = np.stack(
        [
            _warp(picture[..., channel], places, order=5, mode="reflect", preserve_range=True)
            for channel in range(3)
        ],
        axis=-1,
    )
    random = np.random.default_rng(seed)
    exposed = np.stack([reference, picture])
    exposed = exposed + noise * random.standard_normal(exposed.shape)
    return FacePair(np.clip(np.rint(exposed), 0, 255).astype(np.uint8), flow)


def _face(index: int, seed: int) -> tuple[npt.NDArray[np.float64], Flow]:
    clip = render_clip(
        "micro", subject=index, clip=index, size=_SIZE, seed=seed, noise=False, head_motion=False
    )
    return clip.frames[clip.onset].astype(np.float64), clip.flow_from_onset(clip.apex)


def _measured(pair: FacePair, factors: Sequence[float]) -> Iterator[tuple[float, str, list[float]]]:
    length = pair.length
    moving, still = length > _MOVING * length.max(), length < _STILL * length.max()
    plain = _flow(pair.frames)
    change = _change(pair.frames, still)
    for factor in factors:
        for method in METHODS:
            if method == SCALED:
                yield factor, method, _figures(plain * factor, pair, factor, moving, still, [])
                continue
            frames = magnify_motion(
                pair.frames, factor, method="phase" if method == "phase" else "linear", onset=0
            )
            louder = _change(frames, still) / change if change > _NOISY else float("nan")
            ends = np.isin(frames[1], (0, 255)) & ~np.isin(pair.frames[1], (0, 255))
            artefacts = [louder, 100 * float(ends.mean())]
            yield factor, method, _figures(_flow(frames), pair, factor, moving, still, artefacts)


def _figures(
    flow: Flow,
    pair: FacePair,
    factor: float,
    moving: npt.NDArray[np.bool_],
    still: npt.NDArray[np.bool_],
    artefacts: list[float],
) -> list[float]:
    along = (flow * pair.flow).sum(axis=-1)[moving].sum()
    amplified = along / np.square(pair.length[moving]).sum()
    off = np.linalg.norm(flow / factor - pair.flow, axis=-1)
    measured = np.linalg.norm(flow, axis=-1)
    contrast = measured[moving].mean() / max(float(measured[still].mean()), 1e-6)
    figures = [float(amplified), float(off[moving].mean()), float(contrast)]
    return figures + (artefacts or [float("nan"), 0.0])


def _flow(frames: Gray) -> Flow:
    return optical_flow_tvl1(to_gray(frames[0]), to_gray(frames[1]))


def _change(frames: Gray, still: npt.NDArray[np.bool_]) -> float:
    first, second = (to_gray(frame).astype(np.float32)[still] for frame in frames)
    return float(np.sqrt(np.mean(np.square(second - first))))


def _milliseconds(seed: int) -> dict[str, float]:
    pair = face_pair(*_face(0, seed), amplitude=1.0, noise=1.0, seed=seed)
    frames = np.repeat(pair.frames, 4, axis=0)
    times = {}
    for method in METHODS[1:]:
        chosen = "phase" if method == "phase" else "linear"

        def call(chosen: Any = chosen) -> object:
            return magnify_motion(frames, 4.0, method=chosen, onset=0)

        call()
        times[method] = 1000 * timed(call, 3)[1] / len(frames)
    return times


def _order(key: tuple[float, float, float, str]) -> tuple[float, float, float, int]:
    amplitude, noise, factor, method = key
    return amplitude, noise, factor, METHODS.index(method)


def _without_nan(row: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value != value else value for name, value in row.items()}
