"""What is installed, what works, and what to do where something does not."""

from collections.abc import Iterator

from ma2mi_recipes.doctor.backends import backend_findings
from ma2mi_recipes.doctor.findings import Finding
from ma2mi_recipes.doctor.packages import package_findings

__all__ = ["Finding", "findings"]


def findings(backends: bool = True) -> Iterator[Finding]:
    """All that is looked at, one after the other.

    Args:
        backends: Whether to train with each backend, which takes some seconds each.
    """
    yield from package_findings()
    try:
        # A package that is missing or broken was named above, and must not end the rest.
        from ma2mi_recipes.doctor.machine import machine_findings
    except (ImportError, OSError) as error:
        words = f"cannot be imported: {error}"
        yield Finding("preprocessing", "bad", words, "install anew what is bad above")
    else:
        yield from machine_findings()
    if backends:
        yield from backend_findings()
