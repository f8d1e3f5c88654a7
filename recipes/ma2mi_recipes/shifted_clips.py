"""Motion of rendered clips under the shifts that real data brings: other crops, other flow."""

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.motion import motion_features
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.motion_scaling import minmax_scaled
from ma2mi_preprocessing.synthesis import CLASSES, RenderedClip, render_clip
from ma2mi_preprocessing.synthesis.crops import Crops, sample_crops
from ma2mi_recipes.labelled_clips import LabelledClips
from ma2mi_recipes.smaller_motion import averaged_down

FlowAt = Literal["crop", "size"]
"""Whether flow is estimated in a larger crop and averaged down, or between small frames."""

SIZE = 28
"""Side of the motion, pixels."""

_CROP = 64
_RENDERED = 128
_FPS = 50.0


@dataclass(frozen=True)
class RenderedPair:
    """Onset and apex of a rendered clip, before anything is cut.

    Attributes:
        subject: Which person.
        label: The emotion.
        frames: `(2, H, W, 3)` uint8.
        pose: Eye distance in pixels, x and y between the eyes, and roll in radians.
    """

    subject: int
    label: str
    frames: npt.NDArray[np.uint8]
    pose: tuple[float, float, float, float]


def render_pairs(style: str, subjects: int, clips: int, seed: int) -> list[RenderedPair]:
    """Renders micro clips and keeps their key frames; each person shows every class in turn."""
    pairs = []
    for subject in range(subjects):
        for number in range(clips):
            rendered = render_clip(
                "micro",
                subject=subject,
                clip=number,
                size=_RENDERED,
                fps=_FPS,
                seed=seed,
                style=style,
            )
            pairs.append(_pair(subject, rendered))
    return pairs


def _pair(subject: int, rendered: RenderedClip) -> RenderedPair:
    pose = rendered.pose
    return RenderedPair(
        subject,
        rendered.label,
        rendered.frames[[rendered.onset, rendered.apex]],
        (pose.inter_ocular, *pose.centre, pose.roll),
    )


def shifted_clips(
    pairs: list[RenderedPair],
    *,
    crop: str,
    flow_at: FlowAt,
    scaling: MotionScaling,
    seed: int,
) -> LabelledClips:
    """Cuts pairs as a detector might, and estimates their flow at 28x28 pixels.

    Args:
        pairs: As `render_pairs` gives them.
        crop: One of `ma2mi_preprocessing.synthesis.crops.CROP_NAMES`; each clip is cut anew.
        flow_at: `"crop"`: TV-L1 at 64x64, averaged down. `"size"`: TV-L1 between frames of 28x28.
        scaling: `"pixels"` or `"minmax"`.
        seed: Fixes the crops.
    """
    size = _CROP if flow_at == "crop" else SIZE
    crops = sample_crops(np.random.default_rng(seed), len(pairs), size, crop)
    faces = np.stack([_cut(pair, crops, place) for place, pair in enumerate(pairs)])
    motion = averaged_down(motion_features(faces[:, 0], faces[:, 1]), SIZE)
    if scaling == "minmax":
        motion = minmax_scaled(motion)
    names = [f"rendered_micro/s{pair.subject:02d}" for pair in pairs]
    return LabelledClips(
        clip_ids=[f"{name}/{number}" for number, name in enumerate(names)],
        datasets=["rendered_micro"] * len(pairs),
        subjects=names,
        classes=list(CLASSES),
        labels=np.array([CLASSES.index(pair.label) for pair in pairs], np.int32),
        onset=np.zeros((len(pairs), SIZE, SIZE, 3), np.uint8),
        motion=motion.astype(np.float32),
        left_out={},
        scaling=scaling,
        without_onset=tuple(names),
    )


def _cut(pair: RenderedPair, crops: Crops, place: int) -> npt.NDArray[np.uint8]:
    """The crop of both frames, `(2, S, S, 3)` uint8."""
    finer = -(-_RENDERED // crops.size)
    matrix = crop_matrix(pair.pose, crops, place, finer)
    large = crops.size * finer
    cut = [
        cv2.warpAffine(frame, matrix, (large, large), flags=cv2.INTER_CUBIC, borderMode=1)
        for frame in pair.frames
    ]
    # Averages, because a warp that shrinks leaves detail out.
    small = [
        cv2.resize(face, (crops.size, crops.size), interpolation=cv2.INTER_AREA) for face in cut
    ]
    return np.stack(small)


def crop_matrix(
    pose: tuple[float, float, float, float], crops: Crops, place: int, finer: int
) -> npt.NDArray[np.float64]:
    """From pixels of a picture to those of a crop, `finer` times as fine.

    Args:
        pose: Of the face in the picture, as in `RenderedPair`.
        crops: How faces lie in crops.
        place: Which of the crops.
        finer: By how much its pixels are divided.

    Returns:
        `(2, 3)` float64, as `cv2.warpAffine` takes it.
    """
    distance, x, y, roll = pose
    to_face = _rotation(-roll) / distance
    scale = np.diag(crops.scale[place].astype(np.float64) * finer)
    linear = scale @ _rotation(float(crops.roll[place])) @ to_face
    target = (crops.centre[place].astype(np.float64) + 0.5) * finer - 0.5
    return np.column_stack([linear, target - linear @ np.array([x, y])])


def _rotation(angle: float) -> npt.NDArray[np.float64]:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
