"""The options that the benchmark reports, chosen on other people and seeds."""

from collections.abc import Mapping
from typing import Any

from ma2mi_recipes.pretraining_recipes import (
    CODE_UNITS,
    MOTION_FLOOR,
    OF_CHANGES,
    RECIPES,
    without,
)

CLASSIFIER: Mapping[str, Any] = {
    "network": ("head=code", CODE_UNITS, MOTION_FLOOR),
    # Faces are aligned by their true landmarks: shifted ones cost every method some points.
    "shift": 0.0,
}
"""Changes of `TrainOptions` for every network, whatever it starts from; see docs/experiments.md."""

_CODE = RECIPES["code"]


def _changed(without_these: tuple[str, ...], **options: Any) -> Mapping[str, Any]:
    return {**_CODE, **options, "network": without(_CODE["network"], *without_these)}


# The position branch alone starts from the pre-training of both: one serves the two.
MA2MI: Mapping[str, Mapping[str, Any]] = {
    "both": _CODE,
    "action": _changed(("fusion",)),
    "position": _CODE,
}
"""By branches, changes of `PretrainOptions` for MA2MI."""

AUTOENCODER: Mapping[str, Mapping[str, Any]] = {
    "both": _changed(OF_CHANGES, objective="current"),
    "action": _changed((*OF_CHANGES, "fusion"), objective="current"),
    "position": _changed(OF_CHANGES, objective="current"),
}
"""The same for the reconstruction of the current frame, not a future one."""
