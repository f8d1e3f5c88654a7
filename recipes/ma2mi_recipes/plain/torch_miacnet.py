"""MIACNet in plain PyTorch, as one would write it by hand, with its training loop."""

from collections.abc import Mapping
from math import prod
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

_EPSILON = 1e-6
_MOMENTUM = 0.1

Weights = Mapping[str, npt.NDArray[np.float32]]


def _pad_as_same(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """Zeros as for "same" in Keras: with a stride, the odd row or column is at the end."""
    pads: list[int] = []
    for length in (x.shape[3], x.shape[2]):
        total = max((-(-length // stride) - 1) * stride + size - length, 0)
        pads += [total // 2, total - total // 2]
    return functional.pad(x, pads)


class _Convolution(nn.Module):
    """Convolution without bias, then batch normalisation."""

    def __init__(self, channels: int, filters: int, size: int, stride: int = 1) -> None:
        super().__init__()
        self.size, self.stride = size, stride
        self.convolution = nn.Conv2d(channels, filters, size, stride, bias=False)
        self.norm = nn.BatchNorm2d(filters, eps=_EPSILON, momentum=_MOMENTUM)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.size > 1:
            x = _pad_as_same(x, self.size, self.stride)
        return self.norm(self.convolution(x))

    def load(self, weights: Weights, convolution: str, norm: str) -> None:
        _copy(self.convolution.weight, weights[f"{convolution}/kernel"].transpose(3, 2, 0, 1))
        _copy(self.norm.weight, weights[f"{norm}/gamma"])
        _copy(self.norm.bias, weights[f"{norm}/beta"])
        _copy(self.norm.running_mean, weights[f"{norm}/moving_mean"])
        _copy(self.norm.running_var, weights[f"{norm}/moving_variance"])


class _ContinuousAttention(nn.Module):
    def __init__(self, channels: int, filters: int, stride: int) -> None:
        super().__init__()
        self.stride = stride
        self.convolution = _Convolution(channels, filters, 3, stride)
        self.projection = _Convolution(filters, filters, 1)
        self.attention = _Convolution(2, 1, 1)
        has_shortcut = stride != 1 or channels != filters
        self.shortcut = _Convolution(channels, filters, 1, stride) if has_shortcut else None

    def forward(
        self, inputs: torch.Tensor, previous: torch.Tensor | None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.projection(functional.relu(self.convolution(inputs)))
        x = functional.relu(x + (inputs if self.shortcut is None else self.shortcut(inputs)))
        pooled = torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)
        attention = torch.sigmoid(self.attention(pooled))
        if previous is not None:
            if self.stride > 1:
                # Values from 0 to 1, so zeros outside never win.
                padded = _pad_as_same(previous, 3, self.stride)
                previous = functional.max_pool2d(padded, 3, self.stride)
            attention = attention * previous
        return x * attention, attention


class _ActionBranch(nn.Module):
    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        channels = config["motion_channels"]
        self.scale = config["motion_scale"]
        self.stem, self.blocks = nn.ModuleList(), nn.ModuleList()
        for filters, stride in zip(config["stem_filters"], config["stem_strides"], strict=True):
            self.stem.append(_Convolution(channels, filters, 3, stride))
            channels = filters
        for filters, stride in zip(config["filters"], config["strides"], strict=True):
            self.blocks.append(_ContinuousAttention(channels, filters, stride))
            channels = filters

    def forward(self, motion: torch.Tensor) -> torch.Tensor:
        x = motion * self.scale
        for convolution in self.stem:
            x = functional.relu(convolution(x))
        attention = None
        for block in self.blocks:
            x, attention = block(x, attention)
        return x

    def load(self, weights: Weights) -> None:
        for index, convolution in enumerate(self.stem):
            convolution.load(  # type: ignore[operator]
                weights, f"action_encoder/stem_{index}", f"action_encoder/stem_norm_{index}"
            )
        for index, block in enumerate(self.blocks):
            for name, part in block.named_children():
                path = f"action_encoder/attention_{index}/{name}"
                part.load(weights, path, f"{path}_norm")  # type: ignore[operator]


class _TransformerBlock(nn.Module):
    def __init__(self, channels: int, heads: int, ratio: float) -> None:
        super().__init__()
        self.mixer_norm = nn.LayerNorm(channels, eps=_EPSILON)
        self.attention = nn.MultiheadAttention(channels, heads, batch_first=True)
        self.mlp_norm = nn.LayerNorm(channels, eps=_EPSILON)
        self.expand = nn.Linear(channels, round(channels * ratio))
        self.contract = nn.Linear(round(channels * ratio), channels)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.mixer_norm(tokens)
        tokens = tokens + self.attention(x, x, x, need_weights=False)[0]
        return tokens + self.contract(functional.gelu(self.expand(self.mlp_norm(tokens))))

    def load(self, weights: Weights, path: str) -> None:
        for name in ("mixer_norm", "mlp_norm"):
            _copy(getattr(self, name).weight, weights[f"{path}/{name}/gamma"])
            _copy(getattr(self, name).bias, weights[f"{path}/{name}/beta"])
        for name in ("expand", "contract"):
            _copy_linear(getattr(self, name), weights, f"{path}/{name}")
        channels = self.expand.in_features
        projections = [f"{path}/attention/{name}" for name in ("query", "key", "value")]
        kernels = [weights[f"{name}/kernel"].reshape(channels, channels).T for name in projections]
        biases = [weights[f"{name}/bias"].reshape(channels) for name in projections]
        _copy(self.attention.in_proj_weight, np.concatenate(kernels))
        _copy(self.attention.in_proj_bias, np.concatenate(biases))
        output = f"{path}/attention/attention_output"
        kernel = weights[f"{output}/kernel"].reshape(channels, channels).T
        _copy(self.attention.out_proj.weight, kernel)
        _copy(self.attention.out_proj.bias, weights[f"{output}/bias"])


class _PositionBranch(nn.Module):
    def __init__(self, config: Mapping[str, Any], grid: int) -> None:
        super().__init__()
        channels = config["filters"][-1]
        self.grid = grid
        self.patch_embedding = nn.Linear(3, channels)
        self.position_embedding = nn.Parameter(0.02 * torch.randn(grid * grid, channels))
        self.blocks = nn.ModuleList(
            _TransformerBlock(channels, config["position_heads"], config["position_mlp_ratio"])
            for _ in range(config["position_depth"])
        )
        self.norm = nn.LayerNorm(channels, eps=_EPSILON)

    def forward(self, onset: torch.Tensor) -> torch.Tensor:
        small = functional.avg_pool2d(onset, onset.shape[-1] // self.grid)
        tokens = self.patch_embedding(2 * small.flatten(2).transpose(1, 2) - 1)
        tokens = tokens + self.position_embedding
        for block in self.blocks:
            tokens = block(tokens)
        return self.norm(tokens).transpose(1, 2).unflatten(2, (self.grid, self.grid))

    def load(self, weights: Weights) -> None:
        _copy_linear(self.patch_embedding, weights, "position_encoder/patch_embedding")
        embedding = weights["position_encoder/position_embedding"]
        _copy(self.position_embedding, embedding.reshape(self.position_embedding.shape))
        for index, block in enumerate(self.blocks):
            block.load(weights, f"position_encoder/block_{index}")  # type: ignore[operator]
        _copy(self.norm.weight, weights["position_encoder/norm/gamma"])
        _copy(self.norm.bias, weights["position_encoder/norm/beta"])


class TorchMIACNet(nn.Module):
    """The network of `keras_ma2mi.models.MIACNet` with a flat head, in PyTorch's layout (NCHW).

    Args:
        config: What `MIACNet.get_config()` gives, with `fusion` "add" or "modulate", `head`
            "flatten" and a transformer for the position.
    """

    def __init__(self, config: Mapping[str, Any]) -> None:
        super().__init__()
        grid = config["input_size"] // prod((*config["stem_strides"], *config["strides"]))
        channels = config["filters"][-1]
        self.branches = config["branches"]
        self.action = _ActionBranch(config) if self.branches != "position" else None
        self.position = _PositionBranch(config, grid) if self.branches != "action" else None
        modulates = self.branches == "both" and config["fusion"] == "modulate"
        self.gate = nn.Linear(channels, channels) if modulates else None
        self.dropout = nn.Dropout(config["dropout"])
        self.logits = nn.Linear(grid * grid * channels, config["num_classes"])

    def forward(self, onset: torch.Tensor, motion: torch.Tensor) -> torch.Tensor:
        if self.position is None:
            fused = self.action(motion)  # type: ignore[misc]
        elif self.action is None:
            fused = self.position(onset)
        elif self.gate is None:
            fused = self.position(onset) + self.action(motion)
        else:
            places = self.position(onset).permute(0, 2, 3, 1)
            gate = torch.sigmoid(self.gate(places)).permute(0, 3, 1, 2)
            fused = 2 * gate * self.action(motion)
        # Keras flattens with the channels last.
        return self.logits(self.dropout(fused.permute(0, 2, 3, 1).flatten(1)))

    def load(self, weights: Weights) -> None:
        """Take over the weights of the Keras model, by their paths in it."""
        if self.action is not None:
            self.action.load(weights)
        if self.position is not None:
            self.position.load(weights)
        if self.gate is not None:
            _copy_linear(self.gate, weights, "fusion/gate")
        _copy_linear(self.logits, weights, "logits")


def _copy(target: Any, value: npt.NDArray[np.float32]) -> None:
    with torch.no_grad():
        target.copy_(torch.tensor(np.ascontiguousarray(value)))


def _copy_linear(layer: nn.Linear, weights: Weights, path: str) -> None:
    _copy(layer.weight, weights[f"{path}/kernel"].T)
    _copy(layer.bias, weights[f"{path}/bias"])


class TorchTraining:
    """The network with AdamW and the two loops: a step of training, and inference.

    Args:
        config: As `TorchMIACNet` takes it.
        learning_rate, weight_decay: Of AdamW.
    """

    def __init__(
        self, config: Mapping[str, Any], learning_rate: float = 1e-3, weight_decay: float = 4e-3
    ) -> None:
        self.network = TorchMIACNet(config)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=learning_rate, weight_decay=weight_decay, eps=1e-7
        )

    def train(self, batches: list[dict[str, npt.NDArray[Any]]]) -> float:
        """One step for each batch of onset and motion (channels last) and label; the last loss."""
        self.network.train()
        loss = torch.zeros(())
        for batch in batches:
            self.optimizer.zero_grad(set_to_none=True)
            logits = self.network(_channels_first(batch["onset"]), _channels_first(batch["motion"]))
            loss = functional.cross_entropy(logits, torch.from_numpy(batch["label"]))
            loss.backward()  # type: ignore[no-untyped-call]
            self.optimizer.step()
        return loss.item()

    def predict(self, batches: list[dict[str, npt.NDArray[Any]]]) -> npt.NDArray[np.float32]:
        """Logits of all batches."""
        self.network.eval()
        with torch.inference_mode():
            logits = [
                self.network(_channels_first(batch["onset"]), _channels_first(batch["motion"]))
                for batch in batches
            ]
        return torch.cat(logits).numpy()


def _channels_first(images: npt.NDArray[Any]) -> torch.Tensor:
    return torch.from_numpy(images).permute(0, 3, 1, 2).contiguous()
