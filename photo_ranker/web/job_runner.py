"""Runs the jobs of each lane one after the other, keeps their state on disk, and notifies listeners.

Small jobs go first, then those of albums that somebody is looking at, then the others. A running index job makes way
for a job of higher priority: it saves, ends, and continues when its turn comes again.
"""

from __future__ import annotations

import logging
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import IO, Any, Literal

import msgspec

from photo_ranker.core import files
from photo_ranker.errors import UserError
from photo_ranker.settings import Settings
from photo_ranker.web import WebOptions, storage
from photo_ranker.web.job_process import Progress, apart, ask_to_rest, give_order, tell_to_end, wait_for_end
from photo_ranker.web.preferences import Chosen
from photo_ranker.web.problems import Conflict, NotHere, problem_of

__all__ = ["Job", "Jobs", "State"]


log = logging.getLogger(__name__)

KEPT = 200
"""Most ended jobs that are remembered."""

WAIT_SECONDS = 1.0
"""Time between two checks for work, if nothing signalled that there is any."""

REST_EVERY_SECONDS = 0.8
"""Least time between two requests to pause measuring; each pause is shorter."""

CHILD = ["-m", "photo_ranker.web.job_process"]


State = Literal["queued", "running", "done", "failed", "cancelled"]

ENDED: frozenset[State] = frozenset({"done", "failed", "cancelled"})

LANES: dict[str, str] = {
    "index": "measure",
    "unpack": "files",
    "people": "measure",
    "event": "measure",
    "copy": "files",
    "xmp": "files",
}
"""Kind of job -> its queue: copying files need not wait for measuring."""


SMALL_JOB = 200
"""A job of at most this many photos goes before all larger ones: it takes seconds."""


class Job(msgspec.Struct, frozen=True):
    """One piece of long work."""

    id: str
    kind: str
    album: str
    created_at: str
    params: dict[str, Any] = {}
    state: State = "queued"
    progress: Progress = Progress()
    result: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    """Why it failed, as problem+json."""
    ended_at: str | None = None
    restarts: int = 0
    """How often the server ended while the job was running."""
    size: int = 0
    """Photos of the album when the job was submitted; 0 = not counted."""

    @property
    def left(self) -> int:
        """Photos that are still to be done, as far as is known."""
        return self.progress.total - self.progress.done if self.progress.total else self.size


class Jobs:
    """All jobs. Thread-safe."""

    def __init__(
        self,
        options: WebOptions,
        ended: Callable[[Job], None],
        progressed: Callable[[Job], None] = lambda _: None,
        is_looked_at: Callable[[str], bool] = lambda _: False,
        settings: Callable[[], Settings] | None = None,
        machine: Callable[[], Chosen] = Chosen,
    ) -> None:
        self._options, self._ended, self._progressed = options, ended, progressed
        self._is_looked_at = is_looked_at
        """Whether somebody is looking at the album with this id."""
        self._settings = settings or (lambda: options.settings)
        """The settings that apply when a job starts."""
        self._machine = machine
        """The engine and the device that apply then."""
        self._root = files.private_folder(options.home / "jobs")
        files.remove_leftovers(self._root, in_cache=True)
        self._jobs: dict[str, Job] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._spare: subprocess.Popen[bytes] | None = None
        """A process that waits for the next job: starting it takes longer than many jobs."""
        self._lock = threading.RLock()
        self._has_work = threading.Condition(self._lock)
        self._stopping = False
        self._rests_from = 0.0
        """When measuring may be asked to rest again."""
        self.version = 0
        """Increases with every change; listeners wait for that."""
        self._load()

    def start(self) -> None:
        """Start the lanes, including the jobs that the last server left unfinished."""
        for lane in set(LANES.values()):
            threading.Thread(target=self._work, args=(lane,), daemon=True).start()

    def stop(self) -> None:
        """End running jobs; they are resumed at the next start."""
        self._stopping = True
        with self._lock:
            self._has_work.notify_all()
            running, spare = list(self._processes.values()), self._spare
        for process in running:
            tell_to_end(process)
        for process in running:
            wait_for_end(process)
        if spare is not None:
            _end_unused(spare)

    def all(self) -> list[Job]:
        """All jobs, oldest first."""
        return sorted(self._jobs.values(), key=lambda job: job.created_at)

    def get(self, job_id: str) -> Job:
        """The job with this id."""
        if job_id not in self._jobs:
            raise NotHere("there is no such job", "it may have been forgotten after a long time")
        return self._jobs[job_id]

    def submit(self, kind: str, album: str, params: dict[str, Any], size: int = 0) -> Job:
        """Queue a job. If an equal one still waits or runs, that one is returned."""
        with self._lock:
            for job in self._jobs.values():
                if (job.kind, job.album, job.params) == (kind, album, params) and job.state not in ENDED:
                    return job
            job = self._keep(Job(secrets.token_hex(8), kind, album, _now(), params, size=size))
        self.make_way()
        return job

    def make_way(self) -> None:
        """Decide again which job goes first; a running index job is interrupted if another one goes before it."""
        with self._lock:
            self._has_work.notify_all()
            running = [self._jobs[name] for name in self._processes]
            for job in running:
                first = self._next(LANES[job.kind])
                if job.kind != "index" or job.state != "running" or first is None:
                    continue
                if self._rank(first)[:2] < self._rank(job)[:2]:
                    self._keep(msgspec.structs.replace(job, state="queued", size=job.left, progress=Progress()))
                    tell_to_end(self._processes[job.id])

    def make_room(self) -> None:
        """Pause measuring for a moment: somebody waits for pictures. Measuring always keeps its share of the time."""
        if time.monotonic() < self._rests_from:
            return
        self._rests_from = time.monotonic() + REST_EVERY_SECONDS
        for name, process in tuple(self._processes.items()):
            if self._jobs[name].kind == "index":
                ask_to_rest(process)

    def _next(self, lane: str) -> Job | None:
        """The queued job that goes first in a lane. A job whose process is still saving is not started yet."""
        waiting = [
            job
            for job in self._jobs.values()
            if job.state == "queued" and LANES[job.kind] == lane and job.id not in self._processes
        ]
        return min(waiting, key=self._rank, default=None)

    def _rank(self, job: Job) -> tuple[bool, bool, int, str]:
        """Sort key of jobs; the smallest goes first."""
        return job.left > SMALL_JOB, not self._is_looked_at(job.album), job.left, job.created_at

    def cancel(self, job_id: str) -> Job:
        """Stop a job; what it has done so far is kept."""
        with self._lock:
            job = self.get(job_id)
            if job.state in ENDED:
                raise Conflict("the job has ended already")
            job = self._keep(msgspec.structs.replace(job, state="cancelled", ended_at=_now()))
            process = self._processes.get(job_id)
        if process:
            tell_to_end(process)
        return job

    def cancel_all(self, album: str) -> None:
        """Cancel all jobs of an album."""
        with self._lock:
            for job in self.all():
                if job.album == album and job.state not in ENDED:
                    self.cancel(job.id)

    def wait_for(self, kind: str, album: str) -> None:
        """Wait until no process of such a job of an album is running, even if it has already sent its result."""
        with self._lock:
            jobs = ((self._jobs[name], process) for name, process in self._processes.items())
            processes = [process for job, process in jobs if (job.kind, job.album) == (kind, album)]
        for process in processes:
            process.wait()

    def resume(self, job_id: str) -> Job:
        """Go on with a job that was cancelled or failed."""
        with self._lock:
            job = self.get(job_id)
            if job.state not in {"cancelled", "failed"}:
                raise Conflict(f"the job is {job.state}")
            job = self._keep(msgspec.structs.replace(job, state="queued", ended_at=None, problem=None))
        self.make_way()
        return job

    def _work(self, lane: str) -> None:
        while not self._stopping:
            with self._has_work:
                job = self._next(lane)
                if job is None:
                    if not self._has_work.wait(WAIT_SECONDS):
                        self._start_spare()
                    continue
            self._run_step(self._run, job.id)
            self._run_step(self._tell_ended, job.id)
            self._run_step(self._wait_for_exit, job.id)

    def _run_step(self, step: Callable[[str], None], job_id: str) -> None:
        """Run a step of a job. A failure of the server itself must not stop the jobs after it in the lane."""
        try:
            step(job_id)
        except Exception as error:
            log.exception("the job %s failed in the server", job_id)
            self._fail(job_id, error)

    def _run(self, job_id: str) -> None:
        process = self._begin(job_id)
        if process is None:
            return
        give_order(process, self._order_of(self._jobs[job_id]))
        message = self._listen(job_id, process)
        self._finish(job_id, message or {"problem": self._exit_problem(job_id, process.wait())})

    def _wait_for_exit(self, job_id: str) -> None:
        """Wait until the process of a job has ended. Its result may come before its last tables are written."""
        process = self._processes.get(job_id)
        if process is None:  # none was started
            return
        assert process.stdout
        tell_to_end(process)  # closes its input
        process.stdout.close()
        wait_for_end(process)
        with self._lock:
            del self._processes[job_id]

    def _begin(self, job_id: str) -> subprocess.Popen[bytes] | None:
        """Start the process of a job; None if the job was cancelled meanwhile."""
        with self._lock:
            job = self._jobs[job_id]
            if job.state != "queued" or self._stopping:
                return None
            with files.append(self._root / f"{job_id}.log") as log_file:
                log_file.truncate(0)
                self._keep(msgspec.structs.replace(job, state="running"))
                process = self._processes[job_id] = self._take_spare() or _process(log_file)
        return process

    def _start_spare(self) -> None:
        """Start the process for the next job, unless that would slow down a short job. Called under the lock."""
        if any(self._jobs[name].kind != "index" for name in self._processes):
            return
        if self._spare is not None and self._spare.poll() is not None:
            _end_unused(self._spare)
            self._spare = None
        if self._spare is None and not self._stopping:
            try:
                self._spare = _process(subprocess.DEVNULL)
            except OSError as error:  # the job itself will try again, and report it
                log.info("no process is begun ahead: %s", error)

    def _take_spare(self) -> subprocess.Popen[bytes] | None:
        """The spare process, if there is one. Called under the lock."""
        process, self._spare = self._spare, None
        if process is None or process.poll() is None:
            return process
        _end_unused(process)
        return None

    def _tell_ended(self, job_id: str) -> None:
        self._ended(self._jobs[job_id])
        with self._lock:
            self.version += 1

    def _fail(self, job_id: str, error: Exception) -> None:
        """Note that a job failed; only in memory if the disk is full."""
        with self._lock:
            job = self._jobs[job_id]
            if job.state in ENDED or self._stopping:
                return
            problem = asdict(problem_of(error))
            self._jobs[job_id] = msgspec.structs.replace(job, state="failed", problem=problem, ended_at=_now())
            self.version += 1
            try:
                storage.write_value(self._root / f"{job_id}.json", self._jobs[job_id])
            except OSError:
                log.exception("the end of the job %s cannot be kept; the next start takes it up again", job_id)

    def _exit_problem(self, job_id: str, code: int) -> dict[str, Any]:
        log_path = self._root / f"{job_id}.log"
        error = UserError(f"the job ended unexpectedly (exit code {code})", f"resume it; its log is {log_path}")
        return asdict(problem_of(error))

    def _order_of(self, job: Job) -> dict[str, Any]:
        options, machine = self._options, self._machine()
        return {
            "kind": job.kind,
            "params": job.params,
            "settings": self._settings().values(),
            "workers": options.workers,
            "zone": options.zone,
            "place": str(options.home / "albums" / job.album),
            "limits": msgspec.structs.asdict(options.limits),
            "engine": machine.engine,
            "device": machine.device,
            "log": str(self._root / f"{job.id}.log"),
        }

    def _listen(self, job_id: str, process: subprocess.Popen[bytes]) -> dict[str, Any]:
        """Pass on the progress, and return the final message: empty if the process ends without one."""
        assert process.stdout
        for line in process.stdout:
            message: dict[str, Any] = msgspec.json.decode(line)
            if "progress" not in message:
                return message
            self._note(job_id, msgspec.convert(message["progress"], Progress))
        return {}

    def _note(self, job_id: str, progress: Progress) -> None:
        """Note the progress, only in memory: after a restart the job counts from the beginning."""
        with self._lock:
            if self._jobs[job_id].state != "running":  # sent while it ends to make way for another job
                return
            self._jobs[job_id] = msgspec.structs.replace(self._jobs[job_id], progress=progress)
            self.version += 1
        self._progressed(self._jobs[job_id])

    def _finish(self, job_id: str, message: dict[str, Any]) -> None:
        with self._lock:
            job = self._jobs[job_id]
            if job.state != "running":
                pass  # cancelled meanwhile, or cancelled and queued again
            elif "result" in message:
                self._keep(msgspec.structs.replace(job, state="done", result=message["result"], ended_at=_now()))
            elif not self._stopping:
                problem = message["problem"]
                self._keep(msgspec.structs.replace(job, state="failed", problem=problem, ended_at=_now()))

    def _keep(self, job: Job) -> Job:
        with self._lock:
            storage.write_value(self._root / f"{job.id}.json", job)
            self._jobs[job.id] = job
            self.version += 1
        return job

    def _load(self) -> None:
        found = [job for path in self._root.glob("*.json") if (job := storage.read_derived(path, Job))]
        found.sort(key=lambda job: job.created_at)
        for job in found:
            if job.state == "running":
                self._keep(msgspec.structs.replace(job, state="queued", restarts=job.restarts + 1))
            else:
                self._jobs[job.id] = job
        for job in [job for job in found if job.state in ENDED][:-KEPT]:
            del self._jobs[job.id]
            (self._root / f"{job.id}.json").unlink()
            (self._root / f"{job.id}.log").unlink(missing_ok=True)


def _process(log: IO[bytes] | int) -> subprocess.Popen[bytes]:
    """A process that waits for its order; all output that is not an answer goes to the log."""
    command, pipe = [sys.executable, *CHILD], subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=log, **apart())


def _end_unused(process: subprocess.Popen[bytes]) -> None:
    """End a process that got no order."""
    assert process.stdout
    tell_to_end(process)
    process.stdout.close()
    wait_for_end(process)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
