"""What is installed, what works, and what to do where something does not."""

from collections.abc import Iterator

from ma2mi_recipes.doctor.backends import backend_findings
from ma2mi_recipes.doctor.findings import Finding
from ma2mi_recipes.doctor.machine import machine_findings
from ma2mi_recipes.doctor.packages import package_findings

__all__ = ["Finding", "findings"]


def findings(backends: bool = True) -> Iterator[Finding]:
    """All that is looked at, one after the other.

    Args:
        backends: Whether to train with each backend, which takes some seconds each.
    """
    yield from package_findings()
    yield from machine_findings()
    if backends:
        yield from backend_findings()
