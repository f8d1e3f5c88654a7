"""One picture a clip, for a person to see at a glance whether alignment and flow are right."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .errors import InputError
from .flow_colour import flow_to_colour
from .store_location import finished_file

Picture = NDArray[np.uint8]

_COLUMNS = 8
_TILE = 160
_GAP = 4
_CAPTION = 20
_HEADER = 30
_BACKGROUND = (24, 24, 24)
_INK = (230, 230, 230)
_MARK = (255, 196, 64)

# Colours and gains follow what is strong in the typical pair, so that one wild pixel, or one turn
# of the head, does not hide all the rest.
_STRONG_FLOW_PERCENTILE = 99.0
_STRONG_DIFFERENCE_PERCENTILE = 95.0
_HEADROOM = 1.5
_FEW_PAIRS = 2
_ENCODING = (cv2.IMWRITE_JPEG_QUALITY, 92)
_SMALLEST_FLOW = 0.25
_LARGEST_GAIN = 16.0


def contact_sheet(
    frames: NDArray[np.uint8],
    flow: NDArray[np.float32],
    pairs: NDArray[np.int32],
    *,
    title: str = "",
    fps: float | None = None,
    first_frame: int = 0,
    key_frames: Mapping[str, int | None] | None = None,
) -> Picture:
    """Draw aligned frames, flow in colour, and frame differences.

    Parameters
    ----------
    frames : ndarray, shape (T, S, S, 3), uint8, RGB
    flow : ndarray, shape (P, S, S, 2), float32
        Pixels; may have no rows.
    pairs : ndarray, shape (P, 2), int
        Frames of each flow.
    title : str
        What stands above, usually the clip's name.
    fps : float, optional
        Frames a second, for the heading.
    first_frame : int
        Index in the source of the first frame; captions count as the source does.
    key_frames : mapping of str to int or None, optional
        Frames to show in any case and to mark, by name: onset, apex, offset.

    Returns
    -------
    ndarray, shape (H, W, 3), uint8, RGB
        Three rows of up to eight tiles; with one or two pairs, differences are those of the frames
        shown from the first pair's first. Flow colours (hue is direction, as in the wheel in the
        last tile) and differences (gray is none) have one scale each, named in their captions.
    """
    marks = {index: name for name, index in (key_frames or {}).items() if index is not None}
    shown = _spread(len(frames), _COLUMNS, sorted(marks))
    rows = [_frame_row(frames, shown, marks, first_frame)]
    chosen = _spread(len(pairs), _COLUMNS - 1, [])
    if chosen:
        rows.append(_flow_row(flow, pairs, chosen, first_frame))
    if len(chosen) > _FEW_PAIRS:
        compared = [(int(pairs[row][0]), int(pairs[row][1])) for row in chosen]
    else:
        # A single pair of key frames would leave the row empty; the course over time fills it.
        first = int(pairs[0][0]) if chosen else shown[0]
        compared = [(first, index) for index in shown if index != first]
    if compared:
        rows.append(_difference_row(frames, compared, first_frame))
    rate = "" if fps is None else f"   {fps:.5g} frames/s"
    return np.vstack([_header(f"{title}   {len(frames)} frames{rate}"), *rows])


def write_picture(picture: Picture, path: Path) -> None:
    """Write an RGB picture as PNG or JPEG, by its suffix, whole or not at all.

    Raises
    ------
    InputError
        The place cannot be written to.
    """
    done, encoded = cv2.imencode(path.suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), _ENCODING)
    if not done:
        raise InputError(f"cannot encode the picture {path}")
    with finished_file(path) as temporary:
        temporary.write_bytes(encoded.tobytes())


def _spread(count: int, most: int, wanted: Sequence[int]) -> list[int]:
    """Up to `most` indices spread over `count`, with the wanted ones among them."""
    wanted = [index for index in wanted if 0 <= index < count][:most]
    indices = set(wanted)
    # Key frames take the place of the evenly spread ones that are nearest to them.
    for even in np.linspace(0, max(count - 1, 0), min(most, count)).round().astype(int).tolist():
        if len(indices) < min(most, count):
            indices.add(even)
    return sorted(indices)


def _frame_row(
    frames: NDArray[np.uint8], shown: list[int], marks: Mapping[int, str], first_frame: int
) -> Picture:
    tiles = []
    for index in shown:
        name = marks.get(index, "")
        tile = _captioned(frames[index], f"{name} {first_frame + index}".strip())
        if name:
            tile[:_TILE, :3] = tile[:_TILE, -3:] = tile[:3] = tile[_TILE - 3 : _TILE] = _MARK
        tiles.append(tile)
    return _row(tiles)


def _flow_row(
    flow: NDArray[np.float32], pairs: NDArray[np.int32], chosen: list[int], first_frame: int
) -> Picture:
    fields = [np.asarray(flow[row], np.float32) for row in chosen]
    lengths = [np.hypot(field[::2, ::2, 0], field[::2, ::2, 1]) for field in fields]
    full = max(_SMALLEST_FLOW, _HEADROOM * _typical(lengths, _STRONG_FLOW_PERCENTILE))
    tiles = []
    for row, field in zip(chosen, fields, strict=True):
        first, second = (first_frame + int(index) for index in pairs[row])
        colours = flow_to_colour(_resized(field), max_flow=full)
        tiles.append(_captioned(colours, f"flow {first} > {second}"))
    tiles.append(_captioned(_wheel(full), f"full colour: {full:.2g} px"))
    return _row(tiles)


def _difference_row(
    frames: NDArray[np.uint8], compared: list[tuple[int, int]], first_frame: int
) -> Picture:
    small = {index: _resized(frames[index]).astype(np.float32) for index in {*sum(compared, ())}}
    differences = [small[second] - small[first] for first, second in compared]
    sizes = [np.abs(difference) for difference in differences]
    typical = _typical(sizes, _STRONG_DIFFERENCE_PERCENTILE)
    gain = min(_LARGEST_GAIN, max(1.0, round(128.0 / (_HEADROOM * max(typical, 1.0)), 1)))
    tiles = []
    for (first, second), difference in zip(compared, differences, strict=True):
        tile = np.clip(128 + gain * difference, 0, 255).astype(np.uint8)
        caption = f"diff x{gain:g} {first_frame + first} > {first_frame + second}"
        tiles.append(_captioned(tile, caption))
    return _row(tiles)


def _typical(magnitudes: list[NDArray[np.float32]], percentile: float) -> float:
    return float(np.median([np.percentile(each, percentile) for each in magnitudes]))


def _wheel(full: float) -> Picture:
    axis = np.linspace(-full, full, _TILE, dtype=np.float32)
    u, v = np.meshgrid(axis, axis)
    inside = np.hypot(u, v) <= full
    field = np.stack([u, v], axis=-1) * inside[..., None]
    return np.asarray(flow_to_colour(field, max_flow=full))


def _captioned(image: NDArray[np.uint8], caption: str) -> Picture:
    tile = np.full((_TILE + _CAPTION, _TILE, 3), _BACKGROUND, np.uint8)
    tile[:_TILE] = _resized(image)
    _write(tile, caption, (4, _TILE + 14), 0.38)
    return tile


def _resized(image: NDArray[Any]) -> NDArray[Any]:
    """A picture or a flow field at the size of a tile; flow keeps its own pixels as unit."""
    interpolation = cv2.INTER_AREA if image.shape[0] > _TILE else cv2.INTER_LINEAR
    return cv2.resize(np.asarray(image), (_TILE, _TILE), interpolation=interpolation)


def _row(tiles: list[Picture]) -> Picture:
    row = np.full((_TILE + _CAPTION + _GAP, _sheet_width(), 3), _BACKGROUND, np.uint8)
    for column, tile in enumerate(tiles):
        left = _GAP + column * (_TILE + _GAP)
        row[: _TILE + _CAPTION, left : left + _TILE] = tile
    return row


def _header(text: str) -> Picture:
    header = np.full((_HEADER, _sheet_width(), 3), _BACKGROUND, np.uint8)
    _write(header, text, (2 * _GAP, 20), 0.5)
    return header


def _write(picture: Picture, text: str, at: tuple[int, int], size: float) -> None:
    # OpenCV's built-in letters are ASCII only, and draw others as question marks without end.
    plain = text.encode("ascii", "replace").decode()
    cv2.putText(picture, plain, at, cv2.FONT_HERSHEY_SIMPLEX, size, _INK, 1, cv2.LINE_AA)


def _sheet_width() -> int:
    return _GAP + _COLUMNS * (_TILE + _GAP)
