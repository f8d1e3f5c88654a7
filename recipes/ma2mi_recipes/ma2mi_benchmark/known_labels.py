"""Whose labels are known: a share of the training clips, the same for all that is compared."""

import numpy as np
import numpy.typing as npt

from keras_ma2mi.evaluation import Fold

Rows = npt.NDArray[np.intp]


def with_known_labels(
    fold: Fold, labels: npt.NDArray[np.int32], fraction: float, seed: int
) -> Fold:
    """The fold with only some of its training clips; what it holds out stays.

    Of each class the share is taken on its own, at least one clip. Which clips depends on the seed
    and the name of the fold alone: all methods get the same, and a smaller share is part of every
    larger one, so that a curve over shares shows more labels and not other labels.

    Args:
        fold: Its training clips are drawn from; held-out clips are never looked at.
        labels: Classes of all clips, `(N,)`.
        fraction: Share, above 0 and at most 1.
        seed: Draws the clips.

    Raises:
        ValueError: Where the share is out of its range.
    """
    if not 0 < fraction <= 1:
        raise ValueError(f"`fraction` must be above 0 and at most 1. Received: fraction={fraction}")
    train = np.sort(np.asarray(fold.train))
    kept = [
        _drawn(train[labels[train] == name], fraction, [seed, int(name), *fold.name.encode()])
        for name in np.unique(labels[train])
    ]
    return Fold(fold.name, np.sort(np.concatenate(kept)), fold.test)


def _drawn(rows: Rows, fraction: float, entropy: list[int]) -> Rows:
    count = max(1, int(np.floor(fraction * len(rows) + 0.5)))
    order = np.random.default_rng(entropy).permutation(len(rows))
    return rows[order[:count]]
