"""Arguments of a network as typed on a command line."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from ma2mi_preprocessing.errors import InputError


def network_arguments(texts: Iterable[str], known: Collection[str]) -> dict[str, Any]:
    """Arguments by name, from texts such as `"head=code"` and `"filters=[24, 48, 64]"`.

    A value is what JSON makes of it; what is no JSON is text.

    Args:
        texts: A name and a value each.
        known: Names that the network has.

    Raises:
        InputError: Where a text has no name, the network has no such argument, or a name comes
            twice.
    """
    arguments: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or not name.isidentifier():
            raise InputError(f"--network must be such as head=code or code_units=24; got {text!r}")
        if name not in known:
            raise InputError(
                f"there is no argument {name} for --network; there are {', '.join(sorted(known))}"
            )
        if name in arguments:
            raise InputError(f"--network names {name} twice; name it once")
        arguments[name] = _value(value.strip())
    return arguments


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
