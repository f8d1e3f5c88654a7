"""Small clips on disk: a textured square that moves by a known amount each frame."""

from pathlib import Path

import cv2
import numpy as np

from ma2mi_preprocessing.datasets.manifest import Clip
from ma2mi_preprocessing.options import PreprocessOptions

SIZE = 32
OPTIONS = PreprocessOptions(size=SIZE, detector="none", pairs_per_clip=3)


def moving_texture(frames: int, speed: float = 0.5, seed: int = 0) -> np.ndarray:
    """(T, 32, 32, 3) uint8; the texture moves `speed` pixels to the right each frame."""
    random = np.random.default_rng(seed)
    texture = cv2.GaussianBlur(random.uniform(0, 255, (SIZE, 2 * SIZE, 3)), (0, 0), 2.0)
    texture = cv2.normalize(texture, None, 0, 255, cv2.NORM_MINMAX)
    moved = [
        cv2.warpAffine(texture, np.array([[1, 0, speed * t], [0, 1, 0.0]]), (2 * SIZE, SIZE))
        for t in range(frames)
    ]
    return np.rint(moved)[:, :, SIZE // 2 : SIZE // 2 + SIZE].clip(0, 255).astype(np.uint8)


def frame_folder(root: Path, name: str, frames: int = 6, **changes: object) -> Clip:
    """Write a folder of PNG frames and describe it as a clip."""
    folder = root / name
    folder.mkdir(parents=True)
    for index, frame in enumerate(moving_texture(frames, seed=sum(map(ord, name)))):
        assert cv2.imwrite(str(folder / f"img{index + 1}.png"), frame[..., ::-1])
    values: dict[str, object] = {"clip_id": name, "source": folder, "kind": "frames", "fps": 25.0}
    return Clip(**{**values, **changes})  # type: ignore[arg-type]


def annotated(root: Path, name: str, **changes: object) -> Clip:
    """A clip of six frames with onset 1, apex 3, offset 5."""
    keys = {"onset": 1, "apex": 3, "offset": 5, "label": "happiness", "subject": "lab/s1"}
    return frame_folder(root, name, **{**keys, **changes})
