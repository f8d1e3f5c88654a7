"""Which packages are installed, in which versions, and whether they go together."""

import importlib.metadata
import sys
from collections.abc import Iterator

from packaging.requirements import Requirement

from ma2mi_preprocessing.versions import DISTRIBUTION, installed_version
from ma2mi_recipes.doctor.findings import Finding

# Not for people who use the package.
_HIDDEN_EXTRAS = frozenset({"all", "test"})
# Each brings a module `cv2`, and the one that was installed last overwrites the others.
_OPENCV = (
    "opencv-python",
    "opencv-python-headless",
    "opencv-contrib-python",
    "opencv-contrib-python-headless",
)


def package_findings() -> Iterator[Finding]:
    """Python, our own version, what we need, what extras add, and rival packages."""
    yield Finding("Python", "good", sys.version.split()[0])
    try:
        ours = importlib.metadata.distribution(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        yield Finding(
            DISTRIBUTION,
            "bad",
            "is not installed",
            "run it from an installation: pip install keras-ma2mi",
        )
        return
    yield Finding(DISTRIBUTION, "good", ours.version)
    needed, extras = _requirements(ours)
    for requirement in needed:
        yield _needed(requirement)
    for extra, requirements in extras.items():
        yield _extra(extra, requirements)
    yield from _rivals()


def _requirements(
    ours: importlib.metadata.Distribution,
) -> tuple[list[Requirement], dict[str, list[Requirement]]]:
    """What is always needed, and what each extra adds."""
    needed: list[Requirement] = []
    names = [name for name in ours.metadata.get_all("Provides-Extra") or []]
    extras: dict[str, list[Requirement]] = {
        name: [] for name in names if name not in _HIDDEN_EXTRAS
    }
    for text in ours.requires or []:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            needed.append(requirement)
            continue
        for extra, found in extras.items():
            if requirement.marker.evaluate({"extra": extra}):
                found.append(requirement)
    return needed, extras


def _needed(requirement: Requirement) -> Finding:
    version = installed_version(requirement.name)
    if version is None:
        return Finding(
            requirement.name, "bad", "is missing", f'pip install "{_without_marker(requirement)}"'
        )
    if not requirement.specifier.contains(version, prereleases=True):
        return Finding(
            requirement.name,
            "bad",
            f"{version}, and {requirement.specifier} is needed",
            f'pip install "{_without_marker(requirement)}"',
        )
    return Finding(requirement.name, "good", version)


def _extra(extra: str, requirements: list[Requirement]) -> Finding:
    what = f"extra {extra}"
    found = {requirement.name: installed_version(requirement.name) for requirement in requirements}
    missing = [name for name, version in found.items() if version is None]
    there = ", ".join(f"{name} {version}" for name, version in found.items() if version)
    advice = f'pip install "{DISTRIBUTION}[{extra}]"'
    if missing:
        words = f"not installed ({', '.join(missing)})"
        return Finding(what, "note", words, f"where it is needed: {advice}")
    unfit = [
        f"{requirement.name} {found[requirement.name]} is not {requirement.specifier}"
        for requirement in requirements
        if not requirement.specifier.contains(found[requirement.name] or "", prereleases=True)
    ]
    if unfit:
        return Finding(what, "bad", "; ".join(unfit), advice)
    return Finding(what, "good", there)


def _rivals() -> Iterator[Finding]:
    found = [name for name in _OPENCV if installed_version(name) is not None]
    if len(found) > 1:
        others = [name for name in found if name != _OPENCV[-1]]
        yield Finding(
            "OpenCV",
            "bad",
            f"{' and '.join(found)} overwrite each other",
            f"pip uninstall {' '.join(found)}, then pip install {_OPENCV[-1]}; "
            f"what asked for {' and '.join(others) or 'the other'} works with it",
        )


def _without_marker(requirement: Requirement) -> str:
    return f"{requirement.name}{requirement.specifier}"
