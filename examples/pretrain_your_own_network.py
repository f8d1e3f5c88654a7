"""MA2MI pre-training of your own network, without labels.

Any two Keras models will do: one sees a frame, the other the motion from it to a later frame, and
both give maps of the same height and width. They learn by predicting what the first will see in the
later frame. Runs under every backend, for example with KERAS_BACKEND=torch.
"""

import keras
import numpy as np

from keras_ma2mi.models import FutureFrameReconstructor

keras.utils.set_random_seed(0)
rng = np.random.default_rng(0)


def spots(rows, columns):
    """Frames of 32x32 with one soft spot each, in place of a mouth corner that moves."""
    y, x = np.mgrid[:32, :32]
    squared = (y - rows[:, None, None]) ** 2 + (x - columns[:, None, None]) ** 2
    return np.repeat(np.exp(-squared / 8.0)[..., None], 3, axis=-1).astype("float32")


# Stand-in data: spots that move by two pixels, in one of four directions.
directions = rng.integers(0, 4, 384)
rows, columns = rng.uniform(8, 24, (2, 384))
steps = 2.0 * np.array([[0, 1], [0, -1], [1, 0], [-1, 0]])[directions]
frame, future = spots(rows, columns), spots(rows + steps[:, 0], columns + steps[:, 1])
motion = future - frame  # optical flow does as well


def own_network(name):
    """Your network goes here: nothing in it comes from keras_ma2mi."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            keras.layers.Conv2D(16, 5, strides=2, padding="same", activation="relu"),
            keras.layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
        ],
        name=name,
    )


position_network, action_network = own_network("position"), own_network("action")

# 1. Pre-train. The narrow code (4 numbers a place) keeps the second network from passing the later
# frame through as a picture.
reconstructor = FutureFrameReconstructor(
    position_network, action_network, code_channels=4, predictor_depth=1, teacher_momentum=0.99
)
reconstructor.compile(keras.optimizers.Adam(2e-3))
seconds = np.full((384, 1), 0.2, "float32")  # from the frame to the later one
clips = {"frame": frame, "future": future, "motion": motion, "gap": seconds}
history = reconstructor.fit(clips, batch_size=32, epochs=4, verbose=0).history
# Above 1, the motion helps to predict; at 1, the action network has learnt nothing.
print(f"motion gain: {history['motion_gain'][0]:.2f} -> {history['motion_gain'][-1]:.2f}")

# 2. Use it. The network that was handed over is the one that was trained: put a head on it, and fit
# the few labels there are.
action_network.trainable = False
classifier = keras.Sequential(
    [action_network, keras.layers.GlobalMaxPooling2D(), keras.layers.Dense(4)]
)
classifier.compile(
    keras.optimizers.Adam(3e-2),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
classifier.fit(motion[:192], directions[:192], batch_size=32, epochs=8, verbose=0)
scores = classifier.evaluate(motion[192:], directions[192:], verbose=0, return_dict=True)
print(f"accuracy on the other clips, with frozen features: {scores['accuracy']:.2f}")
