"""`keras-ma2mi serve`: the HTTP preprocessing service."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ma2mi_recipes.backend import Backend
from ma2mi_recipes.errors import one_line_errors
from ma2mi_recipes.options import BackendOption

if TYPE_CHECKING:
    from ma2mi_preprocessing.service.jobs.pair_model import ModelSource


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
    model: Annotated[
        Path | None,
        typer.Option(help="Run directory of `train` or `pretrain-units` to ask about each clip."),
    ] = None,
    weights: Annotated[
        str | None, typer.Option(metavar="NAME", help="Weights of the package to ask instead.")
    ] = None,
    zero_shot: Annotated[
        str | None, typer.Option(metavar="CLASSES", help="As for `predict`.")
    ] = None,
    backend: BackendOption = None,
) -> None:
    """Serves optical flow, and aligned faces of videos, over HTTP, and a page to look at them.

    Without a model the same as `python -m ma2mi_preprocessing.service`. Needs the extra `service`.

    Example: keras-ma2mi serve --port 8000
    """
    from ma2mi_preprocessing.service import ServiceSetting, default_data, serve
    from ma2mi_preprocessing.service.jobs.supervisor import JobLimits
    from ma2mi_preprocessing.service.tokens import read_tokens

    setting = ServiceSetting(
        data=data or default_data(),
        tokens=read_tokens(token_file),
        jobs=replace(JobLimits(), workers=workers, kept_seconds=3600.0 * keep_hours),
        model=_model(model, weights, zero_shot, backend),
    )
    serve(host, port, setting)


def _model(
    path: Path | None, weights: str | None, zero_shot: str | None, backend: Backend | None
) -> "ModelSource | None":
    if path is None and weights is None and zero_shot is None:
        return None
    from ma2mi_recipes.service_model import model_source

    return model_source(path, weights, zero_shot, backend)
