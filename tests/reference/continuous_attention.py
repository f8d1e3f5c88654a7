"""NumPy twin of the continuous attention block in inference mode: slow and obvious."""

import numpy as np

EPSILON = 1e-6


def continuous_attention(
    inputs: np.ndarray,
    weights: dict[str, np.ndarray],
    strides: int,
    previous_attention: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Features and attention map; `weights` by name, such as `convolution/kernel`."""
    x = _relu(_stage(inputs, weights, "convolution", strides))
    x = _stage(x, weights, "projection", 1)
    shortcut = inputs
    if "shortcut/kernel" in weights:
        shortcut = _stage(inputs, weights, "shortcut", strides)
    x = _relu(x + shortcut)
    pooled = np.stack([x.mean(axis=-1), x.max(axis=-1)], axis=-1)
    logits = _stage(pooled, weights, "attention", 1)
    attention = 1.0 / (1.0 + np.exp(-logits))
    if previous_attention is not None:
        attention = attention * _max_pool(previous_attention, strides)
    return x * attention, attention


def convolve_and_norm(
    x: np.ndarray, weights: dict[str, np.ndarray], convolution: str, norm: str, strides: int
) -> np.ndarray:
    """A convolution without bias and batch normalisation with its moving statistics."""
    gamma, beta, mean, variance = (
        weights[f"{norm}/{part}"] for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    x = _convolve(x, weights[f"{convolution}/kernel"], strides)
    return gamma * (x - mean) / np.sqrt(variance + EPSILON) + beta


def _stage(x: np.ndarray, weights: dict[str, np.ndarray], name: str, strides: int) -> np.ndarray:
    return convolve_and_norm(x, weights, name, f"{name}_norm", strides)


def _relu(x: np.ndarray) -> np.ndarray:
    return np.maximum(x, 0.0)


def _windows(x: np.ndarray, size: int, strides: int, fill: float) -> np.ndarray:
    """Windows of "same" padding, of shape (batch, rows, columns, size, size, channels)."""
    batch, height, width, channels = x.shape
    rows, columns = -(-height // strides), -(-width // strides)
    total_y = max((rows - 1) * strides + size - height, 0)
    total_x = max((columns - 1) * strides + size - width, 0)
    # An odd total puts the extra row or column at the end.
    y, x_ = total_y // 2, total_x // 2
    padded = np.pad(x, ((0, 0), (y, total_y - y), (x_, total_x - x_), (0, 0)), constant_values=fill)
    out = np.empty((batch, rows, columns, size, size, channels), x.dtype)
    for row in range(rows):
        for column in range(columns):
            top, left = row * strides, column * strides
            out[:, row, column] = padded[:, top : top + size, left : left + size]
    return out


def _convolve(x: np.ndarray, kernel: np.ndarray, strides: int) -> np.ndarray:
    windows = _windows(x, kernel.shape[0], strides, fill=0.0)
    # One matrix product: the full network has seven billion of these multiplications.
    batch, rows, columns = windows.shape[:3]
    flat = windows.reshape(batch * rows * columns, -1) @ kernel.reshape(-1, kernel.shape[-1])
    return flat.reshape(batch, rows, columns, -1)


def _max_pool(x: np.ndarray, strides: int) -> np.ndarray:
    if strides == 1:
        return x
    return _windows(x, 3, strides, fill=-np.inf).max(axis=(3, 4))
