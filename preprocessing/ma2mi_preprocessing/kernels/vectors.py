"""Explicit vectors of `LANES` floats, for the kernels that LLVM does not vectorise by itself.

Each operation is a plain NumPy function on arrays of `LANES` float32, which is what runs when
Numba is switched off; the second half of the file gives the same operation to compiled code, as
vectors of LLVM (`llvm_vectors`). Nothing is reordered or contracted, so that a kernel gives the
same bits wherever it is inlined; processors differ only in the rounding of `multiply_add`.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic, overload, register_model

from .llvm_vectors import (
    VectorModel,
    VectorType,
    emit_broadcast,
    emit_load,
    emit_store,
    of_two_vectors,
)

LANES = 16
"""Floats in a vector: one register of AVX-512, two of AVX2, four of SSE2 or NEON."""

Plane = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float32]


def load(plane: Plane, i: int, j: int) -> Vector:
    """Pixels (i, j) to (i, j + LANES - 1) of a plane with contiguous rows; bounds are unchecked."""
    return plane[i, j : j + LANES].copy()


def store(plane: Plane, i: int, j: int, vector: Vector) -> None:
    """Write pixels (i, j) to (i, j + LANES - 1)."""
    plane[i, j : j + LANES] = vector


def broadcast(value: np.float32) -> Vector:
    """The same value in every lane."""
    return np.full(LANES, value, np.float32)


def minimum(a: Vector, b: Vector) -> Vector:
    """Lane by lane minimum."""
    return np.minimum(a, b)


def maximum(a: Vector, b: Vector) -> Vector:
    """Lane by lane maximum."""
    return np.maximum(a, b)


def multiply_add(a: Vector, b: Vector, c: Vector) -> Vector:
    """``a * b + c``, rounded only once where the processor can."""
    return a * b + c


def where_less(a: Vector, b: Vector, then: Vector, otherwise: Vector) -> Vector:
    """Lane by lane `then` where ``a < b``, else `otherwise`."""
    return np.where(a < b, then, otherwise)


def one_to_the_right(vector: Vector, following: Vector) -> Vector:
    """Lanes 1 to the last of `vector`, then lane 0 of `following`: what lies one to the right."""
    return np.concatenate((vector[1:], following[:1]))


def one_to_the_left(preceding: Vector, vector: Vector) -> Vector:
    """The last lane of `preceding`, then all but the last of `vector`: one to the left."""
    return np.concatenate((preceding[-1:], vector[:-1]))


def even_lanes(vector: Vector, following: Vector) -> Vector:
    """Every second lane of the two, from the first on."""
    return np.concatenate((vector, following))[::2]


def odd_lanes(vector: Vector, following: Vector) -> Vector:
    """Every second lane of the two, from the second on."""
    return np.concatenate((vector, following))[1::2]


def square_root(vector: Vector) -> Vector:
    """Lane by lane square root, correctly rounded."""
    return np.sqrt(vector)


def smallest(vector: Vector) -> np.float32:
    """The minimum over the lanes."""
    return np.float32(vector.min())


def largest(vector: Vector) -> np.float32:
    """The maximum over the lanes."""
    return np.float32(vector.max())


# From here on: the same for compiled code.


class _VectorType(VectorType):
    def __init__(self) -> None:
        super().__init__(f"float32x{LANES}", LANES)


register_model(_VectorType)(VectorModel)
_VECTOR = _VectorType()


def _pointer(context: Any, builder: Any, plane_type: Any, plane: Any, i: Any, j: Any) -> Any:
    array = context.make_array(plane_type)(context, builder, plane)
    row = builder.mul(i, cgutils.unpack_tuple(builder, array.strides)[0])
    start = cgutils.pointer_add(builder, array.data, row, ir.FloatType().as_pointer())
    return builder.gep(start, [j])


@intrinsic
def _load(typing_context: Any, plane: Any, i: Any, j: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start = _pointer(context, builder, signature.args[0], *values)
        return emit_load(builder, _VECTOR, start)

    return _VECTOR(plane, types.intp, types.intp), emit


@intrinsic
def _store(typing_context: Any, plane: Any, i: Any, j: Any, vector: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        start = _pointer(context, builder, signature.args[0], *values[:3])
        emit_store(builder, _VECTOR, start, values[3])
        return context.get_dummy_value()

    return types.void(plane, types.intp, types.intp, _VECTOR), emit


@intrinsic
def _broadcast(typing_context: Any, value: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return emit_broadcast(builder, _VECTOR, *values)

    return _VECTOR(types.float32), emit


def _llvm_function(builder: Any, name: str, result: Any, count: int) -> Any:
    kind = ir.FunctionType(result, [_VECTOR.llvm] * count)
    return cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{LANES}f32")


@intrinsic
def _multiply_add(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        # `fmuladd`, not `fma`: the latter is a call of the C library for each lane on a processor
        # that has no such instruction.
        return builder.call(_llvm_function(builder, "fmuladd", _VECTOR.llvm, 3), values)

    return _VECTOR(_VECTOR, _VECTOR, _VECTOR), emit


@intrinsic
def _where_less(typing_context: Any, a: Any, b: Any, then: Any, otherwise: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        a, b, then, otherwise = values
        return builder.select(builder.fcmp_ordered("<", a, b), then, otherwise)

    return _VECTOR(_VECTOR, _VECTOR, _VECTOR, _VECTOR), emit


@intrinsic
def _square_root(typing_context: Any, vector: Any) -> Any:
    def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.call(_llvm_function(builder, "sqrt", _VECTOR.llvm, 1), values)

    return _VECTOR(_VECTOR), emit


def _select_lanes(lanes: list[int]) -> Any:
    """A vector of the lanes so numbered of two vectors side by side."""
    selection = ir.Constant(ir.VectorType(ir.IntType(32), LANES), lanes)
    return of_two_vectors(_VECTOR, lambda builder, a, b: builder.shuffle_vector(a, b, selection))


def _over_lanes(name: str) -> Any:
    @intrinsic
    def operation(typing_context: Any, vector: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            function = _llvm_function(builder, f"vector.reduce.{name}", ir.FloatType(), 1)
            return builder.call(function, values)

        return types.float32(_VECTOR), emit

    return operation


_add = of_two_vectors(_VECTOR, lambda builder, a, b: builder.fadd(a, b))
_subtract = of_two_vectors(_VECTOR, lambda builder, a, b: builder.fsub(a, b))
_multiply = of_two_vectors(_VECTOR, lambda builder, a, b: builder.fmul(a, b))
_divide = of_two_vectors(_VECTOR, lambda builder, a, b: builder.fdiv(a, b))
_minimum = of_two_vectors(
    _VECTOR, lambda builder, a, b: builder.select(builder.fcmp_ordered("<", a, b), a, b)
)
_maximum = of_two_vectors(
    _VECTOR, lambda builder, a, b: builder.select(builder.fcmp_ordered(">", a, b), a, b)
)
_one_to_the_right = _select_lanes(list(range(1, LANES + 1)))
_one_to_the_left = _select_lanes(list(range(LANES - 1, 2 * LANES - 1)))
_even_lanes = _select_lanes(list(range(0, 2 * LANES, 2)))
_odd_lanes = _select_lanes(list(range(1, 2 * LANES, 2)))
_smallest = _over_lanes("fmin")
_largest = _over_lanes("fmax")


def _are_vectors(*received: Any) -> bool:
    return all(isinstance(one, _VectorType) for one in received)


@overload(load, strict=False)
def _compiled_load(plane: Any, i: Any, j: Any) -> Any:
    return lambda plane, i, j: _load(plane, i, j)


@overload(store, strict=False)
def _compiled_store(plane: Any, i: Any, j: Any, vector: Any) -> Any:
    return lambda plane, i, j, vector: _store(plane, i, j, vector)


@overload(broadcast, strict=False)
def _compiled_broadcast(value: Any) -> Any:
    return lambda value: _broadcast(value)


@overload(multiply_add, strict=False)
def _compiled_multiply_add(a: Any, b: Any, c: Any) -> Any:
    return lambda a, b, c: _multiply_add(a, b, c)


@overload(where_less, strict=False)
def _compiled_where_less(a: Any, b: Any, then: Any, otherwise: Any) -> Any:
    return lambda a, b, then, otherwise: _where_less(a, b, then, otherwise)


@overload(square_root, strict=False)
def _compiled_square_root(vector: Any) -> Any:
    return lambda vector: _square_root(vector)


@overload(smallest, strict=False)
def _compiled_smallest(vector: Any) -> Any:
    return lambda vector: _smallest(vector)


@overload(largest, strict=False)
def _compiled_largest(vector: Any) -> Any:
    return lambda vector: _largest(vector)


def _overload_pair(function: Callable[..., Any], operation: Any) -> None:
    @overload(function, strict=False)
    def compiled(a: Any, b: Any) -> Any:
        # Operators of other types stay what they are.
        return (lambda a, b: operation(a, b)) if _are_vectors(a, b) else None


_overload_pair(operator.add, _add)
_overload_pair(operator.sub, _subtract)
_overload_pair(operator.mul, _multiply)
_overload_pair(operator.truediv, _divide)
_overload_pair(minimum, _minimum)
_overload_pair(maximum, _maximum)
_overload_pair(one_to_the_right, _one_to_the_right)
_overload_pair(one_to_the_left, _one_to_the_left)
_overload_pair(even_lanes, _even_lanes)
_overload_pair(odd_lanes, _odd_lanes)
