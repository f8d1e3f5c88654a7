"""Where the folds of a run are fitted."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Placement:
    """Where folds are fitted.

    Attributes:
        workers: Processes; None or 1 for this one, or what a cluster has.
        cluster: Address of a Dask scheduler, a scheduler file, or "local"; None for no cluster.
    """

    workers: int | None = None
    cluster: str | None = None
