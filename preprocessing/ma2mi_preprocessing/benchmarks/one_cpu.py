"""Keeping a measurement on one CPU and one thread."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import cv2


@contextmanager
def pinned_to_one_cpu() -> Iterator[None]:
    """Run the calling thread on one of its own CPUs, and OpenCV on one thread.

    Both are put back afterwards, whatever happened. Where the system cannot bind a thread to a
    CPU (macOS, Windows), only OpenCV's threads are limited.
    """
    threads = cv2.getNumThreads()
    cpus = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    cv2.setNumThreads(1)
    try:
        if cpus:
            # The first CPU usually serves the interrupts.
            os.sched_setaffinity(0, {max(cpus)})
        yield
    finally:
        if cpus:
            os.sched_setaffinity(0, cpus)
        cv2.setNumThreads(threads)
