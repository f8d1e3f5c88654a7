"""Checks of array arguments, shared by the public functions that take images or flow."""

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.generic]


def describe(array: Array) -> str:
    """Shape and type of an array, as error messages quote them."""
    return f"shape={array.shape}, dtype={array.dtype}"


def check_image_dtype(name: str, image: Array) -> None:
    """Raise ValueError unless the image is uint8 or floating point."""
    if image.dtype != np.uint8 and not np.issubdtype(image.dtype, np.floating):
        raise ValueError(
            f"`{name}` must be uint8 (0..255) or floating point (0..1). "
            f"Received: {name} with {describe(image)}"
        )


def check_finite(name: str, array: Array) -> None:
    """Raise ValueError where a floating-point array holds NaN or infinity."""
    if not np.issubdtype(array.dtype, np.floating):
        return
    finite = np.isfinite(array)
    if not finite.all():
        first = tuple(int(index) for index in np.argwhere(~finite)[0])
        raise ValueError(
            f"`{name}` must be finite. Received: {name} with {int((~finite).sum())} NaN or "
            f"infinite values, the first {array[first]} at index {first}"
        )


def check_same_shape(reference: Array, moving: Array) -> None:
    """Raise ValueError unless both images of a pair have one shape."""
    if reference.shape != moving.shape:
        raise ValueError(
            "`reference` and `moving` must have the same shape. "
            f"Received: reference.shape={reference.shape}, moving.shape={moving.shape}"
        )


def check_gray(name: str, image: Array, smallest_side: int) -> None:
    """Raise ValueError unless the array is (H, W) or a non-empty (N, H, W) of allowed size."""
    if image.ndim == 4 or (image.ndim == 3 and image.shape[-1] in (3, 4)):
        raise ValueError(
            f"`{name}` must be gray, shape (H, W) or (N, H, W); turn colour into gray with "
            f"`ma2mi_preprocessing.motion.to_gray`. Received: {name} with {describe(image)}"
        )
    if image.ndim not in (2, 3):
        raise ValueError(
            f"`{name}` must have shape (H, W) or (N, H, W). Received: {name} with {describe(image)}"
        )
    if image.shape[0] == 0:
        raise ValueError(f"`{name}` must not be empty. Received: {name} with {describe(image)}")
    if min(image.shape[-2:]) < smallest_side:
        raise ValueError(
            f"`{name}` must be at least {smallest_side}x{smallest_side} pixels. "
            f"Received: {name} with {describe(image)}"
        )


def check_flow(flow: Array) -> None:
    """Raise ValueError unless the array is a floating-point flow field (..., H, W, 2).

    Whether it is finite is not looked at.
    """
    if flow.ndim < 3 or flow.shape[-1] != 2 or not np.issubdtype(flow.dtype, np.floating):
        raise ValueError(
            "`flow` must be floating point of shape (..., H, W, 2). "
            f"Received: flow with {describe(flow)}"
        )
    if flow.size == 0:
        raise ValueError(f"`flow` must not be empty. Received: flow with {describe(flow)}")
    if min(flow.shape[-3:-1]) < 2:
        raise ValueError(f"`flow` must be at least 2x2. Received: flow with {describe(flow)}")


def check_image(name: str, image: Array) -> None:
    """Raise ValueError unless the array can be an image or a batch: uint8 or float, finite."""
    if image.ndim < 2 or image.size == 0:
        raise ValueError(
            f"`{name}` must have shape (..., H, W) or (..., H, W, 3) and not be empty. "
            f"Received: {name} with {describe(image)}"
        )
    check_image_dtype(name, image)
    check_finite(name, image)


def check_rgb(name: str, image: Array) -> None:
    """Raise ValueError unless the array is RGB, shape (..., H, W, 3), uint8 or float, finite."""
    if image.ndim < 3 or image.shape[-1] != 3:
        raise ValueError(
            f"`{name}` must be RGB of shape (..., H, W, 3). Received: {name} with {describe(image)}"
        )
    check_image(name, image)


def check_positive(name: str, value: float) -> None:
    """Raise ValueError unless the number is positive and finite."""
    if not (value > 0 and np.isfinite(value)):
        raise ValueError(f"`{name}` must be positive. Received: {name}={value}")


def check_count(name: str, value: int, smallest: int = 1) -> None:
    """Raise ValueError unless the value is a whole number of at least `smallest`."""
    if int(value) != value or value < smallest:
        raise ValueError(
            f"`{name}` must be a whole number of at least {smallest}. Received: {name}={value}"
        )
