"""Clips of a store as arrays for a classifier: the onset frame, and the motion to the apex."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind, motion_features, optical_strain
from ma2mi_preprocessing.motion_channels import MotionScaling
from ma2mi_preprocessing.store import ClipStore, StoredClip
from ma2mi_recipes.chosen_clips import ChosenClips, choose_clips
from ma2mi_recipes.motion_of_clips import (
    ReadClip,
    agreed_scaling,
    brought_to,
    check_same_shape,
    scaling_of,
    why_not_motion,
)
from ma2mi_recipes.smaller_motion import averaged_down, averaged_frame, check_large_enough

MOTION_CHANNELS = {"flow": 3, "difference": 3, "both": 6}


@dataclass(frozen=True)
class JitteredSamples:
    """Samples of clips at other key frames than the annotated ones, to train on.

    Attributes:
        place: `(N, variants)` int64, which of the samples below a variant of a clip is; -1 for the
            annotated sample, which variant 0 always is.
        onset: `(M, S, S, 3)` uint8.
        motion: `(M, S, S, C)` float32.
    """

    place: npt.NDArray[np.int64]
    onset: npt.NDArray[np.uint8]
    motion: npt.NDArray[np.float32]

    @property
    def variants(self) -> int:
        return int(self.place.shape[1])


@dataclass(frozen=True)
class LabelledClips:
    """One sample a clip.

    Attributes:
        clip_ids: Names of the clips, in the order of the arrays.
        datasets: Dataset of each clip.
        subjects: Subject of each clip, with its dataset's name.
        classes: The explicit class set; `labels` are indices into it. Or names of action units.
        labels: `(N,)` int32; of action units `(N, units)` int32, 0 or 1.
        onset: `(N, S, S, 3)` uint8, RGB; black for the clips `without_onset`.
        motion: `(N, S, S, C)` float32: pixels for flow, strain a frame pair, differences in -1..1;
            or all of them 0..1 where `scaling` is `"minmax"`.
        left_out: Clips of the store that cannot be a sample, with the reason.
        scaling: `"pixels"`, or `"minmax"` for motion stretched to 0..1 image by image.
        without_onset: Clips whose motion was published without a frame.
        magnification: How the frames were magnified, as in the store's options; empty if not.
        store: Where they were read from; empty for clips that were made in memory.
        jittered: The clips at jittered key frames, for training only; None without jitter.
    """

    clip_ids: list[str]
    datasets: list[str]
    subjects: list[str]
    classes: list[str]
    labels: npt.NDArray[np.int32]
    onset: npt.NDArray[np.uint8]
    motion: npt.NDArray[np.float32]
    left_out: dict[str, str]
    scaling: MotionScaling = "pixels"
    without_onset: tuple[str, ...] = ()
    magnification: dict[str, Any] = field(default_factory=dict)
    store: str = ""
    jittered: JitteredSamples | None = None

    def __len__(self) -> int:
        return len(self.clip_ids)

    @property
    def multi_label(self) -> bool:
        """Whether the labels are action units, of which a clip shows any number."""
        return self.labels.ndim == 2

    @property
    def size(self) -> int:
        return int(self.onset.shape[1])

    @cached_property
    def fingerprints(self) -> list[bytes | None]:
        """Hash of each clip's motion; None where nothing moves, which many clips may have alike."""
        return [
            hashlib.sha256(np.ascontiguousarray(motion).tobytes()).digest()
            if np.ptp(motion)
            else None
            for motion in self.motion
        ]


def load_labelled_clips(
    store: ClipStore,
    motion: MotionKind,
    chosen: ChosenClips | None = None,
    scaling: MotionScaling | None = None,
    least_subjects: int = 2,
    size: int | None = None,
) -> LabelledClips:
    """Loads every chosen clip that has a subject, and an onset and an apex or motion.

    Args:
        store: The clip store.
        motion: `"flow"`, `"difference"` or `"both"`.
        chosen: The clips and their classes. Defaults to all clips with a label, each label a class.
        scaling: `"minmax"` to bring all motion to 0..1. Defaults to what the clips have.
        least_subjects: Fewest people to go on with; 1 where nobody is left out.
        size: Side that frames and motion are averaged down to. Defaults to what the clips have.

    Raises:
        InputError: Where clips are smaller than `size`, fewer subjects remain, or a class has no
            clip; where the motion of clips differs in size or scaling.
    """
    chosen = chosen or choose_clips(store)
    left_out = dict(chosen.left_out)
    kept: list[StoredClip] = []
    for clip_id in store.clip_ids:
        if clip_id in left_out:
            continue
        stored = store.read(clip_id)
        reason = "no subject" if not stored.clip.subject else why_not_motion(stored, motion)
        if reason:
            left_out[clip_id] = reason
        else:
            kept.append(stored)
    _check_enough(store, kept, chosen, left_out, least_subjects)
    _check_large_enough(store, kept, size)
    agreed = agreed_scaling(store.path, kept, scaling)
    motions = {stored.clip.clip_id: key_motion(stored, motion, agreed, size) for stored in kept}
    check_same_shape(store.path, {name: values.shape for name, values in motions.items()})
    return LabelledClips(
        clip_ids=[stored.clip.clip_id for stored in kept],
        datasets=[stored.clip.dataset for stored in kept],
        subjects=[stored.clip.subject for stored in kept],
        classes=list(chosen.classes),
        labels=_labels(kept, chosen),
        onset=np.stack([onset_frame(stored, size) for stored in kept]),
        motion=np.stack(list(motions.values())),
        left_out=left_out,
        scaling=agreed,
        without_onset=tuple(stored.clip.clip_id for stored in kept if not stored.frames.shape[0]),
        magnification=magnification_of(store),
        # A worker of a cluster has a working folder of its own.
        store=str(store.path.absolute()),
    )


def _labels(kept: Sequence[StoredClip], chosen: ChosenClips) -> npt.NDArray[np.int32]:
    targets = [chosen.targets[stored.clip.clip_id] for stored in kept]
    if chosen.multi_label:
        return np.array(targets, np.int32)
    return np.array([chosen.classes.index(str(target)) for target in targets], np.int32)


def magnification_of(store: ClipStore) -> dict[str, Any]:
    """How the frames of a store were magnified; empty where they were not."""
    options = store.options
    if options.get("magnify", 1.0) == 1.0:
        return {}
    return {"factor": options["magnify"], "method": options["magnify_method"]}


def key_motion(
    stored: ReadClip,
    motion: MotionKind,
    scaling: MotionScaling = "pixels",
    size: int | None = None,
) -> npt.NDArray[np.float32]:
    """Motion from onset to apex, `(S, S, C)` float32, from the stored flow where it is there.

    With `size` it is averaged down to that side.
    """
    if stored.motion is not None:
        values = np.asarray(stored.motion, np.float32)
    else:
        assert stored.onset is not None and stored.apex is not None
        values = pair_motion(stored, (stored.onset, stored.apex), motion)
    if size is not None:
        values = averaged_down(values, size, scaling_of(stored), motion)
    return brought_to(values, scaling_of(stored), scaling)


def pair_motion(
    stored: ReadClip, pair: tuple[int, int], motion: MotionKind
) -> npt.NDArray[np.float32]:
    """Motion between two stored frames, `(S, S, C)` float32."""
    rows = np.flatnonzero((stored.pairs == pair).all(axis=1))
    if motion == "difference" or not rows.size:
        return motion_features(stored.frames[pair[0]], stored.frames[pair[1]], kind=motion)
    flow = np.asarray(stored.flow[int(rows[0])], np.float32)
    channels = np.concatenate([flow, optical_strain(flow)[..., None]], axis=-1)
    if motion == "flow":
        return channels
    difference = motion_features(stored.frames[pair[0]], stored.frames[pair[1]], kind="difference")
    return np.concatenate([difference, channels], axis=-1)


def onset_frame(stored: ReadClip, size: int | None = None) -> npt.NDArray[np.uint8]:
    """The onset, `(S, S, 3)` uint8; black where motion was published without one.

    With `size` it is averaged down to that side.
    """
    if not stored.frames.shape[0]:
        sides = stored.frames.shape[1:3] if size is None else (size, size)
        return np.zeros((*sides, 3), np.uint8)
    frame = np.asarray(stored.frames[stored.onset or 0], np.uint8)
    return frame if size is None else averaged_frame(frame, size)


def _check_large_enough(store: ClipStore, kept: list[StoredClip], size: int | None) -> None:
    for stored in kept:
        shape = (stored.frames if stored.motion is None else stored.motion[None]).shape
        check_large_enough(f"{store.path}: {stored.clip.clip_id}", shape[1:3], size)


def _check_enough(
    store: ClipStore,
    kept: list[StoredClip],
    chosen: ChosenClips,
    left_out: dict[str, str],
    least_subjects: int,
) -> None:
    first = next(iter(left_out.items()), ("", "no clip"))
    lost = f"{len(left_out)} clips left out, the first: {first[0]}: {first[1]}"
    unusable = [clip for clip in chosen.clip_ids if clip in left_out]
    if unusable and chosen.strict:
        raise InputError(
            f"{store.path}: {len(unusable)} clips of the protocol cannot be used, such as "
            f"{unusable[0]}: {left_out[unusable[0]]}; mend them, or give --allow-missing and the "
            "figures are not the protocol's"
        )
    subjects = {stored.clip.subject for stored in kept}
    present = {str(chosen.targets[stored.clip.clip_id]) for stored in kept}
    missing = [] if chosen.multi_label else [one for one in chosen.classes if one not in present]
    if missing:
        raise InputError(f"{store.path} has no usable clip of class {', '.join(missing)} ({lost})")
    if len(subjects) < least_subjects:
        raise InputError(
            f"{store.path} has clips of {len(subjects)} subject(s); leaving one out needs two or "
            f"more: fill the column `subject` of the manifest ({lost})"
        )
