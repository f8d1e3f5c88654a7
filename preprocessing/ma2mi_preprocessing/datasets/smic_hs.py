"""SMIC-HS: the cut clips of the high-speed camera, 100 frames a second; folders are the labels."""

from collections.abc import Iterator
from pathlib import Path

from ..errors import InputError
from . import smic_names
from .adapter import Adapter
from .clip import Clip, IndexResult, Repair, RowProblem
from .clip_sources import ClipSource, ClipSources, Place

EXPECTED_TREE = """\
ROOT/
  SMIC_all_raw/HS/s1/micro/negative/s1_ne_01/image000123.bmp ...      whole pictures,
  SMIC_all_cropped/HS/s1/micro/negative/s1_ne_01/reg_image000123.bmp  or cropped by its authors
No table is needed: the folder of a clip is its label (negative, positive, surprise).
Folders VIS, NIR and non_micro may be there, and are not read.
"""

DATASET = smic_names.DATASET
FPS = 100.0

_LABELS = frozenset(smic_names.EMOTION_OF_CODE.values())


def index_smic_hs(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the cut clips of SMIC-HS.

    A clip runs from its first to its last frame; no apex is annotated, so it is the middle.

    Parameters
    ----------
    root : Path
        Folder that holds the frames, see `EXPECTED_TREE`.
    repairs : bool
        Without effect: there is no annotation.

    Returns
    -------
    IndexResult
        Clips sorted by name, ``smic/s01/s01_ne_01``: padded, as the long release writes it.
        Labels: negative, positive, surprise.

    Raises
    ------
    InputError
        There is no such folder, or no clip in it.
    """
    if not root.is_dir():
        raise InputError(f"{root} is not a folder; give the one that holds SMIC_all_raw")
    skipped: list[Path] = []
    sources = ClipSources.find(root, lambda path: _place(path, root, skipped))
    found = sources.outside(set())
    if not found:
        raise InputError(f"no folder such as micro/negative/s1_ne_01 in {root}; check the path")
    result = IndexResult([], [])
    for source in found:
        numbers = sources.numbers(source).numbers
        clip_id = f"{DATASET}/{source.place.subject}/{source.place.name}"
        if not numbers:
            reason = f"{clip_id}: there is no numbered frame in {source.path.relative_to(root)}"
            result.problems.append(RowProblem(0, "source", reason, clip_id))
            continue
        result.clips.append(_clip(source, clip_id, len(numbers)))
        lacking = sources.numbers(source).missing(numbers[0], numbers[-1])
        if lacking:
            total = len(numbers) + len(lacking)
            reason = f"frames are missing between the first and the last, the first is {lacking[0]}"
            result.repairs.append(
                Repair(0, clip_id, "frames", str(total), str(len(numbers)), reason)
            )
    result.notices.extend(_notices(result, found, sources, len(skipped)))
    return result


def _place(path: Path, root: Path, skipped: list[Path]) -> Place | None:
    # Above <subject>/micro/<label>/<clip>.
    parents = path.parents
    place = smic_names.place(path, parents[min(3, len(parents) - 1)])
    if place is None:
        return None
    if path.parent.name.lower() not in _LABELS or smic_names.of_another_camera(
        path.relative_to(root)
    ):
        skipped.append(path)
        return None
    return place


def _clip(source: ClipSource, clip_id: str, frames: int) -> Clip:
    return Clip(
        clip_id=clip_id,
        source=source.path,
        dataset=DATASET,
        subject=f"{DATASET}/{source.place.subject}",
        kind=source.kind,
        onset=0,
        apex=(frames - 1) // 2,
        offset=frames - 1,
        apex_source="midpoint",
        fps=FPS,
        label=source.path.parent.name.lower(),
    )


def _notices(
    result: IndexResult, found: list[ClipSource], sources: ClipSources, skipped: int
) -> Iterator[str]:
    yield f"clips whose apex is the middle frame, as none is annotated: {len(result.clips)}"
    if skipped:
        yield f"folders of other cameras, or without micro-expression, not read: {skipped}"
    for clip in result.clips:
        code = clip.clip_id.rsplit("/", 1)[-1].split("_")[1]
        expected = smic_names.EMOTION_OF_CODE[code]
        if clip.label != expected:
            said = f"the folder says {clip.label}, the name {expected}"
            yield f"{clip.clip_id}: {said}; the folder counts"
    yield from sources.choice(found)


ADAPTER = Adapter(
    name="smic_hs",
    description="SMIC-HS, cut clips, raw or cropped",
    expected_tree=EXPECTED_TREE,
    read=index_smic_hs,
)
