"""Motion images in the folders from which STSTNet, HTNet and their successors train."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from .clip import Clip, IndexResult, RowProblem
from .media_files import is_image

_TEST = "u_test"


def find_fold_trees(root: Path) -> list[Path]:
    """Folders ``SUBJECT/u_test`` below `root`, sorted."""
    return sorted(path for path in root.glob(f"*/{_TEST}") if path.is_dir())


def index_folds(root: Path, trees: Sequence[Path], classes: Mapping[str, str]) -> IndexResult:
    """Read each clip from the fold that tests on it: there it lies under its own subject.

    Parameters
    ----------
    root : Path
        Folder of the folds; its name becomes the dataset.
    trees : sequence of Path
        As from `find_fold_trees`.
    classes : mapping of str to str
        Names of folders of labels to names of classes; others stay as they are.

    Returns
    -------
    IndexResult
        A subject without any image is a problem; copies of its clips in the training folders of
        others are not looked at.
    """
    dataset = root.resolve().name
    result = IndexResult([], [])
    for tree in trees:
        subject = f"{dataset}/{tree.parent.name}"
        images = [path for path in sorted(tree.glob("*/*")) if is_image(path)]
        if not images:
            result.problems.append(RowProblem(0, "source", "no image in its u_test", subject))
        for path in images:
            name, label = path.stem.strip(), path.parent.name
            result.clips.append(
                Clip(
                    clip_id=f"{subject}/{name}",
                    source=path,
                    dataset=dataset,
                    subject=subject,
                    kind="motion",
                    label=classes.get(label, label.lower()),
                )
            )
    return _without_copies(result)


def _without_copies(result: IndexResult) -> IndexResult:
    seen: dict[str, str | None] = {}
    clips = []
    for clip in result.clips:
        if clip.clip_id in seen:
            reason = f"lies under two labels, {seen[clip.clip_id]} and {clip.label}"
            result.problems.append(RowProblem(0, "label", reason, clip.clip_id))
            continue
        seen[clip.clip_id] = clip.label
        clips.append(clip)
    return IndexResult(clips, result.problems)
