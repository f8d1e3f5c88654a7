"""`/v1/clips`: videos to aligned faces, flow and key frames, as jobs that outlive the request."""

import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, File, Form, HTTPException, Query, Request, Response, UploadFile
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field

from ..atomic_files import flush_file, flush_folder
from .clip_upload import store_clip
from .computation import (
    ARRAYS,
    ArrayName,
    Motion,
    as_npz,
    as_png,
    difference_as_png,
    strain_as_png,
)
from .cores import Cores
from .image_upload import UploadRefused
from .jobs.clip_results import CLIP_FILE, FRAMES_FILE, RESULT_FILES, SHEET_FILE, ClipRequest
from .jobs.folders import JobFolders
from .jobs.queue import Job, JobQueue
from .jobs.worker import content_of
from .responses import (
    BUSY,
    NO_FORM,
    NO_TOKEN,
    NPZ_OR_PNG,
    RETRY_AFTER,
    Arrays,
    Left,
    Misread,
    PositiveNumber,
    Responses,
    refused,
    uploads,
)
from .setting import ServiceSetting

ResultName = Literal[
    "clip.json", "frames.npy", "motion.npz", "contact_sheet.jpg", "faces.pack", "flow.pack"
]
_MEDIA = {CLIP_FILE: "application/json", SHEET_FILE: "image/jpeg"}
_BYTES = "application/octet-stream"

MotionOutput = Literal["npz", "flow", "strain", "difference"]
_RETRY_SECONDS = "10"
_LARGEST_SIZE = 512
_LAST_FRAME = 10**6

_KeyFrame = Annotated[
    Annotated[int, Field(ge=0, le=_LAST_FRAME)] | Left,
    Form(description="Frame of the video; found if not given"),
]

_NO_JOB: Responses = {
    **NO_TOKEN,
    404: refused("There is no such job of yours.", "there is no such job of yours"),
}
_MOTION: Responses = {
    **NPZ_OR_PNG,
    **_NO_JOB,
    422: refused("There is no such frame.", "the clip has 24 frames, the last is 23", Misread),
    **BUSY,
}
_UPLOAD: Responses = {
    **NO_FORM,
    **NO_TOKEN,
    413: refused(
        "Too many bytes, frames or pixels.", "the archive has 1,200 frames; at most 900 are allowed"
    ),
    415: refused(
        "Neither a video nor a zip archive of frames.",
        "`clip` is neither a video (MP4, MOV, AVI, MKV, WebM) nor a zip archive of frames",
    ),
    422: refused(
        "An option is out of range, or the archive is broken.",
        "give both `onset` and `apex`, the onset first, or neither",
        Misread,
    ),
    429: refused(
        "Too many jobs of yours are unfinished.",
        "20 jobs of yours are unfinished; wait for one, or delete it",
        headers=RETRY_AFTER,
    ),
    503: refused(
        "Too many jobs wait; try again after `Retry-After` seconds.",
        "there is no room for more jobs; try again",
        headers=RETRY_AFTER,
    ),
}
_CLIPS = uploads(clip="application/zip, video/mp4, video/x-msvideo, video/x-matroska, video/webm")


class JobDocument(BaseModel):
    """A job as it stands."""

    id: str = Field(description="Its name", examples=["9f2c4e0a6b1d4c3e8f7a5b6c7d8e9f01"])
    state: Literal["queued", "running", "done", "failed"] = Field(examples=["done"])
    stage: str = Field(description="What is being done; empty otherwise", examples=[""])
    progress: float = Field(
        ge=0, le=1, description="Share of the work that is done", examples=[1.0]
    )
    created: datetime = Field(examples=["2026-01-31T12:00:00Z"])
    ended: datetime | None = Field(examples=["2026-01-31T12:00:03Z"])
    attempt: int = Field(ge=0, description="How often it was begun", examples=[1])
    reason: str = Field(description="Why it failed; empty otherwise", examples=[""])
    request: dict[str, Any] = Field(
        description="What was asked for",
        examples=[{"size": 224, "fps": 200, "onset": 12, "apex": 40, "detector": "cascade"}],
    )
    results: dict[str, str] = Field(
        description="Where results are, by their names, once done",
        examples=[{"clip.json": "/v1/clips/9f2c4e0a6b1d4c3e8f7a5b6c7d8e9f01/results/clip.json"}],
    )


def clip_router(
    setting: ServiceSetting, queue: JobQueue, folders: JobFolders, cores: Cores
) -> APIRouter:
    """The routes, as a part of the application."""
    clips = _Clips(queue, folders, _Accepting(setting, queue, folders), cores)
    routes = APIRouter()
    router = APIRouter(prefix="/v1/clips", tags=["clips"])
    router.post("", status_code=202, responses=_UPLOAD, openapi_extra=_CLIPS)(clips.send_clip)
    router.get("", responses=NO_TOKEN)(clips.list_clips)
    router.get("/{identifier}", responses=_NO_JOB)(clips.get_clip)
    router.get("/{identifier}/results/{name}", response_class=FileResponse, responses=_NO_JOB)(
        clips.get_result
    )
    router.get("/{identifier}/motion", response_class=Response, responses=_MOTION)(clips.get_motion)
    router.delete("/{identifier}", status_code=204, responses=_NO_JOB)(clips.delete_clip)
    routes.include_router(router)
    if setting.model is not None:
        # The same jobs, whose `clip.json` says what the model makes of them.
        routes.post("/v1/predict", status_code=202, responses=_UPLOAD, openapi_extra=_CLIPS,
                    tags=["clips"], name="predict")(clips.send_clip)  # fmt: skip
    return routes


class _Clips:
    """What each route does; none of them computes anything."""

    def __init__(
        self, queue: JobQueue, folders: JobFolders, accepting: "_Accepting", cores: Cores
    ) -> None:
        self._queue, self._folders, self._accepting = queue, folders, accepting
        self._cores = cores

    def send_clip(
        self,
        request: Request,
        response: Response,
        clip: Annotated[
            UploadFile, File(description="A video, or a zip archive of PNG or JPEG frames")
        ],
        size: Annotated[
            int, Form(ge=16, le=_LARGEST_SIZE, description="Side of the aligned face in pixels")
        ] = 224,
        fps: Annotated[
            Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)] | Left,
            Form(description="Frames a second, if known", examples=[200.0]),
        ] = None,
        onset: _KeyFrame = None,
        apex: _KeyFrame = None,
        detector: Annotated[
            Literal["cascade", "none"], Form(description="`none` takes the frames as they are")
        ] = "cascade",
    ) -> JobDocument:
        """Preprocess a video; the answer names a job to ask for."""
        wanted = ClipRequest(size, fps, onset, apex, detector)
        job = self._accepting.accept(request.state.owner, clip, wanted)
        response.headers["Location"] = f"/v1/clips/{job.id}"
        return _document(job)

    def list_clips(self, request: Request) -> list[JobDocument]:
        """Your jobs, newest first, a hundred at most."""
        return [_document(job) for job in self._queue.jobs_of(request.state.owner)]

    def get_clip(self, request: Request, identifier: str) -> JobDocument:
        """How far a job is, and where its results are."""
        return _document(self._found(request, identifier))

    def get_result(self, request: Request, identifier: str, name: ResultName) -> FileResponse:
        """One file of the results."""
        path = self._result(request, identifier, name)
        return FileResponse(path, media_type=_MEDIA.get(name, _BYTES), filename=name)

    async def get_motion(
        self,
        request: Request,
        identifier: str,
        first: Annotated[
            int, Query(ge=0, le=_LAST_FRAME, description="Frame of the results", examples=[12])
        ],
        second: Annotated[
            int, Query(ge=0, le=_LAST_FRAME, description="Another one", examples=[40])
        ],
        output: Annotated[
            MotionOutput,
            Query(description="`npz`: flow, strain and difference; else a PNG of one of them"),
        ] = "npz",
        max_flow: Annotated[
            PositiveNumber | Left,
            Query(description="Pixels of full colour of the flow", examples=[2.0]),
        ] = None,
        arrays: Arrays = ARRAYS,
    ) -> Response:
        """Flow, optical strain and difference between any two frames of a finished job."""
        path = await run_in_threadpool(self._result, request, identifier, FRAMES_FILE)
        async with self._cores.one():
            content = await run_in_threadpool(
                _motion, path, (first, second), output, max_flow, arrays
            )
        return Response(content, media_type=_BYTES if output == "npz" else "image/png")

    def delete_clip(self, request: Request, identifier: str) -> Response:
        """Forget a job and delete its files, also while it runs."""
        job = self._found(request, identifier)
        self._queue.remove(job.id)
        self._folders.remove(job.id)
        return Response(status_code=204)

    def _result(self, request: Request, identifier: str, name: str) -> Path:
        job = self._found(request, identifier)
        path = self._folders.results(job.id) / name
        if job.state != "done" or not path.is_file():
            raise HTTPException(404, f"job {job.id} is {job.state}; it has no results")
        return path

    def _found(self, request: Request, identifier: str) -> Job:
        job = self._queue.find(identifier, request.state.owner)
        if job is None:
            raise HTTPException(404, "there is no such job of yours")
        return job


def _motion(
    path: Path,
    pair: tuple[int, int],
    output: MotionOutput,
    max_flow: float | None,
    arrays: Iterable[ArrayName],
) -> bytes:
    # Mapped, not read: two frames of hundreds are looked at.
    frames = np.load(path, mmap_mode="r", allow_pickle=False)
    if max(pair) >= len(frames):
        raise HTTPException(
            422, f"the clip has {len(frames)} frames, the last is {len(frames) - 1}"
        )
    reference, moving = (np.asarray(frames[place]) for place in pair)
    motion = Motion(reference, moving)
    if output == "npz":
        return as_npz(motion, arrays)
    if output == "flow":
        return as_png(motion, max_flow)
    return strain_as_png(motion) if output == "strain" else difference_as_png(motion)


class _Accepting:
    """Takes jobs in, as long as there is room for them."""

    def __init__(self, setting: ServiceSetting, queue: JobQueue, folders: JobFolders) -> None:
        self._setting, self._queue, self._folders = setting, queue, folders

    def accept(self, owner: str, upload: UploadFile, wanted: ClipRequest) -> Job:
        """Everything is on the disk before the job is known, and known before it is told of."""
        self._check_room(owner)
        given = [place for place in (wanted.onset, wanted.apex) if place is not None]
        if len(given) == 1 or given != sorted(set(given)):
            raise HTTPException(422, "give both `onset` and `apex`, the onset first, or neither")
        identifier, folder = self._folders.create()
        try:
            store_clip(upload.file, folder, self._setting.uploads)
            _flush(folder)
            self._queue.add(identifier, owner, content_of(wanted))
        except UploadRefused as refusal:
            shutil.rmtree(folder, ignore_errors=True)
            raise HTTPException(refusal.status, str(refusal)) from refusal
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        job = self._queue.find(identifier, owner)
        assert job is not None
        return job

    def _check_room(self, owner: str) -> None:
        limits = self._setting.jobs
        if self._queue.unfinished_of(owner) >= limits.max_unfinished:
            raise HTTPException(
                429,
                f"{limits.max_unfinished} jobs of yours are unfinished; wait for one, or delete it",
                {"Retry-After": _RETRY_SECONDS},
            )
        full = self._queue.counts()["queued"] >= limits.max_waiting
        if full or self._folders.used_bytes() > limits.max_data_bytes:
            raise HTTPException(
                503, "there is no room for more jobs; try again", {"Retry-After": _RETRY_SECONDS}
            )


def _flush(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            flush_file(path)
    for path in [*(one for one in folder.rglob("*") if one.is_dir()), folder, folder.parent]:
        flush_folder(path)


def _document(job: Job) -> JobDocument:
    here = f"/v1/clips/{job.id}/results"
    return JobDocument(
        id=job.id,
        state=job.state,
        stage=job.stage,
        progress=job.progress,
        created=_time(job.created),
        ended=None if job.ended is None else _time(job.ended),
        attempt=job.attempt,
        reason=job.reason,
        request=dict(job.request),
        results={name: f"{here}/{name}" for name in RESULT_FILES} if job.state == "done" else {},
    )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
