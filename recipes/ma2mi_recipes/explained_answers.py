"""What heat maps are of: an answer about a held-out clip, of its class or of one action unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "heat_maps"
_LABEL = "label_"


@dataclass(frozen=True)
class ExplainedAnswer:
    """One answer that a heat map speaks for.

    Attributes:
        clip_id: The clip.
        label: What is true: its class, or `"AU4"` or `"no AU4"`.
        prediction: What was answered, in the same words.
        probability: What the answer was given, 0..1; None where it is not known.
        unit: The action unit, such as `"AU4"`; None where classes are predicted.
    """

    clip_id: str
    label: str
    prediction: str
    probability: float | None
    unit: str | None = None

    @property
    def hit(self) -> bool:
        """Whether the answer is right."""
        return self.label == self.prediction

    @property
    def picture(self) -> str:
        """Where its picture is in the run's folder of heat maps."""
        return self._named("hit" if self.hit else "miss")

    def drawn_in(self, run: Path) -> Path | None:
        """Its picture among those of a run; None where it was not drawn."""
        found = (run / FOLDER / self._named(answer) for answer in ("hit", "miss"))
        return next((path for path in found if path.is_file()), None)

    def _named(self, answer: str) -> str:
        name = f"{answer}__{self.clip_id.replace('/', '__')}.png"
        return f"{self.unit}/{name}" if self.unit else name


def explained_answers(predictions: "pd.DataFrame") -> list[ExplainedAnswer]:
    """The answers of a run's first seed, whose heat maps are kept.

    Args:
        predictions: As in predictions.csv.

    Returns:
        One a clip, or one a clip and action unit, unit by unit.
    """
    if "seed" in predictions and len(predictions):
        predictions = predictions[predictions["seed"] == predictions["seed"].iloc[0]]
    rows = [
        {str(key): value for key, value in row.items()} for row in predictions.to_dict("records")
    ]
    units = predicted_unit_names(list(map(str, predictions)))
    if units:
        return [_of_unit(row, unit) for unit in units for row in rows]
    return [_of_class(row) for row in rows] if "label" in predictions else []


def predicted_unit_names(columns: Sequence[str]) -> list[str]:
    """The action units that a table predicts, such as `AU4`; none where it predicts classes."""
    return [name.removeprefix(_LABEL) for name in columns if name.startswith(f"{_LABEL}AU")]


def _of_class(row: dict[str, Any]) -> ExplainedAnswer:
    answer = str(row["prediction"])
    return ExplainedAnswer(
        str(row["clip_id"]), str(row["label"]), answer, row.get(f"probability_{answer}")
    )


def _of_unit(row: dict[str, Any], unit: str) -> ExplainedAnswer:
    said = bool(row[f"prediction_{unit}"])
    shown = row.get(f"probability_{unit}")
    probability = None if shown is None else shown if said else 1 - shown
    truth, answer = (unit if value else f"no {unit}" for value in (row[f"{_LABEL}{unit}"], said))
    return ExplainedAnswer(str(row["clip_id"]), truth, answer, probability, unit)
