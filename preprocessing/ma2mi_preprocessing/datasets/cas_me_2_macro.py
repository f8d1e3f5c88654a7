"""CAS(ME)^2, macro-expressions in long videos: the people of the micro-expressions."""

from pathlib import Path

from .adapter import Adapter
from .cas_me_2 import EXPECTED_TREE, index_expressions
from .clip import IndexResult


def index_cas_me_2_macro(root: Path, *, repairs: bool = True) -> IndexResult:
    """Index the macro-expressions of CAS(ME)^2.

    Parameters
    ----------
    root : Path
        Folder that holds the table and the frames, see `EXPECTED_TREE`.
    repairs : bool
        As for `index_cas_me_2`.

    Returns
    -------
    IndexResult
        One clip an expression, ``cas_me_2/s15/macro/anger1_1/<onset>``. Labels: negative, positive,
        surprise, others. Dataset and subjects (``cas_me_2/s15``) are those of the
        micro-expressions: a person must have one name in both, or nothing could tell that
        pre-training has seen the people who are held out later.

    Raises
    ------
    InputError
        There is no such folder, or no table in it, or the table lacks its sheets of names.
    """
    return index_expressions("cas_me_2", "macro-expression", root, part="macro/", repairs=repairs)


ADAPTER = Adapter(
    name="cas_me_2_macro",
    description="CAS(ME)^2, macro-expressions in long videos",
    expected_tree=EXPECTED_TREE,
    read=index_cas_me_2_macro,
)
