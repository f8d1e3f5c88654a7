"""Says of each path which methods it takes, whichever route it was that refused one."""

import re

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import compile_path


def tell_allowed_methods(app: FastAPI) -> None:
    """Give answers of 405 an `Allow` with the methods of all routes of the path (RFC 9110, 15.5.6).

    A router names the methods of the first route that fits the path alone.

    Parameters
    ----------
    app : FastAPI
        With all its routes.
    """
    paths: list[tuple[re.Pattern[str], str]] = []
    for path, operations in app.openapi()["paths"].items():
        methods = ", ".join(sorted(name.upper() for name in operations))
        paths.append((compile_path(path)[0], methods))

    @app.exception_handler(405)
    async def refuse(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        found = [methods for pattern, methods in paths if pattern.match(request.url.path)]
        headers = {"Allow": found[0]} if found else error.headers
        return JSONResponse({"detail": error.detail}, 405, headers)
