"""Where the faces of the rendered clips truly move, on the grid of their store."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.store import ClipStore
from ma2mi_preprocessing.synthesis.clips import clip_name
from ma2mi_preprocessing.synthesis.facial_motion import facial_motion
from ma2mi_recipes.ma2mi_benchmark.plan import RenderedSet


@dataclass(frozen=True)
class Rendering:
    """What clips were rendered as.

    Attributes:
        clips: People, clips and style.
        size: Side of the frames in pixels.
    """

    clips: RenderedSet
    size: int


@dataclass(frozen=True)
class TrueMotion:
    """The facial movement of clips from onset to apex, without that of the head.

    Attributes:
        flow: `(N, S, S, 2)` float32, u right and v down in pixels of the store.
        intensities: Of each clip, action units by name; see `FacialMotion`.
    """

    flow: npt.NDArray[np.float32]
    intensities: tuple[dict[str, float], ...]


def true_motion(store: ClipStore, clip_ids: Sequence[str], rendering: Rendering) -> TrueMotion:
    """The truth of clips of a rendered set; some ten milliseconds a clip, no frame is rendered.

    Args:
        store: Where they lie.
        clip_ids: Those wanted.
        rendering: What they were rendered as.

    Raises:
        KeyError: Where a clip is none of the set.
    """
    rendered = rendering.clips
    numbers = {
        f"rendered_{rendered.kind}/{clip_name(subject, clip)}": (subject, clip)
        for subject in range(rendered.subjects)
        for clip in range(rendered.clips_per_subject)
    }
    flows, intensities = [], []
    for clip_id in clip_ids:
        subject, clip = numbers[clip_id]
        found = facial_motion(
            rendered.kind,
            subject=subject,
            clip=clip,
            size=rendering.size,
            fps=rendered.fps,
            seed=rendered.seed,
            style=rendered.style,
        )
        stored = store.read(clip_id)
        side = int(stored.frames.shape[1])
        flows.append(_brought_to(found.flow, stored.transforms[0], side))
        intensities.append(found.intensities)
    return TrueMotion(np.stack(flows), tuple(intensities))


def _brought_to(
    flow: npt.NDArray[np.float32], transform: npt.NDArray[np.float64], side: int
) -> npt.NDArray[np.float32]:
    """Flow of the frames as flow of the aligned faces, `(side, side, 2)`."""
    moved = cv2.warpAffine(flow, transform, (side, side), flags=cv2.INTER_LINEAR)
    return np.asarray(moved @ transform[:, :2].T, np.float32)
