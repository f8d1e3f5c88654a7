"""NumPy twin of the MMNet-like MIACNet in inference mode: two branches, added, one linear layer."""

from collections.abc import Sequence

import numpy as np

from tests.reference.continuous_attention import continuous_attention, convolve_and_norm
from tests.reference.position_transformer import below, position_transformer


def mmnet(
    onset: np.ndarray,
    motion: np.ndarray,
    weights: dict[str, np.ndarray],
    stem_strides: Sequence[int] = (2, 1),
    strides: Sequence[int] = (1, 2, 2, 2),
) -> dict[str, np.ndarray]:
    """Every map and the logits; `weights` by path, such as `action_encoder/stem_0/kernel`."""
    maps = _action(motion, below(weights, "action_encoder"), stem_strides, strides)
    grid = maps["action_map"].shape[1]
    position = position_transformer(onset, below(weights, "position_encoder"), grid)
    fused = position + maps["action_map"]
    flat = fused.reshape(len(fused), -1)
    logits = flat @ weights["logits/kernel"] + weights["logits/bias"]
    return {**maps, "position_map": position, "fused": fused, "logits": logits}


def _action(
    motion: np.ndarray,
    weights: dict[str, np.ndarray],
    stem_strides: Sequence[int],
    strides: Sequence[int],
) -> dict[str, np.ndarray]:
    x = motion
    for index, stride in enumerate(stem_strides):
        x = convolve_and_norm(x, weights, f"stem_{index}", f"stem_norm_{index}", stride)
        x = np.maximum(x, 0.0)
    attention = None
    maps = {}
    for index, stride in enumerate(strides):
        block = below(weights, f"attention_{index}")
        x, attention = continuous_attention(x, block, stride, attention)
        maps[f"attention_{index}"] = attention
    return {**maps, "action_map": x}
