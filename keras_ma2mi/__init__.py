"""Micro-expression recognition in Keras 3: MIACNet and MA2MI pre-training.

Importing the package registers its classes with Keras, so that
`keras.saving.load_model` finds them.
"""

from importlib import metadata

from keras_ma2mi import explain, layers, losses, metrics, models

try:
    __version__ = metadata.version("keras-ma2mi")
except metadata.PackageNotFoundError:
    # Imported from a source tree that was never installed.
    __version__ = "0.0.0"

__all__ = ["__version__", "explain", "layers", "losses", "metrics", "models"]
