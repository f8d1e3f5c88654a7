"""Refuses who may not ask, before a byte of a body is read."""

import ipaddress
from collections.abc import Container
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from .tokens import Tokens


class TokenAccess:
    """ASGI middleware that answers 401, or passes a request on with its owner in `state`.

    Parameters
    ----------
    app : ASGIApp
    tokens : Tokens
    open_paths : container of str
        Paths that need no token.
    """

    def __init__(self, app: ASGIApp, tokens: Tokens, open_paths: Container[str]) -> None:
        self.app = app
        self.tokens = tokens
        self.open_paths = open_paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in self.open_paths:
            await self.app(scope, receive, send)
            return
        sent = [value for name, value in scope["headers"] if name == b"authorization"]
        owner = self.tokens.owner(sent[0].decode("latin-1") if len(sent) == 1 else None)
        if owner is None:
            answer = JSONResponse(
                {"detail": "send a token that this service knows: `Authorization: Bearer TOKEN`"},
                401,
                {"WWW-Authenticate": "Bearer"},
            )
            await answer(scope, receive, send)
            return
        scope.setdefault("state", {})["owner"] = owner
        await self.app(scope, receive, send)


class NoOtherSites:
    """ASGI middleware that answers 403 to requests that another web site makes a browser send.

    Where no token is asked for, whoever reaches the service may use it, and a page from anywhere
    reaches what listens on loopback through the browser of who looks at it: by a form, or by a name
    that is made to mean this machine (DNS rebinding).

    Parameters
    ----------
    app : ASGIApp
    any_host : bool
        Whether the service may be called by any name, as one with tokens may.
    """

    def __init__(self, app: ASGIApp, any_host: bool) -> None:
        self.app = app
        self.any_host = any_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (reason := self._reason(Headers(scope=scope))):
            await JSONResponse({"detail": reason}, 403)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _reason(self, headers: Headers) -> str:
        host = headers.get("host", "")
        if not (self.any_host or _is_of_this_machine(host)):
            return f"call this service localhost, or by an address; not {host!r}"
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return "this service takes no requests from other web sites"
        return ""


def _is_of_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name == "localhost":
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
