"""Clips of a store as arrays for a classifier: the onset frame, and the motion to the apex."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.motion import MotionKind, motion_features, optical_strain
from ma2mi_preprocessing.store import ClipStore, StoredClip

MOTION_CHANNELS = {"flow": 3, "difference": 3, "both": 6}


@dataclass(frozen=True)
class LabelledClips:
    """One sample a clip.

    Attributes:
        clip_ids: Names of the clips, in the order of the arrays.
        datasets: Dataset of each clip.
        subjects: Subject of each clip, with its dataset's name.
        classes: The explicit class set; `labels` are indices into it.
        labels: `(N,)` int32.
        onset: `(N, S, S, 3)` uint8, RGB.
        motion: `(N, S, S, C)` float32: pixels for flow, strain a frame pair, differences in -1..1.
        left_out: Clips of the store that cannot be a sample, with the reason.
    """

    clip_ids: list[str]
    datasets: list[str]
    subjects: list[str]
    classes: list[str]
    labels: npt.NDArray[np.int32]
    onset: npt.NDArray[np.uint8]
    motion: npt.NDArray[np.float32]
    left_out: dict[str, str]

    def __len__(self) -> int:
        return len(self.clip_ids)

    @property
    def size(self) -> int:
        return int(self.onset.shape[1])


def load_labelled_clips(
    store: ClipStore, motion: MotionKind, classes: Sequence[str] | None = None
) -> LabelledClips:
    """Loads every clip that has a label of the class set, an onset and an apex.

    Args:
        store: The clip store.
        motion: `"flow"`, `"difference"` or `"both"`.
        classes: The class set. Defaults to all labels of the store, sorted.

    Raises:
        InputError: Where fewer than two classes or subjects remain, or a class has no clip.
    """
    labels = store.manifest["label"].dropna().astype(str)
    known = sorted(set(labels) - {""})
    chosen = list(classes) if classes else known
    absent = sorted(set(chosen) - set(known))
    if absent:
        raise InputError(
            f"{store.path} has no clip of class {', '.join(absent)}; "
            f"it has: {', '.join(known) or 'none'}"
        )
    left_out: dict[str, str] = {}
    kept: list[StoredClip] = []
    for clip_id in store.clip_ids:
        stored = store.read(clip_id)
        reason = _why_not(stored, chosen)
        if reason:
            left_out[clip_id] = reason
        else:
            kept.append(stored)
    _check_enough(store, kept, chosen, left_out)
    return LabelledClips(
        clip_ids=[stored.clip.clip_id for stored in kept],
        datasets=[stored.clip.dataset for stored in kept],
        subjects=[stored.clip.subject for stored in kept],
        classes=chosen,
        labels=np.array([chosen.index(stored.clip.label or "") for stored in kept], np.int32),
        onset=np.stack([_onset_frame(stored) for stored in kept]),
        motion=np.stack([key_motion(stored, motion) for stored in kept]),
        left_out=left_out,
    )


def key_motion(stored: StoredClip, motion: MotionKind) -> npt.NDArray[np.float32]:
    """Motion from onset to apex, `(S, S, C)` float32, from the stored flow where it is there."""
    if stored.motion is not None:
        return np.asarray(stored.motion, np.float32)
    assert stored.onset is not None and stored.apex is not None
    pair = (stored.onset, stored.apex)
    return pair_motion(stored, pair, motion)


def pair_motion(
    stored: StoredClip, pair: tuple[int, int], motion: MotionKind
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


def _why_not(stored: StoredClip, classes: Sequence[str]) -> str | None:
    if not stored.clip.label:
        return "no label"
    if stored.clip.label not in classes:
        return f"label {stored.clip.label} is not in the class set"
    if not stored.clip.subject:
        return "no subject"
    if stored.motion is None and (stored.onset is None or stored.apex is None):
        return "no onset or apex"
    return None


def _onset_frame(stored: StoredClip) -> npt.NDArray[np.uint8]:
    return np.asarray(stored.frames[stored.onset or 0], np.uint8)


def _check_enough(
    store: ClipStore, kept: list[StoredClip], classes: list[str], left_out: dict[str, str]
) -> None:
    subjects = {stored.clip.subject for stored in kept}
    missing = sorted(set(classes) - {stored.clip.label for stored in kept})
    if missing:
        first = next(iter(left_out.items()), ("", "no clip"))
        raise InputError(
            f"{store.path} has no usable clip of class {', '.join(missing)} "
            f"({len(left_out)} clips left out, the first: {first[0]}: {first[1]})"
        )
    if len(classes) < 2:
        raise InputError(
            f"{store.path} has labels of {len(classes)} class(es); two or more are needed"
        )
    if len(subjects) < 2:
        raise InputError(
            f"{store.path} has clips of {len(subjects)} subject(s); leaving one out needs two or "
            "more: fill the column `subject` of the manifest"
        )
