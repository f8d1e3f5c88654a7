"""NumPy twin of the position transformer in inference mode: slow and obvious."""

import math

import numpy as np

EPSILON = 1e-6
_erf = np.vectorize(math.erf, otypes=[float])


def position_transformer(
    frame: np.ndarray, weights: dict[str, np.ndarray], grid: int
) -> np.ndarray:
    """The position map; `weights` by path, such as `block_0/attention/query/kernel`."""
    batch, height, width, colours = frame.shape
    cells = frame.reshape(batch, grid, height // grid, grid, width // grid, colours)
    x = _dense(2.0 * cells.mean(axis=(2, 4)) - 1.0, weights, "patch_embedding")
    x = (x + weights["position_embedding"]).reshape(batch, grid * grid, -1)
    depth = sum(name.endswith("mixer_norm/gamma") for name in weights)
    for index in range(depth):
        x = _block(x, below(weights, f"block_{index}"))
    return _layer_norm(x, weights, "norm").reshape(batch, grid, grid, -1)


def below(weights: dict[str, np.ndarray], folder: str) -> dict[str, np.ndarray]:
    """The weights under one folder of the path, by the rest of their path."""
    prefix = f"{folder}/"
    return {
        name.removeprefix(prefix): array
        for name, array in weights.items()
        if name.startswith(prefix)
    }


def _block(x: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    x = x + _attention(_layer_norm(x, weights, "mixer_norm"), below(weights, "attention"))
    hidden = _gelu(_dense(_layer_norm(x, weights, "mlp_norm"), weights, "expand"))
    return x + _dense(hidden, weights, "contract")


def _attention(x: np.ndarray, weights: dict[str, np.ndarray]) -> np.ndarray:
    """Each head on its own; kernels of shape (channels, heads, channels of a head)."""
    heads = weights["query/kernel"].shape[1]
    out = np.zeros_like(x) + weights["attention_output/bias"]
    for head in range(heads):
        query, key, value = (
            x @ weights[f"{name}/kernel"][:, head] + weights[f"{name}/bias"][head]
            for name in ("query", "key", "value")
        )
        similarity = query @ key.transpose(0, 2, 1) / math.sqrt(query.shape[-1])
        out += _softmax(similarity) @ value @ weights["attention_output/kernel"][head]
    return out


def _softmax(x: np.ndarray) -> np.ndarray:
    exponential = np.exp(x - x.max(axis=-1, keepdims=True))
    return exponential / exponential.sum(axis=-1, keepdims=True)


def _gelu(x: np.ndarray) -> np.ndarray:
    # The exact one, with the error function: the tanh formula is off by up to 5e-4.
    return 0.5 * x * (1.0 + _erf(x / math.sqrt(2.0)))


def _dense(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    return x @ weights[f"{name}/kernel"] + weights[f"{name}/bias"]


def _layer_norm(x: np.ndarray, weights: dict[str, np.ndarray], name: str) -> np.ndarray:
    centred = x - x.mean(axis=-1, keepdims=True)
    deviation = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON)
    return weights[f"{name}/gamma"] * centred / deviation + weights[f"{name}/beta"]
