"""Accepted jobs in one SQLite file, which outlives every process that works on them."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

State = Literal["queued", "running", "done", "failed"]
STATES: tuple[State, ...] = ("queued", "running", "done", "failed")

MOST_ATTEMPTS = 3
"""How often a job is begun before it is blamed for the end of its workers."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    request TEXT NOT NULL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    attempt INTEGER NOT NULL DEFAULT 0,
    worker TEXT,
    stage TEXT NOT NULL DEFAULT '',
    progress REAL NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, created);
CREATE INDEX IF NOT EXISTS jobs_by_owner ON jobs (owner, created);
"""
_SECONDS_TO_WAIT = 30.0


@dataclass(frozen=True)
class Job:
    """A job as it stands.

    Attributes
    ----------
    id : str
        Unguessable name.
    owner : str
        Who may see it.
    state : {"queued", "running", "done", "failed"}
    request : dict
        What was asked for.
    created, started, ended : float or None
        Seconds since 1970; of the last attempt.
    attempt : int
        How often it was begun.
    stage : str
        What is being done, in a word.
    progress : float
        Share of the work that is done, 0..1.
    reason : str
        Why it failed.
    """

    id: str
    owner: str
    state: State
    request: Mapping[str, Any]
    created: float
    started: float | None
    ended: float | None
    attempt: int
    stage: str
    progress: float
    reason: str


_COLUMNS = "id, owner, state, request, created, started, ended, attempt, stage, progress, reason"


class JobQueue:
    """First come, first served; many processes may use one file.

    A job that was added is on the disk when `add` returns. A running job belongs to one attempt of
    one worker: what an older attempt still says is not listened to.

    Parameters
    ----------
    path : Path
        SQLite file; made where it does not exist.
    clock : callable
        Seconds since 1970.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._opened() as database:
            # Readers and one writer at a time do not wait for each other.
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(_SCHEMA)

    def add(self, identifier: str, owner: str, request: Mapping[str, Any]) -> None:
        """Accept a job; its files must be on the disk already."""
        with self._writing() as database:
            database.execute(
                "INSERT INTO jobs (id, owner, state, request, created) VALUES (?, ?, ?, ?, ?)",
                (identifier, owner, "queued", json.dumps(dict(request)), self._clock()),
            )

    def claim(self, worker: str) -> Job | None:
        """Begin the oldest job that waits, for a worker; None where none does."""
        with self._writing() as database:
            found = database.execute(
                "SELECT id FROM jobs WHERE state = 'queued' ORDER BY created, id LIMIT 1"
            ).fetchone()
            if found is None:
                return None
            database.execute(
                "UPDATE jobs SET state = 'running', worker = ?, started = ?, ended = NULL, "
                "attempt = attempt + 1, stage = '', progress = 0 WHERE id = ?",
                (worker, self._clock(), found[0]),
            )
            return self._get(database, found[0])

    def report(self, job: Job, stage: str, progress: float) -> bool:
        """Say how far a running job is; False where it is no longer this attempt's."""
        return self._change(job, "stage = ?, progress = ?", (stage, progress))

    def finish(self, job: Job) -> bool:
        """Say that its results are on the disk; False where it is no longer this attempt's."""
        return self._change(
            job, "state = 'done', stage = '', progress = 1, ended = ?", (self._clock(),)
        )

    def fail(self, job: Job, reason: str) -> bool:
        """Say why there will be no results; False where it is no longer this attempt's."""
        return self._change(
            job, "state = 'failed', stage = '', ended = ?, reason = ?", (self._clock(), reason)
        )

    def give_back(self, worker: str | None = None, why: str = "its worker ended") -> list[str]:
        """Let the jobs of a worker that is gone be begun again, or fail those that end workers.

        Parameters
        ----------
        worker : str, optional
            By default all: when a service starts, nobody works yet.
        why : str
            What happened, for a job that has no attempt left.

        Returns
        -------
        list of str
            Jobs that were running.
        """
        theirs, of = ("", ()) if worker is None else (" AND worker = ?", (worker,))
        with self._writing() as database:
            running = database.execute(
                f"SELECT id, attempt FROM jobs WHERE state = 'running'{theirs}", of
            ).fetchall()
            for identifier, attempt in running:
                if attempt < MOST_ATTEMPTS:
                    change, values = "state = 'queued', worker = NULL", ()
                else:
                    reason = f"given up after {attempt} attempts: {why}"
                    change = "state = 'failed', ended = ?, reason = ?"
                    values = (self._clock(), reason)  # type: ignore[assignment]
                database.execute(
                    f"UPDATE jobs SET {change}, stage = '' WHERE id = ?", (*values, identifier)
                )
        return [identifier for identifier, _ in running]

    def find(self, identifier: str, owner: str) -> Job | None:
        """A job of an owner; of others it is as if there were none."""
        with self._opened() as database:
            job = self._get(database, identifier)
        return job if job is not None and job.owner == owner else None

    def jobs_of(self, owner: str, most: int = 100) -> list[Job]:
        """The newest jobs of an owner, newest first."""
        with self._opened() as database:
            rows = database.execute(
                f"SELECT {_COLUMNS} FROM jobs WHERE owner = ? ORDER BY created DESC, id LIMIT ?",
                (owner, most),
            ).fetchall()
        return [_job(row) for row in rows]

    def running(self) -> list[tuple[str, Job]]:
        """Each worker with its job."""
        with self._opened() as database:
            rows = database.execute(
                f"SELECT worker, {_COLUMNS} FROM jobs WHERE state = 'running'"
            ).fetchall()
        return [(row[0], _job(row[1:])) for row in rows]

    def remove(self, identifier: str) -> None:
        """Forget a job; whoever works on it is not listened to any more."""
        with self._writing() as database:
            database.execute("DELETE FROM jobs WHERE id = ?", (identifier,))

    def ended_before(self, seconds: float) -> list[str]:
        """Jobs that were done, or failed, before a point in time."""
        with self._opened() as database:
            rows = database.execute("SELECT id FROM jobs WHERE ended < ?", (seconds,)).fetchall()
        return [row[0] for row in rows]

    def identifiers(self) -> set[str]:
        """All jobs."""
        with self._opened() as database:
            return {row[0] for row in database.execute("SELECT id FROM jobs")}

    def counts(self) -> dict[State, int]:
        """How many jobs there are in each state."""
        with self._opened() as database:
            found = dict(database.execute("SELECT state, COUNT(*) FROM jobs GROUP BY state"))
        return {state: found.get(state, 0) for state in STATES}

    def unfinished_of(self, owner: str) -> int:
        """How many jobs of an owner wait or run."""
        with self._opened() as database:
            row = database.execute(
                "SELECT COUNT(*) FROM jobs WHERE owner = ? AND state IN ('queued', 'running')",
                (owner,),
            ).fetchone()
        return int(row[0])

    def _change(self, job: Job, change: str, values: tuple[Any, ...]) -> bool:
        with self._writing() as database:
            changed = database.execute(
                f"UPDATE jobs SET {change} WHERE id = ? AND state = 'running' AND attempt = ?",
                (*values, job.id, job.attempt),
            )
            return changed.rowcount == 1

    @staticmethod
    def _get(database: sqlite3.Connection, identifier: str) -> Job | None:
        row = database.execute(
            f"SELECT {_COLUMNS} FROM jobs WHERE id = ?", (identifier,)
        ).fetchone()
        return None if row is None else _job(row)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        # One a call: a connection belongs to its thread, and requests run in many.
        with closing(
            sqlite3.connect(self._path, timeout=_SECONDS_TO_WAIT, isolation_level=None)
        ) as database:
            # With less, a job whose acceptance was told could be gone after a power cut.
            database.execute("PRAGMA synchronous = FULL")
            yield database

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._opened() as database:
            # Taken at once: two that read first and then write would deadlock.
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
            except BaseException:
                database.execute("ROLLBACK")
                raise
            database.execute("COMMIT")


def _job(row: tuple[Any, ...]) -> Job:
    identifier, owner, state, request, *others = row
    return Job(identifier, owner, state, json.loads(request), *others)
