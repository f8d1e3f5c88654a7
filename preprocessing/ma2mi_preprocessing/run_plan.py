"""What a run has to do: which clips are up to date, which were rejected, which are to be made."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .datasets.clip import Clip
from .errors import InputError
from .options import PreprocessOptions
from .store import ClipStore
from .store_format import clip_key, file_states, folder_prefix, options_hash, prefix_of_folder
from .store_tables import Rejection, clip_folders, read_options, read_rejections

# Rejections for these reasons say something about the machine, not about the clip: try again.
_PASSING_STAGES = frozenset({"worker", "write"})


@dataclass(frozen=True)
class Task:
    """One clip to be made, with all that a worker needs.

    Attributes
    ----------
    clip : Clip
    key, options_hash : str
        As in `store_format`.
    replaces : tuple of str
        Folders of earlier versions of this clip.
    contact_sheet : bool
        Whether a picture of the clip is drawn.
    source_bytes : int
        Size of the source's files.
    measured : bool
        Whether the outcome says where the time went.
    """

    clip: Clip
    options: PreprocessOptions
    store: Path
    key: str
    options_hash: str
    replaces: tuple[str, ...]
    contact_sheet: bool
    source_bytes: int = 0
    measured: bool = False


@dataclass
class RunPlan:
    """What `preprocess` has to do.

    Attributes
    ----------
    tasks : list of Task
    kept : list of str
        Clips that are up to date.
    superseded : list of str
        Folders of earlier versions of these, left by a run that was killed.
    rejected : list of Rejection
        Clips that cannot be read at all, or were rejected before and have not changed since.
    options_changed : bool
        Whether the store was made with other options.
    """

    tasks: list[Task] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    superseded: list[str] = field(default_factory=list)
    rejected: list[Rejection] = field(default_factory=list)
    options_changed: bool = False


def plan_run(
    clips: Sequence[Clip],
    store: Path,
    options: PreprocessOptions,
    *,
    contact_sheets: bool,
    measured: bool = False,
) -> RunPlan:
    """Compare clips with what a store holds; nothing is written.

    Raises
    ------
    InputError
        The folder is not a store, or the store holds clips made with other options that are not
        among these clips: it would become a mixture.
    """
    hash_of_options = options_hash(options)
    plan = RunPlan()
    folders: dict[str, list[str]] = {}
    refused: dict[str, Rejection] = {}
    if store.exists() and (not store.is_dir() or any(store.iterdir())):
        ClipStore(store)
        for name in sorted(clip_folders(store)):
            folders.setdefault(prefix_of_folder(name), []).append(name)
        refused = _still_refused(store)
        before = read_options(store)
        plan.options_changed = before is not None and before["options_hash"] != hash_of_options
    if plan.options_changed:
        _check_no_mixture(clips, store, set(folders))
    for clip in clips:
        prefix = folder_prefix(clip.clip_id)
        there = folders.get(prefix, [])
        try:
            states = file_states(clip.source)
            key = clip_key(clip, hash_of_options, states)
        except InputError as error:
            plan.rejected.append(Rejection(clip.clip_id, "read", str(error)))
            continue
        if prefix + key in there:
            plan.kept.append(clip.clip_id)
            plan.superseded += [name for name in there if name != prefix + key]
        elif key in refused and refused[key].clip_id == clip.clip_id:
            plan.rejected.append(refused[key])
        else:
            plan.tasks.append(
                Task(
                    clip,
                    options,
                    store,
                    key,
                    hash_of_options,
                    replaces=tuple(there),
                    contact_sheet=contact_sheets,
                    source_bytes=sum(size for _, size, _ in states),
                    measured=measured,
                )
            )
    return plan


def _still_refused(store: Path) -> dict[str, Rejection]:
    refused = {}
    for row in read_rejections(store).to_dict("records"):
        rejection = Rejection(**{str(name): str(value) for name, value in row.items()})
        if rejection.key and rejection.stage not in _PASSING_STAGES:
            refused[rejection.key] = rejection
    return refused


def _check_no_mixture(clips: Sequence[Clip], store: Path, prefixes: set[str]) -> None:
    others = prefixes - {folder_prefix(clip.clip_id) for clip in clips}
    if others:
        example = min(others).rstrip("-")
        raise InputError(
            f"{store} holds {len(others)} clips made with other options that are not among these "
            f"clips (such as {example}); give another store, or the options in its options.json"
        )
