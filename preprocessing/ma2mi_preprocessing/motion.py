"""What moved between two frames: frame difference, optical strain, and the channels models take."""

from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from . import checks
from .errors import InputError
from .flow import optical_flow_tvl1
from .kernels.strain import strain_magnitude

_SMALLEST_TWO_LEVELS = 32
"""Side of an image whose pyramid has two levels, in pixels: all kernels are then in use."""

MotionKind = Literal["flow", "difference", "both"]

# ITU-R BT.601 luma.
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


def to_gray(images: npt.ArrayLike) -> npt.NDArray[np.uint8] | npt.NDArray[np.float32]:
    """Turn RGB into gray with the luma weights of ITU-R BT.601.

    Parameters
    ----------
    images : array_like, shape (..., H, W, 3)
        RGB, uint8 (0..255) or floating point (0..1).

    Returns
    -------
    ndarray, shape (..., H, W)
        uint8 (rounded) for uint8, float32 otherwise.

    Raises
    ------
    ValueError
        Where the array is not RGB, neither uint8 nor floating point, or not finite.
    """
    images = np.asarray(images)
    checks.check_rgb("images", images)
    if images.dtype != np.uint8:
        return images.astype(np.float32) @ _LUMA
    # Image by image: floats of a whole clip do not fit a cache, and take ten times as long.
    gray = np.empty(images.shape[:-1], np.uint8)
    for index in np.ndindex(images.shape[:-3]):
        gray[index] = np.rint(images[index].astype(np.float32) @ _LUMA)
    return gray


def frame_difference(reference: npt.ArrayLike, moving: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Signed difference ``moving - reference`` of two frames, gray or RGB.

    Parameters
    ----------
    reference, moving : array_like, shape (..., H, W) or (..., H, W, 3)
        uint8 (0..255) or floating point (0..1); both of one shape.

    Returns
    -------
    ndarray of float32, same shape
        In -1..1: uint8 is divided by 255.

    Raises
    ------
    ValueError
        Where shapes differ, or an array is no image, neither uint8 nor floating point, or not
        finite.
    """
    reference = np.asarray(reference)
    moving = np.asarray(moving)
    for name, image in (("reference", reference), ("moving", moving)):
        checks.check_image(name, image)
    checks.check_same_shape(reference, moving)
    if reference.dtype == moving.dtype == np.uint8:
        difference = np.subtract(moving, reference, dtype=np.float32)
        difference /= np.float32(255)
        return difference
    return _unit_range(moving) - _unit_range(reference)


def _unit_range(image: npt.NDArray[np.generic]) -> npt.NDArray[np.float32]:
    if image.dtype == np.uint8:
        return np.divide(image, np.float32(255), dtype=np.float32)
    return image.astype(np.float32)


def optical_strain(flow: npt.ArrayLike) -> npt.NDArray[np.float32]:
    r"""Magnitude of the symmetric gradient of a flow field: how much the skin is deformed.

    .. math:: \sqrt{e_{xx}^2 + e_{yy}^2 + 2 e_{xy}^2}, \qquad
       e_{xx} = u_x,\; e_{yy} = v_y,\; e_{xy} = \tfrac12 (u_y + v_x)

    Parameters
    ----------
    flow : array_like, shape (..., H, W, 2)
        Flow (u, v) in pixels, floating point, H and W at least 2.

    Returns
    -------
    ndarray of float32, shape (..., H, W)
        Pixels per pixel, for this pair of frames (not per second). Zero wherever all pixels move
        alike. A rotation by a small angle gives none either, to first order.

    Raises
    ------
    ValueError
        Where the array is no flow field, or holds NaN or infinity.

    References
    ----------
    .. [1] M. Shreve, S. Godavarthy, D. Goldgof and S. Sarkar, "Macro- and micro-expression
       spotting in long videos using spatio-temporal strain", FG 2011.
       :doi:`10.1109/FG.2011.5771451`
    """
    flow = np.asarray(flow)
    checks.check_flow(flow)
    *batch, height, width, components = flow.shape
    # The compiled kernel knows one memory layout only.
    fields = np.require(flow, np.float32, ["C", "W"]).reshape(-1, height, width * components)
    strain = np.empty((len(fields), height, width), np.float32)
    for field, out in zip(fields, strain, strict=True):
        strain_magnitude(field, out)
    # A flow that is not finite gives a strain that is not, which is cheaper to look for.
    if not np.isfinite(strain.max()):
        checks.check_finite("flow", flow)
    return strain.reshape(*batch, height, width)


def motion_features(
    reference: npt.ArrayLike,
    moving: npt.ArrayLike,
    kind: MotionKind = "flow",
    *,
    flow: npt.ArrayLike | None = None,
    threads: int = 1,
) -> npt.NDArray[np.float32]:
    """Motion channels that models take, from pairs of RGB frames.

    Parameters
    ----------
    reference, moving : array_like, shape (H, W, 3) or (N, H, W, 3)
        RGB frames, uint8 (0..255) or floating point (0..1).
    kind : {"flow", "difference", "both"}, optional
        ``"flow"``: u, v and optical strain; ``"difference"``: RGB difference; ``"both"``: the
        difference, then the flow channels.
    flow : array_like, shape (H, W, 2) or (N, H, W, 2), optional
        Flow of these pairs where it is known already. By default `optical_flow_tvl1` of the gray
        frames is computed.
    threads : int, optional
        Number of threads that share the pairs of a batch.

    Returns
    -------
    ndarray of float32, shape (..., H, W, 3), (..., H, W, 3) or (..., H, W, 6)
        u and v in pixels, strain in pixels per pixel, differences in -1..1. Nothing is scaled per
        image, so the size of the movement stays visible.

    Raises
    ------
    ValueError
        Where the frames are not RGB pairs of one shape, the flow does not fit them, or `kind` is
        unknown.
    """
    if kind not in get_args(MotionKind):
        raise ValueError(f"`kind` must be one of {get_args(MotionKind)}. Received: kind={kind!r}")
    reference = np.asarray(reference)
    moving = np.asarray(moving)
    for name, image in (("reference", reference), ("moving", moving)):
        checks.check_rgb(name, image)
    checks.check_same_shape(reference, moving)
    if kind == "difference":
        return frame_difference(reference, moving)
    if flow is None:
        flow = optical_flow_tvl1(to_gray(reference), to_gray(moving), threads=threads)
    channels = _flow_channels(np.asarray(flow), reference.shape)
    if kind == "flow":
        return channels
    return np.concatenate((frame_difference(reference, moving), channels), axis=-1)


def _flow_channels(
    flow: npt.NDArray[np.generic], image_shape: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    if flow.shape != (*image_shape[:-1], 2):
        raise ValueError(
            "`flow` must have the shape of the frames with 2 channels. "
            f"Received: flow.shape={flow.shape} for frames of shape {image_shape}"
        )
    strain = optical_strain(flow)
    return np.concatenate((flow.astype(np.float32), strain[..., None]), axis=-1)


def compile_kernels() -> None:
    """Compile the kernels of flow and strain, or load them where they have been compiled before.

    Otherwise the first call does it: worth a call of its own before work is shared among
    processes, each of which would compile, or before requests are served.

    Raises
    ------
    InputError
        What was compiled cannot be kept: a full disk, or a folder that cannot be written to.
    """
    image = np.zeros((_SMALLEST_TWO_LEVELS, _SMALLEST_TWO_LEVELS), np.float32)
    try:
        optical_strain(optical_flow_tvl1(image, image))
    except OSError as error:
        raise InputError(
            f"cannot keep the compiled flow kernels: {error.strerror or error}; make room, or "
            "name another folder in the environment variable NUMBA_CACHE_DIR"
        ) from error
