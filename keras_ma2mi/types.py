"""Type aliases of the Keras stack."""

from typing import Any, TypeAlias

# Keras tensors, backend tensors and arrays share no base class across TensorFlow, JAX and PyTorch.
Tensor: TypeAlias = Any
Shape: TypeAlias = tuple[int | None, ...]
Config: TypeAlias = dict[str, Any]
