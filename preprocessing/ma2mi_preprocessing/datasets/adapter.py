"""What an adapter is: a named way from a dataset on disk to clips."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from .clip import IndexResult


class ReadDataset(Protocol):
    """From a folder on disk to clips."""

    def __call__(self, root: Path, *, repairs: bool = True) -> IndexResult:
        """Index the dataset below `root`.

        Parameters
        ----------
        root : Path
            Folder, or table, that the adapter expects.
        repairs : bool
            Whether known errors of the annotation (`errata.csv`) are mended.
        """
        ...


@dataclass(frozen=True)
class Adapter:
    """A dataset layout that can be indexed.

    Attributes
    ----------
    name : str
        What the command line calls it.
    description : str
        One line.
    expected_tree : str
        The files and folders that it expects, as text to print.
    read : callable
        As `ReadDataset`; raises `InputError` where `root` as a whole is unusable. What it left
        out, and why, is in the result's `problems`.
    """

    name: str
    description: str
    expected_tree: str
    read: ReadDataset
