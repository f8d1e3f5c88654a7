"""`POST /v1/flow`: the flow of two images, computed while the client waits."""

from collections.abc import Iterable
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from fastapi import APIRouter, File, HTTPException, Query, Response, UploadFile
from fastapi.concurrency import run_in_threadpool

from .computation import ARRAYS, ArrayName, Motion, as_npz, as_png, compute_motion
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

        def answer() -> bytes:
            """Runs in a thread, where the kernels release the GIL."""
            with metrics.spending("files"):
                images = _images(files, limits)
            with metrics.spending("kernels"):
                motion = _motion(images, arrays if output == "npz" else ["flow"])
            with metrics.spending("files"):
                return as_png(motion, max_flow) if output == "png" else as_npz(motion, arrays)

        async with cores.one():
            try:
                with metrics.computing():
                    content = await run_in_threadpool(answer)
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


def _images(files: dict[str, bytes], limits: ServiceLimits) -> list[npt.NDArray[np.uint8]]:
    images = [
        decode_image(f"`{name}`", content, limits.max_image_pixels)
        for name, content in files.items()
    ]
    if images[0].shape != images[1].shape:
        sizes = (f"`{name}` {_size(image)}" for name, image in zip(files, images, strict=True))
        raise UploadRefused(422, f"the images differ in size: {', '.join(sizes)}")
    return images


def _motion(images: list[npt.NDArray[np.uint8]], arrays: Iterable[ArrayName]) -> Motion:
    reference, moving = images
    try:
        return compute_motion(reference, moving, arrays)
    except ValueError as error:
        raise UploadRefused(422, str(error)) from error


def _size(image: Any) -> str:
    return f"{image.shape[1]} x {image.shape[0]}"
