"""What was tried: pre-trainings that each differ in one thing from a reference."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.ma2mi_benchmark.conditions import Condition
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.settled import MA2MI

Kind = Literal["reconstruction", "classification", "untrained", "flow"]

REFERENCE_NETWORK: Mapping[str, str] = dict(
    argument.split("=", 1) for argument in MA2MI["action"]["network"]
)
REFERENCE_PRETRAINING: Mapping[str, Any] = {
    **{name: value for name, value in MA2MI["action"].items() if name != "network"},
    "epochs": 5,
}
REFERENCE_NAME = "reference"

QUESTIONS: Mapping[str, str] = {
    "starts": "Is the reference better than no pre-training, other tasks, and raw flow?",
    "target": "What should be reconstructed?",
    "horizon": "How far ahead?",
    "augmentation": "Should pairs be mirrored or shifted?",
    "code": "How wide should the code be?",
    "predictor": "How should the predictor join motion and face, and how deep should it be?",
    "sizes": "Should what is small be brought to the size of what is large?",
    "loss": "Which loss?",
    "fusion": "Should the code read the face beside the motion?",
    "gap": "How far apart should the two frames be?",
    "pairs": "How many pairs of a clip?",
    "people": "How many people?",
    "epochs": "How many epochs?",
    "input": "Which motion should be read?",
}
"""By a short name that `--only` takes; p-values are adjusted within each."""


@dataclass(frozen=True)
class Experiment:
    """One change to the reference.

    Attributes:
        name: Short and unique; no comma.
        question: A key of `QUESTIONS`; empty for the reference.
        network: Arguments of the network that differ, as typed: `"null"` is none.
        pretraining: Fields of `PretrainOptions` that differ, but for `network`.
        preprocessing: Fields of `PreprocessOptions` of the macro clips that differ.
        people: People pre-trained on, as a multiple of those of the plan.
        kind: What is probed: a reconstruction, a classification of the macro clips, the network
            of the reference as it is drawn, or no network but the flow itself.
    """

    name: str
    question: str = ""
    network: Mapping[str, str] = field(default_factory=dict)
    pretraining: Mapping[str, Any] = field(default_factory=dict)
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    people: float = 1.0
    kind: Kind = "reconstruction"

    @property
    def changes(self) -> str:
        """What differs, as options and their values."""
        parts = [f"{name}={value}" for name, value in self.network.items()]
        for changed in (self.pretraining, self.preprocessing):
            parts += [f"{name}={_words(value)}" for name, value in changed.items()]
        if self.people != 1:
            parts.append(f"{self.people:g} times the people")
        return ", ".join(parts) or _WITHOUT_CHANGES[self.kind]

    def plan(self, plan: Plan) -> Plan:
        """The plan with the people of this experiment."""
        subjects = max(1, round(self.people * plan.macro.subjects))
        return replace(plan, macro=replace(plan.macro, subjects=subjects))

    def condition(self) -> Condition:
        """What is pre-trained; of an untrained network what would have been.

        The flow has no pre-training.
        """
        if self.kind == "flow":
            return Condition(self.name)
        if self.kind == "classification":
            return Condition(self.name, pretraining={}, task="classification")
        network = {**REFERENCE_NETWORK, **self.network}
        changed = {
            **REFERENCE_PRETRAINING,
            **self.pretraining,
            "network": tuple(f"{name}={value}" for name, value in network.items()),
        }
        return Condition(self.name, pretraining=changed, preprocessing=self.preprocessing)


REFERENCE = Experiment(REFERENCE_NAME)

_WITHOUT_CHANGES: Mapping[Kind, str] = {
    "reconstruction": "",
    "classification": "emotions of the macro clips",
    "untrained": "weights as drawn",
    "flow": "no network",
}


def _network(question: str, name: str, **arguments: str) -> Experiment:
    return Experiment(name, question, network=arguments)


def _pretraining(question: str, name: str, **options: Any) -> Experiment:
    return Experiment(name, question, pretraining=options)


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment("raw-flow", "starts", kind="flow"),
    Experiment("untrained", "starts", kind="untrained"),
    Experiment("macro-labels", "starts", kind="classification"),
    # Which would copy the frame from its details.
    Experiment(
        "autoencoder",
        "starts",
        network={"change_floor": "null", "predictor_detail": "false"},
        pretraining={"objective": "current"},
    ),
    _network("target", "moving-average", teacher="moving_average"),
    _network("target", "frozen-teacher", teacher="frozen"),
    # There is no change whose size could have a floor.
    _network("target", "whole-frame", predict_change="false", change_floor="null"),
    _pretraining("horizon", "horizon-1", horizon=1.0),
    _pretraining("horizon", "horizon-1.5", horizon=1.5),
    _pretraining("horizon", "horizon-3", horizon=3.0),
    _pretraining("augmentation", "no-mirror", flip=0.0),
    _pretraining("augmentation", "shift", shift=1 / 16),
    _network("code", "code-12", code_units="12"),
    _network("code", "code-24", code_units="24"),
    _network("code", "code-96", code_units="96"),
    _network("code", "code-of-places", code_units="null"),
    _network("predictor", "no-detail", predictor_detail="false"),
    _network("predictor", "multiply", predictor_mixing="multiply"),
    _network("predictor", "depth-1", predictor_depth="1"),
    _network("predictor", "depth-4", predictor_depth="4"),
    _network("sizes", "no-change-floor", change_floor="null"),
    _network("sizes", "change-floor-1", change_floor="1.0"),
    _network("sizes", "no-motion-floor", motion_floor="null"),
    _network("sizes", "motion-floor-0.1", motion_floor="0.1"),
    _network("loss", "smooth-l1", loss="smooth_l1"),
    _network("loss", "cosine", loss="cosine"),
    _network("fusion", "fusion-add", fusion="add"),
    _network("fusion", "fusion-gate", fusion="gate"),
    _network("fusion", "fusion-modulate", fusion="modulate"),
    _network("fusion", "fusion-attention", fusion="cross_attention"),
    Experiment("short-gap", "gap", preprocessing={"gap_seconds": (0.04, 0.16)}),
    Experiment("long-gap", "gap", preprocessing={"gap_seconds": (0.16, 0.64)}),
    Experiment("6-pairs", "pairs", preprocessing={"pairs_per_clip": 6}),
    Experiment("24-pairs", "pairs", preprocessing={"pairs_per_clip": 24}),
    Experiment("quarter-of-people", "people", people=0.25),
    Experiment("half-of-people", "people", people=0.5),
    Experiment("twice-the-people", "people", people=2.0),
    _pretraining("epochs", "2-epochs", epochs=2),
    _pretraining("epochs", "10-epochs", epochs=10),
    _pretraining("epochs", "20-epochs", epochs=20),
    _pretraining("input", "difference", motion="difference"),
    _pretraining("input", "flow-and-difference", motion="both"),
)


def chosen_experiments(names: Sequence[str] | None = None) -> list[Experiment]:
    """The reference, and those of `EXPERIMENTS` that were asked for.

    Args:
        names: Of experiments, or of questions for all that belong to them. None for all.

    Raises:
        InputError: Where there is no such experiment.
    """
    asked = None if names is None else set(names)
    known = {REFERENCE_NAME, *QUESTIONS, *(one.name for one in EXPERIMENTS)}
    unknown = sorted((asked or set()) - known)
    if unknown:
        raise InputError(
            f"there is no experiment {', '.join(unknown)}; there are "
            f"{', '.join(one.name for one in EXPERIMENTS)}, and of all that belong to a question "
            f"{', '.join(QUESTIONS)}"
        )
    others = [one for one in EXPERIMENTS if asked is None or {one.name, one.question} & asked]
    return [REFERENCE, *others]


def _words(value: Any) -> str:
    if isinstance(value, tuple):
        return " to ".join(_words(part) for part in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)
