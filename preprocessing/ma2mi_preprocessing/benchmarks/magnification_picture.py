"""What magnified frames look like, and the flow that is measured in them, as one picture."""

import cv2
import numpy as np
import numpy.typing as npt

from ..flow import optical_flow_tvl1
from ..flow_colour import flow_to_colour
from ..magnification import magnify_motion
from ..motion import to_gray
from ..synthesis import render_clip

Picture = npt.NDArray[np.uint8]

_FACTORS = (2.0, 4.0, 8.0)
_CAPTION, _GAP = 26, 6
_INK, _PAPER = 40, 255


def magnification_picture(*, subject: int = 1, clip: int = 1, seed: int = 0) -> Picture:
    """Apex of a rendered clip, as it is and magnified by phase; below each its flow from the onset.

    All flows share one scale of colours, that of the largest.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        RGB.
    """
    rendered = render_clip("micro", subject=subject, clip=clip, size=224, seed=seed)
    onset, apex = rendered.frames[rendered.onset], rendered.frames[rendered.apex]
    pair = np.stack([onset, apex])
    shown = [("apex, as it is", apex)] + [
        (f"magnified {factor:g} times", magnify_motion(pair, factor, onset=0)[1])
        for factor in _FACTORS
    ]
    flows = [optical_flow_tvl1(to_gray(onset), to_gray(frame)) for _, frame in shown]
    longest = max(float(np.linalg.norm(flow, axis=-1).max()) for flow in flows)
    columns = [
        np.concatenate(
            [
                _tile(caption, frame),
                _tile(
                    f"flow, up to {np.linalg.norm(flow, axis=-1).max():.1f} px",
                    flow_to_colour(flow, max_flow=longest),
                ),
            ]
        )
        for (caption, frame), flow in zip(shown, flows, strict=True)
    ]
    blank = np.full_like(onset, _PAPER)
    first = np.concatenate([_tile("onset", onset), _tile("", blank)])
    return np.concatenate([first, *columns], axis=1)


def _tile(caption: str, image: Picture) -> Picture:
    height, width = image.shape[:2]
    tile = np.full((height + _CAPTION + _GAP, width + _GAP, 3), _PAPER, np.uint8)
    tile[_CAPTION : _CAPTION + height, :width] = image
    ink = (_INK, _INK, _INK)
    cv2.putText(
        tile, caption, (1, _CAPTION - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.43, ink, 1, cv2.LINE_AA
    )
    return tile
