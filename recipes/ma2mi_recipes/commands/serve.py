"""`keras-ma2mi serve`: the HTTP preprocessing service."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ma2mi_recipes.errors import one_line_errors


@one_line_errors
def serve_command(
    host: Annotated[
        str, typer.Option(help="Address to listen on; loopback unless told.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port.", min=1, max=65535)] = 8000,
    data: Annotated[
        Path | None, typer.Option(help="Folder for jobs. Default: in the user's cache.")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(
            help="Tokens that may ask, one a line; needed to listen elsewhere than on loopback. "
            "Default: those of KERAS_MA2MI_TOKENS, if any."
        ),
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that work on jobs.", min=1)] = 1,
    keep_hours: Annotated[
        float, typer.Option(help="How long files of finished jobs are kept.", min=0)
    ] = 24.0,
) -> None:
    """Serves optical flow, and aligned faces of videos, over HTTP; what there is, is at /docs.

    The same as `python -m ma2mi_preprocessing.service`. Needs the extra `service`.

    Example: keras-ma2mi serve --port 8000
    """
    from ma2mi_preprocessing.service import ServiceSetting, default_data, serve
    from ma2mi_preprocessing.service.__main__ import read_tokens
    from ma2mi_preprocessing.service.jobs.supervisor import JobLimits

    setting = ServiceSetting(
        data=data or default_data(),
        tokens=read_tokens(token_file),
        jobs=replace(JobLimits(), workers=workers, kept_seconds=3600.0 * keep_hours),
    )
    serve(host, port, setting)
