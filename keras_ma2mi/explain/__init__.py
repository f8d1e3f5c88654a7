"""Heat maps."""

from keras_ma2mi.explain.action_maps import ACTION_MAPS, action_maps
from keras_ma2mi.explain.attention import attention_maps
from keras_ma2mi.explain.contributions import class_contribution_maps
from keras_ma2mi.explain.gradient_maps import grad_cam
from keras_ma2mi.explain.resizing import resize_maps
from keras_ma2mi.explain.responses import action_response_maps

__all__ = [
    "ACTION_MAPS",
    "action_maps",
    "action_response_maps",
    "attention_maps",
    "class_contribution_maps",
    "grad_cam",
    "resize_maps",
]
