"""The training recipe that each preset starts from; measured by `benchmark recipe`."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ma2mi_preprocessing.store import ClipStore
from ma2mi_recipes.fine_tuning.options import TrainOptions
from ma2mi_recipes.networks import preset_for_size

# After 30 epochs its training clips are not learnt yet: see docs/training_recipe.md.
_FOR_PRESET: dict[str, dict[str, Any]] = {"miacnet_motion28": {"epochs": 60}}

_FOR_PRETRAINED: dict[str, Any] = {}


def default_recipe(preset: str, pretrained: bool) -> dict[str, Any]:
    """Fields of `TrainOptions` in which a preset differs from the defaults written there.

    Args:
        preset: Name of a preset of MIACNet; another name has no defaults of its own.
        pretrained: Whether the encoders come from a pre-training.
    """
    return {**_FOR_PRESET.get(preset, {}), **(_FOR_PRETRAINED if pretrained else {})}


def with_recipe(
    options: TrainOptions, store: ClipStore, given: Mapping[str, Any] | None = None
) -> TrainOptions:
    """The options with the recipe of their preset, and with what a person gave beside it.

    Args:
        options: All that is no part of the recipe.
        store: What will be trained on: the size of its frames names the preset where none is given.
        given: Fields of the recipe that were chosen; None stands for not chosen.
    """
    preset = options.preset or preset_for_size(options.input_size or _frame_size(store))
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    return replace(options, **{**default_recipe(preset, bool(options.pretrained)), **chosen})


def _frame_size(store: ClipStore) -> int:
    if not store.clip_ids:
        return 0
    first = store.read(store.clip_ids[0])
    return int((first.frames if first.motion is None else first.motion[None]).shape[1])
