"""Who asks: bearer tokens, and what the service keeps of them."""

import hashlib
import hmac
import os
from collections.abc import Iterable
from pathlib import Path

from ..errors import InputError

ANYONE = "anyone"
"""Owner of everything where there are no tokens."""

TOKENS_VARIABLE = "KERAS_MA2MI_TOKENS"
"""Tokens, with spaces or line ends between them, where no file is named."""

_SHORTEST = 16


class Tokens:
    """Knows tokens by their hashes alone.

    Parameters
    ----------
    tokens : iterable of str
        One for each user. None at all: nobody is asked for one.

    Raises
    ------
    InputError
        A token is shorter than 16 characters, or has spaces.
    """

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        given = list(tokens)
        if any(len(token) < _SHORTEST or token.split() != [token] for token in given):
            raise InputError(
                f"a token must have at least {_SHORTEST} characters and no space; make one with: "
                'python -c "import secrets; print(secrets.token_urlsafe(32))"'
            )
        self._hashes = [_hash(token) for token in given]

    @property
    def required(self) -> bool:
        """Whether a request must bring one."""
        return bool(self._hashes)

    def owner(self, authorization: str | None) -> str | None:
        """Who sent a request, told by its `Authorization` header.

        Parameters
        ----------
        authorization : str or None
            Such as ``Bearer TOKEN``.

        Returns
        -------
        str or None
            The same name for the same token, which does not tell the token; None for nobody who
            is known.
        """
        if not self.required:
            return ANYONE
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        found = _hash(token.strip())
        # All are compared, so that the time tells nothing.
        matches = [hmac.compare_digest(found, known) for known in self._hashes]
        return found if any(matches) else None


def read_tokens(file: Path | None) -> tuple[str, ...]:
    """Tokens of a file, one a line; without a file those of the environment.

    Raises
    ------
    InputError
        The file cannot be read, or holds none.
    """
    if file is None:
        return tuple(os.environ.get(TOKENS_VARIABLE, "").split())
    try:
        tokens = tuple(file.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the tokens in {file} cannot be read ({error})") from error
    if not tokens:
        raise InputError(f"{file} holds no token; write one a line")
    return tokens


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
