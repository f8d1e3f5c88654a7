"""Models."""

from keras_ma2mi.models.future_frame_reconstructor import FutureFrameReconstructor
from keras_ma2mi.models.miacnet import MIACNet
from keras_ma2mi.models.presets import PRESETS

__all__ = ["PRESETS", "FutureFrameReconstructor", "MIACNet"]
