"""The page at `/`: a few files of this package, and nothing from anywhere else."""

from importlib.resources import files

from fastapi import APIRouter, HTTPException, Response

PAGE = "index.html"
_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "page.css": "text/css; charset=utf-8",
    "main.js": "text/javascript; charset=utf-8",
    "api.js": "text/javascript; charset=utf-8",
    "camera.js": "text/javascript; charset=utf-8",
    "curve.js": "text/javascript; charset=utf-8",
    "player.js": "text/javascript; charset=utf-8",
    "prediction.js": "text/javascript; charset=utf-8",
}
# Whatever a video or a file name might smuggle in, the browser runs only what lies in this package.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Cache-Control": "no-cache",
}

OPEN_PATHS = frozenset({"/", *(f"/page/{name}" for name in _TYPES)})
"""What is given to those without a token, too: it tells nothing of anybody."""


def page_router() -> APIRouter:
    """The routes, as a part of the application."""
    router = APIRouter(include_in_schema=False)

    @router.get("/")
    def page() -> Response:
        return _file(PAGE)

    @router.get("/page/{name}")
    def part(name: str) -> Response:
        return _file(name)

    return router


def _file(name: str) -> Response:
    if name not in _TYPES:
        raise HTTPException(404, "there is no such file")
    content = files(__package__).joinpath("page", name).read_bytes()
    return Response(content, media_type=_TYPES[name], headers=_HEADERS)
