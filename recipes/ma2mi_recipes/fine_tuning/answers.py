"""What probabilities answer, and how right they are: one class a clip, or several action units."""

import numpy as np
import numpy.typing as npt

Probabilities = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int32]

PRESENT = 0.5
"""From this probability on an action unit is said to be there."""
_SMALLEST = 1e-7


def answers(probabilities: Probabilities, labels: Labels) -> npt.NDArray[np.int64]:
    """The answers, in the form of the labels.

    Args:
        probabilities: `(clips, classes)`, or `(clips, units)` for action units.
        labels: `(clips,)` indices of classes, or `(clips, units)` of 0 and 1.
    """
    if labels.ndim == 2:
        return (probabilities >= PRESENT).astype(np.int64)
    return probabilities.argmax(axis=1)


def share_right(probabilities: Probabilities, labels: Labels) -> float:
    """Share of right answers, 0 to 1: of clips, or of clips and action units."""
    return float((answers(probabilities, labels) == labels).mean())


def cross_entropy(probabilities: Probabilities, labels: Labels) -> npt.NDArray[np.float64]:
    """Of each clip, in nats; of action units the mean over them."""
    if labels.ndim == 2:
        of_answer = np.where(labels == 1, probabilities, 1.0 - probabilities)
        return -np.log(np.maximum(of_answer, _SMALLEST)).mean(axis=1)
    chosen = probabilities[np.arange(len(labels)), labels]
    return -np.log(np.maximum(chosen, _SMALLEST))
