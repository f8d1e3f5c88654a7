"""Where on disk the clips of a dataset lie, when it may be there raw, selected and cropped."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .frame_numbers import FrameNumbers
from .media_files import is_image, is_video, walk_names

Key = tuple[str, str]
"""Subject and name of a clip, in lower case."""


class Place(NamedTuple):
    """What the path of a clip says: whose it is, its name, and the copy of the dataset it is in.

    Attributes
    ----------
    subject, name : str
        In the form of the folders.
    tree : Path
        Folder above the subjects.
    """

    subject: str
    name: str
    tree: Path

    @property
    def key(self) -> Key:
        """Subject and name, in lower case."""
        return self.subject.lower(), self.name.lower()


PlaceOf = Callable[[Path], Place | None]
"""From the path of a folder, or of a video without its suffix, to a place; None for no clip."""


@dataclass(frozen=True)
class ClipSource:
    """One folder of frames, or one video.

    Attributes
    ----------
    path : Path
    kind : {"frames", "video"}
    place : Place
    images : int
        Number of images; 0 for a video.
    """

    path: Path
    kind: str
    place: Place
    images: int


class ClipSources:
    """The clips below a folder, each with its best copy first.

    Copies are ranked as a whole, so that a dataset is not mixed from raw and cropped clips: folders
    of frames before videos, then the copy with most frames. A folder without frames comes last.
    """

    def __init__(self, root: Path, sources: Iterable[ClipSource]) -> None:
        self._root = root
        of: dict[Key, list[ClipSource]] = {}
        self._images: Counter[Path] = Counter()
        for source in sources:
            of.setdefault(source.place.key, []).append(source)
            self._images[source.place.tree] += source.images
        self._of = {key: sorted(found, key=self._rank) for key, found in of.items()}
        self._numbers: dict[Path, FrameNumbers] = {}

    @classmethod
    def find(cls, root: Path, place_of: PlaceOf) -> "ClipSources":
        """Look for clips at any depth below `root`."""
        return cls(root, _find(root, place_of))

    def candidates(self, keys: Iterable[Key]) -> list[ClipSource]:
        """Sources under any of these keys, best first."""
        found = [source for key in keys for source in self._of.get(key, [])]
        return sorted(found, key=self._rank)

    def numbers(self, source: ClipSource) -> FrameNumbers:
        """Frame numbers of a source; a folder is listed once, a video counts from 1."""
        if source.path not in self._numbers:
            read = FrameNumbers.of if source.kind == "frames" else FrameNumbers.of_video
            self._numbers[source.path] = read(source.path)
        return self._numbers[source.path]

    def outside(self, seen: set[Key]) -> list[ClipSource]:
        """Sources, one a key, that are under none of the keys seen."""
        return [found[0] for key, found in sorted(self._of.items()) if key not in seen]

    def choice(self, used: Sequence[ClipSource]) -> Iterator[str]:
        """Say which copy was read where there are several, and which clips are not of it."""
        trees = sorted(self._images, key=lambda tree: (-self._images[tree], tree))
        if len(trees) < 2:
            return
        yield (
            f"several copies of the clips: {self._name(trees[0])} has most frames and is read "
            f"before {', '.join(map(self._name, trees[1:]))}"
        )
        for tree, clips in sorted(Counter(source.place.tree for source in used).items()):
            if tree != trees[0]:
                yield f"clips read from {self._name(tree)}: {clips}"

    def _name(self, tree: Path) -> str:
        below = tree.is_relative_to(self._root)
        return tree.relative_to(self._root).as_posix() if below else tree.name

    def _rank(self, source: ClipSource) -> tuple[bool, bool, int, Path]:
        empty = source.kind == "frames" and source.images == 0
        images = self._images[source.place.tree]
        return empty, source.kind == "video", -images, source.path


def _find(root: Path, place_of: PlaceOf) -> Iterator[ClipSource]:
    for folder, names in walk_names(root):
        place = place_of(folder) if folder != root else None
        images = sum(map(is_image, names))
        if place is not None and (images or _is_leaf(folder, names)):
            yield ClipSource(folder, "frames", place, images)
        for path in (folder / name for name in names if is_video(name)):
            place = place_of(path.with_suffix(""))
            if place is not None:
                yield ClipSource(path, "video", place, 0)


def _is_leaf(folder: Path, names: Sequence[str]) -> bool:
    # An empty folder of a clip is a loss that must show; one of videos or folders is none.
    return not any(map(is_video, names)) and not any(child.is_dir() for child in folder.iterdir())
