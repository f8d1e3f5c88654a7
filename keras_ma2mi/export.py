"""Registration of public classes with Keras."""

from collections.abc import Callable
from typing import TypeVar

import keras

T = TypeVar("T", bound=type)


def ma2mi_export(cls: T) -> T:
    """Registers a class under the package `keras_ma2mi`, so that saved models find it again."""
    register: Callable[[T], T] = keras.saving.register_keras_serializable(package="keras_ma2mi")
    return register(cls)
