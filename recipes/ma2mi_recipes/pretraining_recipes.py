"""Named settings of a pre-training, measured by `benchmark experiments` and `benchmark ma2mi`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    # Plans of benchmarks name recipes before a backend is chosen; this module brings Keras.
    from ma2mi_recipes.pretraining import PretrainOptions

Recipe = Literal["code", "plain"]

CODE_UNITS = "code_units=48"
MOTION_FLOOR = "motion_floor=0.02"

RECIPES: Mapping[Recipe, Mapping[str, Any]] = {
    "code": {
        "code_channels": 32,
        "horizon": 2.0,
        "flip": 0.5,
        "learning_rate": 2e-3,
        "schedule": "cosine",
        "weight_decay": 1e-3,
        "network": (
            CODE_UNITS,
            MOTION_FLOOR,
            "teacher=pixels",
            "loss=squared",
            "change_floor=0.2",
            "predictor_detail=true",
            "fusion=modulate",
        ),
    },
    "plain": {},
}
"""Changes of `PretrainOptions` by name.

- `"code"`: the whole face is squeezed to a few numbers, from which the pixels of a frame beyond
  the motion are told; motion of any size is brought to one.
- `"plain"`: the defaults. A narrow code at each place, from which the latent map of the frame
  where the motion ends is told.
"""


# The size of a change means nothing for a whole frame, which its own details would tell at once.
OF_CHANGES = ("change_floor", "predictor_detail")


def with_recipe(
    options: "PretrainOptions", recipe: Recipe = "code", given: Mapping[str, Any] | None = None
) -> "PretrainOptions":
    """The options with a recipe, and with what a person gave beside it.

    Args:
        options: All that is no part of a recipe.
        recipe: Key of `RECIPES`.
        given: Fields that were chosen; None stands for not chosen. Arguments of `network` replace
            those of the recipe one by one.
    """
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    typed = tuple(chosen.get("network", ()))
    replaced = [*map(_name, typed), *(OF_CHANGES if options.objective == "current" else ())]
    network = without(RECIPES[recipe].get("network", ()), *replaced) + typed
    return replace(options, **{**RECIPES[recipe], **chosen, "network": network})


def without(network: tuple[str, ...], *names: str) -> tuple[str, ...]:
    """Arguments of a network as typed, but for some."""
    return tuple(text for text in network if _name(text) not in names)


def _name(typed: str) -> str:
    return typed.partition("=")[0].strip().replace("-", "_")
