"""The application: who may ask for what, and what runs beside it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager
from typing import Annotated

# FastAPI only looks for it when a route with a form is made, and then raises something else.
import python_multipart  # noqa: F401
from fastapi import APIRouter, Depends, FastAPI, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi_offline import FastAPIOffline

from ..store_lock import run_lock
from ..versions import installed_version
from .access import NoOtherSites, TokenAccess
from .allowed_methods import tell_allowed_methods
from .body_limit import BodyLimit
from .clip_routes import clip_router
from .cores import Cores
from .flow_routes import flow_router
from .jobs.supervisor import Supervisor
from .metrics import MeasuredRequests, Metrics
from .page_routes import OPEN_PATHS, page_router
from .responses import NO_TOKEN, Responses
from .setting import ServiceSetting
from .tokens import Tokens

_VIEWER = "/viewer"
_VIEWER_FILES = ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png")
_OPEN = (
    frozenset({"/healthz", "/docs", "/openapi.json"})
    | {f"{_VIEWER}/{name}" for name in _VIEWER_FILES}
    | OPEN_PATHS
)
_FIGURES: Responses = {
    **NO_TOKEN,
    200: {
        "description": "Figures",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    },
}
# Boundaries, headers and options of a multipart body beside its file.
_FORM_BYTES = 64 * 1024


def build_app(setting: ServiceSetting) -> FastAPI:
    """Make the application; use `create_app`, which explains what is missing."""
    tokens = Tokens(setting.tokens)
    supervisor = None
    if setting.data is not None:
        supervisor = Supervisor(setting.data, setting.clips, setting.jobs, setting.model)
    metrics = Metrics(None if supervisor is None else supervisor.queue.counts)
    app = FastAPIOffline(
        title="keras-ma2mi preprocessing",
        description="TV-L1 optical flow, optical strain and frame difference of two images; "
        "aligned faces, flow and key frames of videos.",
        version=_version(),
        lifespan=_lifespan(setting, supervisor),
        redoc_url=None,
        static_url=_VIEWER,
        # The viewer would send the document's address to a validator on the internet.
        swagger_ui_parameters={"validatorUrl": None},
    )
    cores = Cores(setting.requests.max_concurrent, setting.requests.max_waiting)
    # Only so that the document tells of tokens; they are asked for before a body is read.
    told = [Depends(_told_of)] if tokens.required else []
    app.include_router(flow_router(setting.requests, cores, metrics), dependencies=told)
    if supervisor is not None:
        clips = clip_router(setting, supervisor.queue, supervisor.folders, cores)
        app.include_router(clips, dependencies=told)
        app.include_router(page_router())
    app.include_router(_health())
    app.include_router(_figures(metrics), dependencies=told)
    tell_allowed_methods(app)
    # The last one added is the first that is asked.
    app.add_middleware(BodyLimit, max_bytes=_most_bytes(setting))
    app.add_middleware(TokenAccess, tokens=tokens, open_paths=_OPEN)
    app.add_middleware(NoOtherSites, any_host=tokens.required)
    app.add_middleware(MeasuredRequests, metrics=metrics)
    return app


def _health() -> APIRouter:
    router = APIRouter(tags=["service"])

    @router.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the service answers, and its version."""
        return {"status": "ok", "version": _version()}

    return router


def _figures(metrics: Metrics) -> APIRouter:
    router = APIRouter(tags=["service"])

    @router.get("/metrics", response_class=Response, responses=_FIGURES)
    def metrics_text() -> Response:
        """Figures in the text format of Prometheus."""
        return Response(metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return router


def _lifespan(
    setting: ServiceSetting, supervisor: Supervisor | None
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        with ExitStack() as held:
            if supervisor is not None and setting.data is not None:
                held.enter_context(run_lock(setting.data, "service's folder"))
                supervisor.start()
                held.callback(supervisor.stop)
            yield

    return lifespan


def _told_of(
    _: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> None:
    """Names the tokens in the OpenAPI document."""


def _most_bytes(setting: ServiceSetting) -> Callable[[str], int]:
    def most_bytes(path: str) -> int:
        if path in {"/v1/clips", "/v1/predict"}:
            return setting.uploads.max_bytes + _FORM_BYTES
        return setting.requests.max_body_bytes

    return most_bytes


def _version() -> str:
    # A source tree on the path may not be installed.
    return installed_version() or "unknown"
