"""Savepoints beside those of changes: taken when they are due, listed, and deleted when there are too many."""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from fraud_api.base import to_timedelta
from fraud_api.status import SavepointTrigger
from fraud_operator import desired, times
from fraud_operator.clients.flink import FlinkError, Jobs
from fraud_operator.ports import Ports
from fraud_operator.record import Record, Saved
from fraud_operator.situation import Situation

_POLL_SECONDS = 0.5
_POLLS = 10
_GONE = ("does not exist", "FileNotFound", "NoSuchKey", "No such file")

logger = logging.getLogger(__name__)


def due(seen: Situation) -> SavepointTrigger | None:
    """Why a savepoint of the job that runs is to be taken now; None for no reason."""
    if seen.detector is None or seen.job is None or not seen.job.running or seen.release is None:
        return None
    spec = seen.detector.spec
    if spec.savepoint_nonce != seen.record.savepoint_nonce:
        return SavepointTrigger.REQUEST
    if spec.savepoints.every is None:
        return None
    last = _last(seen.record) or seen.release.deployed
    late = last is None or seen.now >= last + to_timedelta(spec.savepoints.every)
    return SavepointTrigger.SCHEDULE if late else None


def _last(record: Record) -> datetime | None:
    return times.read(record.savepoints[0].time) if record.savepoints else None


def save(ports: Ports, seen: Situation, trigger: SavepointTrigger) -> Record | None:
    """Take a savepoint; returns the record with it, None while it is being written.

    Raises:
        FlinkError: it could not be taken; the next try is another request.
    """
    assert seen.detector is not None
    assert seen.job is not None
    jobs = ports.flink(seen.key.rest)
    told = f"save {seen.job.id} {trigger} {seen.detector.spec.savepoint_nonce} {len(seen.record.savepoints)}"
    newest = seen.record.savepoints[0].location if seen.record.savepoints else ""
    request = hashlib.sha256(f"{told} {newest} {seen.job.failed_checkpoints}".encode()).hexdigest()[:32]
    jobs.save(seen.job.id, desired.savepoint_directory(seen.detector, seen.job.id), request)
    for _ in _polls(ports):
        location = jobs.stopped(seen.job.id, request)
        if location:
            nonce = seen.detector.spec.savepoint_nonce
            return replace(noted(seen.record, location, ports.clock(), trigger), savepoint_nonce=nonce)
    return None


def noted_change(record: Record, seen: Situation, now: datetime) -> Record:
    """The record with the savepoint that the deployed job was stopped with for a change, where it was."""
    job_id = seen.release.job_id if seen.release else ""
    # an operator that was killed over the stop has not told of it, and only the job knows
    places = (seen.last_savepoint, seen.job.savepoint if seen.job else "")
    location = next((place for place in places if job_id and f"/savepoints/{job_id}/" in place), "")
    if not location or any(one.location == location for one in record.savepoints):
        return record
    return noted(record, location, now, SavepointTrigger.CHANGE)


def noted(record: Record, location: str, now: datetime, trigger: SavepointTrigger) -> Record:
    """The record with one more savepoint, the newest first."""
    others = tuple(one for one in record.savepoints if one.location != location)
    return replace(record, savepoints=(Saved(location, times.written(now), trigger.value), *others))


def pruned(ports: Ports, seen: Situation, record: Record) -> Record:
    """The record without the savepoints that are too many, which are deleted; those that may be needed stay."""
    if seen.detector is None or seen.job is None or not seen.job.up:
        return record
    needed = {seen.last_savepoint, seen.release.savepoint if seen.release else ""}
    needed |= {record.stable.left.state or ""} if record.stable and record.stable.left else set()
    jobs = ports.flink(seen.key.rest)
    kept = list(record.savepoints)
    for one in record.savepoints[seen.detector.spec.savepoints.keep :]:
        if one.location not in needed and _deleted(ports, jobs, one.location):
            kept.remove(one)
    return replace(record, savepoints=tuple(kept))


def _deleted(ports: Ports, jobs: Jobs, location: str) -> bool:
    try:
        request = jobs.dispose(location)
        return any(jobs.disposed(request) for _ in _polls(ports))
    except FlinkError as error:
        if any(words in str(error) for words in _GONE):
            return True
        logger.warning("savepoint %s can't be deleted: %s", location, error)
        return False


def _polls(ports: Ports) -> Iterator[None]:
    for _ in range(_POLLS):
        yield
        ports.sleep(_POLL_SECONDS)
