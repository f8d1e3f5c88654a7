"""What an adapter is: a named way from a dataset on disk to clips."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError
from .clip import Clip, IndexResult


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
    index : callable
        ``index(root) -> IndexResult``; raises `InputError` where `root` as a whole is unusable.
    """

    name: str
    description: str
    expected_tree: str
    index: Callable[[Path], IndexResult]

    def read(self, root: str | Path) -> list[Clip]:
        """Index `root` and return the usable clips.

        Raises
        ------
        InputError
            `root` is unusable, or no row of it is usable.
        """
        result = self.index(Path(root))
        if not result.clips:
            raise InputError(f"no usable clip in {root}; first problem: {result.problems[0]}")
        return result.clips
