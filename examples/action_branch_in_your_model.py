"""The action branch of MIACNet as a layer in a Keras model of your own.

The model below classifies a clip from its motion and from something MIACNet knows nothing of: how
long the movement took. Runs under every backend, for example with KERAS_BACKEND=jax.
"""

import keras
import numpy as np

from keras_ma2mi.layers import ActionEncoder

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)

# Stand-in data: 240 flow fields of 32x32 (u, v in pixels, and strain), where either the brows go
# up or the mouth goes down by half a pixel, over fractions of a second.
labels = rng.integers(0, 2, 240)
motion = rng.normal(0, 0.05, (240, 32, 32, 3)).astype("float32")
motion[labels == 0, 6:12, 8:24, 1] -= 0.5  # v points down, so up is negative
motion[labels == 1, 22:28, 10:22, 1] += 0.5
seconds = rng.uniform(0.1, 0.5, (240, 1)).astype("float32")

# The encoder is a layer like any other. Filters and strides are yours to choose: the product of
# the strides (here 2 * 1 * 2 = 4) must divide the size of the motion.
encoder = ActionEncoder(
    stem_filters=(8,), stem_strides=(2,), filters=(8, 16), strides=(1, 2), return_attention=True
)
motion_input = keras.Input((32, 32, 3), name="motion")
seconds_input = keras.Input((1,), name="seconds")
action_map, attention = encoder(motion_input)  # (batch, 8, 8, 16), and a map for each block
# What tells expressions apart is where the movement was, so the map is not averaged over places.
features = keras.layers.Flatten()(action_map)
features = keras.layers.Concatenate()([features, seconds_input])
model = keras.Model([motion_input, seconds_input], keras.layers.Dense(2)(features))

model.compile(
    keras.optimizers.Adam(3e-3),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit([motion[:180], seconds[:180]], labels[:180], batch_size=20, epochs=4, verbose=0)
scores = model.evaluate([motion[180:], seconds[180:]], labels[180:], verbose=0, return_dict=True)
print(f"accuracy on clips that were held out: {scores['accuracy']:.2f}")

# Its intermediate maps can be had like those of any layer.
looks = keras.Model(motion_input, attention[-1]).predict(motion[:1], verbose=0)
print(f"attention of the last block: {looks.shape[1]}x{looks.shape[2]}")
