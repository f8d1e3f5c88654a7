"""What is compared: how encoders start, which branches there are, how they are fine-tuned."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.baselines import BASELINES, baseline_options
from ma2mi_recipes.fine_tuning import TrainOptions, default_recipe
from ma2mi_recipes.ma2mi_benchmark.plan import Plan
from ma2mi_recipes.ma2mi_benchmark.settled import AUTOENCODER, MA2MI

Task = Literal["reconstruction", "classification"]


@dataclass(frozen=True)
class Condition:
    """One way to come to a classifier.

    Attributes:
        name: Short, unique among the conditions of one network; lower case.
        pretraining: What the pre-training does otherwise than by default: fields of
            `PretrainOptions` for a reconstruction, of `TrainOptions` for a classification. None
            for no pre-training.
        training: What the fine-tuning does otherwise: fields of `TrainOptions`.
        branches: Branches of the network.
        task: What is learnt from the macro clips.
        preprocessing: What the store of macro clips has otherwise: fields of `PreprocessOptions`
            such as `gap_seconds`.
        then_classify: What a classification of the same macro clips, which begins with the
            reconstruction and comes before fine-tuning, does otherwise: fields of `TrainOptions`.
            None for no classification in between.
    """

    name: str
    pretraining: Mapping[str, Any] | None = None
    training: Mapping[str, Any] = field(default_factory=dict)
    branches: str = "both"
    task: Task = "reconstruction"
    preprocessing: Mapping[str, Any] = field(default_factory=dict)
    then_classify: Mapping[str, Any] | None = None

    @property
    def label(self) -> str:
        """Name and branches; of a baseline the name, for it has no branches."""
        return self.name if self.is_baseline else f"{self.name}, {self.branches}"

    @property
    def is_baseline(self) -> bool:
        return self.training.get("model", "miacnet") in BASELINES

    def options(self, plan: Plan, fraction: float) -> TrainOptions:
        """How it is fine-tuned with a share of the labels; where the encoders start is left open.

        Raises:
            InputError: Where `training` names what is no option.
        """
        check_fields(self.name, "training", self.training, TrainOptions)
        usual = TrainOptions(preset=plan.preset, motion=plan.motion, branches=self.branches)
        recipe = default_recipe(plan.preset, self.pretraining is not None)
        recipe |= {"epochs": plan.epochs, **plan.training, **self.training}
        options = replace(usual, **recipe)
        if self.is_baseline:
            options = baseline_options(options.model, options)
        epochs = replace(plan, epochs=options.epochs).epochs_at(fraction)
        return replace(options, epochs=epochs)


def check_fields(name: str, part: str, changes: Mapping[str, Any], options: type) -> None:
    """Raises InputError where a condition changes what is no field of the options."""
    known = {one.name for one in fields(options)}
    unknown = sorted(set(changes) - known)
    if unknown:
        raise InputError(
            f"condition {name}: its {part} changes {', '.join(unknown)}, which "
            f"{options.__name__} does not have; it has {', '.join(sorted(known))}"
        )


def standard_conditions(plan: Plan) -> list[Condition]:
    """The methods of the plan with each of its branches, and the simple baselines.

    - `scratch`: weights as they are drawn.
    - `naive_transfer`: the same network was trained to classify the macro clips.
    - `autoencoder`: the encoders learnt to reconstruct the current frame of the macro clips.
    - `ma2mi`: they learnt to reconstruct a near-future frame.
    - `ma2mi_then_labels`: so begun, the network was trained to classify the macro clips, too.
    """
    conditions = [
        _standard(method, branches) for branches in plan.branches for method in plan.methods
    ]
    if plan.baselines:
        conditions += [Condition(name, training={"model": name}) for name in BASELINES]
    return conditions


def _standard(method: str, branches: str) -> Condition:
    starts: dict[str, dict[str, Any]] = {
        "scratch": {},
        "naive_transfer": {"pretraining": {}, "task": "classification"},
        "autoencoder": {"pretraining": {**AUTOENCODER[branches]}},
        "ma2mi": {"pretraining": {**MA2MI[branches]}},
        "ma2mi_then_labels": {"pretraining": {**MA2MI[branches]}, "then_classify": {}},
    }
    return Condition(method, branches=branches, **starts[method])


def check_conditions(conditions: list[Condition], plan: Plan) -> None:
    """Raises InputError where two have one label, or one changes what cannot be changed."""
    from ma2mi_preprocessing.pipeline import PreprocessOptions
    from ma2mi_recipes.pretraining import PretrainOptions

    labels = [condition.label for condition in conditions]
    twice = sorted({label for label in labels if labels.count(label) > 1})
    if twice or not labels:
        raise InputError(f"two conditions are named {twice[0]}" if twice else "nothing to compare")
    check_fields("of all", "training", plan.training, TrainOptions)
    check_fields("of all", "pretraining", plan.pretraining, PretrainOptions)
    check_fields("of all", "preprocessing", plan.preprocessing, PreprocessOptions)
    for condition in conditions:
        condition.options(plan, 1.0)
        learns = PretrainOptions if condition.task == "reconstruction" else TrainOptions
        check_fields(condition.name, "pretraining", condition.pretraining or {}, learns)
        check_fields(condition.name, "preprocessing", condition.preprocessing, PreprocessOptions)
        if condition.then_classify is not None:
            check_fields(condition.name, "then_classify", condition.then_classify, TrainOptions)
            if condition.pretraining is None or condition.task != "reconstruction":
                raise InputError(
                    f"condition {condition.name}: then_classify comes after a reconstruction, "
                    "which its pretraining does not ask for"
                )
