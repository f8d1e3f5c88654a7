"""What a report is made from."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from ma2mi_recipes.report.wording import figure

if TYPE_CHECKING:
    import pandas as pd

    from keras_ma2mi.evaluation import Comparison


@dataclass(frozen=True)
class HeatMap:
    """A heat map over the face of a held-out clip, and what was answered.

    Attributes:
        clip_id: The clip.
        label: Its class, or whether it shows an action unit: `"AU4"`, `"no AU4"`.
        prediction: What the model answered, in the same words.
        probability: What it gave that answer, 0..1; None where it is not known.
        picture: PNG or JPEG file.
    """

    clip_id: str
    label: str
    prediction: str
    probability: float | None
    picture: bytes

    @property
    def hit(self) -> bool:
        """Whether the answer is right."""
        return self.label == self.prediction

    @property
    def caption(self) -> str:
        """The answer as a reader is told it."""
        sure = "" if self.probability is None else f" ({figure(self.probability)})"
        if self.hit:
            return f"{self.clip_id}: {self.label}, predicted so{sure}"
        return f"{self.clip_id}: {self.label}, predicted {self.prediction}{sure}"


@dataclass(frozen=True, eq=False)
class ReportRun:
    """One run, as its directory holds it.

    Attributes:
        name: What the reader will call the run.
        info: Contents of `run.json`; every key is optional.
        predictions: Pooled predictions with `keras_ma2mi.evaluation.PREDICTION_COLUMNS`, or None
            for a run that predicts nothing (pre-training). A column `select` that says `peek`
            marks the run, wherever the table comes from.
        history: One row an epoch: `epoch`, numeric columns to draw, and optionally `fold`, `seed`
            and `part` (`inner` or `outer`). `val_x` is drawn with `x`.
        classes: The explicit class set.
        heat_maps: Heat maps over faces.
        last_predictions: Of a run that peeked, what the last epoch of the same trainings predicts.
        fits: One row a fold and seed: `train_accuracy` and `held_out_accuracy`.
        key_frames: Predictions with moved key frames: `moved` and `frames` beside the columns of
            predictions.
        baselines: Simple models over the same clips.
        is_baseline: Whether the run is one of those.
    """

    name: str
    info: dict[str, Any]
    predictions: "pd.DataFrame | None"
    history: "pd.DataFrame | None"
    classes: list[str]
    heat_maps: Sequence[HeatMap] = ()
    last_predictions: "pd.DataFrame | None" = None
    fits: "pd.DataFrame | None" = None
    key_frames: "pd.DataFrame | None" = None
    baselines: Sequence["ReportRun"] = field(default=())
    is_baseline: bool = False

    @property
    def select(self) -> str | None:
        """How the epoch was chosen: `last`, `nested`, `peek`, or None where nobody says."""
        chosen: set[str] = set()
        if self.predictions is not None and "select" in self.predictions:
            chosen = set(self.predictions["select"].dropna().astype(str)) - {""}
        if "peek" in chosen or self.info.get("select") == "peek":
            return "peek"
        said = self.info.get("select") or (chosen.pop() if len(chosen) == 1 else None)
        return None if said is None else str(said)

    @property
    def peeked(self) -> bool:
        """Whether epochs were chosen on the held-out subjects."""
        return self.select == "peek"

    @property
    def units(self) -> tuple[str, ...]:
        """The action units that are predicted, such as `AU4`; empty where classes are."""
        if self.predictions is None:
            return ()
        columns = [str(name) for name in self.predictions]
        return tuple(name.removeprefix("label_") for name in columns if name[:8] == "label_AU")

    @property
    def scored(self) -> bool:
        """Whether there are predictions of classes to score."""
        return self._predicts and not self.units

    @property
    def predicts_units(self) -> bool:
        """Whether there are predictions of action units to score."""
        return self._predicts and bool(self.units)

    @property
    def _predicts(self) -> bool:
        return self.predictions is not None and not self.predictions.empty


@dataclass(frozen=True)
class RunComparison:
    """Two runs and their paired test.

    Attributes:
        baseline: Name of the first run.
        candidate: Name of the second run; differences are candidate minus baseline.
        result: The test, or None where the runs cannot be compared.
        reason: Why they cannot, else empty.
        adjusted: p-value of each metric after Holm's correction for all comparisons of the report;
            empty where there is only one.
        with_baseline: Whether the first run is a simple baseline.
    """

    baseline: str
    candidate: str
    result: "Comparison | None"
    reason: str = ""
    adjusted: dict[str, float] = field(default_factory=dict)
    with_baseline: bool = False


PEEKED = " (peeked)"


def presentable(runs: Sequence[ReportRun]) -> list[ReportRun]:
    """The runs under names that are unique and tell which of them peeked."""
    seen: dict[str, int] = {}
    named = []
    for run in runs:
        seen[run.name] = seen.get(run.name, 0) + 1
        suffix = f" ({seen[run.name]})" if seen[run.name] > 1 else ""
        peeked = PEEKED if run.peeked and not run.name.endswith(PEEKED) else ""
        named.append(replace(run, name=f"{run.name}{suffix}{peeked}"))
    return named


def checked_predictions(run: ReportRun) -> "pd.DataFrame":
    """The predictions of a run that has some, in one form.

    Raises:
        PredictionsError: Where they cannot be scored; the message names the run.
    """
    from keras_ma2mi.evaluation import PredictionsError, check_predictions

    assert run.predictions is not None
    try:
        return check_predictions(run.predictions, run.classes)
    except PredictionsError as error:
        raise PredictionsError(f"run {run.name}: {error}") from None
