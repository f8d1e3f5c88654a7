"""`FrameDifference` and `OpticalStrain` in front of a model: in tf.data, and in plain NumPy.

Runs under every backend. The first part needs TensorFlow beside it, and says so where it is absent.
"""

import keras
import numpy as np

from keras_ma2mi.layers import FrameDifference, OpticalStrain
from ma2mi_preprocessing import frame_difference, optical_strain

rng = np.random.default_rng(0)

# Stand-in data: 8 pairs of frames, and the flow between them. `ma2mi_preprocessing` computes TV-L1
# flow; any other flow in pixels will do.
onset = rng.integers(0, 200, (8, 32, 32, 3), dtype=np.uint8)
apex = onset + np.uint8(51)
stretch = np.linspace(-0.1, 0.1, 32, dtype=np.float32)  # u grows by 0.2 / 31 a pixel
flow = np.stack(np.broadcast_arrays(stretch[None, :], stretch[:, None]), axis=-1)
flow = np.repeat(flow[None], 8, axis=0)

difference, strain = FrameDifference(), OpticalStrain()


def motion_channels(onset, apex, flow):
    """Six channels, as a MIACNet with `motion_channels=6` takes them."""
    return keras.ops.concatenate([difference(onset, apex), flow, strain(flow)], axis=-1)


# 1. NumPy. Layers take arrays and give tensors of the backend...
by_layers = keras.ops.convert_to_numpy(motion_channels(onset, apex, flow))

# ... and the preprocessing package has both as functions, which need no deep-learning framework.
by_numpy = np.concatenate(
    [frame_difference(onset, apex), flow, optical_strain(flow)[..., None]], axis=-1
)
print(f"layers and NumPy differ by at most {np.abs(by_layers - by_numpy).max():.0e}")

# 2. tf.data.
try:
    import tensorflow as tf
except ImportError:
    print("TensorFlow is not installed: the part with tf.data is left out")
else:

    def motion_arrays(*arrays):
        return keras.ops.convert_to_numpy(motion_channels(*arrays))

    def prepare(onset, apex, flow):
        if keras.config.backend() == "tensorflow":
            return motion_channels(onset, apex, flow)  # becomes a part of the pipeline's graph
        # Other backends cannot compute in TensorFlow's graph; it calls them with arrays instead.
        motion = tf.numpy_function(motion_arrays, [onset, apex, flow], tf.float32)
        return tf.ensure_shape(motion, (None, *flow.shape[1:3], 6))

    pairs = tf.data.Dataset.from_tensor_slices((onset, apex, flow))
    batches = pairs.batch(4).map(prepare).prefetch(1)
    by_pipeline = np.concatenate([batch.numpy() for batch in batches])
    print(f"layers and tf.data differ by at most {np.abs(by_layers - by_pipeline).max():.0e}")
