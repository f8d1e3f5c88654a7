"""Made-up runs as the folders that `train` leaves behind."""

from pathlib import Path
from typing import Any

import pandas as pd

from ma2mi_recipes.run_directory import RunDirectory
from tests.recipes.report.made_up import CLASSES, history, info, png, predictions


def run_folder(
    path: Path,
    accuracy: float = 0.7,
    *,
    tables: dict[str, pd.DataFrame] | None = None,
    pictures: tuple[str, ...] = (),
    **changes: Any,
) -> Path:
    """A finished run with predictions and history, and whatever else is given."""
    run = RunDirectory.create(path, {**info(), "classes": CLASSES, **changes})
    select = run.info["select"]
    everything = {
        "predictions.csv": predictions(accuracy).assign(select=select),
        "history.csv": history(1 + accuracy),
        **(tables or {}),
    }
    for name, table in everything.items():
        run.write_table(name, table)
    for name in pictures:
        (path / "heat_maps").mkdir(exist_ok=True)
        (path / "heat_maps" / name).write_bytes(png())
    run.finish()
    return path
