"""Checks of arguments: they raise, or do nothing."""

from collections.abc import Collection, Sequence
from math import prod


def check_one_of(name: str, value: object, allowed: Collection[object]) -> None:
    """Raises `ValueError` unless `value` is one of `allowed`."""
    if value not in allowed:
        options = ", ".join(repr(option) for option in allowed)
        raise ValueError(f"`{name}` must be one of {options}. Received: {name}={value!r}")


def check_positive(name: str, value: float) -> None:
    """Raises `ValueError` unless `value` is greater than zero."""
    if not value > 0:
        raise ValueError(f"`{name}` must be positive. Received: {name}={value!r}")


def check_fraction(name: str, value: float) -> None:
    """Raises `ValueError` unless `0 <= value < 1`."""
    if not 0 <= value < 1:
        raise ValueError(f"`{name}` must be in the range [0, 1). Received: {name}={value!r}")


def check_channels(name: str, shape: Sequence[int | None], channels: int) -> None:
    """Raises `ValueError` unless the last axis of `shape` has `channels` entries."""
    if shape[-1] != channels:
        raise ValueError(
            f"`{name}` must have {channels} channels in its last axis. "
            f"Received: {name} of shape {tuple(shape)}"
        )


def check_input_size(input_size: int, strides: Sequence[int]) -> None:
    """Raises `ValueError` unless the strides divide `input_size` into a map of 2x2 or more."""
    total = prod(strides)
    if input_size % total != 0 or input_size < 2 * total:
        lower = max(input_size // total, 2) * total
        raise ValueError(
            f"`input_size` must be a multiple of {total} (the product of all strides "
            f"{tuple(strides)}) and at least {2 * total}, for example {lower} or {lower + total}. "
            f"Received: input_size={input_size}"
        )
