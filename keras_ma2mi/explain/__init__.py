"""Heat maps."""

from keras_ma2mi.explain.attention import attention_maps
from keras_ma2mi.explain.contributions import class_contribution_maps
from keras_ma2mi.explain.gradient_maps import grad_cam
from keras_ma2mi.explain.resizing import resize_maps

__all__ = ["attention_maps", "class_contribution_maps", "grad_cam", "resize_maps"]
