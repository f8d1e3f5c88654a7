"""Detectors and alignments on real videos, where no truth is known."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..datasets.media_files import is_video
from ..errors import InputError
from ..faces.alignment import align_frame
from ..faces.detection import FaceDetector
from ..faces.rigid_motion import rigid_motion
from ..flow import optical_flow_tvl1
from ..video import probe, read_frames
from .alignments import (
    CLIP,
    CLIP_RIGID,
    EACH_FRAME,
    TRACK,
    TRACK_RIGID,
    Images,
    Remembered,
    Transforms,
    each_frame,
    followed,
    one_a_clip,
    stabilised,
)
from .faces import jitter
from .known_heads import SIZE

_ASSUMED_FPS = 25.0
_FEWEST_FRAMES = 8


@dataclass(frozen=True)
class VideoRow:
    """One detector on one video.

    Attributes
    ----------
    video : str
        File name.
    detector : str
    frames : int
        Frames looked at, from the beginning on.
    found : float
        Share of them with a face, 0..1.
    most_faces : int
        Faces in the frame with most of them.
    milliseconds : float
        Median CPU time of a detection.
    eye_jitter : float or None
        High-frequency part of the found eyes' positions in the stabilised crop (see
        `faces.MotionRow`), pixels of 224; None where no face is found often enough.
    shake : dict of str to float
        By kind of alignment: high-frequency part of the movement of the aligned face, as the skin
        shows it, pixels of 224.
    """

    video: str
    detector: str
    frames: int
    found: float
    most_faces: int
    milliseconds: float
    eye_jitter: float | None
    shake: dict[str, float]


def benchmark_videos(
    folder: str | Path,
    detectors: Sequence[FaceDetector],
    *,
    most_frames: int,
    on_video: Callable[[], None] | None = None,
) -> list[VideoRow]:
    """Measure each video of a folder with each detector.

    Raises
    ------
    InputError
        The folder holds no video.
    """
    rows = []
    for path in videos_of(folder):
        images = list(islice(read_frames(path), most_frames))
        fps = probe(path).fps or _ASSUMED_FPS
        rows += [_row(path.name, images, fps, detector) for detector in detectors]
        if on_video is not None:
            on_video()
    return rows


def videos_of(folder: str | Path) -> list[Path]:
    """Video files of a folder, by name."""
    folder = Path(folder)
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    paths = [path for path in paths if is_video(path)]
    if not paths:
        raise InputError(f"there are no videos in {folder}; give a folder with video files")
    return paths


def _row(name: str, images: Images, fps: float, detector: FaceDetector) -> VideoRow:
    remembered = Remembered(detector)
    counts = [len(remembered.detect(image)) for image in images]
    seen = _longest_run(counts)
    run = [images[index] for index in seen]
    eye_jitter: float | None = None
    shake: dict[str, float] = {}
    if len(run) >= _FEWEST_FRAMES:
        ways = _ways(run, remembered, fps)
        shake = {method: _shake(run, transforms) for method, transforms in ways.items()}
        eye_jitter = jitter(_eyes_in_crop(run, remembered, ways[TRACK_RIGID]))
    return VideoRow(
        video=name,
        detector=detector.name,
        frames=len(images),
        found=float(np.mean(np.array(counts) > 0)),
        most_faces=max(counts),
        milliseconds=1000 * statistics.median(remembered.seconds),
        eye_jitter=eye_jitter,
        shake=shake,
    )


def _longest_run(counts: Sequence[int]) -> range:
    """Longest run of frames with a face in each."""
    best, start = range(0), 0
    for index, count in enumerate([*counts, 0]):
        if count:
            continue
        if index - start > len(best):
            best = range(start, index)
        start = index + 1
    return best


def _ways(run: Images, detector: FaceDetector, fps: float) -> dict[str, Transforms]:
    ways = {
        EACH_FRAME: each_frame(run, detector, SIZE),
        TRACK: followed(run, detector, SIZE, fps),
        CLIP: one_a_clip(run, detector, SIZE, 0),
    }
    ways[TRACK_RIGID] = stabilised(run, ways[TRACK], SIZE, 0, fps)[0]
    ways[CLIP_RIGID] = stabilised(run, ways[CLIP], SIZE, 0, None)[0]
    return ways


def _shake(run: Images, transforms: Transforms) -> float:
    gray = [
        align_frame(np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8), matrix, SIZE)
        for image, matrix in zip(run, transforms, strict=True)
    ]
    centre = np.array([SIZE / 2, SIZE / 2, 1.0])
    steps = [
        (rigid_motion(optical_flow_tvl1(first, second)).matrix @ centre - centre)[:2]
        for first, second in pairwise(gray)
    ]
    positions = np.vstack([np.zeros((1, 2)), np.cumsum(steps, axis=0)])
    return jitter(positions)


def _eyes_in_crop(
    run: Images, detector: FaceDetector, transforms: Transforms
) -> NDArray[np.float64]:
    """Eyes of the largest face of each frame, (T, 2, 2) pixels of the crop."""
    eyes = []
    for image, matrix in zip(run, transforms, strict=True):
        face = detector.detect(image)[0]
        points = np.array([(*face.left_eye, 1.0), (*face.right_eye, 1.0)])
        eyes.append(points @ matrix.T)
    return np.stack(eyes)
