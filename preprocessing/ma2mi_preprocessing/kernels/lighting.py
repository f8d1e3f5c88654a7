"""Telling a change of light from movement, within the linearised brightness difference.

Light changes smoothly over the image, so it shows in the local mean of the brightness difference.
So does movement, but in proportion to the gradient. The mean is therefore weighted by the inverse
squared gradient, as in weighted least squares: it listens to flat skin, where movement hardly
shows, and not to edges. Our own addition to TV-L1, not of the papers.

The local mean is a bilinear surface over a coarse grid of cells: each pixel counts in the four
cells around it, in the proportions in which the surface is later read off there.
"""

import numpy as np
import numpy.typing as npt

from .compilation import kernel
from .layout import (
    BLOCK,
    GRADIENT_X,
    GRADIENT_Y,
    INVERSE_SQUARED_GRADIENT,
    RESIDUAL,
    U,
    V,
    blocks_of,
)
from .vectors import LANES, Vector, broadcast, load, multiply_add, store

Plane = npt.NDArray[np.float32]
Line = npt.NDArray[np.float32]

_CELL = 10
"""Distance between the points of the surface, in pixels."""

_CHANCE = np.float32(0.001)
"""A quarter of a grey level, in intensities 0..1."""


@kernel
def place_in_cells(length: int, cells: int) -> tuple[npt.NDArray[np.int64], Line]:
    """For each pixel of an axis: the cell before it, and its distance from that cell's centre.

    The distance is a fraction of that to the next cell. The cells divide the axis evenly; pixels
    before the first centre or after the last belong to that cell alone.
    """
    before, fraction = np.zeros(length, np.int64), np.zeros(length, np.float32)
    for j in range(length):
        place = (j + 0.5) * cells / length - 0.5
        before[j] = max(0, min(int(np.floor(place)), cells - 2))
        fraction[j] = np.float32(max(0.0, min(place - before[j], 1.0)))
    return before, fraction


@kernel
def _difference(state: Plane, i: int, at: int) -> Vector:
    """Brightness difference at the present flow."""
    rho = load(state, i, at + RESIDUAL)
    rho = multiply_add(load(state, i, at + GRADIENT_X), load(state, i, at + U), rho)
    return multiply_add(load(state, i, at + GRADIENT_Y), load(state, i, at + V), rho)


@kernel
def _add_to_rows(
    sums: Plane, cell: int, j: int, upper: Vector, lower: Vector, value: Vector
) -> None:
    store(sums, cell, j, multiply_add(upper, value, load(sums, cell, j)))
    store(sums, cell + 1, j, multiply_add(lower, value, load(sums, cell + 1, j)))


@kernel
def _add_to_cells(line: Line, before: npt.NDArray[np.int64], fraction: Line, cells: Line) -> None:
    cells[:] = np.float32(0.0)
    for j in range(before.size):
        right = fraction[j] * line[j]
        cells[before[j]] += line[j] - right
        cells[before[j] + 1] += right


@kernel
def _without_chance(light: np.float32) -> np.float32:
    """Means under `_CHANCE` fade to zero: in unchanged light they are noise and movement."""
    squared = light * light
    return light * squared / (squared + _CHANCE * _CHANCE)


@kernel
def estimate_light(state: Plane, height: int, width: int, light: Plane) -> None:
    """Change of light at each cell of `light` (rows, columns): the weighted mean around it."""
    rows, columns = light.shape
    before_y, fraction_y = place_in_cells(height, rows)
    before_x, fraction_x = place_in_cells(width, columns)
    blocks = blocks_of(width)
    differences = np.zeros((rows, LANES * blocks), np.float32)
    weights = np.zeros((rows, LANES * blocks), np.float32)
    for i in range(height):
        cell, lower = before_y[i], broadcast(fraction_y[i])
        upper = broadcast(np.float32(1.0)) - lower
        for k in range(blocks):
            j, at = LANES * k, BLOCK * k
            weight = load(state, i, at + INVERSE_SQUARED_GRADIENT)
            weighted = weight * _difference(state, i, at)
            _add_to_rows(differences, cell, j, upper, lower, weighted)
            _add_to_rows(weights, cell, j, upper, lower, weight)
    total, count = np.empty(columns, np.float32), np.empty(columns, np.float32)
    for k in range(rows):
        _add_to_cells(differences[k], before_x, fraction_x, total)
        _add_to_cells(weights[k], before_x, fraction_x, count)
        for m in range(columns):
            light[k, m] = _without_chance(total[m] / count[m])


@kernel
def remove_light(state: Plane, height: int, width: int, light: Plane) -> None:
    """Take the bilinear surface over the cells of `light` (rows, columns) from the residual."""
    rows, columns = light.shape
    before_y, fraction_y = place_in_cells(height, rows)
    before_x, fraction_x = place_in_cells(width, columns)
    blocks = blocks_of(width)
    lines = np.zeros((rows, LANES * blocks), np.float32)
    for k in range(rows):
        for j in range(width):
            left, right = light[k, before_x[j]], light[k, before_x[j] + 1]
            lines[k, j] = left + fraction_x[j] * (right - left)
    for i in range(height):
        cell, lower = before_y[i], broadcast(fraction_y[i])
        for k in range(blocks):
            j, at = LANES * k, BLOCK * k + RESIDUAL
            above = load(lines, cell, j)
            surface = multiply_add(lower, load(lines, cell + 1, j) - above, above)
            store(state, i, at, load(state, i, at) - surface)


@kernel
def even_lighting(state: Plane, height: int, width: int) -> None:
    """Estimate the change of light at the present flow and take it from the residual."""
    rows, columns = max(2, round(height / _CELL)), max(2, round(width / _CELL))
    light = np.empty((rows, columns), np.float32)
    estimate_light(state, height, width, light)
    remove_light(state, height, width, light)
