"""How many CPUs this process may use."""

import os


def available_cpus() -> int:
    """Number of CPUs that this process may use.

    A container or a cluster job may use fewer than the machine has.
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
