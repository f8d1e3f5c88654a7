"""FACS action units of a manifest, as 0 and 1."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from keras_ma2mi.evaluation.confusion import IntArray
from keras_ma2mi.evaluation.errors import ProtocolError

# Side or half of the face before or behind the number, intensity A to E after it.
_CODE = re.compile(r"(?:AU)?[LRTB]?(\d{1,2})[A-E]?[LR]?", re.IGNORECASE)


def parse_action_units(text: str | None) -> frozenset[int]:
    """The numbers of the units in one cell of a manifest's column `action_units`.

    Sides, halves of the face and intensities fold into the unit: `"AU4+AUL10+AUR12B"` is units
    4, 10 and 12. A one-sided movement is a movement of that unit, as MEB counts it.

    Args:
        text: codes joined by `+`, such as `"AU4+AU7"`; None or empty where none is coded.

    Returns:
        A frozenset of int.

    Raises:
        ValueError: if a part is no code; the message quotes it.

    Example:
        >>> sorted(keras_ma2mi.evaluation.parse_action_units("AU4+AUL10"))
        [4, 10]
    """
    if text is None or text != text:
        return frozenset()
    units = set()
    for part in str(text).split("+"):
        code = part.strip()
        if not code:
            continue
        match = _CODE.fullmatch(code)
        if match is None:
            raise ValueError(
                f"`text` must be action units joined by +, such as AU4+AUL10. Received: '{text}'"
            )
        units.add(int(match[1]))
    return frozenset(units)


def multi_hot(texts: Iterable[str | None], units: Sequence[int]) -> IntArray:
    """Which of some units each clip shows.

    Args:
        texts: cells of the column `action_units`.
        units: FACS numbers, the columns of the result.

    Returns:
        int64 array of shape `(clips, units)` of 0 and 1. Units that are not asked for are left
        out; nothing is lost by that but what no column stands for.

    Raises:
        ProtocolError: (a `ValueError`) if a cell cannot be read; the message names the row, from
            1, and quotes it.
    """
    rows = []
    for number, text in enumerate(texts, start=1):
        try:
            active = parse_action_units(text)
        except ValueError:
            raise ProtocolError(
                f"row {number}: '{text}' is not a list of action units such as AU4+AUL10"
            ) from None
        rows.append([int(unit in active) for unit in units])
    return np.asarray(rows, dtype=np.int64).reshape(len(rows), len(units))


def unit_name(unit: int) -> str:
    """`AU4` for 4, as columns and reports write it."""
    return f"AU{unit}"
