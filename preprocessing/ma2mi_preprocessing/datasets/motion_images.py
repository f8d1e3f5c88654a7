"""Published motion: a folder of u-v-strain images and a table of their subjects and labels."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .adapter import Adapter
from .annotation_table import AnnotationRow, read_annotation_table
from .clip import Clip, IndexResult, RowProblem
from .media_files import is_image, walk_sorted
from .motion_folds import find_fold_trees, index_folds
from .rows import CellError, motion_cells, subject_with_dataset

EXPECTED_TREE = """\
FOLDER/
  labels.csv            one row a clip: file,subject,label and, optionally, dataset,
                        motion_channels,motion_scaling (any other .csv name will do)
  images/ep01.png       an image of u, v and strain as its three channels,
  arrays/ep02.npz       or an .npz with `motion` (H, W, C) and, optionally, `onset`,
  split/ep03/u.png      or a folder with images or arrays u, v and strain

or, without a table, folders as the training scripts of STSTNet and HTNet take them; a clip is read
from the fold that tests on it:
FOLDER/sub01/u_test/0/ep01.png     0 negative, 1 positive, 2 surprise
Red, green, blue of an image are strain, v, u, as OpenCV writes them; otherwise say
u-v-strain in the column motion_channels.
"""

_FIELDS = {
    "file": ("file", "filename", "image", "image name", "name", "clip", "source", "filename_o"),
    "image": ("imagename", "sub_filename"),
    "subject": ("subject", "sub", "subject id", "person", "participant"),
    "label": ("label", "emotion", "class", "expression"),
    "dataset": ("dataset", "database"),
    "motion_channels": ("motion_channels",),
    "motion_scaling": ("motion_scaling",),
}
# The list that HTNet publishes; its numbers stand for these classes.
_NUMBERED_LIST = "filename_o"
NUMBERED_CLASSES: Mapping[str, str] = {"0": "negative", "1": "positive", "2": "surprise"}

_ARRAYS = (".npz", ".npy")


@dataclass(frozen=True)
class _Files:
    """Motion files below a folder, found by path and by name."""

    root: Path
    by_name: Mapping[str, Sequence[Path]]

    @classmethod
    def below(cls, root: Path) -> "_Files":
        found: dict[str, list[Path]] = {}
        for path in _motion_sources(root):
            found.setdefault(_plain(path.name), []).append(path)
            if not path.is_dir():
                found.setdefault(_plain(path.stem), []).append(path)
        return cls(root, found)

    def find(self, row: AnnotationRow) -> Path:
        """The one file of a row.

        Raises
        ------
        CellError
            There is none, or several files have its name.
        """
        names = [row["file"], f"{row['subject']}_{row['file']}", row["image"]]
        for name in filter(None, names):
            direct = self.root / name
            if direct.exists():
                return direct
            paths = self.by_name.get(_plain(name)) or self.by_name.get(_plain(Path(name).stem), [])
            if len(paths) > 1:
                raise CellError("file", f"several files are named '{name}'; give the path")
            if paths:
                return paths[0]
        raise CellError("file", f"there is no motion file named '{row['file']}' in {self.root}")


def index_motion_images(root: Path, *, repairs: bool = True) -> IndexResult:
    """Join a table of labels with motion files, or read the folds of STSTNet and HTNet.

    Parameters
    ----------
    root : Path
        Folder as in `EXPECTED_TREE`, or its table.
    repairs : bool
        Without effect: no errors of such tables are known.

    Returns
    -------
    IndexResult
        Clips of kind "motion" in the order of the table. Rows without file, and files without
        row, are problems.

    Raises
    ------
    InputError
        Nothing there, several tables, no table and no folds, or a table without its columns.
    """
    folder = root.parent if root.is_file() else root
    if not folder.is_dir():
        raise InputError(f"there is nothing at {root}; check the path")
    tables = [root] if root.is_file() else sorted(folder.glob("*.csv"))
    if len(tables) > 1:
        names = ", ".join(table.name for table in tables)
        raise InputError(f"{folder} has several tables ({names}); give the path of one")
    if tables:
        return _index_table(tables[0], folder)
    trees = find_fold_trees(folder)
    if not trees:
        raise InputError(
            f"{folder} has neither a table of labels (.csv) nor folders SUBJECT/u_test/LABEL; see "
            "`keras-ma2mi datasets motion_images`"
        )
    return index_folds(folder, trees, NUMBERED_CLASSES)


def _index_table(table: Path, folder: Path) -> IndexResult:
    rows = read_annotation_table(table, _FIELDS, ("file", "label"))
    header = table.read_text(encoding="utf-8-sig").splitlines()[0].lower()
    numbered = NUMBERED_CLASSES if _NUMBERED_LIST in header.split(",") else {}
    files = _Files.below(folder)
    result = IndexResult([], [])
    rows_of: dict[str, int] = {}
    used: set[Path] = set()
    for row in rows:
        name = row["file"]
        try:
            clip = _clip(row, files.find(row), numbered)
            used.add(clip.source)
            earlier = rows_of.setdefault(clip.clip_id, row.number)
            if earlier != row.number:
                raise CellError("file", f"'{clip.clip_id}' is already the clip of row {earlier}")
        except CellError as error:
            result.problems.append(RowProblem(row.number, error.column, str(error), name))
        else:
            result.clips.append(clip)
    result.problems.extend(
        RowProblem(0, "file", "the table has no row for this file", path.name)
        for path in _motion_sources(folder)
        if path not in used
    )
    return result


def _clip(row: AnnotationRow, source: Path, numbered: Mapping[str, str]) -> Clip:
    dataset = row["dataset"].lower()
    subject = subject_with_dataset(dataset, row["subject"])
    name = (source.name if source.is_dir() else source.stem).strip()
    scaling, channels = motion_cells(row.cells)
    return Clip(
        clip_id="/".join(part for part in (subject or dataset, name) if part),
        source=source,
        dataset=dataset,
        subject=subject,
        kind="motion",
        label=numbered.get(row["label"], row["label"].lower()) or None,
        motion_scaling=scaling,
        motion_channels=channels,
    )


def _motion_sources(root: Path) -> Iterator[Path]:
    """Motion files, and folders whose files together are the motion of one clip."""
    for folder, files in walk_sorted(root):
        images = [path for path in files if is_image(path) or path.suffix.lower() in _ARRAYS]
        parts = {path.stem.strip().lower().rpartition("_")[2] for path in images}
        if folder != root and {"u", "v"} <= parts:
            yield folder
        else:
            yield from images


def _plain(name: str) -> str:
    # One release has a space before the suffix of every image.
    path = Path(name)
    return f"{path.stem.strip()}{path.suffix}".strip().lower()


ADAPTER = Adapter(
    name="motion_images",
    description="published motion: u-v-strain images or arrays, with a table of labels",
    expected_tree=EXPECTED_TREE,
    read=index_motion_images,
)
