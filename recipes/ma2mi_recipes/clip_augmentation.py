"""Random changes of a clip's onset and motion that leave its label true, in NumPy and OpenCV."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.motion_channels import MotionScaling

Images = npt.NDArray[np.float32]
Draws = npt.NDArray[np.float64]

# Channel of u for each kind of motion; v follows it.
_FLOW_CHANNEL = {"flow": 0, "difference": None, "both": 3}


@dataclass(frozen=True)
class Augmentation:
    """How far training clips are changed, as `keras_ma2mi.layers.JointAugmentation` does it.

    Attributes:
        flip: Probability of a mirror, from 0 to 1.
        shift: Largest shift along either axis as a fraction of the side; whole pixels.
        rotation: Largest rotation to either side, degrees.
        scale: Largest enlargement: factors lie between `1 / (1 + scale)` and `1 + scale`.
        amplitude: The same for the size of the movement, with the picture as it is.
    """

    flip: float = 0.5
    shift: float = 1 / 16
    rotation: float = 0.0
    scale: float = 0.0
    amplitude: float = 0.0


@dataclass(frozen=True)
class Changes:
    """What happens to each sample of a batch; arrays of shape `(B,)`.

    Attributes:
        mirror: -1 mirrors, 1 does not.
        angle: Radians, positive turns x towards y.
        scale: Factor of the picture.
        shift_x: Pixels, to the right.
        shift_y: Pixels, down.
        amplitude: Factor of the movement.
    """

    mirror: Draws
    angle: Draws
    scale: Draws
    shift_x: Draws
    shift_y: Draws
    amplitude: Draws

    @property
    def keep_pixels(self) -> bool:
        """Whether every pixel is a copy of one: nothing is turned or scaled."""
        return not self.angle.any() and bool((self.scale == 1).all())


def draw_changes(
    augmentation: Augmentation, count: int, size: int, random: np.random.Generator
) -> Changes:
    """Draws what happens to `count` images of `size` pixels a side."""
    draws = random.random((count, 6))
    either_side = 2 * draws - 1
    # A shift by whole pixels copies them; any other would blur clips that nothing else resamples.
    shifts = np.rint(either_side[:, 3:5] * augmentation.shift * size)
    return Changes(
        mirror=np.where(draws[:, 0] < augmentation.flip, -1.0, 1.0),
        angle=either_side[:, 1] * math.radians(augmentation.rotation),
        scale=np.exp(either_side[:, 2] * math.log1p(augmentation.scale)),
        shift_x=shifts[:, 0],
        shift_y=shifts[:, 1],
        amplitude=np.exp(either_side[:, 5] * math.log1p(augmentation.amplitude)),
    )


def augment_jointly(
    onset: Images | None,
    motion: Images,
    kind: str,
    random: np.random.Generator,
    scaling: MotionScaling = "pixels",
    augmentation: Augmentation | None = None,
) -> tuple[Images | None, Images]:
    """The same random change of geometry on the onset frame and on its motion.

    Flow is more than a picture: its vectors are mirrored, turned and scaled with it, so that
    `reference(x) ~ moving(x + flow)` stays true. Optical strain and brightness only move. What
    enters at the border repeats the edge.

    Of min-max scaled motion the size and the zero are lost, so a vector cannot be turned: nothing
    is rotated there, the amplitude is left alone, and a mirror makes u to 1 - u, because smallest
    and largest change places.

    Args:
        onset: `(B, S, S, 3)`, or None where it is not needed.
        motion: `(B, S, S, C)`.
        kind: What the channels of `motion` are: `"flow"`, `"difference"` or `"both"`.
        random: Source of randomness.
        scaling: How `motion` is scaled.
        augmentation: How far. Defaults to mirror and shift.

    Returns:
        New arrays of the same shapes.
    """
    augmentation = augmentation or Augmentation()
    if scaling == "minmax":
        augmentation = Augmentation(augmentation.flip, augmentation.shift, scale=augmentation.scale)
    changes = draw_changes(augmentation, len(motion), motion.shape[1], random)
    moved = motion_changed(move_images(motion, changes), kind, changes, scaling)
    return None if onset is None else move_images(onset, changes), moved


def move_images(images: Images, changes: Changes) -> Images:
    """Moves the pixels of images `(B, S, S, C)`: mirrored, turned, scaled, then shifted."""
    if changes.keep_pixels:
        return _pixels_copied(images, changes)
    size = images.shape[1]
    moved = np.empty_like(images)
    for sample, matrix in enumerate(_matrices(changes, (size - 1) / 2)):
        # OpenCV takes four channels at most.
        for first in range(0, images.shape[-1], 3):
            part = np.ascontiguousarray(images[sample, ..., first : first + 3])
            moved[sample, ..., first : first + 3] = cv2.warpAffine(
                part, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
            ).reshape(part.shape)
    return moved


def _pixels_copied(images: Images, changes: Changes) -> Images:
    """The same without resampling, where every pixel comes from one: several times as fast."""
    mirrored = changes.mirror < 0
    moved = images.copy()
    moved[mirrored] = images[mirrored, :, ::-1]
    last = images.shape[1] - 1
    places = np.arange(last + 1)
    # Most recipes shift nothing, and gathering single pixels is what takes the time.
    for sample in np.flatnonzero((changes.shift_x != 0) | (changes.shift_y != 0)):
        rows = np.clip(places - int(changes.shift_y[sample]), 0, last)
        columns = np.clip(places - int(changes.shift_x[sample]), 0, last)
        moved[sample] = moved[sample][rows[:, None], columns]
    return moved


def motion_changed(motion: Images, kind: str, changes: Changes, scaling: MotionScaling) -> Images:
    """Turns and enlarges the values of motion `(B, S, S, C)` whose pixels have been moved."""
    u = _FLOW_CHANNEL[kind]
    if scaling == "minmax":
        if u is not None:
            mirrored = changes.mirror < 0
            motion[mirrored, ..., u] = 1 - motion[mirrored, ..., u]
        return motion
    motion *= changes.amplitude.astype(np.float32)[:, None, None, None]
    if u is None:
        return motion
    if changes.keep_pixels:
        motion[..., u] *= changes.mirror.astype(np.float32)[:, None, None]
        return motion
    vectors = motion[..., u : u + 2]
    linear = _linear(changes).astype(np.float32)
    motion[..., u : u + 2] = np.einsum("bij,bhwj->bhwi", linear, vectors)
    return motion


def _linear(changes: Changes) -> Draws:
    """The linear part of each change, `(B, 2, 2)`."""
    cosine, sine = changes.scale * np.cos(changes.angle), changes.scale * np.sin(changes.angle)
    rows = [[cosine * changes.mirror, -sine], [sine * changes.mirror, cosine]]
    return np.moveaxis(np.array(rows), -1, 0)


def _matrices(changes: Changes, centre: float) -> Draws:
    linear = _linear(changes)
    shifts = np.stack([changes.shift_x, changes.shift_y], axis=-1)
    offsets = centre + shifts - linear.sum(axis=-1) * centre
    return np.concatenate([linear, offsets[..., None]], axis=-1)
