"""Key frames that were found in the frames of clips, beside the annotated ones."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from ma2mi_preprocessing.spotting import find_strongest_event
from ma2mi_recipes.key_frame_pairs import PlacedPair, placed
from ma2mi_recipes.key_frame_samples import Annotated, KeyFrameSamples, in_threads
from ma2mi_recipes.run_directory import RunDirectory

FOUND_FILE = "found_key_frames.csv"

_searched_before: dict[tuple[str, ...], pd.DataFrame] = {}
"""What this process has found: several runs on the same clips search once."""


def found_key_frames(
    run: RunDirectory, samples: KeyFrameSamples, on_clip: Callable[[], None] = lambda: None
) -> dict[int, PlacedPair]:
    """Onset and apex of each movable clip, found without its annotation.

    Looked for once a run, in all stored frames of a clip, and kept in `found_key_frames.csv`.

    Args:
        run: Where they are kept.
        samples: The clips.
        on_clip: Called after each clip that is looked at.

    Returns:
        Row of a clip to what was found.
    """
    if not samples.movable:
        return {}
    if not (run.path / FOUND_FILE).is_file():
        name = samples.identity
        if name not in _searched_before:
            _searched_before[name] = _searched(samples, on_clip)
        run.write_table(FOUND_FILE, _searched_before[name])
    table = run.read_table(FOUND_FILE)
    pairs = dict(
        zip(
            table["clip_id"],
            zip(table["found_onset"], table["found_apex"], strict=True),
            strict=True,
        )
    )
    return {
        row: placed(clip.pair, (int(pair[0]), int(pair[1])))
        for row, clip in samples.movable.items()
        for pair in [pairs[samples.clips.clip_ids[row]]]
    }


def search_left(run_path: Path, samples: KeyFrameSamples) -> int:
    """How many clips are still to be looked at, for a progress bar."""
    known = (run_path / FOUND_FILE).is_file() or samples.identity in _searched_before
    return 0 if known else len(samples.movable)


def _searched(samples: KeyFrameSamples, on_clip: Callable[[], None]) -> pd.DataFrame:
    def search(clip: Annotated) -> dict[str, object]:
        frames, fps = samples.frames(clip.row)
        keys = find_strongest_event(frames, fps)
        # A movement that fades from the first frame on has no onset before its apex.
        apex = max(keys.apex, 1)
        onset = min(keys.onset, apex - 1)
        return {
            "clip_id": samples.clips.clip_ids[clip.row],
            "onset": clip.pair[0],
            "apex": clip.pair[1],
            "found_onset": onset,
            "found_apex": apex,
            "onset_error": onset - clip.pair[0],
            "apex_error": apex - clip.pair[1],
            "frames": clip.frames,
            "contrast": round(keys.contrast, 2),
        }

    lines = []
    for line in in_threads(search, list(samples.movable.values())):
        lines.append(line)
        on_clip()
    return pd.DataFrame(lines)
