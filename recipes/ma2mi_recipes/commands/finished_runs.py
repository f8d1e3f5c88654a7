"""What commands say of runs that there is nothing left to do for."""

from typing import TYPE_CHECKING

from ma2mi_recipes.progress import console

if TYPE_CHECKING:
    from ma2mi_recipes.run_directory import RunDirectory


def told_finished(run: "RunDirectory") -> bool:
    """Whether a run is finished already; if it is, a line says so."""
    if run.finished:
        console.print(f"{run.path} is finished already; give a new folder for another run")
    return run.finished
