"""Clips on a Dask cluster: workers die, schedulers are gone, and nothing is lost or there twice."""

import dataclasses
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ma2mi_preprocessing import cluster as cluster_module
from ma2mi_preprocessing import cluster_pool, cluster_workers
from ma2mi_preprocessing.datasets.clip import Clip
from ma2mi_preprocessing.errors import InputError
from ma2mi_preprocessing.pipeline import ClipOutcome, preprocess
from ma2mi_preprocessing.run_plan import Task
from ma2mi_preprocessing.store import ClipStore, open_store
from ma2mi_preprocessing.store_format import options_hash
from tests.preprocessing.pipeline.small_clips import OPTIONS, frame_folder

distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
import dask  # noqa: E402

CLIPS = 12


@pytest.fixture(scope="module")
def dask_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Two worker processes in which a clip named "killer" ends the process that works on it."""
    preload = tmp_path_factory.mktemp("preload") / "killer.py"
    preload.write_text(
        textwrap.dedent("""
        import os, signal
        from ma2mi_preprocessing import clip_task
        from ma2mi_preprocessing.process_clip import process_clip as real
        def process_clip(clip, options):
            if clip.clip_id == "killer":
                os.kill(os.getpid(), signal.SIGKILL)
            return real(clip, options)
        clip_task.process_clip = process_clip
        """)
    )
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0",
            preload=[str(preload)], silence_logs="CRITICAL",
        ) as cluster,
    ):  # fmt: skip
        yield cluster


@pytest.fixture
def address(dask_cluster: Any) -> str:
    with distributed.Client(dask_cluster) as client:
        client.wait_for_workers(2, timeout=60)
    return str(dask_cluster.scheduler_address)


@pytest.fixture
def clips(tmp_path: Path) -> list[Clip]:
    return [frame_folder(tmp_path / "lab", f"c{index:02}", frames=8) for index in range(CLIPS)]


def assert_same_stores(one: Path, two: Path) -> None:
    first, second = open_store(one), open_store(two)
    assert first.clip_ids == second.clip_ids
    assert len(list((two / "clips").iterdir())) == len(first) + 1
    for name in first.clip_ids:
        a, b = first.read(name), second.read(name)
        np.testing.assert_array_equal(a.frames[:], b.frames[:])
        # Processes that compiled the kernels and those that loaded them differ in rounding.
        np.testing.assert_allclose(a.flow[:], b.flow[:], atol=1e-3)
        np.testing.assert_array_equal(a.pairs, b.pairs)
        np.testing.assert_array_equal(a.transforms, b.transforms)
        assert a.clip == b.clip
    columns = ["clip_id", "folder", "frames", "pairs", "key", "options_hash"]
    assert first.manifest[columns].equals(second.manifest[columns])


def test_worker_killed_midway_loses_nothing_and_doubles_nothing(
    clips: list[Clip], tmp_path: Path, dask_cluster: Any, address: str
) -> None:
    preprocess(clips, tmp_path / "undisturbed", OPTIONS, workers=1)
    killed: list[int] = []

    def kill_one(outcome: ClipOutcome) -> None:
        if not killed:
            with distributed.Client(dask_cluster) as client:
                killed.append(next(iter(client.run(os.getpid).values())))
            os.kill(killed[0], signal.SIGKILL)

    seen: list[str] = []
    summary = preprocess(
        clips, tmp_path / "s", OPTIONS, cluster=address,
        on_outcome=lambda outcome: (seen.append(outcome.clip_id), kill_one(outcome))[0],
    )  # fmt: skip
    assert killed
    assert summary.rejected == []
    assert summary.stored == CLIPS
    assert sorted(seen) == [clip.clip_id for clip in clips]
    assert_same_stores(tmp_path / "undisturbed", tmp_path / "s")


def test_clip_that_kills_its_workers_takes_no_other_with_it(
    clips: list[Clip], tmp_path: Path, address: str
) -> None:
    killer = dataclasses.replace(clips[2], clip_id="killer")
    summary = preprocess([*clips[:2], killer, *clips[3:]], tmp_path / "s", OPTIONS, cluster=address)
    assert summary.stored == CLIPS - 1
    (rejection,) = summary.rejected
    assert (rejection.clip_id, rejection.stage) == ("killer", "worker")
    assert "the worker process died" in rejection.reason


def test_scheduler_never_holds_more_than_a_few_clips(
    clips: list[Clip], tmp_path: Path, dask_cluster: Any, address: str
) -> None:
    held: list[int] = []
    preprocess(
        clips, tmp_path / "s", OPTIONS, cluster=address,
        on_outcome=lambda outcome: held.append(len(dask_cluster.scheduler.tasks)),
    )  # fmt: skip
    assert 1 <= max(held) <= 3 * 2 + 1 < CLIPS


def test_interrupted_run_leaves_whole_clips_and_idle_workers(
    clips: list[Clip], tmp_path: Path, dask_cluster: Any, address: str
) -> None:
    def interrupt(outcome: ClipOutcome) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        preprocess(clips, tmp_path / "s", OPTIONS, cluster=address, on_outcome=interrupt)
    with distributed.Client(dask_cluster) as client:
        assert not any(client.processing().values())
    folders = os.listdir(tmp_path / "s" / "clips")
    assert not [name for name in folders if name.startswith(".")]
    whole = len(open_store(tmp_path / "s"))
    assert 1 <= whole == len(folders) - 1 < CLIPS
    summary = preprocess(clips, tmp_path / "s", OPTIONS, cluster=address)
    assert (summary.kept, summary.stored) == (whole, CLIPS - whole)


def test_relative_paths_reach_workers_with_another_working_folder(
    clips: list[Clip], tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    relative = [dataclasses.replace(clip, source=Path("lab") / clip.clip_id) for clip in clips[:2]]
    assert preprocess(relative, "s", OPTIONS, cluster=address).stored == 2


def test_local_cluster_makes_the_same_store(clips: list[Clip], tmp_path: Path) -> None:
    clips = clips[:3]
    preprocess(clips, tmp_path / "one", OPTIONS, workers=1)
    summary = preprocess(clips, tmp_path / "two", OPTIONS, cluster="local", workers=2)
    assert summary.stored == 3
    assert_same_stores(tmp_path / "one", tmp_path / "two")


class TestRefusal:
    """Clusters that cannot do the work."""

    def refused(self, clips: list[Clip], store: Path, address: str, **more: Any) -> str:
        with pytest.raises(InputError) as error:
            preprocess(clips, store, OPTIONS, cluster=address, **more)
        message = str(error.value)
        assert "\n" not in message
        return message

    @pytest.mark.parametrize("where", ["tcp://127.0.0.1:9", "nonsense"])
    def test_unreachable(
        self, where: str, clips: list[Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cluster_pool, "_CONNECT_SECONDS", 1.0)
        message = self.refused(clips, tmp_path / "s", where)
        assert "no Dask scheduler answers" in message
        assert where in message

    def test_scheduler_file_that_is_not_there(self, clips: list[Clip], tmp_path: Path) -> None:
        message = self.refused(clips, tmp_path / "s", str(tmp_path / "scheduler.json"))
        assert "no scheduler file" in message

    def test_number_of_workers_of_a_cluster_that_runs(
        self, clips: list[Clip], tmp_path: Path, address: str
    ) -> None:
        assert "--workers" in self.refused(clips, tmp_path / "s", address, workers=2)

    def test_memory_of_another_process(self, clips: list[Clip], address: str) -> None:
        pytest.importorskip("upath")
        assert "this process only" in self.refused(clips, Path("memory://cluster/s"), address)

    def test_other_versions(
        self, clips: list[Clip], tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        other = {**cluster_workers.versions(), "numpy": "1.0.1"}
        monkeypatch.setattr(cluster_workers, "versions", lambda: other)
        message = self.refused(clips, tmp_path / "s", address)
        assert message.startswith("worker tcp://")
        assert f"has numpy {np.__version__}, and this machine 1.0.1" in message

    def test_worker_that_does_not_see_the_clips(
        self, tmp_path: Path, dask_cluster: Any, address: str
    ) -> None:
        store = ClipStore.create(tmp_path / "s", OPTIONS)
        clip = Clip("a", tmp_path / "elsewhere")
        task = Task(clip, OPTIONS, store.path, "0" * 16, options_hash(OPTIONS), (), False)
        with (
            distributed.Client(dask_cluster) as client,
            pytest.raises(InputError, match=r"on .* does not see .*elsewhere; mount"),
        ):
            cluster_workers.check_workers(client, [task])
        with pytest.raises(RuntimeError, match="does not see"):
            cluster_module.run_on_worker(task)


def test_worker_without_the_package_is_told_what_to_install(tmp_path: Path) -> None:
    import cloudpickle

    question = tmp_path / "question.pkl"
    question.write_bytes(cloudpickle.dumps(cluster_workers._question()))
    code = f"""
import sys, pickle
sys.modules["ma2mi_preprocessing"] = None
answer = pickle.load(open({str(question)!r}, "rb"))([], [])
print(answer)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    trouble = cluster_workers._trouble(eval(done.stdout), cluster_workers.versions())
    assert "cannot import this package" in trouble
    assert "install keras-ma2mi there" in trouble
