"""One run at a time; the lock ends with its process, and readers never wait."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.store_lock import hold_as_worker, is_local, run_lock, running


def holder(store: Path, body: str) -> "subprocess.Popen[str]":
    code = f"""
        from pathlib import Path
        from ma2mi_preprocessing.store_lock import hold_as_worker, run_lock
        store = Path({str(store)!r})
        {body}
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_holder_is_named_and_its_death_frees_the_store(tmp_path: Path) -> None:
    process = holder(tmp_path, "with run_lock(store): print('held', flush=True); input()")
    with (
        pytest.raises(InputError, match=rf"process {process.pid} on ") as error,
        run_lock(tmp_path),
    ):
        pass
    assert "give another store" in str(error.value)
    assert str(process.pid) in str(running(tmp_path))
    process.kill()
    process.communicate()
    # Its name is still in the file, but the lock is the system's and went with it.
    assert str(process.pid) in (tmp_path / ".lock").read_text()
    assert running(tmp_path) is None
    with run_lock(tmp_path):
        assert str(os.getpid()) in (tmp_path / ".lock").read_text()
    assert (tmp_path / ".lock").read_text() == ""


def test_run_waits_for_workers_that_still_write(tmp_path: Path) -> None:
    process = holder(
        tmp_path, "import time; hold_as_worker(store); print('held', flush=True); time.sleep(0.5)"
    )
    with run_lock(tmp_path):
        assert process.poll() is not None or process.wait(timeout=1) == 0
    process.communicate()


def test_asking_leaves_no_trace_and_holds_up_no_run(tmp_path: Path) -> None:
    assert running(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with run_lock(tmp_path):
        pass
    assert running(tmp_path) is None
    with run_lock(tmp_path):
        assert running(tmp_path) is not None


def test_error_inside_frees_the_store(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), run_lock(tmp_path):
        raise KeyboardInterrupt
    with run_lock(tmp_path):
        pass


class Remote:
    """A path that is no file, as those of fsspec are."""

    protocol = "memory"


def test_store_at_a_url_is_not_locked() -> None:
    remote = Remote()
    assert not is_local(remote)  # type: ignore[arg-type]
    with run_lock(remote):  # type: ignore[arg-type]
        hold_as_worker(remote)  # type: ignore[arg-type]
        assert running(remote) is None  # type: ignore[arg-type]
