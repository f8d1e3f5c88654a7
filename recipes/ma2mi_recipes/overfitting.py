"""Whether a run learnt its training clips by heart: one judgement, for terminal and report."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

LEARNT_BY_HEART = 0.95
"""Share of training clips answered right from which a network counts as knowing them by heart."""

WIDE_GAP = 0.2
"""How much fewer of the held-out clips are right where the rest was not learnt."""

_NEEDED = {"fold", "train_accuracy", "held_out_accuracy"}


@dataclass(frozen=True)
class FitGap:
    """Accuracy where a run was fitted and where it was tested.

    Attributes:
        table: `fold`, `train` and `held_out`, one row a fold, means over seeds, sorted by
            `held_out`.
        train: Share of the training clips right, 0..1, all folds pooled.
        held_out: The same of the held-out clips: the accuracy of the run.
    """

    table: pd.DataFrame
    train: float
    held_out: float

    @property
    def gap(self) -> float:
        """How much of the training accuracy is lost on people never seen."""
        return self.train - self.held_out

    @property
    def over_fitted(self) -> bool:
        """Whether the training clips are known by heart and the held-out ones are not."""
        return self.train >= LEARNT_BY_HEART and self.gap >= WIDE_GAP


def fit_gap(fits: pd.DataFrame | None) -> FitGap | None:
    """The gap of a run; None where its fits do not tell.

    Args:
        fits: As in fits.csv. Without `train_clips` and `held_out_clips` folds count alike.
    """
    if fits is None or not set(fits.columns) >= _NEEDED:
        return None
    told = fits.dropna(subset=["train_accuracy", "held_out_accuracy"])
    if told.empty:
        return None
    by_fold = told.groupby("fold")[["train_accuracy", "held_out_accuracy"]].mean()
    table = by_fold.rename(columns={"train_accuracy": "train", "held_out_accuracy": "held_out"})
    table = table.sort_values(["held_out", "train"], kind="stable").reset_index()
    return FitGap(table, _pooled(told, "train"), _pooled(told, "held_out"))


def fit_line(gap: FitGap, predictions: pd.DataFrame) -> str:
    """Training beside held-out accuracy of a run, in one line.

    Args:
        gap: As `fit_gap` gives it.
        predictions: As in predictions.csv.
    """
    line = f"right answers: {gap.train:.0%} of training clips, {gap.held_out:.0%} of held-out clips"
    if "label" not in predictions:
        return f"{line}, each action unit counted"
    most_frequent = float(predictions["label"].value_counts(normalize=True).max())
    return f"{line}; the most frequent class of all clips: {most_frequent:.0%}"


def overfitting_warning(gap: FitGap | None, who: str = "the network") -> str | None:
    """What is wrong and what to do where a run over-fits; else None.

    Args:
        gap: As `fit_gap` gives it.
        who: What a reader knows the run by.
    """
    if gap is None or not gap.over_fitted:
        return None
    return (
        f"{who} knows its training clips by heart ({gap.train:.0%} right) and gets "
        f"{gap.held_out:.0%} of the held-out ones: it over-fits. Try fewer --epochs or --select "
        "nested, a smaller --preset, --freeze with --pretrained, or look at STORE/contact_sheets "
        "for movement that has nothing to do with the labels."
    )


def _pooled(fits: pd.DataFrame, part: str) -> float:
    weights = fits.get(f"{part}_clips", pd.Series(1, index=fits.index))
    return float(np.average(fits[f"{part}_accuracy"], weights=weights))
