"""What a network must beat: the commonest class, support vectors on flow, a small network."""

from ma2mi_recipes.baselines.choice import (
    BASELINES,
    BESIDE_RUN,
    WITHOUT_NETWORK,
    baseline_options,
    build_baseline,
)
from ma2mi_recipes.baselines.majority import MajorityClassifier
from ma2mi_recipes.baselines.support_vectors import SupportVectorClassifier

__all__ = [
    "BASELINES",
    "BESIDE_RUN",
    "WITHOUT_NETWORK",
    "MajorityClassifier",
    "SupportVectorClassifier",
    "baseline_options",
    "build_baseline",
]
