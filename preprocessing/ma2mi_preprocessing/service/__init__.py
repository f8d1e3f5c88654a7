"""Preprocessing over HTTP, without a deep-learning framework. Needs the extra `service`."""

import ipaddress
from typing import TYPE_CHECKING

from ..errors import InputError
from ..motion import compile_kernels
from .allocator import keep_freed_memory
from .limits import ServiceLimits
from .setting import ServiceSetting, default_data

if TYPE_CHECKING:
    from fastapi import FastAPI

__all__ = ["ServiceLimits", "ServiceSetting", "create_app", "default_data", "serve"]

_EXTRA = {
    "fastapi",
    "fastapi_offline",
    "prometheus_client",
    "python_multipart",
    "starlette",
    "uvicorn",
}


def create_app(setting: ServiceSetting | None = None) -> "FastAPI":
    """Make the ASGI application.

    Parameters
    ----------
    setting : ServiceSetting, optional
        Folder of the jobs, tokens and limits. Defaults to a service without jobs or tokens, which
        computes the flow of two images.

    Returns
    -------
    FastAPI
        Its workers live from startup to shutdown, which a server such as uvicorn calls.

    Raises
    ------
    InputError
        The extra `service` is not installed, or a token is too short.
    """
    try:
        from .app import build_app
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    return build_app(setting or ServiceSetting())


def serve(host: str = "127.0.0.1", port: int = 8000, setting: ServiceSetting | None = None) -> None:
    """Run the service until it is interrupted.

    Parameters
    ----------
    host : str
        Address to listen on. Elsewhere than on loopback it asks for tokens.
    port : int
        Port to listen on.
    setting : ServiceSetting, optional
        Defaults to jobs in `default_data`, without tokens.

    Raises
    ------
    InputError
        The extra `service` is not installed; the service could be reached from elsewhere and has
        no tokens; or another service uses its folder.
    """
    setting = setting or ServiceSetting(data=default_data())
    if not setting.tokens and not _is_loopback(host):
        raise InputError(
            f"{host} can be reached from other machines, so whoever asks must bring a token; name "
            "a file of tokens (--token-file), or listen on 127.0.0.1"
        )
    app = create_app(setting)
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    compile_kernels()
    keep_freed_memory()
    uvicorn.run(app, host=host, port=port)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _missing(error: ModuleNotFoundError) -> Exception:
    if error.name is None or error.name.partition(".")[0] not in _EXTRA:
        return error
    return InputError(
        f"the service needs {error.name}, which is not installed; "
        'run: pip install "keras-ma2mi[service]"'
    )
