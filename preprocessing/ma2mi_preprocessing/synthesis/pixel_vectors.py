"""Explicit vectors of the channels of one pixel, for kernels that read pixels here and there.

LLVM does not vectorise over two or three channels by itself. A vector holds four floats: a pixel
and the beginning of the next one, whose lanes nobody looks at. As in `..kernels.vectors`, each
operation is a plain NumPy function, which is what runs when Numba is switched off, then given to
compiled code with LLVM's generic vectors; nothing is reordered or contracted, so that sums have
the same bits as those of single floats.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_model

from ..kernels.llvm_vectors import (
    VectorModel,
    VectorType,
    emit_broadcast,
    emit_load,
    emit_store,
    of_two_vectors,
)
from .geometry import FloatArray

LANES = 4


def load_pixel(picture: FloatArray, i: int, j: int) -> FloatArray:
    """`LANES` floats from channel 0 of pixel (i, j) on; bounds are unchecked."""
    start = (i * picture.shape[1] + j) * picture.shape[2]
    return picture.reshape(-1)[start : start + LANES].copy()


def store_pixel(picture: FloatArray, i: int, j: int, pixel: FloatArray) -> None:
    """Write `LANES` floats from channel 0 of pixel (i, j) on; bounds are unchecked."""
    start = (i * picture.shape[1] + j) * picture.shape[2]
    picture.reshape(-1)[start : start + LANES] = pixel


def weighted(pixel: FloatArray, weight: np.float32) -> FloatArray:
    """Lane by lane product with one number."""
    return np.asarray(pixel * weight, np.float32)


def added(a: FloatArray, b: FloatArray) -> FloatArray:
    """Lane by lane sum."""
    return np.asarray(a + b, np.float32)


# From here on: the same for compiled code.


class _PixelType(VectorType):
    def __init__(self) -> None:
        super().__init__(f"pixel of {LANES} float32", LANES)


register_model(_PixelType)(VectorModel)
_PIXEL = _PixelType()


def _pointer(context: Any, builder: Any, picture_type: Any, picture: Any, i: Any, j: Any) -> Any:
    array = context.make_array(picture_type)(context, builder, picture)
    rows, columns, _ = cgutils.unpack_tuple(builder, array.strides)
    distance = builder.add(builder.mul(i, rows), builder.mul(j, columns))
    return cgutils.pointer_add(builder, array.data, distance, ir.FloatType().as_pointer())


@intrinsic
def _load_pixel(typing_context: Any, picture: Any, i: Any, j: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start = _pointer(context, builder, signature.args[0], *values)
        return emit_load(builder, _PIXEL, start)

    return _PIXEL(picture, types.intp, types.intp), emit


@intrinsic
def _store_pixel(typing_context: Any, picture: Any, i: Any, j: Any, pixel: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start = _pointer(context, builder, signature.args[0], *values[:3])
        emit_store(builder, _PIXEL, start, values[3])
        return context.get_dummy_value()

    return types.void(picture, types.intp, types.intp, _PIXEL), emit


@intrinsic
def _weighted(typing_context: Any, pixel: Any, weight: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pixel, weight = values
        return builder.fmul(pixel, emit_broadcast(builder, _PIXEL, weight))

    return _PIXEL(_PIXEL, types.float32), emit


_added = of_two_vectors(_PIXEL, lambda builder, a, b: builder.fadd(a, b))


@overload(load_pixel, strict=False)
def _compiled_load_pixel(picture: Any, i: Any, j: Any) -> Any:
    return lambda picture, i, j: _load_pixel(picture, i, j)


@overload(store_pixel, strict=False)
def _compiled_store_pixel(picture: Any, i: Any, j: Any, pixel: Any) -> Any:
    return lambda picture, i, j, pixel: _store_pixel(picture, i, j, pixel)


@overload(weighted, strict=False)
def _compiled_weighted(pixel: Any, weight: Any) -> Any:
    return lambda pixel, weight: _weighted(pixel, weight)


@overload(added, strict=False)
def _compiled_added(a: Any, b: Any) -> Any:
    return lambda a, b: _added(a, b)
