"""Memory that is freed after one flow is kept for the next."""

import ctypes
import sys

# Of <malloc.h>, and the largest that glibc takes for the second.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_MOST_KEPT = 256 * 1024**2
_LARGEST_BLOCK = 32 * 1024**2


def keep_freed_memory() -> bool:
    """Ask the C library not to give memory back to the system after each computation.

    Left to itself, glibc learns from the first large blocks that it sees how much to keep. After
    many flows of small images that is so little that each flow of a large one asks the system for
    all its memory anew, page by page, which can take as long as the flow.

    Returns
    -------
    bool
        Whether it was asked; only glibc knows of this.
    """
    if sys.platform != "linux":
        return False
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(
        set_option(_TRIM_THRESHOLD, _MOST_KEPT) and set_option(_MMAP_THRESHOLD, _LARGEST_BLOCK)
    )
