"""Whether a run learnt its training clips by heart."""

import pandas as pd

NEARLY_ALL = 0.95
"""Share of training clips answered right from which a network counts as knowing them by heart."""

NEAR_MAJORITY = 0.1
"""How little above always giving the most frequent answer the held-out clips may be."""


def fit_line(fits: pd.DataFrame, predictions: pd.DataFrame) -> str:
    """Training beside held-out accuracy of a run, in one line.

    Args:
        fits: As in fits.csv.
        predictions: As in predictions.csv.
    """
    trained, held_out, majority = _accuracies(fits, predictions)
    return (
        f"right answers: {trained:.0%} of training clips, {held_out:.0%} of held-out clips; "
        f"always the most frequent class: {majority:.0%}"
    )


def overfitting_warning(fits: pd.DataFrame, predictions: pd.DataFrame) -> str | None:
    """What to do where the training clips are known by heart and nothing else is; else None.

    Args:
        fits: As in fits.csv.
        predictions: As in predictions.csv.
    """
    trained, held_out, majority = _accuracies(fits, predictions)
    if trained < NEARLY_ALL or held_out > majority + NEAR_MAJORITY:
        return None
    return (
        "the network knows its training clips by heart and has learnt nothing about other people; "
        "try fewer --epochs or --select nested, a smaller --preset, --freeze with --pretrained, or "
        "look at STORE/contact_sheets for movement that has nothing to do with the labels"
    )


def _accuracies(fits: pd.DataFrame, predictions: pd.DataFrame) -> tuple[float, float, float]:
    weights = fits["train_clips"]
    trained = float((fits["train_accuracy"] * weights).sum() / weights.sum())
    held_out = float((predictions["label"] == predictions["prediction"]).mean())
    majority = float(predictions["label"].value_counts(normalize=True).max())
    return trained, held_out, majority
