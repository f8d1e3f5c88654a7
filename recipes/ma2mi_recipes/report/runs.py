"""What a report is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from keras_ma2mi.evaluation import Comparison


@dataclass(frozen=True, eq=False)
class ReportRun:
    """One run, as its directory holds it.

    Attributes:
        name: What the reader will call the run.
        info: Contents of `run.json`; every key is optional.
        predictions: Pooled predictions with `keras_ma2mi.evaluation.PREDICTION_COLUMNS`, or None
            for a run that predicts nothing (pre-training).
        history: One row an epoch: `epoch`, numeric columns to draw, and optionally `fold` and
            `seed`. `val_x` is drawn with `x`.
        classes: The explicit class set.
        heat_maps: Captions and PNG files.
    """

    name: str
    info: dict[str, Any]
    predictions: "pd.DataFrame | None"
    history: "pd.DataFrame | None"
    classes: list[str]
    heat_maps: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def peeked(self) -> bool:
        """Whether epochs were chosen on the held-out subjects."""
        return self.info.get("select") == "peek"

    @property
    def scored(self) -> bool:
        """Whether there are predictions to score."""
        return self.predictions is not None and not self.predictions.empty


@dataclass(frozen=True)
class RunComparison:
    """Two runs and their paired test.

    Attributes:
        baseline: Name of the first run.
        candidate: Name of the second run; differences are candidate minus baseline.
        result: The test, or None where the runs cannot be compared.
        reason: Why they cannot, else empty.
    """

    baseline: str
    candidate: str
    result: "Comparison | None"
    reason: str = ""


PEEKED = " (peeked)"


def presentable(runs: Sequence[ReportRun]) -> list[ReportRun]:
    """The runs under names that are unique and tell which of them peeked."""
    seen: dict[str, int] = {}
    named = []
    for run in runs:
        seen[run.name] = seen.get(run.name, 0) + 1
        suffix = f" ({seen[run.name]})" if seen[run.name] > 1 else ""
        peeked = PEEKED if run.peeked else ""
        named.append(replace(run, name=f"{run.name}{suffix}{peeked}"))
    return named
