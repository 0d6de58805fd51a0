"""Watches the job through Flink's REST interface: does it run, did it start again, and why."""

import threading

from fraudctl.runtime.job import FlinkJob

_EVERY_SECONDS = 1.0


class Health:
    """A thread that asks Flink how the job is.

    Attributes:
        state: the job's state in Flink's words.
        restarts: how often it has failed and started again.
    """

    def __init__(self, job: FlinkJob, since: float) -> None:
        """Failures before ``since`` (seconds since 1970) don't count: topics were not there yet."""
        self._job = job
        self._told = since
        self._stop = threading.Event()
        self._reasons: list[str] = []
        self.state = "UNKNOWN"
        self.restarts = 0

    def start(self) -> None:
        """Begin to ask."""
        threading.Thread(target=self._watch, name="health", daemon=True).start()

    def _watch(self) -> None:
        while not self._stop.wait(_EVERY_SECONDS):
            self.state = self._job.state()
            failure = self._job.last_failure()
            if failure and failure[0] > self._told:
                self._told = failure[0]
                self.restarts += 1
                self._reasons.append(failure[1])

    def take_reasons(self) -> list[str]:
        """Reasons of failures that were not taken before."""
        taken, self._reasons = self._reasons, []
        return taken

    def close(self) -> None:
        """Stop asking."""
        self._stop.set()
