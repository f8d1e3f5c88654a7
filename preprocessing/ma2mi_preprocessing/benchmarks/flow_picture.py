"""The kinds of test pairs and what flow methods make of them, as one picture."""

import cv2
import numpy as np
import numpy.typing as npt

from ..flow_colour import flow_to_colour
from .flow_methods import BASELINE, DIS, FARNEBACK, OURS, flow_methods
from .flow_pairs import KnownFlowPair, known_flow_pair

Picture = npt.NDArray[np.uint8]

_SHOWN = (("smooth", 2), ("discontinuity", 3), ("lighting", 3))
_METHODS = (OURS, BASELINE, DIS, FARNEBACK)
_GAP, _CAPTION = 6, 26
_INK, _PAPER = 40, 255


def flow_picture(*, size: int = 224, noise: float = 1.0, seed: int = 0) -> Picture:
    """One row for each kind of pair: reference, moving, true flow, and that of the methods.

    Colours as in `flow_to_colour`: the hue is the direction, and all flows of a row share the
    scale of the true one.

    Parameters
    ----------
    size : int, optional
        Side of an image, in pixels.
    noise : float, optional
        Standard deviation of the noise, in grey levels.
    seed : int, optional
        Fixes the pairs.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB.
    """
    rows = [_row(kind, index, size, noise, seed) for kind, index in _SHOWN]
    return np.concatenate(rows)


def _row(kind: str, index: int, size: int, noise: float, seed: int) -> Picture:
    pair = known_flow_pair(size, noise, index, seed=seed, kind=kind)
    tiles = [
        _tile(f"{kind}: reference", _as_colour(pair.reference)),
        _tile("moving", _as_colour(pair.moving)),
        _tile("true flow", _flow_colours(pair.flow, pair)),
    ]
    methods = flow_methods()
    for name in _METHODS:
        flow = methods[name].call(pair.reference, pair.moving)
        error = np.linalg.norm(flow - pair.flow, axis=-1).mean()
        tiles.append(_tile(f"{name} {error:.2f} px", _flow_colours(flow, pair)))
    return np.concatenate(tiles, axis=1)


def _flow_colours(flow: npt.NDArray[np.float32], pair: KnownFlowPair) -> Picture:
    longest = float(np.linalg.norm(pair.flow, axis=-1).max())
    return flow_to_colour(flow, max_flow=longest)


def _as_colour(gray: Picture) -> Picture:
    return np.repeat(gray[..., None], 3, axis=-1)


def _tile(caption: str, image: Picture) -> Picture:
    height, width = image.shape[:2]
    tile = np.full((height + _CAPTION + _GAP, width + _GAP, 3), _PAPER, np.uint8)
    tile[_CAPTION : _CAPTION + height, :width] = image
    cv2.putText(
        tile,
        caption,
        (1, _CAPTION - 8),
        cv2.FONT_HERSHEY_SIMPLEX,
        0.43,
        (_INK, _INK, _INK),
        1,
        cv2.LINE_AA,
    )
    return tile
