"""A folder of u-v-strain images with a table of labels, as published releases come."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd

from ma2mi_preprocessing.motion import optical_strain
from ma2mi_preprocessing.motion_scaling import minmax_scaled
from ma2mi_preprocessing.synthesis import render_clip

SIZE = 28
LABELS = ("negative", "positive", "surprise")


def motion_of(subject: int, clip: int) -> np.ndarray:
    """True u, v, strain of a rendered clip from onset to apex, (28, 28, 3), in pixels of 28."""
    rendered = render_clip("micro", subject=subject, clip=clip, size=64)
    flow = rendered.flow_from_onset(rendered.apex).astype(np.float32)
    flow = cv2.resize(flow, (SIZE, SIZE), interpolation=cv2.INTER_AREA) * (SIZE / 64)
    return np.concatenate([flow, optical_strain(flow)[..., None]], axis=-1)


def write_release(folder: Path, subjects: int = 3, clips: int = 3) -> pd.DataFrame:
    """Writes `images/*.png` and `labels.csv`; returns the table."""
    (folder / "images").mkdir(parents=True)
    rows = []
    for subject in range(subjects):
        for clip in range(clips):
            image = np.rint(minmax_scaled(motion_of(subject, clip)) * 255).astype(np.uint8)
            name = f"s{subject + 1:02d}_ep{clip + 1:02d}"
            # OpenCV takes the first channel for blue: the file's red is strain.
            cv2.imwrite(str(folder / "images" / f"{name}.png"), image)
            rows.append({"file": name, "subject": f"s{subject + 1:02d}", "label": LABELS[clip % 3]})
    table = pd.DataFrame(rows)
    table.to_csv(folder / "labels.csv", index=False)
    return table
