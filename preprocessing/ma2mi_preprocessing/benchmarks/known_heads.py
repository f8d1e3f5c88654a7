"""Rendered clips whose head moves by a known amount, and what an alignment leaves of it."""

import dataclasses
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..faces.alignment import EYE_DISTANCE, Matrix, align_frame
from ..flow import optical_flow_tvl1
from ..motion import to_gray
from ..synthesis.deformation import Deformation
from ..synthesis.renderer import perform
from ..synthesis.script import write_script

SIZE = 224
"""Side of the aligned crop, in pixels."""

SOURCE_SIZE = 320
FPS = 50.0

# Points of the crop at which what is left of the head's motion is taken: where faces are.
_FIRST, _LAST, _POINTS = 0.2, 0.8, 9
# Pixels where the skin moves by at least this part of the strongest movement act; the rest is rim.
_ACTING = 0.2

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class KnownHead:
    """A rendered clip with the truth about its head and its expression.

    Attributes
    ----------
    frames : list of ndarray, shape (320, 320, 3), uint8
    onset, apex : int
    eyes : ndarray, shape (T, 2, 2), float32
        (x, y) of both eyes in every frame.
    """

    frames: list[NDArray[np.uint8]]
    onset: int
    apex: int
    eyes: NDArray[np.float32]
    _deformation: Deformation
    _apex_motion: NDArray[np.float32]
    _apex_expression: NDArray[np.float32]

    def residuals(self, transforms: NDArray[np.float64]) -> Floats:
        """What is left of the head's motion since the onset after alignment.

        Parameters
        ----------
        transforms : ndarray, shape (T, 2, 3)
            Source to crop, of every frame.

        Returns
        -------
        ndarray, shape (T, P, 2), float64
            Displacement of P points of the face, in pixels of the crop.
        """
        axis = np.linspace(_FIRST, _LAST, _POINTS) * SIZE
        x, y = (grid.ravel() for grid in np.meshgrid(axis, axis))
        points = np.stack([x, y, np.ones_like(x)])
        onset = _square(transforms[self.onset]) @ self._head(self.onset)
        from_onset = np.linalg.inv(onset)
        left = [
            (_square(transform) @ self._head(frame) @ from_onset @ points - points)[:2].T
            for frame, transform in enumerate(transforms)
        ]
        return np.stack(left)

    def expression(self, transforms: NDArray[np.float64]) -> "ExpressionLeft":
        """Compare the movement from onset to apex that an alignment leaves with the expression."""
        first, second = transforms[self.onset], transforms[self.apex]
        truth = _seen_in_crop(self._apex_expression, first, first)
        aligned = _seen_in_crop(self._apex_motion, first, second)
        crops = [
            align_frame(self.frames[index], transform, SIZE)
            for index, transform in ((self.onset, first), (self.apex, second))
        ]
        gray = np.asarray(to_gray(np.stack(crops)), np.uint8)
        measured = optical_flow_tvl1(gray[0], gray[1])
        length = np.hypot(truth[..., 0], truth[..., 1])
        acting = (length > _ACTING * length.max()) & _face(SIZE)
        return ExpressionLeft(
            peak=float(length.max()),
            kept=_amplitude(aligned[acting], truth[acting]),
            measured=_amplitude(measured[acting], truth[acting]),
            error=float(np.sqrt(((measured - truth)[acting] ** 2).sum(-1).mean())),
        )

    def expression_course(self) -> Floats:
        """Largest movement of the skin in every frame, head motion aside, (T,) pixels of 224."""
        fields, intensities = self._deformation.fields, self._deformation.intensities
        eye_distance = float(np.hypot(*(self.eyes[self.onset, 1] - self.eyes[self.onset, 0])))
        moved = [np.tensordot(each, fields, axes=1) for each in intensities]
        largest = [float(np.hypot(each[..., 0], each[..., 1]).max()) for each in moved]
        return np.array(largest) * EYE_DISTANCE * SIZE / eye_distance

    def _head(self, frame: int) -> Matrix:
        """Where the head's motion takes a point of the neutral face, (3, 3)."""
        right, down, angle = (float(value) for value in self._deformation.head[frame])
        x, y = self._deformation.pivot
        cos, sin = np.cos(angle), np.sin(angle)
        return np.array(
            [
                [cos, -sin, x + right - cos * x + sin * y],
                [sin, cos, y + down - sin * x - cos * y],
                [0.0, 0.0, 1.0],
            ]
        )


@dataclass(frozen=True)
class ExpressionLeft:
    """What an alignment leaves of an expression, where the face acts.

    Attributes
    ----------
    peak : float
        Largest movement of the skin, in pixels.
    kept : float
        Amplitude of the true movement in the aligned crop over that of the expression alone; 1 is
        all of it.
    measured : float
        The same of the movement that TV-L1 sees in the aligned frames.
    error : float
        Root mean square of the difference of TV-L1's flow from the expression alone, in pixels.
    """

    peak: float
    kept: float
    measured: float
    error: float


def known_head(kind: str, subject: int, clip: int, *, sway: float, seed: int = 0) -> KnownHead:
    """Render a clip.

    Parameters
    ----------
    kind : {"micro", "macro"}
    subject, clip : int
        As for `synthesis.render_clip`.
    sway : float
        The head moves so many times as much as in the rendered clips that one can train on.
    seed : int
    """
    script = write_script(
        kind, subject=subject, clip=clip, label=None, size=SOURCE_SIZE, fps=FPS, seed=seed
    )
    head = (script.deformation.head * sway).astype(np.float32)
    deformation = dataclasses.replace(script.deformation, head=head)
    rendered = perform(dataclasses.replace(script, deformation=deformation))
    onset, apex = rendered.onset, rendered.apex
    still = dataclasses.replace(deformation, head=np.repeat(head[onset : onset + 1], len(head), 0))
    return KnownHead(
        frames=list(rendered.frames),
        onset=onset,
        apex=apex,
        eyes=rendered.eyes,
        _deformation=deformation,
        _apex_motion=deformation.flow(onset, apex),
        _apex_expression=still.flow(onset, apex),
    )


def _seen_in_crop(flow: NDArray[np.float32], first: Matrix, second: Matrix) -> NDArray[np.float32]:
    """Flow between two source frames as flow between their crops."""
    rows, columns = np.mgrid[:SIZE, :SIZE].astype(np.float64)
    grid = np.stack([columns, rows, np.ones_like(rows)]).reshape(3, -1)
    source = (np.linalg.inv(_square(first)) @ grid)[:2]
    x, y = source.reshape(2, SIZE, SIZE).astype(np.float32)
    moved = np.stack([x, y], axis=-1) + cv2.remap(flow, x, y, cv2.INTER_LINEAR)
    arrived = np.einsum("ij,hwj->hwi", second[:, :2], moved) + second[:, 2]
    return np.asarray(arrived - np.stack([columns, rows], axis=-1), np.float32)


def _amplitude(found: NDArray[np.float32], truth: NDArray[np.float32]) -> float:
    return float((found * truth).sum() / (truth**2).sum())


def _face(size: int) -> NDArray[np.bool_]:
    rows, columns = (np.mgrid[:size, :size] + 0.5) / size - 0.5
    return np.asarray((columns / 0.36) ** 2 + (rows / 0.45) ** 2 < 1)


def _square(transform: Matrix) -> Matrix:
    return np.vstack([transform, [0.0, 0.0, 1.0]])
