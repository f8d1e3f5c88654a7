"""Layers for motion between two frames; each works in any Keras model."""

from keras_ma2mi.layers.action_code import ActionCode
from keras_ma2mi.layers.action_encoder import ActionEncoder
from keras_ma2mi.layers.area_resizing import AreaResizing
from keras_ma2mi.layers.continuous_attention import ContinuousAttention
from keras_ma2mi.layers.frame_difference import FrameDifference
from keras_ma2mi.layers.joint_augmentation import JointAugmentation
from keras_ma2mi.layers.latent_predictor import LatentPredictor
from keras_ma2mi.layers.metaformer_block import MetaFormerBlock
from keras_ma2mi.layers.motion_fusion import MotionFusion
from keras_ma2mi.layers.optical_strain import OpticalStrain
from keras_ma2mi.layers.position_encoder import PositionEncoder
from keras_ma2mi.layers.stochastic_depth import StochasticDepth

__all__ = [
    "ActionCode",
    "ActionEncoder",
    "AreaResizing",
    "ContinuousAttention",
    "FrameDifference",
    "JointAugmentation",
    "LatentPredictor",
    "MetaFormerBlock",
    "MotionFusion",
    "OpticalStrain",
    "PositionEncoder",
    "StochasticDepth",
]
