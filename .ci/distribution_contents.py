"""What must be in the wheel and in the sdist, and nothing else."""

import subprocess
import tarfile
import tomllib
import zipfile
from email.parser import Parser
from fnmatch import fnmatch
from pathlib import Path

# Where each package lies in a checkout, and in the wheel.
_PACKAGES = {
    "keras_ma2mi/": "keras_ma2mi/",
    "preprocessing/ma2mi_preprocessing/": "ma2mi_preprocessing/",
    "recipes/ma2mi_recipes/": "ma2mi_recipes/",
}
_SHIPPED = ("*.py", "*.pyi", "*/py.typed", "*.html", "*.css", "*.js", "*.json", "*.csv")
_SHIPPED_ANYWHERE_BELOW = ("keras_ma2mi/weights/*",)
_WHEEL_FACTS = (
    "METADATA", "RECORD", "WHEEL", "entry_points.txt", "top_level.txt", "licenses/LICENSE",
)  # fmt: skip
_NOT_IN_SDIST = ("docs/*.png", "docs/*.jpg", "docs/*.zip")
_SDIST_FACTS = ("PKG-INFO", "setup.cfg")
# Half of it is weights, which have a limit of their own in their tests.
_LARGEST_SDIST = 6_000_000


def tracked_files(checkout: Path) -> list[str]:
    """Files that git knows and that are there."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=checkout, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    return sorted(name for name in set(listed) if (checkout / name).is_file())


def check_wheel(wheel: Path, tracked: list[str]) -> None:
    """Raises where the wheel lacks a file of the three packages, or has another."""
    wanted = set()
    for name in tracked:
        for folder, package in _PACKAGES.items():
            if name.startswith(folder):
                inside = package + name.removeprefix(folder)
                if not any(fnmatch(inside, one) for one in _SHIPPED + _SHIPPED_ANYWHERE_BELOW):
                    raise SystemExit(f"{name} is in a package, and no rule says that it is shipped")
                wanted.add(inside)
    with zipfile.ZipFile(wheel) as archive:
        found = {name for name in archive.namelist() if not name.endswith("/")}
    facts = "-".join(wheel.name.split("-")[:2]) + ".dist-info/"
    wanted |= {facts + name for name in _WHEEL_FACTS}
    _compare(wheel.name, wanted, found)


def check_sdist(sdist: Path, tracked: list[str]) -> None:
    """Raises where the sdist is not what is tracked, without pictures."""
    if sdist.stat().st_size > _LARGEST_SDIST:
        raise SystemExit(f"{sdist.name} has {sdist.stat().st_size} bytes; did a picture get in?")
    wanted = {
        name for name in tracked if not any(fnmatch(name, one) for one in _NOT_IN_SDIST)
    } | set(_SDIST_FACTS)
    with tarfile.open(sdist) as archive:
        names = [member.name.partition("/")[2] for member in archive if member.isfile()]
    found = {name for name in names if ".egg-info/" not in name}
    _compare(sdist.name, wanted, found)


def check_metadata(wheel: Path, checkout: Path) -> None:
    """Raises where the wheel's version is not that of pyproject.toml, or a file repeats it."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [one for one in archive.namelist() if one.endswith(".dist-info/METADATA")]
        metadata = Parser().parsestr(archive.read(name).decode("utf-8"))
    for field, wanted in (
        ("Version", project["version"]),
        ("Requires-Python", project["requires-python"]),
        ("License-Expression", project["license"]),
    ):
        if metadata[field] != wanted:
            raise SystemExit(f"the wheel's {field} is {metadata[field]}, not {wanted}")


def _compare(archive: str, wanted: set[str], found: set[str]) -> None:
    lacking, beyond = sorted(wanted - found), sorted(found - wanted)
    if lacking or beyond:
        words = [f"lacks {name}" for name in lacking] + [
            f"should not have {name}" for name in beyond
        ]
        raise SystemExit(f"{archive}: " + "; ".join(words[:20]))
    print(f"{archive}: {len(found)} files, as the rule says")
