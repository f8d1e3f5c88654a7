"""Models."""

from keras_ma2mi.models.future_frame_reconstructor import FutureFrameReconstructor
from keras_ma2mi.models.miacnet import MIACNet
from keras_ma2mi.models.multiply_adds import count_multiply_adds
from keras_ma2mi.models.packaged_weights import WEIGHTS, weights_folder
from keras_ma2mi.models.preset_table import preset_table
from keras_ma2mi.models.presets import PRESETS
from keras_ma2mi.models.three_stream_cnn import ThreeStreamCNN

__all__ = [
    "PRESETS",
    "WEIGHTS",
    "FutureFrameReconstructor",
    "MIACNet",
    "ThreeStreamCNN",
    "count_multiply_adds",
    "preset_table",
    "weights_folder",
]
