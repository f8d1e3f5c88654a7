"""Who is held out: folds as index arrays, and checks that no subject is on both sides."""

import hashlib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from keras_ma2mi.evaluation.confusion import IntArray, quoted
from keras_ma2mi.evaluation.errors import SubjectLeakError


@dataclass(frozen=True, eq=False)
class Fold:
    """One split of a clip list.

    Args:
        name: what is held out, for instance a subject's name.
        train: int64 array of positions in the clip list that may be fitted on.
        test: int64 array of positions that are predicted.
    """

    name: str
    train: IntArray
    test: IntArray


def leave_one_subject_out(subjects: Sequence[str]) -> list[Fold]:
    """Leave-one-subject-out (LOSO): one fold a subject.

    Args:
        subjects: the subject of each clip, prefixed with its dataset where datasets are pooled.

    Returns:
        A list of `Fold`, sorted by subject and named after it.

    Raises:
        ValueError: if a clip has no subject, or there are fewer than two subjects.

    Example:
        >>> folds = leave_one_subject_out(["a", "a", "b"])
        >>> [(fold.name, fold.test.tolist()) for fold in folds]
        [('a', [0, 1]), ('b', [2])]
    """
    names = _checked_groups(subjects, "subjects")
    return [_fold(str(name), names == name) for name in np.unique(names)]


def leave_one_dataset_out(datasets: Sequence[str], subjects: Sequence[str]) -> list[Fold]:
    """Cross-dataset protocol: train on all datasets but one, test on that one.

    Args:
        datasets: the dataset of each clip.
        subjects: the subject of each clip, prefixed with its dataset.

    Returns:
        A list of `Fold`, sorted by dataset and named after it.

    Raises:
        ValueError: if a clip has no dataset or subject, or there are fewer than two datasets.
        SubjectLeakError: if a person appears in two datasets.
    """
    names = _checked_groups(datasets, "datasets")
    if len(subjects) != len(names):
        raise ValueError(
            "`datasets` and `subjects` must be equally long. "
            f"Received: {len(names)} datasets and {len(subjects)} subjects"
        )
    folds = [_fold(str(name), names == name) for name in np.unique(names)]
    check_folds(folds, subjects)
    return folds


def k_fold_by_subject(subjects: Sequence[str], k: int, *, seed: int = 0) -> list[Fold]:
    """Folds of whole subjects with about equally many clips.

    Subjects are dealt out from the one with most clips to the one with fewest, each to the fold
    that has the fewest clips so far; the seed decides between equals.

    Args:
        subjects: the subject of each clip.
        k: number of folds, from 2 to the number of subjects.
        seed: seed of the order.

    Returns:
        A list of `k` `Fold`, named `fold-1` and on.

    Raises:
        ValueError: if a clip has no subject, or `k` is out of range.
    """
    names = _checked_groups(subjects, "subjects")
    unique, counts = np.unique(names, return_counts=True)
    if not 2 <= k <= len(unique):
        raise ValueError(
            f"`k` must be between 2 and the number of subjects, {len(unique)}. Received: k={k}"
        )
    shuffled = np.random.default_rng(seed).permutation(len(unique))
    order = shuffled[np.argsort(-counts[shuffled], kind="stable")]
    loads = np.zeros(k, dtype=np.int64)
    assigned: dict[str, int] = {}
    for position in order:
        smallest = int(loads.argmin())
        assigned[str(unique[position])] = smallest
        loads[smallest] += counts[position]
    fold_of_clip = np.array([assigned[str(name)] for name in names])
    return [_fold(f"fold-{number + 1}", fold_of_clip == number) for number in range(k)]


def check_subject_disjoint(
    subjects: Sequence[str], fold: Fold, *, fitted_before: Iterable[str] = ()
) -> None:
    """Raises unless nothing was fitted on a held-out subject of the fold.

    Args:
        subjects: the subject of each clip.
        fold: the split to check.
        fitted_before: subjects that something the fold starts from was fitted on: pre-trained
            weights, normalisation, class weights.

    Raises:
        SubjectLeakError: (a `ValueError`) naming the fold and the offending subjects.
    """
    names = np.asarray([str(subject) for subject in subjects])
    held_out = set(names[fold.test].tolist())
    for fitted, how in (
        (names[fold.train].tolist(), "trains on"),
        (map(str, fitted_before), "starts from something fitted on"),
    ):
        shared = sorted(held_out.intersection(fitted))
        if shared:
            raise SubjectLeakError(
                f"fold '{fold.name}' {how} {len(shared)} of its held-out subjects: "
                f"{quoted(shared, limit=10)}"
            )


def check_folds(folds: Sequence[Fold], subjects: Sequence[str], *, every_clip: bool = True) -> None:
    """Raises unless every fold is disjoint by subject and every clip is held out exactly once.

    Args:
        folds: the folds of a protocol.
        subjects: the subject of each clip.
        every_clip: False for a holdout or a fixed split, which predict their test clips alone:
            then a clip may be held out never, but still not twice.

    Raises:
        SubjectLeakError: if a fold has a subject on both sides.
        ValueError: if a clip is predicted never or twice, or a fold has nothing to fit or predict.
    """
    for fold in folds:
        check_subject_disjoint(subjects, fold)
        if not len(fold.train) or not len(fold.test):
            raise ValueError(
                "`folds` must each have clips to fit and clips to predict. "
                f"Received: fold '{fold.name}' with {len(fold.train)} and {len(fold.test)}"
            )
    times = np.zeros(len(subjects), dtype=np.int64)
    for fold in folds:
        np.add.at(times, fold.test, 1)
    wrong = np.flatnonzero(times != 1 if every_clip else times > 1)
    if len(wrong):
        raise ValueError(
            f"`folds` must hold out every clip {'exactly' if every_clip else 'at most'} once. "
            f"Received: clip {wrong[0]} held out {times[wrong[0]]} times ({len(wrong)} such clips)"
        )


def clip_list_hash(clip_ids: Iterable[str]) -> str:
    """Fingerprint of a clip list, the same in any order: 16 hexadecimal digits of SHA-256.

    Args:
        clip_ids: the clips that a protocol evaluates.

    Returns:
        A string of 16 hexadecimal digits.

    Raises:
        ValueError: if a clip is listed twice.
    """
    ordered = sorted(str(clip) for clip in clip_ids)
    repeated = sorted({one for one, next_one in itertools.pairwise(ordered) if one == next_one})
    if repeated:
        raise ValueError(
            f"`clip_ids` must not repeat a clip. Received: {quoted(repeated)} more than once"
        )
    # The length in front of each name keeps ["a\nb"] apart from ["a", "b"].
    text = "".join(f"{len(clip)}:{clip}\n" for clip in ordered)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _checked_groups(
    groups: Sequence[str], argument: str
) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    names = np.asarray([str(group).strip() for group in groups], dtype=str)
    empty = np.flatnonzero(names == "")
    if len(empty):
        raise ValueError(
            f"`{argument}` must be named for every clip. Received: an empty name for clip "
            f"{empty[0]} ({len(empty)} such clips)"
        )
    if len(np.unique(names)) < 2:
        raise ValueError(
            f"`{argument}` must hold at least two different names, so that one can be held out. "
            f"Received: {quoted(np.unique(names)) or 'none'}"
        )
    return names


def _fold(name: str, held_out: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Fold:
    return Fold(name, np.flatnonzero(~held_out), np.flatnonzero(held_out))
