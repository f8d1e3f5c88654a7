"""Heat maps."""

from keras_ma2mi.explain.contributions import class_contribution_maps

__all__ = ["class_contribution_maps"]
