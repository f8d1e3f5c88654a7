"""Splits as they are named on a command line and in a run's description."""

from pathlib import Path

from keras_ma2mi.evaluation.errors import ProtocolError
from keras_ma2mi.evaluation.fixed_split import read_fixed_split
from keras_ma2mi.evaluation.splits import (
    HoldoutDatabase,
    KFoldBySubject,
    LeaveOneDatasetOut,
    LeaveOneSubjectOut,
    Split,
)

SPLIT_FORMS = (
    "loso",
    "lodo",
    "holdout:DATASET[,DATASET]",
    "k-fold:K[:SEED]",
    "fixed:FILE.csv",
)
"""What `parse_split` reads."""


def parse_split(text: str) -> Split:
    """Reads the name of a split.

    Args:
        text: `"loso"`, `"lodo"`, `"holdout:samm"`, `"holdout:samm,smic"`, `"k-fold:5"`,
            `"k-fold:5:1"` (with a seed) or `"fixed:FILE.csv"`.

    Returns:
        A `Split`. The file of a fixed split is read at once.

    Raises:
        ProtocolError: (a `ValueError`) if the text names no split, or the file cannot be used.

    Example:
        >>> keras_ma2mi.evaluation.parse_split("k-fold:5").description
        '5-fold by subject, seed 0'
    """
    name, _, rest = text.strip().partition(":")
    if name == "loso" and not rest:
        return LeaveOneSubjectOut()
    if name == "lodo" and not rest:
        return LeaveOneDatasetOut()
    if name == "holdout" and rest:
        return HoldoutDatabase(tuple(part.strip() for part in rest.split(",") if part.strip()))
    if name == "k-fold" and rest:
        return _k_fold(text, rest)
    if name == "fixed" and rest:
        return read_fixed_split(Path(rest))
    raise ProtocolError(f"there is no split '{text}'; known: {', '.join(SPLIT_FORMS)}")


def _k_fold(text: str, numbers: str) -> KFoldBySubject:
    parts = numbers.split(":")
    if len(parts) > 2 or not all(part.isdecimal() for part in parts):
        raise ProtocolError(f"'{text}' is no k-fold split; write k-fold:5, or k-fold:5:1 to seed")
    return KFoldBySubject(*(int(part) for part in parts))
