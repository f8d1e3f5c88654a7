"""Refuses requests without a token before a byte of their body is read."""

from collections.abc import Container

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
