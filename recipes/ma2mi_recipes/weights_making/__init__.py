"""How the weights of the package are made: clips, training, scores, a folder; all resumable."""

from ma2mi_recipes.weights_making.plans import PLANS, WeightsPlan, quick_plan
from ma2mi_recipes.weights_making.stage import make_weights

__all__ = ["PLANS", "WeightsPlan", "make_weights", "quick_plan"]
