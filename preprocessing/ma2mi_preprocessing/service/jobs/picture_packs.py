"""Pictures of every frame in two files, so that a page can play a clip after two requests.

A pack is JPEG files one after the other; where each begins stands in `clip.json`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ...flow import optical_flow_tvl1
from ...flow_colour import flow_to_colour
from ...motion import to_gray

FACES_PACK, FLOW_PACK = "faces.pack", "flow.pack"

Frames = npt.NDArray[np.uint8]

_ENCODING = (cv2.IMWRITE_JPEG_QUALITY, 90)
# Full colour is what is strong in the typical frame, so that one wild pixel, or a hand that passes,
# does not hide all the rest.
_LOOKED_AT = 24
_STRONG_PERCENTILE = 99.0
_HEADROOM = 1.5
_SMALLEST_FULL = 0.25


def write_packs(
    frames: Frames, onset: int, folder: Path, told: Callable[[float], None]
) -> dict[str, Any]:
    """Draw the aligned face, and its flow since the onset, of every frame.

    Parameters
    ----------
    frames : ndarray, shape (T, S, S, 3), uint8, RGB
    onset : int
        Where flow is measured from.
    folder : Path
        Where `faces.pack` and `flow.pack` go.
    told : callable
        Called with the share of the frames that are done.

    Returns
    -------
    dict
        `faces_pack` and `flow_pack`, the T + 1 places in the file where pictures begin and the
        last one ends; and `flow_full_colour`, pixels of full colour.
    """
    gray = [to_gray(frame) for frame in frames]
    full = _full_colour(gray, onset)

    def colours() -> Iterable[Frames]:
        for place, moving in enumerate(gray):
            told(place / len(gray))
            flow = optical_flow_tvl1(gray[onset], moving)
            yield flow_to_colour(flow, max_flow=full)

    return {
        "faces_pack": _write(folder / FACES_PACK, frames),
        "flow_pack": _write(folder / FLOW_PACK, colours()),
        "flow_full_colour": round(full, 4),
    }


def _full_colour(gray: list[npt.NDArray[Any]], onset: int) -> float:
    places = np.unique(np.linspace(0, len(gray) - 1, _LOOKED_AT).round().astype(int))
    lengths = [
        np.percentile(np.linalg.norm(optical_flow_tvl1(gray[onset], gray[place]), axis=-1),
                      _STRONG_PERCENTILE)
        for place in places
        if place != onset
    ]  # fmt: skip
    return max(_SMALLEST_FULL, _HEADROOM * float(np.median(lengths or [0.0])))


def _write(path: Path, pictures: Iterable[Frames]) -> list[int]:
    places = [0]
    with path.open("xb") as file:
        for picture in pictures:
            done, encoded = cv2.imencode(
                ".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), _ENCODING
            )
            if not done:
                raise RuntimeError("OpenCV could not write a JPEG")
            file.write(encoded.tobytes())
            places.append(file.tell())
    return places
