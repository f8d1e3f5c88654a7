"""Made-up runs for the report."""

import io
from typing import Any

import numpy as np
import pandas as pd

from ma2mi_recipes.report import HeatMap, ReportRun

CLASSES = ["negative", "positive", "surprise"]


def png(width: int = 160, height: int = 160, seed: int = 0) -> bytes:
    """A small valid PNG with a warm spot somewhere."""
    from matplotlib.image import imsave

    spot = np.random.default_rng(seed).uniform(0.3, 0.7, 2)
    rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    picture = np.exp(-((rows - spot[0]) ** 2 + (columns - spot[1]) ** 2) / 0.03)
    buffer = io.BytesIO()
    imsave(buffer, picture, cmap="inferno", format="png")
    return buffer.getvalue()


def predictions(
    accuracy: float,
    *,
    subjects: int = 12,
    clips: int = 6,
    datasets: tuple[str, ...] = ("casme2", "samm"),
    seeds: tuple[int, ...] = (0,),
) -> pd.DataFrame:
    """Labels are the same for every accuracy, so that runs can be compared."""
    count = subjects * clips
    labels = np.random.default_rng(1).choice(3, count, p=[0.5, 0.3, 0.2])
    tables = []
    for seed in seeds:
        generator = np.random.default_rng([seed, int(1000 * accuracy)])
        guesses = generator.integers(0, 3, count)
        answers = np.where(generator.random(count) < accuracy, labels, guesses)
        dataset = [datasets[(row // clips) % len(datasets)] for row in range(count)]
        subject = [f"{dataset[row]}/sub{row // clips + 1:02d}" for row in range(count)]
        tables.append(
            pd.DataFrame(
                {
                    "clip_id": [f"{subject[row]}/EP{row:03d}" for row in range(count)],
                    "dataset": dataset,
                    "subject": subject,
                    "label": [CLASSES[label] for label in labels],
                    "prediction": [CLASSES[answer] for answer in answers],
                    "fold": subject,
                    "seed": seed,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def history(speed: float, folds: int = 12, epochs: int = 30) -> pd.DataFrame:
    generator = np.random.default_rng(int(100 * speed))
    rows = []
    for fold in range(folds):
        for epoch in range(1, epochs + 1):
            progress = 1 - np.exp(-speed * epoch / 10)
            rows.append(
                {
                    "fold": f"sub{fold + 1:02d}",
                    "seed": 0,
                    "epoch": epoch,
                    "loss": 1.1 - 0.9 * progress + generator.normal(0, 0.03),
                    "accuracy": 0.35 + 0.6 * progress + generator.normal(0, 0.02),
                    "learning_rate": 1e-3,
                }
            )
    return pd.DataFrame(rows)


def nested_history(speed: float, folds: int = 12) -> pd.DataFrame:
    """Two inner folds a fold, then the outer training."""
    outer = history(speed, folds).assign(part="outer")
    inner = [
        history(speed, folds).assign(
            part="inner",
            inner_fold=f"fold-{number}",
            val_accuracy=lambda rows: 0.3 + 0.4 * (rows["accuracy"] - 0.35),
            val_loss=lambda rows: rows["loss"] + 0.2,
        )
        for number in (1, 2)
    ]
    return pd.concat([*inner, outer], ignore_index=True)


def peeked_history(speed: float, folds: int = 12) -> pd.DataFrame:
    rows = history(speed, folds).assign(part="outer")
    return rows.assign(held_out_accuracy=0.3 + 0.5 * (rows["accuracy"] - 0.35))


def fits(train: float = 0.97, held_out: float = 0.55, folds: int = 12) -> pd.DataFrame:
    generator = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "fold": [f"sub{fold + 1:02d}" for fold in range(folds)],
            "seed": 0,
            "epochs": 30,
            "train_accuracy": np.clip(generator.normal(train, 0.01, folds), 0, 1),
            "held_out_accuracy": np.clip(generator.normal(held_out, 0.2, folds), 0, 1),
        }
    )


def key_frames(
    accuracy: float = 0.7, frames: tuple[int, ...] = (0, 2, 4, 6, 8, 10)
) -> pd.DataFrame:
    """Accuracy falls as key frames are moved; key frames that were found cost a little."""
    loss = {"onset": 0.01, "apex": 0.03, "both": 0.035}
    tables = [
        predictions(accuracy - rate * moved).assign(moved=kind, frames=moved)
        for kind, rate in loss.items()
        for moved in frames
    ]
    tables.append(predictions(accuracy - 0.06).assign(moved="found", frames=0))
    return pd.concat(tables, ignore_index=True)


def heat_maps(count: int = 4) -> list[HeatMap]:
    """Right and wrong answers in turn."""
    return [
        HeatMap(
            f"casme2/sub{i + 1:02d}/EP{i:02d}",
            "negative",
            ("negative", "positive")[i % 2],
            0.5 + 0.4 / (i + 1),
            png(seed=i),
        )
        for i in range(count)
    ]


def baseline(model: str, accuracy: float) -> ReportRun:
    return ReportRun(
        model, info(model=model), predictions(accuracy), None, CLASSES, is_baseline=True
    )


def info(**changes: Any) -> dict[str, Any]:
    return {
        "kind": "train",
        "backend": "jax",
        "store": "demo/micro.store",
        "protocol": "leave-one-subject-out",
        "select": "last",
        "seeds": [0],
        "clips": 72,
        "subjects": 12,
        "clip_list_hash": "76cd20a534e49a82",
        "git_commit": "0f3a9e4d2c1b",
        "left_out": {},
        "versions": {"python": "3.11.2", "keras": "3.15.1", "jax": "0.10.2"},
        "command": "keras-ma2mi train demo/micro.store runs/ma2mi --pretrained runs/pretrained",
        "options": {"motion": "flow", "epochs": 30, "freeze": False, "preset": None},
        **changes,
    }


def run(name: str = "ma2mi", accuracy: float = 0.7, **changes: Any) -> ReportRun:
    values: dict[str, Any] = {
        "name": name,
        "info": info(),
        "predictions": predictions(accuracy),
        "history": history(1 + accuracy),
        "classes": CLASSES,
        "heat_maps": heat_maps(),
        **changes,
    }
    return ReportRun(**values)
