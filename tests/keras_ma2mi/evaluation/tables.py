"""Made-up tables of predictions."""

import numpy as np
import pandas as pd

CLASSES = ["negative", "positive", "surprise"]


def table(rows: str, dataset: str = "d") -> pd.DataFrame:
    """A table from words such as `s1:np`: subject, first letter of label, of prediction."""
    by_letter = {name[0]: name for name in CLASSES}
    parts = [word.split(":") for word in rows.split()]
    return pd.DataFrame(
        {
            "clip_id": [f"{dataset}/clip{number}" for number in range(len(parts))],
            "dataset": dataset,
            "subject": [subject for subject, _ in parts],
            "label": [by_letter[pair[0]] for _, pair in parts],
            "prediction": [by_letter[pair[1]] for _, pair in parts],
            "fold": [subject for subject, _ in parts],
            "seed": 0,
        }
    )


def random_table(
    seed: int, *, subjects: int = 20, clips: int = 5, accuracy: float = 0.5, run_seed: int = 0
) -> pd.DataFrame:
    """Labels depend on `seed` alone, so tables of one seed are over the same clips."""
    labels = np.random.default_rng(seed).integers(0, 3, subjects * clips)
    generator = np.random.default_rng([seed, run_seed, int(accuracy * 1000)])
    guesses = generator.integers(0, 3, labels.size)
    predictions = np.where(generator.random(labels.size) < accuracy, labels, guesses)
    names = [f"s{number // clips:02d}" for number in range(labels.size)]
    return pd.DataFrame(
        {
            "clip_id": [f"{name}/{number}" for number, name in enumerate(names)],
            "dataset": "d",
            "subject": names,
            "label": [CLASSES[code] for code in labels],
            "prediction": [CLASSES[code] for code in predictions],
            "fold": names,
            "seed": run_seed,
        }
    )
