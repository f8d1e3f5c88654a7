"""The table of predictions of action units: several answers a clip, each yes or no."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from keras_ma2mi.evaluation.action_units import unit_name
from keras_ma2mi.evaluation.confusion import check_rows, quoted
from keras_ma2mi.evaluation.errors import PredictionsError
from keras_ma2mi.evaluation.predictions import (
    check_columns,
    check_named,
    in_one_form,
    read_text_table,
)

ACTION_UNIT_COLUMNS = ("clip_id", "dataset", "subject", "fold", "seed")
"""Columns of a table of predicted action units, before those of the units."""
LABEL, PREDICTION, PROBABILITY = "label_", "prediction_", "probability_"


def read_action_unit_predictions(
    path: Path | str, units: Sequence[int] | None = None
) -> pd.DataFrame:
    """Reads and checks a CSV of predictions of action units, pooled over folds.

    Args:
        path: CSV with the columns `clip_id` and `subject`, `label_AU4` and `prediction_AU4` (0 or
            1) for every unit, and optionally `dataset`, `fold`, `seed` and `probability_AU4`.
        units: FACS numbers that are scored. Without it, the label columns state them.

    Returns:
        A table as `check_action_unit_predictions` returns it.

    Raises:
        PredictionsError: (a `ValueError`) one line with the file, what is wrong and where.
    """
    table = read_text_table(path)
    try:
        return check_action_unit_predictions(table, predicted_units(table, units))
    except PredictionsError as error:
        raise PredictionsError(f"{path}: {error}") from None


def predicts_action_units(path: Path | str) -> bool:
    """Whether the header of a CSV of predictions names action units instead of one class a clip.

    Args:
        path: CSV of predictions, of a run or of anybody's code.

    Raises:
        PredictionsError: one line with the file and the reason why it cannot be read.
    """
    prefix = LABEL + "AU"
    return any(str(column).startswith(prefix) for column in read_text_table(path, rows=0))


def check_action_unit_predictions(
    predictions: pd.DataFrame, units: Sequence[int] | None = None
) -> pd.DataFrame:
    """Checks a table of predictions of action units and brings its columns into one form.

    Args:
        predictions: one row a clip and seed, with all of `ACTION_UNIT_COLUMNS`, labels and
            predictions of 0 and 1, and probabilities of all units or of none.
        units: FACS numbers that are scored; default: those of the label columns.

    Returns:
        A new table: `ACTION_UNIT_COLUMNS`, then `label_AU...`, `prediction_AU...` (int64) and, if
        there are any, `probability_AU...` (float64), each in the order of `units`. Columns of
        other units are left out.

    Raises:
        PredictionsError: (a `ValueError`) if a column is missing, a value is not 0 or 1, a
            probability is not between 0 and 1, a subject is empty, a clip is predicted twice with
            one seed, or the seeds cover different clips or disagree about a label.
    """
    names = [unit_name(unit) for unit in predicted_units(predictions, units)]
    predictions = predictions.reset_index(drop=True)
    needed = [*ACTION_UNIT_COLUMNS, *_columns(LABEL, names), *_columns(PREDICTION, names)]
    check_columns(predictions, needed)
    table = in_one_form(predictions, ACTION_UNIT_COLUMNS)
    check_named(table, "clip_id")
    check_named(table, "subject")
    check_rows(table, ("clip_id", "subject"))
    answers = pd.DataFrame({column: _binary(predictions[column]) for column in needed[5:]})
    table = pd.concat([table, answers, _probabilities(predictions, names)], axis=1)
    _check_same_truth(table, _columns(LABEL, names))
    return table


def predicted_units(
    predictions: pd.DataFrame, units: Sequence[int] | None = None
) -> tuple[int, ...]:
    """The units that are scored: those given, else those of the label columns in their order.

    Raises:
        PredictionsError: if there are none.
        ValueError: if the units given are empty or repeat themselves.
    """
    if units is not None:
        if not units or len(set(units)) != len(units):
            raise ValueError(
                f"`units` must be a non-empty sequence of different numbers. Received: {units}"
            )
        return tuple(int(unit) for unit in units)
    prefix = LABEL + "AU"
    found = [str(name)[len(prefix) :] for name in predictions if str(name).startswith(prefix)]
    if not found or not all(name.isdecimal() for name in found):
        raise PredictionsError(
            "no `label_AU<number>` columns to tell the action units; the predictions of a clip "
            "need label_AU4 and prediction_AU4 for each unit"
        )
    return tuple(int(name) for name in found)


def _columns(prefix: str, names: Sequence[str]) -> list[str]:
    return [prefix + name for name in names]


def _binary(values: pd.Series) -> "pd.Series[int]":
    numbers = pd.to_numeric(values, errors="coerce")
    wrong = np.flatnonzero(~numbers.isin([0, 1]).to_numpy())
    if len(wrong):
        raise PredictionsError(
            f"row {wrong[0] + 1}: `{values.name}` is '{values.iloc[wrong[0]]}', not 0 or 1 "
            f"({len(wrong)} such rows)"
        )
    return numbers.astype(np.int64)


def _probabilities(predictions: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    columns = _columns(PROBABILITY, names)
    lacking = [column for column in columns if column not in predictions]
    if len(lacking) == len(columns):
        return pd.DataFrame(index=predictions.index)
    if lacking:
        raise PredictionsError(
            f"the predictions lack {quoted(lacking)}; give a probability for every unit or none"
        )
    numbers = predictions[columns].apply(pd.to_numeric, errors="coerce").astype(np.float64)
    values = numbers.to_numpy()
    wrong = np.flatnonzero(~((values >= 0) & (values <= 1)).all(axis=1))
    if len(wrong):
        raise PredictionsError(
            f"row {wrong[0] + 1}: a probability is not a number between 0 and 1 "
            f"({len(wrong)} such rows)"
        )
    return numbers


def _check_same_truth(table: pd.DataFrame, labels: Sequence[str]) -> None:
    kinds = table[["clip_id", *labels]].drop_duplicates()
    contrary = kinds.loc[kinds["clip_id"].duplicated(), "clip_id"]
    if len(contrary):
        raise PredictionsError(
            f"the seeds disagree about the labels of {contrary.nunique()} clips: "
            f"{quoted(contrary.unique())}"
        )
