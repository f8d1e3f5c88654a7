"""MIACNet in plain JAX: pure functions over a dict of arrays, with a jitted training step."""

from collections.abc import Mapping
from functools import partial
from math import prod
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

_EPSILON = 1e-6
_MOMENTUM = 0.9

Weights = dict[str, jax.Array]
"""Arrays by their paths in the Keras model."""

STATISTICS = ("moving_mean", "moving_variance")


def _convolve(x: jax.Array, kernel: jax.Array, stride: int = 1) -> jax.Array:
    return jax.lax.conv_general_dilated(
        x, kernel, (stride, stride), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def _channel_maximum(x: jax.Array) -> jax.Array:
    # The gradient of `max` compares values with the maximum: NaN where XLA computes them twice,
    # rounded otherwise.
    return jnp.take_along_axis(x, jnp.argmax(x, -1, keepdims=True), -1)


class _Pass:
    """One pass through the network; in training it collects the new moving statistics."""

    def __init__(self, weights: Weights, training: bool, key: jax.Array | None) -> None:
        self.weights = weights
        self.training = training
        self.key = key
        self.statistics: Weights = {}

    def norm(self, x: jax.Array, path: str) -> jax.Array:
        mean, variance = (self.weights[f"{path}/{name}"] for name in STATISTICS)
        if self.training:
            batch = jnp.mean(x, axis=(0, 1, 2)), jnp.var(x, axis=(0, 1, 2))
            for name, old, new in zip(STATISTICS, (mean, variance), batch, strict=True):
                self.statistics[f"{path}/{name}"] = _MOMENTUM * old + (1 - _MOMENTUM) * new
            mean, variance = batch
        scale = self.weights[f"{path}/gamma"] * jax.lax.rsqrt(variance + _EPSILON)
        return (x - mean) * scale + self.weights[f"{path}/beta"]

    def convolution(self, x: jax.Array, kernel: str, norm: str, stride: int = 1) -> jax.Array:
        return self.norm(_convolve(x, self.weights[f"{kernel}/kernel"], stride), norm)

    def dense(self, x: jax.Array, path: str) -> jax.Array:
        return x @ self.weights[f"{path}/kernel"] + self.weights[f"{path}/bias"]

    def layer_norm(self, x: jax.Array, path: str) -> jax.Array:
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        normed = (x - mean) * jax.lax.rsqrt(variance + _EPSILON)
        return normed * self.weights[f"{path}/gamma"] + self.weights[f"{path}/beta"]

    def continuous_attention(
        self, inputs: jax.Array, previous: jax.Array | None, stride: int, path: str
    ) -> tuple[jax.Array, jax.Array]:
        def part(x: jax.Array, name: str, stride: int = 1) -> jax.Array:
            return self.convolution(x, f"{path}/{name}", f"{path}/{name}_norm", stride)

        x = part(jax.nn.relu(part(inputs, "convolution", stride)), "projection")
        has_shortcut = f"{path}/shortcut/kernel" in self.weights
        x = jax.nn.relu(x + (part(inputs, "shortcut", stride) if has_shortcut else inputs))
        pooled = jnp.concatenate([x.mean(-1, keepdims=True), _channel_maximum(x)], -1)
        attention = jax.nn.sigmoid(part(pooled, "attention"))
        if previous is not None:
            if stride > 1:
                window, strides = (1, 3, 3, 1), (1, stride, stride, 1)
                previous = jax.lax.reduce_window(
                    previous, -jnp.inf, jax.lax.max, window, strides, "SAME"
                )
            attention = attention * previous
        return x * attention, attention

    def action(self, motion: jax.Array, config: Mapping[str, Any]) -> jax.Array:
        x, attention = motion * config["motion_scale"], None
        for index, stride in enumerate(config["stem_strides"]):
            kernel, norm = f"action_encoder/stem_{index}", f"action_encoder/stem_norm_{index}"
            x = jax.nn.relu(self.convolution(x, kernel, norm, stride))
        for index, stride in enumerate(config["strides"]):
            path = f"action_encoder/attention_{index}"
            x, attention = self.continuous_attention(x, attention, stride, path)
        return x

    def attend(self, tokens: jax.Array, path: str) -> jax.Array:
        query, key, value = (
            jnp.einsum("btc,chd->bthd", tokens, self.weights[f"{path}/{name}/kernel"])
            + self.weights[f"{path}/{name}/bias"]
            for name in ("query", "key", "value")
        )
        scores = jnp.einsum("bqhd,bkhd->bhqk", query, key) / np.sqrt(query.shape[-1])
        seen = jnp.einsum("bhqk,bkhd->bqhd", jax.nn.softmax(scores), value)
        output = f"{path}/attention_output"
        mixed = jnp.einsum("bqhd,hdc->bqc", seen, self.weights[f"{output}/kernel"])
        return mixed + self.weights[f"{output}/bias"]

    def position(self, onset: jax.Array, config: Mapping[str, Any], grid: int) -> jax.Array:
        batch, size = onset.shape[0], onset.shape[1] // grid
        small = onset.reshape(batch, grid, size, grid, size, 3).mean((2, 4))
        tokens = self.dense(2 * small - 1, "position_encoder/patch_embedding")
        tokens = tokens + self.weights["position_encoder/position_embedding"]
        tokens = tokens.reshape(batch, grid * grid, -1)
        for index in range(config["position_depth"]):
            path = f"position_encoder/block_{index}"
            tokens += self.attend(
                self.layer_norm(tokens, f"{path}/mixer_norm"), f"{path}/attention"
            )
            hidden = self.dense(self.layer_norm(tokens, f"{path}/mlp_norm"), f"{path}/expand")
            tokens += self.dense(jax.nn.gelu(hidden, approximate=False), f"{path}/contract")
        tokens = self.layer_norm(tokens, "position_encoder/norm")
        return tokens.reshape(batch, grid, grid, -1)

    def logits(self, onset: jax.Array, motion: jax.Array, config: Mapping[str, Any]) -> jax.Array:
        grid = config["input_size"] // prod((*config["stem_strides"], *config["strides"]))
        if config["branches"] == "action":
            fused = self.action(motion, config)
        elif config["branches"] == "position":
            fused = self.position(onset, config, grid)
        else:
            places, moved = self.position(onset, config, grid), self.action(motion, config)
            if config["fusion"] == "modulate":
                fused = 2 * jax.nn.sigmoid(self.dense(places, "fusion/gate")) * moved
            else:
                fused = places + moved
        flat = fused.reshape(fused.shape[0], -1)
        if self.training and config["dropout"]:
            assert self.key is not None
            keep = jax.random.bernoulli(self.key, 1 - config["dropout"], flat.shape)
            flat = jnp.where(keep, flat / (1 - config["dropout"]), 0.0)
        return self.dense(flat, "logits")


class JaxTraining:
    """The network with AdamW by hand and the two loops: a step of training, and inference.

    Args:
        config: What `MIACNet.get_config()` gives, with `fusion` "add" or "modulate", `head`
            "flatten" and a transformer for the position.
        weights: Weights of the Keras model by their paths.
        learning_rate, weight_decay: Of AdamW.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        weights: Mapping[str, npt.NDArray[np.float32]],
        learning_rate: float = 1e-3,
        weight_decay: float = 4e-3,
    ) -> None:
        self.key = jax.random.key(0)
        arrays = {path: jnp.asarray(value) for path, value in weights.items()}
        self.statistics = {p: a for p, a in arrays.items() if p.endswith(STATISTICS)}
        self.trained = {p: a for p, a in arrays.items() if p not in self.statistics}
        first, second = (
            {path: jnp.zeros_like(array) for path, array in self.trained.items()} for _ in range(2)
        )
        self.moments = (first, second)
        self.count = jnp.zeros((), jnp.int32)
        self._step = jax.jit(
            partial(_step, config, learning_rate, weight_decay), donate_argnums=(0, 1, 2)
        )
        self._infer = jax.jit(partial(_infer, config))

    def train(self, batches: list[dict[str, npt.NDArray[Any]]]) -> float:
        """One step for each batch of onset and motion (channels last) and label; the last loss."""
        loss = jnp.zeros(())
        for batch in batches:
            self.key, key = jax.random.split(self.key)
            self.trained, self.statistics, self.moments, self.count, loss = self._step(
                self.trained, self.statistics, self.moments, self.count, batch, key
            )
        return float(loss)

    def predict(self, batches: list[dict[str, npt.NDArray[Any]]]) -> npt.NDArray[np.float32]:
        """Logits of all batches."""
        weights = {**self.trained, **self.statistics}
        return np.concatenate(
            [self._infer(weights, batch["onset"], batch["motion"]) for batch in batches]
        )


def _infer(
    config: Mapping[str, Any], weights: Weights, onset: jax.Array, motion: jax.Array
) -> jax.Array:
    return _Pass(weights, False, None).logits(onset, motion, config)


def _step(
    config: Mapping[str, Any],
    learning_rate: float,
    weight_decay: float,
    trained: Weights,
    statistics: Weights,
    moments: tuple[Weights, Weights],
    count: jax.Array,
    batch: dict[str, jax.Array],
    key: jax.Array,
) -> tuple[Weights, Weights, tuple[Weights, Weights], jax.Array, jax.Array]:
    def loss_of(trained: Weights) -> tuple[jax.Array, Weights]:
        forward = _Pass({**trained, **statistics}, True, key)
        logits = forward.logits(batch["onset"], batch["motion"], config)
        chosen = jax.nn.log_softmax(logits)[jnp.arange(len(logits)), batch["label"]]
        return -chosen.mean(), forward.statistics

    (loss, statistics), gradients = jax.value_and_grad(loss_of, has_aux=True)(trained)
    count = count + 1
    first, second = moments
    first = {p: 0.9 * m + 0.1 * gradients[p] for p, m in first.items()}
    second = {p: 0.999 * m + 0.001 * gradients[p] ** 2 for p, m in second.items()}
    rate = learning_rate * jnp.sqrt(1 - 0.999**count) / (1 - 0.9**count)
    trained = {
        p: w * (1 - learning_rate * weight_decay) - rate * first[p] / (jnp.sqrt(second[p]) + 1e-7)
        for p, w in trained.items()
    }
    return trained, statistics, (first, second), count, loss
