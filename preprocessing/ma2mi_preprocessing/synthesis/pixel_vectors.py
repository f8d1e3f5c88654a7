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
from numba.extending import intrinsic, models, overload, register_model

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

_LLVM_VECTOR = ir.VectorType(ir.FloatType(), LANES)
_FLOAT_ALIGNMENT = 4


class _PixelType(types.Type):
    def __init__(self) -> None:
        super().__init__(name=f"pixel of {LANES} float32")


_PIXEL = _PixelType()


@register_model(_PixelType)
class _PixelModel(models.PrimitiveModel):
    def __init__(self, manager: Any, pixel_type: Any) -> None:
        super().__init__(manager, pixel_type, _LLVM_VECTOR)


def _pointer(context: Any, builder: Any, picture_type: Any, picture: Any, i: Any, j: Any) -> Any:
    array = context.make_array(picture_type)(context, builder, picture)
    rows, columns, _ = cgutils.unpack_tuple(builder, array.strides)
    distance = builder.add(builder.mul(i, rows), builder.mul(j, columns))
    return cgutils.pointer_add(builder, array.data, distance, _LLVM_VECTOR.as_pointer())


@intrinsic
def _load_pixel(typing_context: Any, picture: Any, i: Any, j: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        loaded = builder.load(_pointer(context, builder, signature.args[0], *values))
        loaded.align = _FLOAT_ALIGNMENT
        return loaded

    return _PIXEL(picture, types.intp, types.intp), emit


@intrinsic
def _store_pixel(typing_context: Any, picture: Any, i: Any, j: Any, pixel: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], *values[:3])
        builder.store(values[3], pointer).align = _FLOAT_ALIGNMENT
        return context.get_dummy_value()

    return types.void(picture, types.intp, types.intp, _PIXEL), emit


@intrinsic
def _weighted(typing_context: Any, pixel: Any, weight: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        undefined = ir.Constant(_LLVM_VECTOR, ir.Undefined)
        first = builder.insert_element(undefined, values[1], ir.Constant(ir.IntType(32), 0))
        lanes = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.fmul(values[0], builder.shuffle_vector(first, undefined, lanes))

    return _PIXEL(_PIXEL, types.float32), emit


@intrinsic
def _added(typing_context: Any, a: Any, b: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.fadd(*values)

    return _PIXEL(_PIXEL, _PIXEL), emit


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
