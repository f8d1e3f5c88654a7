"""Extension of griffe: docstrings as they are written here, made readable to its parsers.

Keras documents the arguments of `call` in a section of its own, which Google's style does not know,
does not indent its examples, and says on a class what a call returns, which has no type to list.
numpydoc has formulas and references in reStructuredText; the site is Markdown, and shows formulas
as they are written, because what would draw them is fetched from elsewhere.
"""

import ast
import re
import textwrap
from typing import Any

import griffe

_CALL_ARGUMENTS = re.compile(r"^Call arguments:$", re.MULTILINE)
_EXAMPLE = re.compile(r"^Example:\n(.*?)(?=^[A-Z][\w ]*:$|\Z)", re.MULTILINE | re.DOTALL)
_RETURNS = re.compile(r"^Returns:\n((?: .*\n|\n)+)", re.MULTILINE)
_DISPLAYED_FORMULA = re.compile(r"^( *)\.\. math::(.*\n(?:\1 +.*\n|\n)*)", re.MULTILINE)
_FORMULA = re.compile(r":math:(`[^`]+`)")
_CITATION = re.compile(r"(\[\d+\])_")
_CITED = re.compile(r"^( *)\.\. (\[\d+\])", re.MULTILINE)


class ReadableDocstrings(griffe.Extension):
    """Rewrites each docstring before it is parsed."""

    def on_instance(
        self, *, node: ast.AST | griffe.ObjectNode, obj: griffe.Object, **kwargs: Any
    ) -> None:
        """Called by griffe for whatever has a docstring."""
        if obj.docstring is not None:
            text = in_google_style(obj.docstring.value, of_class=obj.is_class)
            obj.docstring.value = in_markdown(text)


def in_google_style(docstring: str, of_class: bool) -> str:
    """The same docstring with sections that griffe knows."""
    known = _CALL_ARGUMENTS.sub("Other Args: Call arguments", docstring)
    if of_class:
        known = _RETURNS.sub(lambda match: f"**Returns:** {_dedented(match[1])}\n\n", f"{known}\n")
    return _EXAMPLE.sub(
        lambda match: f"Examples:\n{textwrap.indent(_dedented(match[1]), '    ')}\n\n", known
    )


def in_markdown(docstring: str) -> str:
    """The same docstring without the reStructuredText that occurs here."""
    text = _DISPLAYED_FORMULA.sub(_formula_as_written, f"{docstring}\n")
    return _CITED.sub(r"\1- \2", _CITATION.sub(r"\1", _FORMULA.sub(r"\1", text)))


def _dedented(text: str) -> str:
    return textwrap.dedent(text).strip("\n")


def _formula_as_written(match: re.Match[str]) -> str:
    lines = (line.strip() for line in match[2].strip().splitlines())
    fenced = "\n".join(("```text", *lines, "```"))
    return textwrap.indent(fenced, match[1]) + "\n\n"
