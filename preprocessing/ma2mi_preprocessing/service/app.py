"""The routes of the service."""

import asyncio
import importlib.metadata
from typing import Annotated, Any, Literal

# FastAPI only looks for it when a route with a form is made, and then raises something else.
import python_multipart  # noqa: F401
from fastapi import FastAPI, File, HTTPException, Query, Response, UploadFile
from fastapi.concurrency import run_in_threadpool

from .body_limit import BodyLimit
from .computation import as_npz, as_png, compute_motion
from .image_upload import UploadRefused, decode_image
from .limits import ServiceLimits

_REFUSALS: dict[int | str, dict[str, Any]] = {
    413: {"description": "Too many bytes or pixels."},
    415: {"description": "An upload is neither PNG nor JPEG."},
    422: {"description": "An upload is broken or missing, or the images differ in size."},
}
_FLOW_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "An `.npz` file, or a PNG picture of the flow.",
        "content": {
            "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
            "image/png": {"schema": {"type": "string", "format": "binary"}},
        },
    },
    **_REFUSALS,
}


def build_app(limits: ServiceLimits) -> FastAPI:
    """Make the application; use `create_app`, which explains what is missing."""
    app = FastAPI(
        title="keras-ma2mi preprocessing",
        description="TV-L1 optical flow, optical strain and frame difference of two images.",
        version=_version(),
    )
    app.add_middleware(BodyLimit, max_bytes=limits.max_body_bytes)
    # Kernels fill a core each: more of them at once only make every request slower.
    computing = asyncio.Semaphore(limits.max_concurrent)

    @app.get("/healthz")
    async def healthz() -> dict[str, str]:
        """Whether the service answers, and its version."""
        return {"status": "ok", "version": _version()}

    @app.post("/v1/flow", response_class=Response, responses=_FLOW_RESPONSES)
    async def flow(
        reference: Annotated[UploadFile, File(description="PNG or JPEG, the earlier image")],
        moving: Annotated[UploadFile, File(description="PNG or JPEG of the same size")],
        output: Annotated[
            Literal["npz", "png"],
            Query(description="`npz`: flow, strain and difference; `png`: the flow in colour"),
        ] = "npz",
        max_flow: Annotated[
            float | None,
            Query(gt=0, allow_inf_nan=False, description="Pixels of full colour in the PNG"),
        ] = None,
    ) -> Response:
        """Optical flow from `reference` to `moving`, in pixels; right and down are positive."""
        files = {
            "reference": await _content("reference", reference, limits),
            "moving": await _content("moving", moving, limits),
        }
        async with computing:
            try:
                content = await run_in_threadpool(_answer, files, limits, output, max_flow)
            except UploadRefused as refusal:
                raise HTTPException(refusal.status, str(refusal)) from refusal
        if output == "png":
            return Response(content, media_type="image/png")
        return Response(
            content,
            media_type="application/octet-stream",
            headers={"Content-Disposition": 'attachment; filename="flow.npz"'},
        )

    return app


async def _content(name: str, upload: UploadFile, limits: ServiceLimits) -> bytes:
    content = await upload.read(limits.max_image_bytes + 1)
    if len(content) > limits.max_image_bytes:
        raise HTTPException(
            413, f"`{name}` is too long; at most {limits.max_image_bytes:,} bytes are allowed"
        )
    return content


def _answer(
    files: dict[str, bytes], limits: ServiceLimits, output: str, max_flow: float | None
) -> bytes:
    """Decodes, computes and packs; runs in a thread, where the kernels release the GIL."""
    images = {
        name: decode_image(name, content, limits.max_image_pixels)
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
    return as_png(motion, max_flow) if output == "png" else as_npz(motion)


def _size(image: Any) -> str:
    return f"{image.shape[1]} x {image.shape[0]}"


def _version() -> str:
    try:
        return importlib.metadata.version("keras-ma2mi")
    except importlib.metadata.PackageNotFoundError:
        # A source tree on the path, not installed.
        return "unknown"
