"""Made-up tables of predictions of action units."""

import numpy as np
import pandas as pd

UNITS = (4, 12, 7)


def unit_table(
    truth: np.ndarray, answers: np.ndarray, *, subjects: int = 4, dataset: str = "d", seed: int = 0
) -> pd.DataFrame:
    """A table from arrays `(clips, 3)` of 0 and 1; clips go round the subjects."""
    count = len(truth)
    names = [f"s{row % subjects:02d}" for row in range(count)]
    table = pd.DataFrame(
        {
            "clip_id": [f"{dataset}/{name}/{row}" for row, name in enumerate(names)],
            "dataset": dataset,
            "subject": names,
            "fold": names,
            "seed": seed,
        }
    )
    for column, unit in enumerate(UNITS):
        table[f"label_AU{unit}"] = np.asarray(truth)[:, column]
        table[f"prediction_AU{unit}"] = np.asarray(answers)[:, column]
    return table


def random_units(
    seed: int, *, clips: int = 60, accuracy: float = 0.7, run_seed: int = 0, subjects: int = 12
) -> pd.DataFrame:
    """Labels depend on `seed` alone, so tables of one seed are over the same clips."""
    truth = (np.random.default_rng(seed).random((clips, 3)) < (0.5, 0.3, 0.1)).astype(int)
    generator = np.random.default_rng([seed, run_seed, int(accuracy * 1000)])
    wrong = generator.random(truth.shape) > accuracy
    return unit_table(truth, np.where(wrong, 1 - truth, truth), subjects=subjects, seed=run_seed)
