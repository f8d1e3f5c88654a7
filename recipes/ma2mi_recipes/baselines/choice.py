"""The baselines by name, and how each is fitted."""

from typing import Any

from ma2mi_preprocessing.errors import InputError
from ma2mi_recipes.baselines.majority import MajorityClassifier
from ma2mi_recipes.baselines.support_vectors import SupportVectorClassifier
from ma2mi_recipes.fine_tuning.classifiers import FoldClassifier
from ma2mi_recipes.fine_tuning.options import ModelName, TrainOptions

WITHOUT_NETWORK: tuple[ModelName, ...] = ("majority", "linear_svm", "rbf_svm", "rbf_svm_residual")
BASELINES: tuple[ModelName, ...] = (*WITHOUT_NETWORK, "three_stream_cnn")
"""All baselines, from the cheapest on."""

BESIDE_RUN = WITHOUT_NETWORK[:3]
"""Fitted beside every run of `train`."""

NETWORK_SCHEDULE: dict[str, Any] = {"epochs": 30, "batch_size": 16, "learning_rate": 5e-3}


def build_baseline(model: str) -> FoldClassifier:
    """The classifier of that name that is no network.

    Raises:
        InputError: Where there is none.
    """
    if model == "majority":
        return MajorityClassifier()
    if model == "linear_svm":
        return SupportVectorClassifier("linear")
    if model == "rbf_svm":
        return SupportVectorClassifier("rbf")
    if model == "rbf_svm_residual":
        return SupportVectorClassifier("rbf", residual=True)
    raise InputError(f"there is no model {model!r}; choose miacnet or {', '.join(BASELINES)}")


def baseline_options(model: ModelName, options: TrainOptions) -> TrainOptions:
    """How a baseline is fitted beside a run with `options`.

    It sees the same motion, and its epoch is chosen the same way where it has epochs; the rest is
    its own, fixed beforehand, so that no option of the run makes its baselines weaker.
    """
    seen: dict[str, Any] = {"motion": options.motion, "motion_scaling": options.motion_scaling}
    if model in WITHOUT_NETWORK:
        return TrainOptions(model=model, **seen)
    return TrainOptions(
        model=model,
        **seen,
        select=options.select,
        inner_folds=options.inner_folds,
        augment=options.augment,
        **NETWORK_SCHEDULE,
    )
