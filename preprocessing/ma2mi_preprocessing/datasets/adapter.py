"""What an adapter is: a named way from a dataset on disk to clips."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .clip import IndexResult


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
        ``read(root: Path) -> IndexResult``; raises `InputError` where `root` as a whole is
        unusable. What it left out, and why, is in the result's `problems`.
    """

    name: str
    description: str
    expected_tree: str
    read: Callable[[Path], IndexResult]
