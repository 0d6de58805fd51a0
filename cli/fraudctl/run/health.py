"""Watches the job through Flink's REST interface: does it run, did it start again, and why."""

import threading

from fraudctl.runtime.job import FlinkJob

_EVERY_SECONDS = 1.0
_APART_SECONDS = 60.0


class Health:
    """A thread that asks Flink how the job is.

    Attributes:
        state: the job's state in Flink's words.
        restarts: how often it has failed and started again.
        reason: why it failed last.
        in_a_row: how often it has failed for that reason, each time soon after the time before.
    """

    def __init__(self, job: FlinkJob, since: float) -> None:
        """Failures before ``since`` (seconds since 1970) don't count: topics were not there yet."""
        self._job = job
        self._told = since
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._reasons: list[str] = []
        self.state = "UNKNOWN"
        self.restarts = 0
        self.in_a_row = 0
        self.reason = ""

    def start(self) -> None:
        """Begin to ask."""
        threading.Thread(target=self._watch, name="health", daemon=True).start()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            self.look()

    def look(self) -> None:
        """Ask once."""
        with self._lock:
            self.state = self._job.state()
            failure = self._job.last_failure()
            if failure and failure[0] > self._told:
                self._failed(*failure)

    def _failed(self, at: float, reason: str) -> None:
        again = reason == self.reason and at - self._told < _APART_SECONDS
        self.in_a_row = self.in_a_row + 1 if again else 1
        self._told, self.reason = at, reason
        self.restarts += 1
        self._reasons.append(reason)

    def excuse(self) -> None:
        """What it failed for so far was not its own fault."""
        self.in_a_row = 0

    def take_reasons(self) -> list[str]:
        """Reasons of failures that were not taken before."""
        taken, self._reasons = self._reasons, []
        return taken

    def close(self) -> None:
        """Stop asking."""
        self._stop.set()
