"""Whether the workers of a cluster can do the work, asked before any clip is sent."""

import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import InputError
from .run_plan import Task
from .store_checksums import GROUP_FILE
from .store_format import STORE_VERSION
from .store_location import is_remote
from .versions import recorded_versions

if TYPE_CHECKING:
    from distributed import Client

_PACKAGES = ("keras-ma2mi", "numpy", "numba", "opencv-contrib-python-headless", "zarr")
_IDLE_SECONDS = 120


def check_workers(client: "Client", tasks: Sequence[Task]) -> None:
    """Refuse a cluster on which some worker would make other clips than this machine, or none.

    Raises
    ------
    InputError
        With the worker, its host, and what is wrong.
    """
    first = tasks[0]
    if str(first.store).startswith("memory:"):
        raise InputError(f"{first.store} lies in this process only; give a shared folder or a URL")
    expected = {"STORE_VERSION": str(STORE_VERSION)} | versions()
    check_machines(client, expected, _needed_files(tasks))


def check_machines(client: "Client", expected: dict[str, str], files: Sequence[str]) -> None:
    """Refuse a cluster on which some worker has other versions, or does not see a file.

    Parameters
    ----------
    client : distributed.Client
        Of the cluster.
    expected : dict of str to str
        Names of packages, "python" or "STORE_VERSION", with the version on this machine.
    files : sequence of str
        Absolute paths.

    Raises
    ------
    InputError
        With the worker, its host, and what is wrong.
    """
    answers = client.run(_question(), list(expected), list(files), on_error="return")
    for address, answer in answers.items():
        trouble = _trouble(answer, expected)
        if trouble:
            raise InputError(f"worker {address}{trouble}")


def versions(packages: Sequence[str] = _PACKAGES) -> dict[str, str]:
    """Versions on this machine of all that decides what a clip becomes, or of other packages."""
    # Releases of one minor version pickle alike.
    minor = ".".join(platform.python_version_tuple()[:2])
    return {**recorded_versions(packages), "python": minor}


def compile_on_workers(client: "Client") -> None:
    """Compile the kernels once a machine; its other workers find them on the disk."""
    from .motion import compile_kernels

    one_of_host = {info["host"]: address for address, info in _workers(client).items()}
    futures = [
        client.submit(compile_kernels, workers=[address], pure=False)
        for address in one_of_host.values()
    ]
    client.gather(futures)


def wait_until_idle(client: "Client") -> None:
    """Return once no worker works on anything any more."""

    async def idle(seconds: int, dask_worker: Any) -> None:
        import asyncio

        for _ in range(10 * seconds):
            if not dask_worker.state.executing:
                return
            await asyncio.sleep(0.1)

    client.run(idle, _IDLE_SECONDS, on_error="ignore")


def _workers(client: "Client") -> dict[str, Any]:
    return dict(client.scheduler_info(n_workers=-1)["workers"])


def _needed_files(tasks: Sequence[Task]) -> list[str]:
    # One clip at each end: a manifest may join data sets that lie in two places.
    needed = [tasks[0].clip.source, tasks[-1].clip.source]
    if tasks[0].options.detector_model is not None:
        needed.append(Path(tasks[0].options.detector_model))
    if not is_remote(tasks[0].store):
        needed.append(tasks[0].store / GROUP_FILE)
    return [str(path.absolute()) for path in needed]


def _question() -> Callable[..., dict[str, Any]]:
    # A nested function travels by value: it runs where this package cannot be imported.
    def answer(names: list[str], files: list[str]) -> dict[str, Any]:
        import os
        import socket

        facts: dict[str, Any] = {"host": socket.gethostname()}
        try:
            from ma2mi_preprocessing.cluster_workers import versions
            from ma2mi_preprocessing.store_format import STORE_VERSION
        except ImportError as error:
            return {**facts, "error": str(error)}
        packages = [name for name in names if name not in ("python", "STORE_VERSION")]
        facts["versions"] = {"STORE_VERSION": str(STORE_VERSION)} | versions(packages)
        facts["missing"] = [name for name in files if not os.path.exists(name)]
        return facts

    return answer


def _trouble(answer: Any, expected: dict[str, str]) -> str:
    if isinstance(answer, BaseException):
        return f" does not answer: {type(answer).__name__}: {answer}"
    on = f" on {answer['host']}"
    if "error" in answer:
        return f"{on} cannot import this package ({answer['error']}); install keras-ma2mi there"
    for name, here in expected.items():
        there = answer["versions"].get(name, "nothing")
        if there != here:
            return f"{on} has {name} {there}, and this machine {here}; install the same versions"
    if answer["missing"]:
        return (
            f"{on} does not see {answer['missing'][0]}; mount the folder there under the same path"
        )
    return ""
