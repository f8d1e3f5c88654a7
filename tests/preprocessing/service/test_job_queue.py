"""The queue of the service: accepted jobs are never lost, and never two workers' at once."""

import threading
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ma2mi_preprocessing.service.jobs.queue import MOST_ATTEMPTS, Job, JobQueue


@pytest.fixture
def queue(tmp_path: Path) -> JobQueue:
    return JobQueue(tmp_path / "jobs.sqlite")


def test_jobs_are_begun_in_the_order_in_which_they_came(tmp_path: Path) -> None:
    times = iter(range(100))
    queue = JobQueue(tmp_path / "jobs.sqlite", clock=lambda: float(next(times)))
    for name in ("second-by-name", "first-by-name", "a"):
        queue.add(name, "somebody", {"size": 64})
    begun = [queue.claim("worker-1") for _ in range(4)]
    assert [None if job is None else job.id for job in begun] == [
        "second-by-name", "first-by-name", "a", None
    ]  # fmt: skip
    assert begun[0] is not None
    assert (begun[0].request, begun[0].attempt, begun[0].state) == ({"size": 64}, 1, "running")


def test_an_accepted_job_is_found_by_whoever_opens_the_file_next(
    queue: JobQueue, tmp_path: Path
) -> None:
    queue.add("a", "somebody", {})
    found = JobQueue(tmp_path / "jobs.sqlite").find("a", "somebody")
    assert found is not None
    assert found.state == "queued"


def test_jobs_of_others_are_as_if_there_were_none(queue: JobQueue) -> None:
    queue.add("a", "somebody", {})
    assert queue.find("a", "somebody else") is None
    assert queue.jobs_of("somebody else") == []
    assert [job.id for job in queue.jobs_of("somebody")] == ["a"]
    assert (queue.unfinished_of("somebody"), queue.unfinished_of("somebody else")) == (1, 0)


def test_what_an_older_attempt_says_is_not_listened_to(queue: JobQueue) -> None:
    queue.add("a", "somebody", {})
    old = queue.claim("worker-1")
    assert old is not None
    assert queue.report(old, "flow", 0.5)
    assert queue.give_back("worker-1") == ["a"]
    new = queue.claim("worker-2")
    assert new is not None
    assert new.attempt == 2
    assert not queue.report(old, "flow", 0.9)
    assert not queue.finish(old)
    assert not queue.fail(old, "late")
    assert queue.finish(new)
    found = queue.find("a", "somebody")
    assert found is not None
    assert (found.state, found.progress, found.reason) == ("done", 1.0, "")


def test_a_job_that_ends_its_workers_is_given_up_with_the_reason(queue: JobQueue) -> None:
    queue.add("a", "somebody", {})
    for _ in range(MOST_ATTEMPTS):
        assert queue.claim("worker-1") is not None
        queue.give_back("worker-1", "killed")
    assert queue.claim("worker-1") is None
    found = queue.find("a", "somebody")
    assert found is not None
    assert (found.state, found.reason) == ("failed", "given up after 3 attempts: killed")
    assert queue.ended_before(found.created + 1e6) == ["a"]


def test_a_removed_job_is_nobodys(queue: JobQueue) -> None:
    queue.add("a", "somebody", {})
    job = queue.claim("worker-1")
    assert job is not None
    queue.remove("a")
    assert not queue.finish(job)
    assert queue.identifiers() == set()


def test_no_job_is_begun_twice_by_many_who_ask_at_once(tmp_path: Path) -> None:
    path = tmp_path / "jobs.sqlite"
    queue = JobQueue(path)
    for number in range(40):
        queue.add(f"job-{number:02}", "somebody", {})
    begun: list[str] = []

    def work(name: str) -> None:
        mine = JobQueue(path)
        while (job := mine.claim(name)) is not None:
            begun.append(job.id)

    threads = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(begun) == [f"job-{number:02}" for number in range(40)]


class AnyOrder(RuleBasedStateMachine):
    """Jobs are added, begun, finished, failed, lost and removed in any order."""

    def __init__(self) -> None:
        super().__init__()
        import tempfile

        self.folder = tempfile.TemporaryDirectory()
        self.queue = JobQueue(Path(self.folder.name) / "jobs.sqlite")
        self.added: set[str] = set()
        self.ended: set[str] = set()
        self.held: dict[str, Job] = {}
        self.stale: list[Job] = []

    @rule()
    def add(self) -> None:
        name = f"job-{len(self.added)}"
        self.queue.add(name, "somebody", {})
        self.added.add(name)

    @rule(worker=st.sampled_from(["a", "b"]))
    def claim(self, worker: str) -> None:
        if worker in self.held:
            return
        waiting = self.queue.counts()["queued"]
        job = self.queue.claim(worker)
        assert (job is None) == (waiting == 0)
        if job is not None:
            assert job.id not in {one.id for one in self.held.values()} | self.ended
            self.held[worker] = job

    @precondition(lambda self: self.held)
    @rule(fails=st.booleans())
    def end(self, fails: bool) -> None:
        _, job = self.held.popitem()
        assert self.queue.fail(job, "why") if fails else self.queue.finish(job)
        self.ended.add(job.id)
        self.stale.append(job)

    @precondition(lambda self: self.held)
    @rule()
    def lose(self) -> None:
        worker, job = self.held.popitem()
        assert self.queue.give_back(worker) == [job.id]
        if job.attempt >= MOST_ATTEMPTS:
            self.ended.add(job.id)
        self.stale.append(job)

    @precondition(lambda self: self.stale)
    @rule()
    def say_something_late(self) -> None:
        assert not self.queue.finish(self.stale[-1])

    @invariant()
    def nothing_is_lost(self) -> None:
        assert self.queue.identifiers() == self.added
        counts = self.queue.counts()
        assert counts["running"] == len(self.held)
        assert counts["done"] + counts["failed"] == len(self.ended)
        assert sum(counts.values()) == len(self.added)

    def teardown(self) -> None:
        self.folder.cleanup()


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
