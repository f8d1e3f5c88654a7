"""Where every point of a rendered face goes: the one source of frames, flow and landmarks."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from .eyelids import EyeMotion
from .geometry import FloatArray, Point
from .sampling import sample_cubic

_TOLERANCE = 1e-4
_MOST_STEPS = 200


@dataclass(frozen=True)
class Deformation:
    """Motion of a clip, given backwards: ``frame_t(p) = neutral(p + backward_map(t)(p))``.

    Attributes
    ----------
    fields : ndarray, shape (K, H, W, 2), float32
        Displacement by each action unit at intensity 1, in pixels, over the neutral face.
    intensities : ndarray, shape (T, K), float32
    head : ndarray, shape (T, 3), float32
        Shift right and down in pixels, and clockwise rotation in radians.
    head_mask : ndarray, shape (H, W), float32
        1 where the picture moves with the head, falling to 0 in the background.
    pivot : tuple of float
        Point (x, y) that the head turns about, in pixels.
    eyes : EyeMotion or None
        Lids and eyeballs on the neutral face, where they move. They are not part of
        `backward_map`: what it leads to is the neutral face with the eyes of the frame.
    turns : int
        How many of the last fields are turns of the head instead of movements of the skin.
    """

    fields: FloatArray
    intensities: FloatArray
    head: FloatArray
    head_mask: FloatArray
    pivot: tuple[float, float]
    eyes: EyeMotion | None = None
    turns: int = 0

    def backward_map(self, frame: int) -> FloatArray:
        """From each pixel of a frame to its place on the neutral face, (H, W, 2) float32 pixels."""
        neutral_from_head = self.head_backwards(frame)
        expression = np.tensordot(self.intensities[frame], self.fields, axes=1)
        if not expression.any():
            return neutral_from_head
        return neutral_from_head - _sample(expression, neutral_from_head)

    def flow(self, reference: int, moving: int) -> FloatArray:
        """Exact flow between two frames.

        Returns
        -------
        ndarray, shape (H, W, 2), float32
            u right and v down in pixels, with ``reference(x, y) ~ moving(x + u, y + v)``.
        """
        target = self.backward_map(reference)
        if self.eyes is not None:
            target = target + self.eyes.shift(reference, moving, *_places(target))[0]
        return _flow(target, self.backward_map(moving))

    def facial_flow(self, reference: int, moving: int) -> FloatArray:
        """Exact flow by the skin alone, (H, W, 2) float32; see `flow`.

        The head stays as it is in the reference frame, and eyes stay open and look where they do.
        """
        first_turn = self.intensities.shape[1] - self.turns
        intensities = self.intensities.copy()
        intensities[:, first_turn:] = intensities[reference, first_turn:]
        head = np.broadcast_to(self.head[reference], self.head.shape)
        return replace(self, intensities=intensities, head=head, eyes=None).flow(reference, moving)

    def hidden(self, reference: int, moving: int) -> npt.NDArray[np.bool_]:
        """Where the reference frame shows eyeball that a lid covers in the moving frame, (H, W)."""
        target = self.backward_map(reference)
        if self.eyes is None:
            return np.zeros(target.shape[:2], np.bool_)
        return self.eyes.shift(reference, moving, *_places(target))[1] == 0

    def head_layer(self, point: Point) -> "HeadLayer":
        """What sits on the head at a point (x, y) of the neutral picture, in pixels."""
        x, y = (round(part) for part in point)
        first = len(self.fields) - self.turns
        offsets = self.intensities[:, first:] @ self.fields[first:, y, x]
        return HeadLayer(self, offsets.astype(np.float32))

    def head_backwards(self, frame: int) -> FloatArray:
        """`backward_map` of a head that shifts and rolls, without all `fields`."""
        height, width = self.head_mask.shape
        right, down, angle = (float(value) for value in self.head[frame])
        x = np.arange(width, dtype=np.float32)[None, :] - np.float32(self.pivot[0] + right)
        y = np.arange(height, dtype=np.float32)[:, None] - np.float32(self.pivot[1] + down)
        cos, sin = np.float32(np.cos(angle) - 1.0), np.float32(np.sin(angle))
        shift = np.empty((height, width, 2), np.float32)
        shift[..., 0] = cos * x + sin * y - np.float32(right)
        shift[..., 1] = cos * y - sin * x - np.float32(down)
        shift *= self.head_mask[..., None]
        return shift


@dataclass(frozen=True)
class HeadLayer:
    """Something rigid on a head: it goes where the head goes, whatever the skin does.

    Attributes
    ----------
    wearer : Deformation
    offsets : ndarray, shape (T, 2), float32
        By which turns of the head move it, right and down, in pixels.
    """

    wearer: Deformation
    offsets: FloatArray

    def backward_map(self, frame: int) -> FloatArray:
        """From each pixel of a frame to its place on the layer, (H, W, 2) float32 pixels."""
        return self.wearer.head_backwards(frame) - self.offsets[frame]

    def flow(self, reference: int, moving: int) -> FloatArray:
        """Exact flow of the layer between two frames, (H, W, 2) float32; see `Deformation.flow`."""
        return _flow(self.backward_map(reference), self.backward_map(moving))


def _flow(target: FloatArray, backward: FloatArray) -> FloatArray:
    """Where each pixel goes if it shows the point `target` away from it, (H, W, 2)."""
    flow = np.zeros_like(target)
    for _ in range(_MOST_STEPS):
        # Both ends of the flow must show the same point of the neutral face.
        update = target - _sample(backward, flow)
        change = float(np.abs(update - flow).max())
        flow = update
        if change < _TOLERANCE:
            break
    return flow


def _sample(field: FloatArray, shift: FloatArray) -> FloatArray:
    """A field (H, W, 2) read at every pixel moved by `shift` (H, W, 2)."""
    return sample_cubic(field, *_places(shift))


def _places(shift: FloatArray) -> tuple[FloatArray, FloatArray]:
    """x and y, (H, W) each, of every pixel moved by `shift` (H, W, 2)."""
    height, width = shift.shape[:2]
    x = shift[..., 0] + np.arange(width, dtype=np.float32)[None, :]
    y = shift[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    return x, y


def seen_at(points: FloatArray, backward: FloatArray) -> FloatArray:
    """Where points of the neutral face are seen in a frame.

    Parameters
    ----------
    points : ndarray, shape (L, 2), float32
        On the neutral face, (x, y) in pixels.
    backward : ndarray, shape (H, W, 2), float32
        Of the frame, from `Deformation.backward_map`.

    Returns
    -------
    ndarray, shape (L, 2), float32
    """
    seen = points.astype(np.float32)
    for _ in range(_MOST_STEPS):
        update = points - sample_cubic(backward, seen[None, :, 0], seen[None, :, 1])[0]
        change = float(np.abs(update - seen).max())
        seen = update.astype(np.float32)
        if change < _TOLERANCE:
            break
    return seen
