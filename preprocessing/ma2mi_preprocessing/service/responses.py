"""What several routes say of their answers in the OpenAPI document."""

from typing import Any

Responses = dict[int | str, dict[str, Any]]

NPZ_OR_PNG: Responses = {
    200: {
        "description": "An `.npz` file, or a PNG picture.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
NO_TOKEN: Responses = {401: {"description": "No token that is known."}}
BUSY: Responses = {
    503: {"description": "Too many requests wait; try again after `Retry-After` seconds."}
}
