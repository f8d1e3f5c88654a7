"""Optical flow over HTTP, without a deep-learning framework. Needs the extra `service`."""

from typing import TYPE_CHECKING

from ..errors import InputError
from ..motion import compile_kernels
from .limits import ServiceLimits

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["ServiceLimits", "create_app", "serve"]

_EXTRA = {"fastapi", "python_multipart", "starlette", "uvicorn"}


def create_app(limits: ServiceLimits | None = None) -> "FastAPI":
    """Make the ASGI application.

    Parameters
    ----------
    limits : ServiceLimits, optional
        What a request may cost.

    Returns
    -------
    FastAPI

    Raises
    ------
    InputError
        The extra `service` is not installed.
    """
    try:
        from .app import build_app
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    return build_app(limits or ServiceLimits())


def serve(host: str = "127.0.0.1", port: int = 8000, limits: ServiceLimits | None = None) -> None:
    """Run the service until it is interrupted.

    Parameters
    ----------
    host : str
        Address to listen on. There is no authentication: keep to loopback, or put a proxy in front.
    port : int
        Port to listen on.
    limits : ServiceLimits, optional
        What a request may cost.

    Raises
    ------
    InputError
        The extra `service` is not installed.
    """
    app = create_app(limits)
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    compile_kernels()
    uvicorn.run(app, host=host, port=port)


def _missing(error: ModuleNotFoundError) -> Exception:
    if error.name is None or error.name.partition(".")[0] not in _EXTRA:
        return error
    return InputError(
        f"the service needs {error.name}, which is not installed; "
        'run: pip install "keras-ma2mi[service]"'
    )
