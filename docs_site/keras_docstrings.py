"""Extension of griffe: docstrings in the style of Keras, made readable to a parser of Google's.

Keras documents the arguments of `call` in a section of its own, which Google's style does not know,
does not indent its examples, and says on a class what a call returns, which has no type to list.
"""

import ast
import re
import textwrap
from typing import Any

import griffe

_CALL_ARGUMENTS = re.compile(r"^Call arguments:$", re.MULTILINE)
_EXAMPLE = re.compile(r"^Example:\n(.*?)(?=^[A-Z][\w ]*:$|\Z)", re.MULTILINE | re.DOTALL)
_RETURNS = re.compile(r"^Returns:\n((?: .*\n|\n)+)", re.MULTILINE)


class KerasDocstrings(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_instance(
        self, *, node: ast.AST | griffe.ObjectNode, obj: griffe.Object, **kwargs: Any
    ) -> None:
        """Called by griffe for whatever has a docstring."""
        if obj.docstring is not None:
            obj.docstring.value = in_google_style(obj.docstring.value, of_class=obj.is_class)


def in_google_style(docstring: str, of_class: bool) -> str:
    """The same docstring with sections that griffe knows."""
    known = _CALL_ARGUMENTS.sub("Other Args: Call arguments", docstring)
    if of_class:
        known = _RETURNS.sub(lambda match: f"**Returns:** {_dedented(match)}\n\n", f"{known}\n")
    return _EXAMPLE.sub(
        lambda match: f"Examples:\n{textwrap.indent(_dedented(match), '    ')}\n\n", known
    )


def _dedented(match: re.Match[str]) -> str:
    return textwrap.dedent(match[1]).strip("\n")
