"""Runs in processes of their own, which are killed with everything that they started."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

RUN = """
import sys
from pathlib import Path
from ma2mi_preprocessing.datasets import ADAPTERS
from ma2mi_preprocessing.pipeline import PreprocessOptions, preprocess

if __name__ == "__main__":
    root, store, workers = sys.argv[1:]
    clips = ADAPTERS["videos"].read(Path(root)).clips
    options = PreprocessOptions(size=32, detector="none", pairs_per_clip=2)
    print("ready", flush=True)
    summary = preprocess(clips, store, options, workers=int(workers),
                         on_outcome=lambda outcome: print(outcome.status, flush=True))
    print("finished", summary.stored, summary.kept, len(summary.rejected), flush=True)
"""


def start_run(script: Path, root: Path, store: Path, workers: int = 2) -> "subprocess.Popen[str]":
    """Start a run that prints "ready", a word for each clip, and "finished"."""
    script.write_text(RUN)
    return subprocess.Popen(
        [sys.executable, str(script), str(root), str(store), str(workers)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def kill_all(run: "subprocess.Popen[str]") -> None:
    """SIGKILL to the run and all its processes at once, as a power cut or a batch system would."""
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


def workers_of(run: "subprocess.Popen[str]") -> list[int]:
    """Process ids of the workers of a run, by what Linux says about its children."""
    children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
    lines = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
    return [pid for pid, line in lines.items() if b"spawn_main" in line]


def contents(store: Path) -> dict[str, str]:
    """SHA-256 of every file of a store."""
    files = sorted(path for path in store.rglob("*") if path.is_file())
    return {
        path.relative_to(store).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }
