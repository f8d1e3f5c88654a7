"""Videos of two rendered people, side by side or passing each other."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from ma2mi_preprocessing.datasets.manifest import Clip
from ma2mi_preprocessing.faces.alignment import align_frame, eye_transform
from ma2mi_preprocessing.synthesis import render_clip

HEIGHT, WIDTH = 300, 640
FPS = 10.0

Place = Callable[[int], tuple[float, float] | None]
"""Frame to (x of the middle, side) of a person's picture in pixels; None: not there."""


class Person:
    """Stands still in a picture that is put somewhere in a larger one."""

    def __init__(self, subject: int) -> None:
        clip = render_clip("micro", subject=subject, size=256, noise=False, head_motion=False)
        self.picture = clip.frames[0]
        (left_x, left_y), (right_x, right_y) = clip.eyes[0].astype(float)
        transform = eye_transform((left_x, left_y), (right_x, right_y), 64)
        self.aligned = align_frame(self.picture, transform, 64).astype(float)


def filmed(people: list[Person], places: list[Place], frames: int) -> list[np.ndarray]:
    """(300, 640, 3) frames; people later in the list are in front."""
    film = []
    for number in range(frames):
        frame = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
        for person, place in zip(people, places, strict=True):
            at = place(number)
            if at is None:
                continue
            x, side = round(at[0] - at[1] / 2), round(at[1])
            picture = cv2.resize(person.picture, (side, side), interpolation=cv2.INTER_AREA)
            y = (HEIGHT - side) // 2
            first, last = max(0, x), min(WIDTH, x + side)
            if first < last:
                frame[y : y + side, first:last] = picture[:, first - x : last - x]
        film.append(frame)
    return film


def written(film: list[np.ndarray], folder: Path, **changes: object) -> Clip:
    """The film as a clip of PNG frames."""
    folder.mkdir(parents=True)
    for number, frame in enumerate(film):
        assert cv2.imwrite(str(folder / f"{number:03d}.png"), frame[..., ::-1])
    values: dict[str, object] = {"clip_id": "a", "source": folder, "kind": "frames", "fps": FPS}
    return Clip(**{**values, **changes})  # type: ignore[arg-type]


def who(crop: np.ndarray, people: list[Person]) -> int:
    """Which person an aligned face of 64 pixels shows."""
    middle = np.s_[8:56, 12:52]
    return int(
        np.argmin([np.abs(crop[middle] - person.aligned[middle]).mean() for person in people])
    )
