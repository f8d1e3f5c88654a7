"""The table of predictions: what a run writes, and what anybody's code can hand in to be scored."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.confusion import (
    SCORED_COLUMNS,
    check_classes,
    check_rows,
    class_codes,
    quoted,
)
from keras_ma2mi.evaluation.errors import PredictionsError

PREDICTION_COLUMNS = ("clip_id", "dataset", "subject", "label", "prediction", "fold", "seed")
"""Columns of a table of predictions, before those of the probabilities."""
PROBABILITY_PREFIX = "probability_"
"""What the column of a class with its probabilities begins with."""

_DEFAULTS = {"dataset": "", "fold": "", "seed": "0"}
_SUM_TOLERANCE = 1e-3


def read_predictions(path: Path | str, classes: Sequence[str] | None = None) -> pd.DataFrame:
    """Reads and checks a CSV of predictions, pooled over folds.

    Args:
        path: CSV with the columns `clip_id`, `subject`, `label` and `prediction`, and optionally
            `dataset`, `fold`, `seed` and `probability_<class>` for every class.
        classes: the explicit class set. Without it, the probability columns state it.

    Returns:
        A table with all of `PREDICTION_COLUMNS`, and the probability columns in the order of the
        class set if the file has them. `seed` is int64, probabilities are float64, all else text.

    Raises:
        PredictionsError: (a `ValueError`) one line with the file, what is wrong and where.
    """
    table = read_text_table(path)
    try:
        names = probability_classes(table) if classes is None else list(classes)
        if not names:
            raise PredictionsError(
                "no `probability_<class>` columns to tell the class set; name the classes"
            )
        return check_predictions(table, names)
    except PredictionsError as error:
        raise PredictionsError(f"{path}: {error}") from None


def read_text_table(path: Path | str, rows: int | None = None) -> pd.DataFrame:
    """A CSV with every cell as text, and the optional columns of a table of predictions filled in.

    Args:
        path: the CSV.
        rows: how many rows to read at most; 0 for the header alone.

    Raises:
        PredictionsError: one line with the file and the reason.
    """
    try:
        # Read as text: a class called "None" or a subject called "007" is a name, not a value.
        table = pd.read_csv(path, dtype=str, keep_default_na=False, nrows=rows)
    except FileNotFoundError:
        raise PredictionsError(f"{path}: no such file; give the predictions.csv of a run") from None
    except (OSError, UnicodeDecodeError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        reason = str(error).splitlines()[0]
        raise PredictionsError(f"{path}: not a readable CSV file: {reason}") from None
    for column, value in _DEFAULTS.items():
        if column not in table:
            table[column] = value
    return table


def check_predictions(predictions: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    """Checks a table of predictions and brings its columns into one form.

    Args:
        predictions: the table, with all of `PREDICTION_COLUMNS`, and probabilities for every class
            or for none.
        classes: the explicit class set.

    Returns:
        A new table: `PREDICTION_COLUMNS`, then the probabilities in the order of `classes`.

    Raises:
        PredictionsError: (a `ValueError`) if a column is missing, a label or prediction is not in
            the class set, a subject is empty, a clip is predicted twice with one seed, the seeds
            cover different clips, or probabilities are not between 0 and 1 or do not sum to 1.
    """
    names = check_classes(classes)
    predictions = predictions.reset_index(drop=True)
    check_columns(predictions, PREDICTION_COLUMNS, f"; needed are {', '.join(SCORED_COLUMNS)}")
    table = in_one_form(predictions, PREDICTION_COLUMNS)
    class_codes(table["label"], names, "label")
    class_codes(table["prediction"], names, "prediction")
    check_named(table, "clip_id")
    check_named(table, "subject")
    check_rows(table)
    probabilities = _checked_probabilities(predictions, names)
    return pd.concat([table, probabilities], axis=1)


def check_columns(predictions: pd.DataFrame, needed: Sequence[str], advice: str = "") -> None:
    """Raises PredictionsError naming the columns that are missing."""
    missing = [column for column in needed if column not in predictions]
    if missing:
        raise PredictionsError(
            f"the predictions lack the column{'s' if len(missing) > 1 else ''} "
            f"{quoted(missing, limit=7)}{advice}"
        )


def in_one_form(predictions: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """A copy of some columns: `seed` as whole numbers, all others as text, missing values empty."""
    table = predictions.loc[:, list(columns)].copy()
    for column in columns:
        if column != "seed":
            table[column] = [
                "" if value is None or value != value else str(value) for value in table[column]
            ]
    table["seed"] = whole_numbers(table["seed"])
    return table


def probability_classes(predictions: pd.DataFrame) -> list[str]:
    """The class set as the table's probability columns state it, in their order."""
    return [
        str(column).removeprefix(PROBABILITY_PREFIX)
        for column in predictions.columns
        if str(column).startswith(PROBABILITY_PREFIX)
    ]


def whole_numbers(seeds: pd.Series) -> "pd.Series[int]":
    """Seeds as int64, or `PredictionsError` with the first row that holds no whole number."""
    numbers = pd.to_numeric(seeds, errors="coerce")
    wrong = np.flatnonzero((numbers.isna() | (numbers % 1 != 0)).to_numpy())
    if len(wrong):
        raise PredictionsError(
            f"row {wrong[0] + 1}: the seed '{seeds.iloc[wrong[0]]}' is not a whole number"
        )
    return numbers.astype(np.int64)


def check_named(table: pd.DataFrame, column: str) -> None:
    """Raises `PredictionsError` where a text column has an empty cell."""
    empty = np.flatnonzero((table[column].str.strip() == "").to_numpy())
    if len(empty):
        raise PredictionsError(
            f"row {empty[0] + 1}: `{column}` is empty ({len(empty)} such rows); "
            "scores and intervals need it for every clip"
        )


def _checked_probabilities(predictions: pd.DataFrame, classes: Sequence[str]) -> pd.DataFrame:
    given = probability_classes(predictions)
    if not given:
        return pd.DataFrame(index=predictions.index)
    if set(given) != set(classes):
        raise PredictionsError(
            f"the probability columns name the classes {sorted(given)}, "
            f"but the class set is {list(classes)}"
        )
    columns = [PROBABILITY_PREFIX + name for name in classes]
    numbers = predictions[columns].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    values = numbers.to_numpy()
    outside = np.flatnonzero(
        ~np.isfinite(values).all(axis=1) | (values < 0).any(axis=1) | (values > 1).any(axis=1)
    )
    if len(outside):
        raise PredictionsError(
            f"row {outside[0] + 1}: a probability is not a number between 0 and 1 "
            f"({len(outside)} such rows)"
        )
    sums = values.sum(axis=1)
    wrong = np.flatnonzero(np.abs(sums - 1.0) > _SUM_TOLERANCE)
    if len(wrong):
        raise PredictionsError(
            f"row {wrong[0] + 1}: the probabilities sum to {sums[wrong[0]]:.4g}, not to 1 "
            f"({len(wrong)} such rows)"
        )
    return numbers
