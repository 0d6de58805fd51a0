"""Flink's REST interface, as much of it as is needed to watch a job and to stop it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import urllib3

from fraud_operator.clients.flink_health import Health, health

_TIMEOUT = urllib3.Timeout(connect=2.0, read=10.0)
_NOT_FOUND = 404
_LONGEST_REASON = 500
_ENDED = frozenset({"FINISHED", "CANCELED", "FAILED"})
_UP = frozenset({"RUNNING", "FINISHED"})


class FlinkError(Exception):
    """Flink did not answer, or refused; the text is one line."""


@dataclass(frozen=True)
class JobView:
    """A job as Flink tells of it.

    Attributes:
        id: Flink's id of it.
        state: in Flink's words: RUNNING, RESTARTING, FAILED, ...
        start_millis: when it was started, since 1970.
        tasks: how many vertices are in which state.
        restarts: how often it was restarted, since the JobManager came up.
        failed_millis: when it failed last, since 1970; 0 when it never did.
        failure: why it failed last.
        checkpoints: how many checkpoints were completed, since the JobManager came up.
        checkpoint_millis: when the last one was completed.
        checkpoint: where the last one lies, or the one that the JobManager came up with.
        savepoint: where the last savepoint lies.
        failed_checkpoints: how many checkpoints failed.
    """

    id: str
    state: str
    start_millis: int = 0
    tasks: Mapping[str, int] = field(default_factory=dict)
    restarts: int = 0
    failed_millis: int = 0
    failure: str = ""
    checkpoints: int = 0
    checkpoint_millis: int = 0
    checkpoint: str = ""
    savepoint: str = ""
    failed_checkpoints: int = 0

    @property
    def ended(self) -> bool:
        """Whether it will never run again."""
        return self.state in _ENDED

    @property
    def up(self) -> bool:
        """Whether every part of it runs."""
        return self.state == "RUNNING" and all(state in _UP for state, count in self.tasks.items() if count)

    @property
    def running(self) -> bool:
        """Whether it runs and is believed to go on: since it failed last, if ever, it has saved its state."""
        return self.up and (not self.failed_millis or self.checkpoint_millis > self.failed_millis)

    @property
    def missing_tasks(self) -> str:
        """How many of its vertices run, in words."""
        total = sum(self.tasks.values())
        return f"{sum(self.tasks.get(state, 0) for state in _UP)} of {total} tasks run"


class Jobs(Protocol):
    """What is asked of a JobManager; every method raises FlinkError when it can't be had."""

    def place(self) -> tuple[str, str]:
        """The namespace and the cluster id that the JobManager says it has."""

    def job(self, job_id: str) -> JobView | None:
        """The job; None while the JobManager does not know it."""

    def health(self, job_id: str) -> Health | None:
        """How well the job does; None while the JobManager does not know it."""

    def stop(self, job_id: str, directory: str, request: str) -> None:
        """Ask to stop with a savepoint under ``directory``; repeated with the same id, it is one request."""

    def save(self, job_id: str, directory: str, request: str) -> None:
        """Ask for a savepoint under ``directory``; repeated with the same id, it is one request."""

    def stopped(self, job_id: str, request: str) -> str | None:
        """Where the savepoint of a request lies; None while it is being written."""

    def dispose(self, location: str) -> str:
        """Have a savepoint deleted; returns the request's id."""

    def disposed(self, request: str) -> bool:
        """Whether the savepoint of a request is deleted."""

    def cancel(self, job_id: str) -> None:
        """Cancel the job; its last checkpoint is kept."""


class Flink:
    """A JobManager's REST interface."""

    def __init__(self, url: str) -> None:
        """Talk to the JobManager at ``url``."""
        self._url = url
        self._pool = urllib3.PoolManager(timeout=_TIMEOUT, retries=False, maxsize=1)

    def place(self) -> tuple[str, str]:
        """The namespace and the cluster id that the JobManager says it has."""
        told = {str(one.get("key")): str(one.get("value")) for one in self._ask("GET", "/jobmanager/config") or []}
        return told.get("kubernetes.namespace", ""), told.get("kubernetes.cluster-id", "")

    def job(self, job_id: str) -> JobView | None:
        """The job; None while the JobManager does not know it."""
        found = self._ask("GET", f"/jobs/{job_id}")
        if found is None:
            return None
        failures = self._ask("GET", f"/jobs/{job_id}/exceptions?maxExceptions=1") or {}
        checkpoints = self._ask("GET", f"/jobs/{job_id}/checkpoints") or {}
        metrics = self._ask("GET", f"/jobs/{job_id}/metrics?get=numRestarts") or []
        return view(job_id, found, failures, checkpoints, metrics)

    def health(self, job_id: str) -> Health | None:
        """How well the job does; None while the JobManager does not know it."""
        found = self._ask("GET", f"/jobs/{job_id}")
        try:
            return health(job_id, found["vertices"], lambda path: self._ask("GET", path)) if found else None
        except (KeyError, TypeError, ValueError) as error:
            raise FlinkError(f"its metrics can't be read: {type(error).__name__}") from None

    def stop(self, job_id: str, directory: str, request: str) -> None:
        """Ask to stop with a savepoint under ``directory``; repeated with the same id, it is one request."""
        body = {"drain": False, "targetDirectory": directory, "triggerId": request}
        if self._ask("POST", f"/jobs/{job_id}/stop", body) is None:
            raise FlinkError("the JobManager does not know the job")

    def save(self, job_id: str, directory: str, request: str) -> None:
        """Ask for a savepoint under ``directory``; repeated with the same id, it is one request."""
        body = {"cancel-job": False, "target-directory": directory, "triggerId": request}
        if self._ask("POST", f"/jobs/{job_id}/savepoints", body) is None:
            raise FlinkError("the JobManager does not know the job")

    def dispose(self, location: str) -> str:
        """Have a savepoint deleted; returns the request's id."""
        told = self._ask("POST", "/savepoint-disposal", {"savepoint-path": location}) or {}
        return str(told.get("request-id", ""))

    def disposed(self, request: str) -> bool:
        """Whether the savepoint of a request is deleted."""
        told = self._ask("GET", f"/savepoint-disposal/{request}") or {}
        cause = (told.get("operation") or {}).get("failure-cause")
        if cause:
            raise FlinkError(root_cause(str(cause.get("stack-trace") or cause)))
        return bool((told.get("status") or {}).get("id") == "COMPLETED")

    def stopped(self, job_id: str, request: str) -> str | None:
        """Where the savepoint of a request lies; None while it is being written."""
        answer = self._ask("GET", f"/jobs/{job_id}/savepoints/{request}")
        if answer is None:
            raise FlinkError("the JobManager does not know the savepoint")
        operation = answer.get("operation") or {}
        cause = operation.get("failure-cause")
        if cause:
            raise FlinkError(root_cause(str(cause.get("stack-trace") or cause)))
        return operation.get("location")

    def cancel(self, job_id: str) -> None:
        """Cancel the job; its last checkpoint is kept."""
        self._ask("PATCH", f"/jobs/{job_id}?mode=cancel")

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """An answer; None for 404."""
        data = None if body is None else json.dumps(body).encode()
        try:
            answer = self._pool.request(
                method, self._url + path, body=data, headers={"Content-Type": "application/json"}
            )
            content = answer.data
        except urllib3.exceptions.HTTPError as error:
            raise FlinkError(_network(error)) from None
        if answer.status == _NOT_FOUND:
            return None
        try:
            told = json.loads(content or b"{}")
        except ValueError:
            raise FlinkError(f"HTTP {answer.status}, and no JSON") from None
        if answer.status >= 300:
            raise FlinkError(f"HTTP {answer.status}: {_first(told)}")
        return told


def view(job_id: str, job: Any, failures: Any, checkpoints: Any, metrics: Any) -> JobView:
    """What four answers of the REST interface say of a job."""
    latest = checkpoints.get("latest") or {}
    completed, restored = latest.get("completed") or {}, latest.get("restored") or {}
    saved = latest.get("savepoint") or {}
    entries = (failures.get("exceptionHistory") or {}).get("entries") or []
    restarts = next((one.get("value") for one in metrics if one.get("id") == "numRestarts"), None)
    counts = checkpoints.get("counts") or {}
    return JobView(
        id=job_id,
        state=str(job.get("state", "UNKNOWN")),
        start_millis=max(0, int(job.get("start-time") or 0)),
        tasks={state: count for state, count in (job.get("status-counts") or {}).items() if count},
        restarts=int(float(restarts or 0)),
        failed_millis=int(entries[0].get("timestamp") or 0) if entries else 0,
        failure=root_cause(str(entries[0].get("stacktrace") or "")) if entries else "",
        checkpoints=int(counts.get("completed") or 0),
        checkpoint_millis=int(completed.get("latest_ack_timestamp") or 0),
        checkpoint=_path(completed) or _path(restored),
        savepoint=_path(saved),
        failed_checkpoints=int(counts.get("failed") or 0),
    )


def root_cause(stacktrace: str) -> str:
    """The innermost cause of a Java stack trace, on one line."""
    lines = [line for line in stacktrace.splitlines() if line and not line.startswith(("\t", " "))]
    causes = [line.removeprefix("Caused by: ") for line in lines if line.startswith("Caused by: ")]
    line = (causes or lines or ["unknown"])[-1 if causes else 0]
    return re.sub(r"^(?:[a-z0-9_]+\.)+(?=[A-Z])", "", line).strip()[:_LONGEST_REASON]


def _path(checkpoint: Mapping[str, Any]) -> str:
    path = str(checkpoint.get("external_path") or "")
    return path if "://" in path or path.startswith(("file:", "s3")) else ""


def _first(told: Any) -> str:
    errors = told.get("errors") if isinstance(told, dict) else None
    text = str(errors[-1]) if errors else "no reason given"
    return root_cause(text)


def _network(error: Exception) -> str:
    text = str(error).rpartition(": ")[2] if isinstance(error, urllib3.exceptions.NewConnectionError) else ""
    return (text or type(error).__name__)[:_LONGEST_REASON]
