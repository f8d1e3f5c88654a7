"""What several routes say of what they take and give in the OpenAPI document."""

from typing import Annotated, Any

from fastapi import Query
from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema

from .computation import ArrayName

Responses = dict[int | str, dict[str, Any]]

# Forms and addresses know no null: what is not wanted is left out.
Left = SkipJsonSchema[None]
PositiveNumber = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Arrays = Annotated[
    tuple[ArrayName, ...],
    Query(description="What the `.npz` holds; all of it takes six float32 a pixel, the flow two"),
]


class Refusal(BaseModel):
    """Why a request was refused."""

    detail: str = Field(description="What was wrong, and what to do")


class Misread(BaseModel):
    """Why a request could not be read."""

    detail: str | list[dict[str, Any]] = Field(
        description="What was wrong; for options that are out of range a list, one item an option"
    )


RETRY_AFTER: dict[str, Any] = {
    "Retry-After": {
        "description": "Seconds to wait",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
        "required": True,
    }
}


def refused(
    description: str,
    example: str,
    model: type[BaseModel] = Refusal,
    headers: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An answer that says why not, for the document.

    Parameters
    ----------
    description : str
        When it is given.
    example : str
        What it may say.
    model : type
        `Misread` where options or files may be what is broken.
    headers : dict, optional
        Such as `RETRY_AFTER`.

    Returns
    -------
    dict
    """
    return {
        "model": model,
        "description": description,
        "content": {"application/json": {"example": {"detail": example}}},
        **({} if headers is None else {"headers": headers}),
    }


def uploads(**types: str) -> dict[str, Any]:
    """What the files of a form are, for `openapi_extra`.

    Parameters
    ----------
    **types : str
        Media types of each file, with commas between them.

    Returns
    -------
    dict
    """
    encoding = {name: {"contentType": value} for name, value in types.items()}
    return {"requestBody": {"content": {"multipart/form-data": {"encoding": encoding}}}}


NPZ_OR_PNG: Responses = {
    200: {
        "description": "An `.npz` file, or a PNG picture.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}
NO_TOKEN: Responses = {
    401: refused(
        "No token that is known.",
        "send a token that this service knows: `Authorization: Bearer TOKEN`",
    )
}
NO_FORM: Responses = {400: refused("The body is not a form.", "Invalid multipart data.")}
BUSY: Responses = {
    503: refused(
        "Too many requests wait; try again after `Retry-After` seconds.",
        "too many requests wait; try again",
        headers=RETRY_AFTER,
    )
}
