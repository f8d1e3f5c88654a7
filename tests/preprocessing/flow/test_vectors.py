"""Explicit vectors: compiled, each operation is the plain NumPy function of the same name."""

import operator

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from ma2mi_preprocessing.kernels import vectors
from ma2mi_preprocessing.kernels.vectors import LANES

lanes = arrays(np.float32, LANES, elements=st.floats(-1e6, 1e6, width=32, allow_subnormal=False))


def _compile(function, count):
    """Apply `function` to rows 0 to count - 1 of a plane, and write row `count`."""
    load, store = vectors.load, vectors.store
    if count == 2:
        return numba.njit(lambda p: store(p, 2, 0, function(load(p, 0, 0), load(p, 1, 0))))
    if count == 3:
        return numba.njit(
            lambda p: store(p, 3, 0, function(load(p, 0, 0), load(p, 1, 0), load(p, 2, 0)))
        )
    return numba.njit(
        lambda p: store(
            p, 4, 0, function(load(p, 0, 0), load(p, 1, 0), load(p, 2, 0), load(p, 3, 0))
        )
    )


OPERATIONS = {
    "add": (operator.add, 2),
    "subtract": (operator.sub, 2),
    "multiply": (operator.mul, 2),
    "divide": (operator.truediv, 2),
    "minimum": (vectors.minimum, 2),
    "maximum": (vectors.maximum, 2),
    "even_lanes": (vectors.even_lanes, 2),
    "odd_lanes": (vectors.odd_lanes, 2),
    "one_to_the_left": (vectors.one_to_the_left, 2),
    "one_to_the_right": (vectors.one_to_the_right, 2),
    "multiply_add": (vectors.multiply_add, 3),
    "where_less": (vectors.where_less, 4),
}
COMPILED = {name: _compile(*operation) for name, operation in OPERATIONS.items()}


@pytest.mark.parametrize("name", OPERATIONS)
@settings(max_examples=25, deadline=None)
@given(rows=st.lists(lanes, min_size=5, max_size=5))
def test_compiled_operation_equals_the_plain_one(name, rows):
    function, count = OPERATIONS[name]
    plane = np.stack(rows)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        expected = function(*plane[:count].copy())
    COMPILED[name](plane)
    if name == "multiply_add":
        # A fused operation rounds once, so the difference may be the rounding of the product.
        rounding = 2e-7 * (np.abs(plane[0] * plane[1]) + np.abs(plane[2]))
        assert (np.abs(plane[3] - expected) <= rounding + 1e-30).all()
    else:
        np.testing.assert_array_equal(plane[count], expected)


@settings(max_examples=25, deadline=None)
@given(row=lanes)
def test_smallest_and_largest_lane_are_found(row):
    smallest, largest, load = vectors.smallest, vectors.largest, vectors.load

    @numba.njit
    def extremes(plane):
        vector = load(plane, 0, 0)
        return smallest(vector), largest(vector)

    assert extremes(row[None].copy()) == (row.min(), row.max())
    assert (smallest(row), largest(row)) == (row.min(), row.max())


@settings(max_examples=25, deadline=None)
@given(row=lanes)
def test_square_root_is_that_of_numpy(row):
    square_root, load, store = vectors.square_root, vectors.load, vectors.store
    plane = np.stack((np.abs(row), row))
    numba.njit(lambda plane: store(plane, 1, 0, square_root(load(plane, 0, 0))))(plane)
    np.testing.assert_array_equal(plane[1], vectors.square_root(plane[0]))


def test_load_and_store_take_any_column_and_touch_no_other_pixel(rng):
    load, store, broadcast = vectors.load, vectors.store, vectors.broadcast

    @numba.njit
    def add_one(plane):
        store(plane, 1, 3, load(plane, 2, 5) + broadcast(np.float32(1)))

    plane = rng.uniform(0, 1, (4, 40)).astype(np.float32)
    expected, plain = plane.copy(), plane.copy()
    expected[1, 3 : 3 + LANES] = plane[2, 5 : 5 + LANES] + 1
    add_one(plane)
    np.testing.assert_array_equal(plane, expected)
    add_one.py_func(plain)
    np.testing.assert_array_equal(plain, expected)


def test_stored_row_is_a_copy_once_loaded(rng):
    plane = rng.uniform(0, 1, (1, LANES)).astype(np.float32)
    before = plane.copy()
    loaded = vectors.load(plane, 0, 0)
    vectors.store(plane, 0, 0, vectors.broadcast(np.float32(7)))
    np.testing.assert_array_equal(loaded, before[0])
