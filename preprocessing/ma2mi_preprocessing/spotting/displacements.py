"""How each patch of a face has moved since a still frame, as vectors over time."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from .expression_flow import expression_flow
from .working_images import Images, Mask, evenly_exposed, eye_region, working_region

Vectors = npt.NDArray[np.float32]

# Side of a patch in working pixels. The noise of a flow vector is as large as a faint
# micro-expression; that of the mean over a patch is a tenth of it.
_PATCH = 8
_LEAST_COVERED = 0.375
# Skin that lids pull along when they close, as a multiple of the eye with its lids.
_AROUND_EYES = 1.7
_CANDIDATES, _SAMPLES = 9, 24


@dataclass(frozen=True)
class FacePatches:
    """Which pixels are averaged.

    Attributes
    ----------
    head : ndarray, shape (H, W), bool
        What tells the motion of the head, and moves in an expression: the face without the eyes.
    eyes : ndarray, shape (H, W), bool
        Empty where the caller says himself what is looked at.
    """

    head: Mask
    eyes: Mask

    @classmethod
    def of(
        cls, region: npt.ArrayLike | None, frame: tuple[int, ...], working: tuple[int, ...]
    ) -> "FacePatches":
        """Patches of an aligned face, or of the `region` that a caller gives."""
        face = working_region(region, frame, working)
        eyes = eye_region(working) if region is None else np.zeros(working, bool)
        return cls(face & ~eyes, eyes)

    def near_eyes(self) -> Mask:
        """Of the patches of `averages`, those that move when lids close."""
        if not self.eyes.any():
            return np.zeros(int(self._used().sum()), bool)
        around = eye_region(self.eyes.shape, _AROUND_EYES).astype(np.float32)
        return np.asarray(_patch_means(around)[self._used()] > 0.25)

    def averages(self, flow: Images) -> Vectors:
        """Mean vector of each patch that lies mostly in the face, (R, 2)."""
        weight = self.head.astype(np.float32)
        share = _patch_means(weight)
        used = self._used()
        means = [_patch_means(flow[..., part] * weight)[used] / share[used] for part in (0, 1)]
        return np.stack(means, axis=-1)

    def _used(self) -> Mask:
        share = _patch_means(self.head.astype(np.float32))
        # A region smaller than a patch is looked at all the same.
        return np.asarray(share >= min(_LEAST_COVERED, float(share.max())))


@dataclass(frozen=True)
class Displacements:
    """Movement of a stretch of video since one of its frames.

    Attributes
    ----------
    patches : ndarray, shape (T, R, 2), float32
        Mean vector of each patch, working pixels.
    lids : ndarray, shape (T,), float32
        Mean length of the vectors in the eyes.
    """

    patches: Vectors
    lids: npt.NDArray[np.float32]


def displacements(images: Images, face: FacePatches) -> Displacements:
    """Measure a stretch of working pictures against its stillest frame."""
    images = evenly_exposed(images, face.head)
    reference = images[_stillest(images, face)]
    patches, lids = [], np.zeros(len(images), np.float32)
    for index, image in enumerate(images):
        flow = expression_flow(reference, image, face.head)
        patches.append(face.averages(flow))
        if face.eyes.any():
            lids[index] = np.linalg.norm(flow[face.eyes], axis=-1).mean()
    return Displacements(np.stack(patches), lids)


def _stillest(images: Images, face: FacePatches) -> int:
    """Of a few frames, the one from which the others are least far on the whole."""
    last = len(images) - 1
    chosen = np.unique(np.linspace(0, last, _CANDIDATES).astype(int))
    sample = np.unique(np.linspace(0, last, _SAMPLES).astype(int))
    middles = []
    for index in chosen:
        far = [
            np.linalg.norm(
                face.averages(expression_flow(images[index], images[other], face.head)), axis=-1
            ).mean()
            for other in sample
        ]
        middles.append(float(np.median(far)))
    return int(chosen[int(np.argmin(middles))])


def _patch_means(values: Images) -> Images:
    height, width = values.shape
    rows, columns = max(1, height // _PATCH), max(1, width // _PATCH)
    return np.asarray(cv2.resize(values, (columns, rows), interpolation=cv2.INTER_AREA), np.float32)
