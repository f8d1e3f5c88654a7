"""`POST /v1/flow`: the flow of two images, computed while the client waits."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, HTTPException, Query, Response, UploadFile
from fastapi.concurrency import run_in_threadpool

from .computation import ARRAYS, Motion, as_npz, as_png, compute_motion
from .cores import Cores
from .image_upload import UploadRefused, decode_image
from .limits import ServiceLimits
from .metrics import Metrics
from .responses import (
    BUSY,
    NO_FORM,
    NO_TOKEN,
    NPZ_OR_PNG,
    Arrays,
    Left,
    Misread,
    PositiveNumber,
    Responses,
    refused,
    uploads,
)

_IMAGES = "image/png, image/jpeg"
_RESPONSES: Responses = {
    **NPZ_OR_PNG,
    **NO_FORM,
    **NO_TOKEN,
    413: refused(
        "Too many bytes or pixels.",
        "`reference` is too long; at most 10,485,760 bytes are allowed",
    ),
    415: refused(
        "An upload is neither PNG nor JPEG.", "`moving` is neither a PNG nor a JPEG image"
    ),
    422: refused(
        "An upload is broken or missing, or the images differ in size.",
        "the images differ in size: `reference` 224 x 224, `moving` 256 x 256",
        Misread,
    ),
    **BUSY,
}


def flow_router(limits: ServiceLimits, cores: Cores, metrics: Metrics) -> APIRouter:
    """The route, as a part of the application."""
    router = APIRouter(tags=["flow"])

    @router.post(
        "/v1/flow",
        response_class=Response,
        responses=_RESPONSES,
        openapi_extra=uploads(reference=_IMAGES, moving=_IMAGES),
    )
    async def flow(
        reference: Annotated[UploadFile, File(description="PNG or JPEG, the earlier image")],
        moving: Annotated[UploadFile, File(description="PNG or JPEG of the same size")],
        output: Annotated[
            Literal["npz", "png"],
            Query(description="`npz`: flow, strain and difference; `png`: the flow in colour"),
        ] = "npz",
        max_flow: Annotated[
            PositiveNumber | Left,
            Query(description="Pixels of full colour in the PNG", examples=[2.0]),
        ] = None,
        arrays: Arrays = ARRAYS,
    ) -> Response:
        """Optical flow from `reference` to `moving`, in pixels; right and down are positive."""
        files = {
            "reference": await _content("reference", reference, limits),
            "moving": await _content("moving", moving, limits),
        }

        def pack(motion: Motion) -> bytes:
            return as_png(motion, max_flow) if output == "png" else as_npz(motion, arrays)

        async with cores.one():
            try:
                with metrics.computing():
                    content = await run_in_threadpool(_answer, files, limits, pack)
            except UploadRefused as refusal:
                raise HTTPException(refusal.status, str(refusal)) from refusal
        if output == "png":
            return Response(content, media_type="image/png")
        return Response(
            content,
            media_type="application/octet-stream",
            headers={"Content-Disposition": 'attachment; filename="flow.npz"'},
        )

    return router


async def _content(name: str, upload: UploadFile, limits: ServiceLimits) -> bytes:
    content = await upload.read(limits.max_image_bytes + 1)
    if len(content) > limits.max_image_bytes:
        raise HTTPException(
            413, f"`{name}` is too long; at most {limits.max_image_bytes:,} bytes are allowed"
        )
    return content


def _answer(
    files: dict[str, bytes], limits: ServiceLimits, pack: Callable[[Motion], bytes]
) -> bytes:
    """Decodes, computes and packs; runs in a thread, where the kernels release the GIL."""
    images = {
        name: decode_image(f"`{name}`", content, limits.max_image_pixels)
        for name, content in files.items()
    }
    reference, moving = images["reference"], images["moving"]
    if reference.shape != moving.shape:
        raise UploadRefused(
            422,
            f"the images differ in size: `reference` {_size(reference)}, `moving` {_size(moving)}",
        )
    try:
        motion = compute_motion(reference, moving)
    except ValueError as error:
        raise UploadRefused(422, str(error)) from error
    return pack(motion)


def _size(image: Any) -> str:
    return f"{image.shape[1]} x {image.shape[0]}"
