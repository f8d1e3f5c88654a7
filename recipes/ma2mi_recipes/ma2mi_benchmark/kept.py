"""How a finished piece of the benchmark lies on disk."""

import json
from pathlib import Path
from typing import Any

import pandas as pd

from ma2mi_preprocessing.atomic_files import atomic_path


def keep_predictions(path: Path, predictions: pd.DataFrame, facts: dict[str, Any]) -> None:
    """Writes predictions, and facts about them beside them as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path.with_suffix(".json")) as partial:
        partial.write_text(json.dumps(facts) + "\n", encoding="utf-8")
    # Written last: predictions that are there have all that belongs to them.
    keep_table(path, predictions)


def read_facts(path: Path) -> dict[str, Any]:
    """What lies beside the predictions at `path`."""
    facts: dict[str, Any] = json.loads(path.with_suffix(".json").read_text("utf-8"))
    return facts


def keep_table(path: Path, table: pd.DataFrame) -> None:
    """Writes a table as CSV, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_path(path) as partial:
        table.to_csv(partial, index=False)
