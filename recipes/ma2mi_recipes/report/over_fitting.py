"""Training accuracy against held-out accuracy, fold by fold."""

from dataclasses import dataclass

import pandas as pd

from ma2mi_recipes.report.runs import ReportRun

LEARNT_BY_HEART = 0.95
_WIDE_GAP = 0.2


@dataclass(frozen=True)
class FitGap:
    """Accuracy where a run was fitted and where it was tested.

    Attributes:
        table: `fold`, `train` and `held_out`, one row a fold, means over seeds, sorted by
            `held_out`.
        train: Mean over folds, 0..1.
        held_out: The same of the held-out clips.
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
        return self.train >= LEARNT_BY_HEART and self.gap >= _WIDE_GAP


def fit_gap(run: ReportRun) -> FitGap | None:
    """The gap of a run; None where its directory does not tell."""
    fits = run.fits
    wanted = {"fold", "train_accuracy", "held_out_accuracy"}
    if fits is None or fits.empty or not wanted <= set(fits.columns):
        return None
    by_fold = fits.groupby("fold")[["train_accuracy", "held_out_accuracy"]].mean().dropna()
    if by_fold.empty:
        return None
    table = by_fold.rename(columns={"train_accuracy": "train", "held_out_accuracy": "held_out"})
    table = table.sort_values(["held_out", "train"], kind="stable").reset_index()
    return FitGap(table, float(table["train"].mean()), float(table["held_out"].mean()))
