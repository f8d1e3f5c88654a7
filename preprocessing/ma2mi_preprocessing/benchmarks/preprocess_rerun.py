"""How long a run takes that has nothing to do, as a user sees it, and how that grows."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from ..datasets.clip import Clip
from ..datasets.manifest import read_manifest, write_manifest
from ..options import PreprocessOptions
from ..run_plan import plan_run
from ..store import ClipStore
from ..store_checksums import GROUP_FILE
from ..store_format import CLIPS_FOLDER, clip_key, folder_name, options_hash

IMAGES_IN_A_FOLDER = 30

_LOOK_EVERY = 0.02


@dataclass(frozen=True)
class RerunRow:
    """A run with nothing to do.

    Attributes
    ----------
    clips : int
    sources : str
        What the clips are on disk.
    seconds : tuple of float
        Of the whole command, start of Python included, in each round.
    cpu_seconds : float
        Of its processor, in the round with the least; other programs change it little.
    megabytes : float
        Largest memory of the command; 0 where the system does not tell (only Linux does).
    plan_seconds, table_seconds : float
        Of these within a process that runs: deciding what is to be done, and making the table of
        clips from the clips themselves, as after a run that was killed.
    """

    clips: int
    sources: str
    seconds: tuple[float, ...]
    cpu_seconds: float
    megabytes: float
    plan_seconds: float
    table_seconds: float


def measure_rerun(
    folder: Path, clips: int, command: Sequence[str], *, images: bool, rounds: int
) -> RerunRow:
    """Make a store whose clips have no arrays but all else, and run the command on it.

    Parameters
    ----------
    folder : Path
        Empty folder.
    clips : int
    command : sequence of str
        What runs `preprocess`; manifest and store are added.
    images : bool
        Whether each clip is a folder of `IMAGES_IN_A_FOLDER` files instead of one file.
    rounds : int

    Raises
    ------
    RuntimeError
        The command failed, or found something to do.
    """
    manifest, store = folder / "manifest.csv", folder / "store"
    write_manifest(list(_sources(folder / "sources", clips, images=images)), manifest)
    rows = read_manifest(manifest)
    options = PreprocessOptions()
    opened = ClipStore.create(store, options)
    _write_clips(store, rows, options)
    start = time.perf_counter()
    opened.write_tables([])
    table_seconds = time.perf_counter() - start
    start = time.perf_counter()
    plan = plan_run(rows, store, options, contact_sheets=True)
    plan_seconds = time.perf_counter() - start
    if len(plan.kept) != clips:
        raise RuntimeError(f"{clips - len(plan.kept)} of {clips} clips would be done again")
    measured = [_run_command([*command, str(manifest), str(store)], clips) for _ in range(rounds)]
    return RerunRow(
        clips=clips,
        sources=f"folders of {IMAGES_IN_A_FOLDER} images" if images else "video files",
        seconds=tuple(seconds for seconds, _, _ in measured),
        cpu_seconds=min(cpu_seconds for _, cpu_seconds, _ in measured),
        megabytes=max(megabytes for _, _, megabytes in measured),
        plan_seconds=plan_seconds,
        table_seconds=table_seconds,
    )


def _sources(folder: Path, clips: int, *, images: bool) -> Iterator[Clip]:
    folder.mkdir()
    for index in range(clips):
        subject = f"lab/s{index % 100:02}"
        source = folder / f"c{index:06}"
        if images:
            source.mkdir()
            for image in range(IMAGES_IN_A_FOLDER):
                os.close(os.open(source / f"img{image:03}.jpg", os.O_CREAT | os.O_WRONLY))
        else:
            source = source.with_suffix(".mp4")
            source.write_bytes(b"x")
        yield Clip(
            clip_id=f"{subject}/c{index:06}",
            source=source,
            dataset="lab",
            subject=subject,
            kind="frames" if images else "video",
            onset=5,
            apex=12,
            offset=20,
            fps=200.0,
            label="surprise",
        )


def _write_clips(store: Path, clips: list[Clip], options: PreprocessOptions) -> None:
    hash_of_options = options_hash(options)
    for clip in clips:
        key = clip_key(clip, hash_of_options)
        attributes = {
            "clip": asdict(clip) | {"source": str(clip.source)},
            "frames": 26,
            "pairs": 1,
            "first_frame": 0,
            "frames_dropped": 0,
            "alignment": "clip",
            "face_score": 0.9,
            "sharpness": 50.0,
            "fps_source": "manifest",
            "key": key,
            "options_hash": hash_of_options,
        }
        folder = store / CLIPS_FOLDER / folder_name(clip.clip_id, key)
        folder.mkdir()
        content = {"attributes": attributes, "zarr_format": 3, "node_type": "group"}
        (folder / GROUP_FILE).write_text(json.dumps(content), encoding="utf-8")


def _run_command(arguments: Sequence[str], clips: int) -> tuple[float, float, float]:
    """Seconds, CPU seconds and megabytes of the command."""
    report = Path(arguments[-1]).parent / "report.txt"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    megabytes = 0.0
    before = _cpu_seconds_of_children()
    start = time.perf_counter()
    with report.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(arguments, stdout=output, stderr=output, env=environment)
        while process.poll() is None:
            megabytes = max(megabytes, _peak_megabytes(process.pid))
            time.sleep(_LOOK_EVERY)
    seconds = time.perf_counter() - start
    said = report.read_text(encoding="utf-8")
    if process.returncode or f"{clips} already there" not in said:
        raise RuntimeError(f"the command did not find all clips there: {said.strip()}")
    return seconds, _cpu_seconds_of_children() - before, megabytes


def _cpu_seconds_of_children() -> float:
    times = os.times()
    return times.children_user + times.children_system


def _peak_megabytes(pid: int) -> float:
    # What wait4 says begins with the memory of the process that started this one.
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    except OSError:
        return 0.0
    peaks = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")]
    return float(peaks[0]) * 1024 / 1e6 if peaks else 0.0
