"""What explicit vectors of floats share in compiled code, whatever their number of lanes.

Only LLVM's generic vector operations are used, never those of one processor: LLVM splits the
vectors into whatever registers there are (AVX-512, AVX2, SSE2, NEON). No operation allows the
compiler to reorder or contract.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models

_FLOAT_ALIGNMENT = 4


class VectorType(types.Type):
    """LLVM's vector of float32 as a type of Numba, which has none for it.

    Classes of it are registered with `VectorModel`, and keep their names: they stand in machine
    code on disk, which Numba must be able to read before it finds that it is out of date.
    """

    def __init__(self, name: str, lanes: int) -> None:
        super().__init__(name=name)
        self.lanes = lanes

    @property
    def llvm(self) -> ir.VectorType:
        """The type inside LLVM; made anew, as Numba pickles its own types and LLVM's cannot be."""
        return ir.VectorType(ir.FloatType(), self.lanes)


class VectorModel(models.PrimitiveModel):
    """Compiled code holds such a vector as LLVM's own."""

    def __init__(self, manager: Any, vector: VectorType) -> None:
        super().__init__(manager, vector, vector.llvm)


def emit_load(builder: Any, vector: VectorType, start: Any) -> Any:
    """Read as many floats as there are lanes; `start` needs the alignment of one float only."""
    loaded = builder.load(builder.bitcast(start, vector.llvm.as_pointer()))
    loaded.align = _FLOAT_ALIGNMENT
    return loaded


def emit_store(builder: Any, vector: VectorType, start: Any, value: Any) -> None:
    """Write all lanes from `start` on, which needs the alignment of one float only."""
    pointer = builder.bitcast(start, vector.llvm.as_pointer())
    builder.store(value, pointer).align = _FLOAT_ALIGNMENT


def emit_broadcast(builder: Any, vector: VectorType, value: Any) -> Any:
    """The same float in every lane."""
    undefined = ir.Constant(vector.llvm, ir.Undefined)
    first = builder.insert_element(undefined, value, ir.Constant(ir.IntType(32), 0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), vector.lanes), [0] * vector.lanes)
    return builder.shuffle_vector(first, undefined, lanes)


def of_two_vectors(vector: VectorType, emit_operation: Callable[[Any, Any, Any], Any]) -> Any:
    """An operation for compiled code that takes two vectors and gives one."""

    @intrinsic
    def operation(typing_context: Any, a: Any, b: Any) -> Any:
        def emit(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            return emit_operation(builder, *values)

        return vector(vector, vector), emit

    return operation
