"""A whole set of rendered clips on disk: frames, ground truth, manifest."""

import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..atomic_files import atomic_path
from ..datasets.manifest import Clip, write_manifest
from ..errors import InputError
from .clip_folder import claim_folder
from .clip_workers import finished_clips
from .frame_files import FRAME_FORMS, frames_path, write_frames
from .photographs import PERSON
from .renderer import SLOWEST_FPS, SMALLEST_SIZE, RenderedClip, render_clip
from .script import KINDS
from .style import ALL_STYLES, style_named


def synthesize(
    kind: str,
    out: str | Path,
    *,
    subjects: int,
    clips_per_subject: int,
    size: int = 128,
    fps: float | None = None,
    seed: int = 0,
    style: str = "plain",
    frames_as: str = "png",
    workers: int = 1,
    on_clip: Callable[[Clip], None] | None = None,
) -> list[Clip]:
    """Render clips with ground truth into a folder. The people in them do not exist.

    Writes ``frames/<subject>/<clip>/<frame>.png``, ``ground_truth/<subject>/<clip>.npz`` (see
    `ground_truth`) and, last, ``manifest.csv``. The same arguments give the same bytes, whatever
    the number of workers, and a clip does not depend on how many others there are. Interrupted and
    run again, it goes on.

    Parameters
    ----------
    kind : {"macro", "micro"}
        Size and duration of the expressions; see `render_clip`.
    out : str or Path
        Empty or new folder, or one with clips of the same settings.
    subjects, clips_per_subject : int
        At least 1. Each person shows every class in turn, so that multiples of the number of
        classes (`expressions.CLASSES`) are balanced.
    size : int
        Width and height of the frames in pixels.
    fps : float, optional
        By default 30 for macro and 100 for micro.
    seed : int
        Zero or more. Fixes people, expressions and noise.
    style : str
        One of `style.ALL_STYLES`: how rich looks and how lively faces are. ``photograph`` moves a
        real face; its `subjects` are variants of one photograph, and one person in the manifest.
    frames_as : {"png", "jpeg", "video"}
        ``video`` writes ``frames/<subject>/<clip>.avi`` instead; see `frame_files.write_frames`.
    workers : int
        Processes; 1 renders in this one. Each holds one clip in memory.
    on_clip : callable, optional
        Called in this process with each clip once it is on disk; with several workers not quite
        in order.

    Returns
    -------
    list of Clip
        `dataset` is ``rendered_macro`` or ``rendered_micro``, `subject` ``rendered_macro/s01``; in
        style ``photograph`` they are ``photograph_macro`` and ``photograph_macro/astronaut``, the
        same subject for all clips.

    Raises
    ------
    InputError
        An option is out of its range, `out` holds something else, or a clip cannot be written.
    """
    out = Path(out)
    _check(kind, subjects, clips_per_subject, size, fps, seed, style)
    _check_storage(frames_as, size, workers)
    settings = {"kind": kind, "size": size, "fps": fps or style_named(style).acting.fps(kind)}
    claim_folder(out, {**settings, "seed": seed, "style": style, "frames_as": frames_as})
    tasks = [
        _ClipTask(out, kind, subject, number, size, fps, seed, style, frames_as)
        for subject in range(subjects)
        for number in range(clips_per_subject)
    ]
    clips = _write_clips(tasks, workers, on_clip)
    write_manifest(clips, out / "manifest.csv")
    return clips


def clip_name(subject: int, clip: int) -> str:
    """What a clip of a set is called, such as ``s01/c01`` for the first of both."""
    return f"s{subject + 1:02d}/c{clip + 1:02d}"


def ground_truth(rendered: RenderedClip) -> dict[str, Any]:
    """The arrays that are stored beside a clip.

    Returns
    -------
    dict of ndarray
        ``flow`` (H, W, 2) float16, from onset to apex, pixels, u right and v down;
        ``hidden`` (H, W) bool, where that flow leads to eyeball behind a lid;
        ``unit_codes`` (K,) text, ``intensities`` (T, K) float32 and ``sides`` (K, 2) float32,
        shares of it on the person's left and right; ``distractor_codes`` (D,) and
        ``distractor_reasons`` (D,) text and ``distractor_intensities`` (T, D) float32 of units that
        do not belong to the expression; ``blinks`` (B, 2) int32, first and last frame of each;
        ``lids`` (T,) float32, 1 where shut; ``gaze`` (T, 2) float32; ``head`` (T, 5) float32, see
        `RenderedClip`; ``landmark_names`` (L,) text
        and ``landmarks`` (T, L, 2) float32 and ``eyes`` (T, 2, 2) float32, (x, y) in pixels;
        ``key_frames`` (3,) int32, onset, apex and offset; ``fps`` () float64; ``label`` () text.
    """
    key_frames = (rendered.onset, rendered.apex, rendered.offset)
    return {
        "flow": rendered.flow_from_onset(rendered.apex).astype(np.float16),
        "hidden": rendered.hidden(rendered.onset, rendered.apex),
        "unit_codes": np.array(rendered.unit_codes),
        "intensities": rendered.intensities,
        "sides": rendered.sides,
        "distractor_codes": np.array(rendered.distractor_codes, np.str_),
        "distractor_reasons": np.array(rendered.distractor_reasons, np.str_),
        "distractor_intensities": rendered.distractor_intensities,
        "blinks": np.array(rendered.blinks, np.int32).reshape(-1, 2),
        "lids": rendered.lids,
        "gaze": rendered.gaze,
        "head": rendered.head,
        "landmark_names": np.array(rendered.landmark_names),
        "landmarks": rendered.landmarks,
        "eyes": rendered.eyes,
        "key_frames": np.array(key_frames, np.int32),
        "fps": np.array(rendered.fps),
        "label": np.array(rendered.label),
    }


@dataclass(frozen=True)
class _ClipTask:
    """One clip to be rendered into a set; its ground truth says that it is there."""

    out: Path
    kind: str
    subject: int
    number: int
    size: int
    fps: float | None
    seed: int
    style: str
    frames_as: str

    @property
    def name(self) -> str:
        return clip_name(self.subject, self.number)


def _write_clips(
    tasks: list[_ClipTask], workers: int, on_clip: Callable[[Clip], None] | None
) -> list[Clip]:
    """Clips in the order of their tasks, in whatever order they end."""
    clips: dict[_ClipTask, Clip] = {}
    with contextlib.closing(finished_clips(_write_clip, tasks, workers)) as finished:
        for task, clip in finished:
            clips[task] = clip
            if on_clip is not None:
                on_clip(clip)
    return [clips[task] for task in tasks]


def _write_clip(task: _ClipTask) -> Clip:
    source = frames_path(task.out / "frames", task.name, task.frames_as)
    truth = task.out / "ground_truth" / f"{task.name}.npz"
    if not truth.is_file():
        rendered = render_clip(
            task.kind,
            subject=task.subject,
            clip=task.number,
            size=task.size,
            fps=task.fps,
            seed=task.seed,
            style=task.style,
        )
        write_frames(rendered.frames, rendered.fps, source, task.frames_as)
        # Written last: a clip with ground truth has all its frames.
        with atomic_path(truth) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **ground_truth(rendered))
    return _described(task, source, truth)


def _described(task: _ClipTask, source: Path, truth: Path) -> Clip:
    photographed = style_named(task.style).look.photographed
    dataset = f"{'photograph' if photographed else 'rendered'}_{task.kind}"
    # Variants of a photograph show one person, who must never be split between train and test.
    person = PERSON if photographed else task.name.split("/")[0]
    with np.load(truth) as arrays:
        onset, apex, offset = (int(index) for index in arrays["key_frames"])
        return Clip(
            clip_id=f"{dataset}/{task.name}",
            source=Path(os.path.abspath(source)),
            dataset=dataset,
            subject=f"{dataset}/{person}",
            kind="video" if source.suffix else "frames",
            onset=onset,
            apex=apex,
            offset=offset,
            apex_source="annotated",
            fps=float(arrays["fps"]),
            label=str(arrays["label"]),
            action_units="+".join(arrays["unit_codes"].tolist()),
        )


def _check(
    kind: str,
    subjects: int,
    clips_per_subject: int,
    size: int,
    fps: float | None,
    seed: int,
    style: str,
) -> None:
    if kind not in KINDS:
        raise InputError(f"there are no rendered clips of kind '{kind}'; use {' or '.join(KINDS)}")
    if style not in ALL_STYLES:
        raise InputError(f"there is no rendering style '{style}'; use {' or '.join(ALL_STYLES)}")
    least = {
        "subjects": (subjects, 1),
        "clips_per_subject": (clips_per_subject, 1),
        "size": (size, SMALLEST_SIZE),
        "fps": (SLOWEST_FPS if fps is None else fps, SLOWEST_FPS),
        "seed": (seed, 0),
    }
    for name, (value, lowest) in least.items():
        if not value >= lowest:
            raise InputError(f"{name} must be at least {lowest:g}, not {value:g}")


def _check_storage(frames_as: str, size: int, workers: int) -> None:
    if frames_as not in FRAME_FORMS:
        raise InputError(
            f"frames cannot be written as '{frames_as}'; use {' or '.join(FRAME_FORMS)}"
        )
    if frames_as == "video" and size % 2:
        raise InputError(f"size must be even for frames as video, not {size}")
    if workers < 1:
        raise InputError(f"workers must be at least 1, not {workers}")
