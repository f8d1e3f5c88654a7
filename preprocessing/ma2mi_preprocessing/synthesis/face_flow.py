"""Exact flow of many moving faces, at the size that small networks take."""

from functools import cache

import numba as nb
import numpy as np
import numpy.typing as npt

from .action_units import ACTION_UNITS
from .crops import Crops
from .geometry import FloatArray
from .identity import sample_identity
from .moving_faces import Bumps, MovingFaces, PushVariation
from .push_table import push_table

# Squared distance, in deviations, beyond which a hill is flat: its height there is 0.0003.
_FARTHEST = np.float32(16.0)
# Over how many eye distances a lip's movement sets in beside the line between the lips.
_LIP_BAND = np.float32(0.08)
# How much of a push that is not one of the lids' own reaches the eyeball, as `action_units` has it.
_EYE_SHARE = np.float32(0.15)
_EYE_SPREAD = (np.float32(0.24), np.float32(0.11))
_PEOPLE = 64


def expression_flow(faces: MovingFaces) -> FloatArray:
    """Flow from onset to apex by all that moves within the faces, heads held still.

    Parameters
    ----------
    faces : MovingFaces

    Returns
    -------
    ndarray, shape (N, S, S, 2), float32
        u right and v down, in pixels of the crop.
    """
    table = push_table()
    strength = faces.intensities[:, table.unit, table.side] * strongest_pushes()[table.unit]
    return _flow_of_pushes(faces, strength)


def head_flow(faces: MovingFaces) -> FloatArray:
    """Flow by the motion of the heads alone, as `expression_flow`; none beside a head."""
    crops = faces.crops
    flow = np.zeros((len(crops), crops.size, crops.size, 2), np.float32)
    _add_heads(crops.centre, crops.scale, crops.roll, np.asarray(faces.head, np.float32), flow)
    return flow


@cache
def strongest_pushes() -> FloatArray:
    """By how much the pushes of a unit are multiplied so that it moves skin by its reach, (K,).

    For the mean of many people; it hardly depends on who it is.
    """
    table = push_table()
    rng = np.random.default_rng(0)
    people = [table.landmarks_of(sample_identity(rng)) for _ in range(_PEOPLE)]
    units = len(table.units)
    size, scale = 128, 32.0
    nothing = np.zeros((units, 0, 2), np.float32)
    faces = MovingFaces(
        Crops(
            size,
            np.full((units, 2), [size / 2, 0.4 * size], np.float32),
            np.full((units, 2), scale, np.float32),
            np.zeros(units, np.float32),
        ),
        np.repeat(np.mean(people, axis=0, keepdims=True, dtype=np.float32), units, axis=0),
        np.repeat(np.eye(units, dtype=np.float32)[..., None], 2, axis=2),
        np.zeros((units, 6), np.float32),
        Bumps(nothing, nothing, nothing),
        PushVariation.usual(units),
    )
    flow = _flow_of_pushes(faces, faces.intensities[:, table.unit, table.side])
    largest = np.sqrt(np.square(flow).sum(axis=-1)).max(axis=(1, 2)) / scale
    reach = np.array([unit.reach for unit in ACTION_UNITS.values()])
    return np.asarray(reach / largest, np.float32)


def _flow_of_pushes(faces: MovingFaces, strength: FloatArray) -> FloatArray:
    """Flow by pushes of so much strength (N, P), and by what belongs to no unit."""
    table, crops, others, variation = push_table(), faces.crops, faces.others, faces.variation
    offset = variation.offset * np.stack([table.outward, np.ones_like(table.outward)], axis=1)
    tops = faces.landmarks[:, table.landmark] + table.offset + offset
    movement = strength[..., None] * _turned(table.direction, table.outward * variation.turn)
    extra = others.centre.shape[1]
    corners = [
        place for place, name in enumerate(table.landmarks) if name.startswith("mouth_corner")
    ]
    flow = np.zeros((len(crops), crops.size, crops.size, 2), np.float32)
    _add_pushes(
        crops.centre,
        crops.scale,
        crops.roll,
        np.concatenate([tops, others.centre], axis=1, dtype=np.float32),
        np.concatenate([table.spread * variation.spread[..., None], others.spread], axis=1),
        np.concatenate([movement, others.movement], axis=1, dtype=np.float32),
        np.concatenate([table.lips, np.zeros(extra, np.float32)]),
        np.concatenate([table.lids, np.ones(extra, np.bool_)]),
        faces.landmarks[:, corners, 1].mean(axis=1),
        flow,
    )
    return flow


def _turned(direction: FloatArray, angle: FloatArray) -> FloatArray:
    """Directions (P, 2), turned clockwise as seen by angles (N, P): (N, P, 2)."""
    cos, sin = np.cos(angle), np.sin(angle)
    x, y = direction[:, 0], direction[:, 1]
    return np.stack([cos * x - sin * y, sin * x + cos * y], axis=-1)


@nb.njit(cache=True, nogil=True)
def _hill(x: float, y: float, spread: FloatArray) -> np.float32:
    """Gaussian hill of height one, at a distance (x, y) of its top."""
    across, down = x / spread[0], y / spread[1]
    squared = across * across + down * down
    if squared > _FARTHEST:
        return np.float32(0.0)
    return np.exp(np.float32(-0.5) * squared)


@nb.njit(cache=True, nogil=True)
def _grid_of(
    centre: FloatArray, scale: FloatArray, roll: float, x: FloatArray, y: FloatArray
) -> None:
    """Face coordinates of every pixel of a crop, into `x` and `y` (S, S)."""
    cos, sin = np.float32(np.cos(roll)), np.float32(np.sin(roll))
    for i in range(x.shape[0]):
        down = (np.float32(i) - centre[1]) / scale[1]
        for j in range(x.shape[1]):
            across = (np.float32(j) - centre[0]) / scale[0]
            x[i, j] = cos * across + sin * down
            y[i, j] = cos * down - sin * across


@nb.njit(cache=True, nogil=True)
def _add_pushes(
    centre: FloatArray,
    scale: FloatArray,
    roll: FloatArray,
    tops: FloatArray,
    spread: FloatArray,
    movement: FloatArray,
    lips: FloatArray,
    whole: npt.NDArray[np.bool_],
    mouth: FloatArray,
    flow: FloatArray,
) -> None:
    """Sum of all pushes that move, in pixels, onto `flow` (N, S, S, 2)."""
    count, height, width, _ = flow.shape
    x = np.empty((height, width), np.float32)
    y, skin = np.empty_like(x), np.empty_like(x)
    eyes = np.array(_EYE_SPREAD, np.float32)
    for n in range(count):
        _grid_of(centre[n], scale[n], roll[n], x, y)
        cos, sin = np.float32(np.cos(roll[n])), np.float32(np.sin(roll[n]))
        for i in range(height):
            for j in range(width):
                eyeball = _hill(x[i, j] - np.float32(0.5), y[i, j], eyes)
                eyeball += _hill(x[i, j] + np.float32(0.5), y[i, j], eyes)
                skin[i, j] = np.float32(1.0) - (np.float32(1.0) - _EYE_SHARE) * eyeball
        for p in range(tops.shape[1]):
            right, down = movement[n, p, 0], movement[n, p, 1]
            if right == 0.0 and down == 0.0:
                continue
            u = scale[n, 0] * (cos * right - sin * down)
            v = scale[n, 1] * (sin * right + cos * down)
            for i in range(height):
                for j in range(width):
                    weight = _hill(x[i, j] - tops[n, p, 0], y[i, j] - tops[n, p, 1], spread[n, p])
                    if weight == 0.0:
                        continue
                    if not whole[p]:
                        weight *= skin[i, j]
                    if lips[p] != 0.0:
                        beyond = lips[p] * (y[i, j] - mouth[n]) / _LIP_BAND
                        weight *= min(max(beyond + np.float32(0.2), np.float32(0.0)), np.float32(1))
                    flow[n, i, j, 0] += weight * u
                    flow[n, i, j, 1] += weight * v


@nb.njit(cache=True, nogil=True)
def _add_heads(
    centre: FloatArray, scale: FloatArray, roll: FloatArray, head: FloatArray, flow: FloatArray
) -> None:
    """Motion of heads as of half an ellipsoid before a background at rest, onto `flow`."""
    count, height, width, _ = flow.shape
    x = np.empty((height, width), np.float32)
    y = np.empty_like(x)
    one, middle = np.float32(1.0), np.float32(0.25)
    for n in range(count):
        right, down, turn, zoom, yaw, pitch = head[n]
        _grid_of(centre[n], scale[n], roll[n], x, y)
        cos, sin = np.float32(np.cos(roll[n])), np.float32(np.sin(roll[n]))
        for i in range(height):
            for j in range(width):
                across = x[i, j] / np.float32(1.15)
                along = (y[i, j] - middle) / np.float32(1.65)
                squared = across * across + along * along
                if squared > np.float32(1.44):
                    continue
                depth = np.sqrt(max(one - squared, np.float32(0.0)))
                here = min(one, (np.float32(1.44) - squared) / np.float32(0.44))
                move_x = here * (right - turn * y[i, j] + zoom * x[i, j] + yaw * depth)
                move_y = here * (down + turn * x[i, j] + zoom * y[i, j] + pitch * depth)
                flow[n, i, j, 0] += scale[n, 0] * (cos * move_x - sin * move_y)
                flow[n, i, j, 1] += scale[n, 1] * (sin * move_x + cos * move_y)
