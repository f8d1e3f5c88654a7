"""What is done about classes with many clips and classes with few."""

import numpy as np
import numpy.typing as npt


def class_weights(labels: npt.NDArray[np.int32], class_count: int) -> dict[int, float]:
    """A weight for each class, so that all classes weigh alike in the loss.

    Args:
        labels: Labels of the training clips.
        class_count: Number of classes; one without a clip has the weight of one with a single clip.

    Returns:
        Class to weight. The mean weight of the clips is 1 where every class has a clip.
    """
    counts = np.bincount(labels, minlength=class_count)
    weights = counts.sum() / np.maximum(counts, 1) / len(counts)
    return dict(enumerate(weights.tolist()))


def balanced_order(
    labels: npt.NDArray[np.int32], random: np.random.Generator
) -> npt.NDArray[np.intp]:
    """An order of clips in which every class is met equally often, all along.

    The order is as long as there are clips: clips of a rare class come several times, and of a
    frequent one some are left for another epoch. In any stretch of as many places as there are
    classes, counted from the start, each class comes once. A clip comes again only when all others
    of its class have come.

    Args:
        labels: Labels of the training clips.
        random: Source of randomness.

    Returns:
        Indices into `labels`, of the same length.
    """
    present = np.unique(labels)
    rounds = -(-len(labels) // len(present))
    queues = np.stack([_queue(np.flatnonzero(labels == name), rounds, random) for name in present])
    turns = np.stack([random.permutation(len(present)) for _ in range(rounds)])
    return queues[turns, np.arange(rounds)[:, None]].ravel()[: len(labels)]


def _queue(
    clips: npt.NDArray[np.intp], length: int, random: np.random.Generator
) -> npt.NDArray[np.intp]:
    times = -(-length // len(clips))
    return np.concatenate([random.permutation(clips) for _ in range(times)])[:length]
