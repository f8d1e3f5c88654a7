"""A whole set of rendered clips on disk: frames, ground truth, manifest."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from ..atomic_files import atomic_path
from ..datasets.manifest import Clip, write_manifest
from ..errors import InputError
from .renderer import SLOWEST_FPS, SMALLEST_SIZE, RenderedClip, render_clip
from .script import KINDS
from .style import STYLES, style_named

# Counts up whenever the same seed gives other pictures, so that two versions never mix in a folder.
RENDERER_VERSION = 1
_SETTINGS = "synthesis.json"


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
    on_clip: Callable[[Clip], None] | None = None,
) -> list[Clip]:
    """Render clips with ground truth into a folder. The people in them do not exist.

    Writes ``frames/<subject>/<clip>/<frame>.png``, ``ground_truth/<subject>/<clip>.npz`` (see
    `ground_truth`) and, last, ``manifest.csv``. The same arguments give the same bytes, and a clip
    does not depend on how many others there are. Interrupted and run again, it goes on.

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
        One of `style.STYLES`: how rich looks and how lively faces are.
    on_clip : callable, optional
        Called with each clip once it is on disk.

    Returns
    -------
    list of Clip
        `dataset` is ``rendered_macro`` or ``rendered_micro``, `subject` ``rendered_macro/s01``.

    Raises
    ------
    InputError
        An option is out of its range, or `out` holds something else.
    """
    out = Path(out)
    _check(kind, subjects, clips_per_subject, size, fps, seed, style)
    fps_of_kind = fps or style_named(style).acting.fps(kind)
    _claim(out, {"kind": kind, "size": size, "fps": fps_of_kind, "seed": seed, "style": style})
    clips = []
    for subject in range(subjects):
        for number in range(clips_per_subject):
            clip = _write_clip(
                out, kind, subject, number, size=size, fps=fps, seed=seed, style=style
            )
            clips.append(clip)
            if on_clip is not None:
                on_clip(clip)
    write_manifest(clips, out / "manifest.csv")
    return clips


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


def _write_clip(
    out: Path,
    kind: str,
    subject: int,
    number: int,
    *,
    size: int,
    fps: float | None,
    seed: int,
    style: str,
) -> Clip:
    name = f"s{subject + 1:02d}/c{number + 1:02d}"
    source, truth = out / "frames" / name, out / "ground_truth" / f"{name}.npz"
    if not truth.is_file():
        rendered = render_clip(
            kind, subject=subject, clip=number, size=size, fps=fps, seed=seed, style=style
        )
        _write_frames(rendered, source)
        # Written last: a clip with ground truth has all its frames.
        with atomic_path(truth) as temporary, temporary.open("wb") as file:
            np.savez_compressed(file, **ground_truth(rendered))
    return _described(f"rendered_{kind}", name, source, truth)


def _write_frames(rendered: RenderedClip, folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"cannot make the folder {folder}: {error.strerror}") from error
    for index, frame in enumerate(rendered.frames):
        path = folder / f"{index:05d}.png"
        if not cv2.imwrite(str(path), cv2.cvtColor(frame, cv2.COLOR_RGB2BGR)):
            raise InputError(f"cannot write {path}; is the disk full?")


def _described(dataset: str, name: str, source: Path, truth: Path) -> Clip:
    with np.load(truth) as arrays:
        onset, apex, offset = (int(index) for index in arrays["key_frames"])
        return Clip(
            clip_id=f"{dataset}/{name}",
            source=Path(os.path.abspath(source)),
            dataset=dataset,
            subject=f"{dataset}/{name.split('/')[0]}",
            kind="frames",
            onset=onset,
            apex=apex,
            offset=offset,
            apex_source="annotated",
            fps=float(arrays["fps"]),
            label=str(arrays["label"]),
            action_units="+".join(arrays["unit_codes"].tolist()),
        )


def _claim(out: Path, settings: dict[str, object]) -> None:
    """Make sure that `out` is ours and was filled with the same settings, or is empty."""
    settings = {"renderer": RENDERER_VERSION, **settings}
    path = out / _SETTINGS
    if path.is_file():
        found = _read_settings(path)
        different = [name for name, value in settings.items() if found.get(name) != value]
        if different:
            before = ", ".join(f"{name} {found.get(name)}" for name in different)
            raise InputError(f"{out} holds clips rendered with {before}; choose another folder")
        return
    if out.exists() and (not out.is_dir() or any(_visible(out))):
        raise InputError(f"{out} is not empty and was not made by this command; name a new folder")
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def _visible(folder: Path) -> Iterator[Path]:
    return (entry for entry in folder.iterdir() if not entry.name.startswith("."))


def _read_settings(path: Path) -> dict[str, object]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}; render into another folder") from error
    # Folders from before there were styles do not name theirs.
    return {"style": "plain", **settings} if isinstance(settings, dict) else {}


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
    if style not in STYLES:
        raise InputError(f"there is no rendering style '{style}'; use {' or '.join(STYLES)}")
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
