"""Stops a job with its state: a savepoint from one that runs, the last checkpoint of one that does not."""

import hashlib
from collections.abc import Iterator

from fraud_api.flink import UpgradeMode
from fraud_operator import desired
from fraud_operator.clients.flink import FlinkError, Jobs, JobView
from fraud_operator.ports import Ports
from fraud_operator.situation import Situation

_POLL_SECONDS = 0.3
_PATIENCE_SECONDS = 120.0


class NotStopped(Exception):
    """The job goes on, or its state could not be found; the text says why."""


def stop(ports: Ports, seen: Situation) -> str:
    """Stop the deployed job; returns where its state lies.

    Repeated after a crash of the operator it finds the stop that is under way, or the job that has stopped.

    Raises:
        NotStopped: the job could not be stopped with its state.
    """
    assert seen.release is not None
    assert seen.job is not None
    jobs = ports.flink(seen.key.rest)
    try:
        if seen.job.up and seen.upgrade_mode is UpgradeMode.SAVEPOINT:
            return _with_savepoint(ports, jobs, seen)
        return _with_checkpoint(ports, jobs, seen.job)
    except FlinkError as error:
        raise NotStopped(str(error)) from None


def _with_savepoint(ports: Ports, jobs: Jobs, seen: Situation) -> str:
    assert seen.job is not None
    job_id = seen.job.id
    request = request_id(seen.job)
    jobs.stop(job_id, _directory(seen, job_id), request)
    for _ in _tries(ports):
        found = jobs.stopped(job_id, request)
        if found:
            return found
    raise NotStopped(f"no savepoint within {_PATIENCE_SECONDS:g} s")


def request_id(job: JobView) -> str:
    """Id of a stop: the same after a crash of the operator, another one after a savepoint that failed."""
    return hashlib.sha256(f"stop {job.id} {job.failed_checkpoints}".encode()).hexdigest()[:32]


def _directory(seen: Situation, job_id: str) -> str:
    if seen.detector is None:  # an invalid resource changes nothing, so nothing is stopped for it
        raise NotStopped("the resource is invalid")
    return desired.savepoint_directory(seen.detector, job_id)


def _with_checkpoint(ports: Ports, jobs: Jobs, job: JobView) -> str:
    """Cancel; what was saved last is kept, and is known for sure once nothing is saved any more."""
    jobs.cancel(job.id)
    for _ in _tries(ports):
        now = jobs.job(job.id)
        if now is None:
            break
        if now.ended:
            if now.checkpoint:
                return now.checkpoint
            break
    raise NotStopped("the job was cancelled, and no checkpoint of it is known")


def _tries(ports: Ports) -> Iterator[None]:
    """As many rounds as there is patience for, with a pause before each."""
    for _ in range(int(_PATIENCE_SECONDS / _POLL_SECONDS)):
        ports.sleep(_POLL_SECONDS)
        yield
