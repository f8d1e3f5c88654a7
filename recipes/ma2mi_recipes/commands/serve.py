"""`keras-ma2mi serve`: the HTTP preprocessing service."""

from typing import Annotated

import typer

from ma2mi_recipes.errors import one_line_errors


@one_line_errors
def serve_command(
    host: Annotated[
        str, typer.Option(help="Address to listen on; loopback unless told.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port.", min=1, max=65535)] = 8000,
) -> None:
    """Serves optical flow over HTTP, with OpenAPI documentation at /docs.

    The same as `python -m ma2mi_preprocessing.service`. Needs the extra `service`.

    Example: keras-ma2mi serve --port 8000
    """
    from ma2mi_preprocessing.service import serve

    serve(host=host, port=port)
