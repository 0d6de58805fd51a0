"""One detector's job: a Python process that plans it and a JVM that runs it, seen through Flink's REST interface."""

import json
import os
import queue
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from fraudctl.errors import FraudctlError, MachineError, UserError
from fraudctl.runtime.flink_home import flink_home
from fraudctl.runtime.java import COLLECTOR, java
from fraudctl.runtime.ports import free_ports
from fraudctl.runtime.processes import Child, spawn
from fraudctl.runtime.rest import FlinkRest, RestError

_USERS_FAULT = 2
_NAMES_COLLECTOR = re.compile(r"-XX:\+Use\w*GC\b")
_COUNTS_SECONDS = 10.0
_ENDED = ("FINISHED", "CANCELED", "FAILED")


class NotStopped(MachineError):
    """Flink won't stop the job now; it may when the job runs again."""


@dataclass(frozen=True)
class JobOptions:
    """How a job is run on this machine."""

    checkpoint_interval: str = "1 s"
    savepoint: str | None = None
    secrets_dir: Path | None = None
    environ: tuple[tuple[str, str], ...] = ()


class FlinkJob:
    """A job in a Flink of its own; ``start`` returns at once, ``submitted`` tells when it runs.

    Attributes:
        rest: Flink's REST interface, once the job is submitted.
        job_id: Flink's id of the job, once it is submitted.
        counted: what the job itself has counted, by name, once it has ended well.
    """

    def __init__(self, detector_file: Path, directory: Path, options: JobOptions | None = None) -> None:
        """Run the resolved detector in ``detector_file``; checkpoints and logs go to ``directory``."""
        self.directory = directory
        self.job_id = ""
        self.counted: dict[str, int] = {}
        self._options = options or JobOptions()
        self._detector_file = detector_file
        self._lines: queue.Queue[dict[str, Any]] = queue.Queue()
        self._child: Child | None = None
        self._reader: threading.Thread | None = None
        self.rest = FlinkRest(0)

    @property
    def log(self) -> Path:
        """What the process says on standard error; Flink's own log lies beside it."""
        return self.directory / "job.log"

    @property
    def savepoints(self) -> Path:
        """Where the job leaves a savepoint when it stops."""
        return self.directory / "savepoints"

    def start(self) -> None:
        """Start the process."""
        port = free_ports(1)[0]
        arguments = ["--rest-port", str(port), "--checkpoint-dir", f"file://{self.directory}/checkpoints"]
        arguments += ["--checkpoint-interval", self._options.checkpoint_interval]
        if self._options.savepoint:
            arguments += ["--savepoint", self._options.savepoint]
        if self._options.secrets_dir:
            arguments += ["--secrets-dir", str(self._options.secrets_dir.absolute())]
        self._child = _spawn_main(self._detector_file, arguments, self.log, dict(self._options.environ))
        assert self._child.process.stdout is not None
        self._reader = threading.Thread(target=self._read, args=(self._child.process.stdout,), daemon=True)
        self._reader.start()

    def _read(self, output: IO[bytes]) -> None:
        for message in json_lines(output):
            self._lines.put(message)

    def submitted(self, wait: float = 0.0) -> bool:
        """Whether Flink has taken the job; looks for at most ``wait`` seconds.

        Raises UserError when Flink refuses the detector's SQL, MachineError when the process failed.
        """
        deadline = time.monotonic() + wait
        while not self.job_id:
            self._take(max(0.0, min(0.1, deadline - time.monotonic())))
            if time.monotonic() >= deadline:
                break
        return bool(self.job_id)

    def _take(self, wait: float) -> None:
        ended = self.exit_code() is not None
        if ended and self._reader is not None:
            self._reader.join(timeout=2.0)
        try:
            message = self._lines.get(timeout=wait) if wait and not ended else self._lines.get_nowait()
        except queue.Empty:
            if ended:
                raise self.failure() from None
            return
        if "error" in message:
            raise self._refused(message)
        if "jobId" in message:
            self.job_id = message["jobId"]
            self.rest = FlinkRest(int(message["restPort"]))

    def _refused(self, message: dict[str, Any]) -> FraudctlError:
        assert self._child is not None
        return refused(message, self._child.process.wait())

    def failure(self) -> FraudctlError:
        """The error to raise when the process has ended without being asked to."""
        while not self._lines.empty():
            message = self._lines.get()
            if "error" in message:
                return self._refused(message)
        return died("the Flink job", self._child)

    def exit_code(self) -> int | None:
        """The process's exit code; None while it runs."""
        return self._child.exit_code() if self._child else None

    def state(self) -> str:
        """The job's state in Flink's words; UNKNOWN while Flink can't be asked."""
        code = self.exit_code()
        if code is not None:
            return "FINISHED" if code == 0 else "FAILED"
        try:
            return self.rest.state(self.job_id)
        except RestError:
            return "UNKNOWN"

    def last_failure(self) -> tuple[float, str] | None:
        """When (seconds since 1970) and why the job failed last; None when it never did or can't be asked."""
        try:
            return self.rest.failure(self.job_id)
        except (RestError, KeyError):
            return None

    def stop(self, drain: bool, timeout: float = 180.0) -> None:
        """End the job in an orderly way; returns when all of its results are in Kafka.

        With ``drain`` all windows fire first, as nothing will follow. Raises NotStopped when Flink won't now,
        MachineError when the job ended otherwise.
        """
        try:
            request = self.rest.stop(self.job_id, str(self.savepoints), drain)
        except RestError as error:
            raise NotStopped(f"Flink does not stop the job: {error}") from error
        deadline = time.monotonic() + timeout
        while self.exit_code() is None and self.state() not in _ENDED:
            self._check_stop(request, deadline)
            time.sleep(0.1)
        if self.exit_code():
            raise self.failure()
        self._await_counts()

    def _await_counts(self) -> None:
        """The process tells them after Flink has told that the job is at its end."""
        deadline = time.monotonic() + _COUNTS_SECONDS
        while time.monotonic() < deadline and (self._lines.qsize() or (self._reader and self._reader.is_alive())):
            with suppress(queue.Empty):
                message = self._lines.get(timeout=0.1)
                if "counted" in message:
                    self.counted = message["counted"]
                    return

    def _check_stop(self, request: str, deadline: float) -> None:
        try:
            failure = self.rest.stop_failure(self.job_id, request)
        except RestError:  # Flink is going away, which is what was asked for
            failure = None
        if failure:
            raise NotStopped(f"Flink could not stop the job: {failure}")
        if time.monotonic() > deadline:
            raise MachineError("Flink did not stop the job in time")

    def cancel(self) -> None:
        """Cancel the job without waiting; what its sinks still hold is lost."""
        try:
            self.rest.cancel(self.job_id)
        except RestError:
            self.kill()

    def kill(self) -> None:
        """End the process and its JVM at once."""
        if self._child is not None:
            self._child.kill()


def explain(detector_file: Path, directory: Path, timeout: float = 120.0) -> dict[str, Any]:
    """What Flink would run for a detector, planned by Flink itself. Raises UserError when it refuses the SQL."""
    log = directory / "job.log"
    child = _spawn_main(detector_file, ["--explain"], log, {})
    assert child.process.stdout is not None
    killer = threading.Timer(timeout, child.kill)
    killer.start()
    try:
        messages = list(json_lines(child.process.stdout))
        code = child.process.wait()
    finally:
        killer.cancel()
        child.kill()
    if not messages:
        raise died("Flink's planner", child)
    if "error" in messages[-1]:
        raise refused(messages[-1], code)
    return messages[-1]


def _spawn_main(detector_file: Path, arguments: list[str], log: Path, environ: dict[str, str]) -> Child:
    java()
    logs = log.parent / "flink-log"
    scratch = log.parent / "tmp"
    for directory in (logs, scratch):
        directory.mkdir(exist_ok=True)
    chosen = os.environ.get("JVM_ARGS", "")
    # a Java that is told of two collectors does not start
    collector = "" if _NAMES_COLLECTOR.search(chosen) else COLLECTOR
    settings = {
        # Flink unpacks its planner into the temporary directory and leaves it there when it is killed
        "TMPDIR": str(scratch),
        "JVM_ARGS": f"-Djava.io.tmpdir={scratch} {collector} {chosen}",
        "FLINK_HOME": str(flink_home()),
        "FLINK_LOG_DIR": str(logs),
        "PYFLINK_CLIENT_EXECUTABLE": sys.executable,
        **environ,
    }
    for stray in ("FLINK_CONF_DIR", "FLINK_LIB_DIR", "FLINK_OPT_DIR", "FLINK_PLUGINS_DIR"):
        if stray in os.environ:  # of another Flink on this machine: it would win over FLINK_HOME
            settings[stray] = f"{settings['FLINK_HOME']}/{stray.split('_')[1].lower()}"
    # -P: what lies in the current directory is none of the job's business
    command = [sys.executable, "-P", "-m", "fraud_job.main", str(detector_file), *arguments]
    return spawn("the Flink job", command, log, environ=settings, pipe=True)


def json_lines(output: IO[bytes]) -> Iterator[dict[str, Any]]:
    """The JSON objects among the lines; a JVM may say other things too."""
    for line in output:
        if line.startswith(b"{"):
            try:
                yield json.loads(line)
            except ValueError:
                continue


def refused(message: dict[str, Any], exit_code: int) -> FraudctlError:
    """The error for what the job's process reported."""
    reason = str(message["error"])
    if exit_code == _USERS_FAULT:
        where = message.get("where")
        return UserError(f"Flink refuses {where}: {reason}" if where else f"Flink refuses the detector: {reason}")
    return MachineError(f"the Flink job failed: {reason}")


def died(what: str, child: Child | None) -> MachineError:
    """The error for a process that ended without a word on standard output."""
    said = child.last_line() if child else ""
    reason = said[:300] or f"exit code {child.exit_code() if child else '?'}"
    return MachineError(f"{what} ended unexpectedly: {reason}")
