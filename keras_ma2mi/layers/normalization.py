"""Batch normalisation as every convolution of this package uses it."""

import keras

# Keras' default of 0.99 needs about 500 steps to forget the initial statistics. Micro-expression
# sets hold some 250 clips, so a whole fold is a few hundred steps: the default would evaluate with
# statistics that still remember the start.
MOMENTUM = 0.9

# Motion of a micro-expression is a hundredth of the image range on a few per cent of the pixels,
# and its variance behind the first convolution is about 1e-5. Keras' default of 1e-3 would dwarf
# it: the layer would pass the signal on almost unscaled instead of normalising it.
EPSILON = 1e-6


def batch_normalization(
    name: str, dtype: object, axis: int = -1
) -> keras.layers.BatchNormalization:
    """Returns a `keras.layers.BatchNormalization` over `axis`, for small and faint data."""
    layer = keras.layers.BatchNormalization
    if keras.config.backend() == "torch":
        from keras_ma2mi.layers.torch_batch_normalization import BatchNormalization

        layer = BatchNormalization
    return layer(axis, momentum=MOMENTUM, epsilon=EPSILON, name=name, dtype=dtype)
