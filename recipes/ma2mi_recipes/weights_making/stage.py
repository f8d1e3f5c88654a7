"""All stages, and what they leave: a folder that can be packaged."""

from pathlib import Path

from ma2mi_recipes.weights_making.made import Made
from ma2mi_recipes.weights_making.packing import pack
from ma2mi_recipes.weights_making.plans import EmotionPlan, WeightsPlan


def make_weights(plan: WeightsPlan, out: Path, command: str, workers: int | None = None) -> Path:
    """Makes weights; stages that `out` holds already are not repeated.

    Args:
        plan: What is made.
        out: Folder for everything.
        command: What a person types for the same, without the folder.
        workers: Processes that render and preprocess.

    Returns:
        The folder with the weights, `out / plan.name`.

    Raises:
        InputError: Where `out` holds stages of another plan, or clips cannot be used.
    """
    return pack(plan, _made(plan, out, workers), out, command)


def _made(plan: WeightsPlan, out: Path, workers: int | None) -> Made:
    if isinstance(plan.work, EmotionPlan):
        from ma2mi_recipes.weights_making.emotions import make_emotions

        return make_emotions(plan, plan.work, out, workers)
    from ma2mi_recipes.weights_making.units import make_units

    return make_units(plan, plan.work, out)
