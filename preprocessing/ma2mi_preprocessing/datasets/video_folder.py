"""A folder of face videos, or of folders of frames, without annotations."""

from collections import Counter
from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .clip import Clip, IndexResult
from .media_files import VIDEO_SUFFIXES, is_image, is_video, walk_sorted
from .rows import subject_with_dataset

EXPECTED_TREE = """\
FOLDER/
  clip.mp4              a video (.mp4 .mov .avi .mkv .webm ...),
  clip2/frame_001.jpg   or a folder of numbered images, is one clip
  sub01/clip3.mp4       in a folder of its own, that folder is the subject
"""


def index_videos(root: Path, *, repairs: bool = True) -> IndexResult:
    """Find every video and every folder of images below `root`.

    Parameters
    ----------
    root : Path
        Folder, or a single video file.
    repairs : bool
        Without effect: there is no annotation.

    Returns
    -------
    IndexResult
        Clips sorted by path. The dataset is the name of `root`, the subject the first folder
        below it (empty for clips directly in it), the clip's name its path without suffix.

    Raises
    ------
    InputError
        `root` does not exist, or holds no video and no image.
    """
    if not root.exists():
        raise InputError(f"there is nothing at {root}; check the path")
    sources = _find_sources(root)
    if not sources:
        known = " ".join(sorted(VIDEO_SUFFIXES))
        raise InputError(f"no video and no folder of images in {root}; videos end in {known}")
    base = root.parent if root.is_file() else root
    stems = Counter(path.with_suffix("") for path, kind in sources if kind == "video")
    folders = {path for path, kind in sources if kind == "frames"}
    clips = []
    for path, kind in sources:
        # `a.mp4` beside `a.avi` or a folder `a` would share a name, so these keep their suffix.
        bare = path.with_suffix("") if kind == "video" else path
        shared = kind == "video" and (stems[bare] > 1 or bare in folders)
        clips.append(_clip(path, kind, base, path if shared else bare))
    return IndexResult(clips, [])


def _find_sources(root: Path) -> list[tuple[Path, str]]:
    if root.is_file():
        return [(root, "video")] if is_video(root) else []
    sources = []
    for folder, files in walk_sorted(root):
        sources += [(path, "video") for path in files if is_video(path)]
        if any(is_image(path) for path in files):
            sources.append((folder, "frames"))
    return sorted(sources, key=lambda source: source[0].as_posix())


def _clip(path: Path, kind: str, base: Path, name: Path) -> Clip:
    dataset = base.resolve().name
    below = name.relative_to(base)
    subject = below.parts[0] if len(below.parts) > 1 else ""
    clip_id = "/".join(part for part in (dataset, *below.parts) if part)
    return Clip(
        clip_id=clip_id,
        source=path,
        dataset=dataset,
        subject=subject_with_dataset(dataset, subject),
        kind=kind,
    )


ADAPTER = Adapter(
    name="videos",
    description="a folder of face videos or of folders of frames, without annotations",
    expected_tree=EXPECTED_TREE,
    read=index_videos,
)
