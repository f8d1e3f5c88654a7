"""Cross-attention from a position map to an action map in plain NumPy."""

import numpy as np


def cross_attention(
    position: np.ndarray, action: np.ndarray, weights: dict[str, np.ndarray]
) -> np.ndarray:
    """Twin of `MotionFusion("cross_attention")`; `weights` by the ends of their paths."""

    def weight(ending: str) -> np.ndarray:
        (found,) = (value for path, value in weights.items() if path.endswith(ending))
        return found.astype("float64")

    def normalised(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + 1e-6)
        return centred / spread * weight(f"{name}/gamma") + weight(f"{name}/beta")

    batch, height, width, channels = action.shape
    position = position.astype("float64").reshape(batch, -1, channels)
    action = action.astype("float64").reshape(batch, -1, channels)
    fused = action.copy()
    query_kernel, key_kernel = weight("query/kernel"), weight("key/kernel")
    value_kernel, output_kernel = weight("value/kernel"), weight("attention_output/kernel")
    for head in range(query_kernel.shape[1]):
        query = normalised(position, "position_norm") @ query_kernel[:, head]
        key = normalised(action, "action_norm") @ key_kernel[:, head]
        likeness = query @ key.transpose(0, 2, 1) / np.sqrt(query.shape[-1])
        shares = np.exp(likeness - likeness.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        fused += shares @ (action @ value_kernel[:, head]) @ output_kernel[head]
    return fused.reshape(batch, height, width, channels)
