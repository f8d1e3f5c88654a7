"""Which packages are installed, in which versions: the one place that asks."""

import platform
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "keras-ma2mi"
"""Name of our own distribution, whose version is that of `pyproject.toml`."""

ABSENT = "not installed as a package"
"""What files say in the place of a version; also where a source tree was never installed."""


def installed_version(package: str = DISTRIBUTION) -> str | None:
    """Version of a package, ours unless told otherwise.

    Parameters
    ----------
    package : str
        Name of a distribution, which may differ from the name that is imported.

    Returns
    -------
    str or None
        None where it is not installed.
    """
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def recorded_versions(packages: Iterable[str]) -> dict[str, str]:
    """Versions as files record them: of Python, then of each package, `ABSENT` where it is not."""
    found = {package: installed_version(package) or ABSENT for package in packages}
    return {"python": platform.python_version(), **found}
