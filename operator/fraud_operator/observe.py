"""Looks at a detector: the resource, the release, the job, the topics, and what others have changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from fraud_api import FraudDetector
from fraud_operator import desired, drift, pods, release, resource
from fraud_operator.backends import INDICES
from fraud_operator.clients.backends import View
from fraud_operator.clients.flink import FlinkError, JobView
from fraud_operator.clients.flink_health import Health
from fraud_operator.clients.kubernetes import Object
from fraud_operator.inventory import Inventory
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.probation import Clocks
from fraud_operator.reasons import Reason
from fraud_operator.record import Record
from fraud_operator.release import Release
from fraud_operator.settings import Settings
from fraud_operator.situation import Situation, TopicsView

_HEALTH_SECONDS = 10.0


@dataclass
class Notes:
    """What is known of a detector from the last look, so that not everything is asked every time.

    Attributes:
        uid: of which resource.
        generation: of which generation the detector is.
        detector: the resource, read.
        invalid: why it could not be.
        topics: how it was with the topics.
        topics_at: when that was seen.
        topics_generation: of which generation that was.
        backends: how it is with indices and dashboards, by condition, as far as it is known.
        drift_at: when the objects were last compared.
        compared: which version of which revision's objects was found as it was made; None for none.
        seen: version of everything when the last look began (see census.Census).
        rests: whether the next look of its own is far away, unless something changes.
        claims: topics that were made and could not be remembered yet, and how many records were there before.
        counts: records by what became of them, when they were last counted.
        settled: the same, what became of them a count earlier.
        clocks: since when the event time of a job on probation stands still.
        health_at: when it was last asked how well it does.
        phase: the phase that the status tells.
        trouble: whether the last step failed.
        troubles: how many looks in a row failed altogether.
    """

    uid: str = ""
    generation: int = 0
    detector: FraudDetector | None = None
    invalid: str = ""
    topics: TopicsView | None = None
    topics_at: datetime | None = None
    topics_generation: int = 0
    backends: Mapping[str, View] = field(default_factory=dict)
    drift_at: datetime | None = None
    compared: tuple[int, str] | None = None
    seen: str | None = None
    rests: bool = False
    claims: tuple[Mapping[str, str], int] | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    settled: Mapping[str, int] = field(default_factory=dict)
    clocks: Clocks = field(default_factory=Clocks)
    health_at: datetime | None = None
    phase: str = ""
    trouble: bool = False
    troubles: int = 0


def read_resource(body: Object, notes: Notes) -> None:
    """Read a resource, once for each of its generations."""
    uid, generation = body["metadata"]["uid"], int(body["metadata"].get("generation", 0))
    if (notes.uid, notes.generation) != (uid, generation) or (notes.detector is None and not notes.invalid):
        notes.uid, notes.generation = uid, generation
        notes.detector, notes.invalid = resource.read(body)


def situation(
    ports: Ports, settings: Settings, inventory: Inventory, key: Key, body: Object, record: Record, notes: Notes
) -> Situation:
    """A detector as it is wanted and as it is found."""
    now = ports.clock()
    found = release.newest(ports, key)
    job, error, crashes = _job(ports, key, found)
    detector = notes.detector
    status: Mapping[str, Any] = body.get("status") or {}
    health, standing = _health(ports, key, record, job, notes, now)
    return Situation(
        key=key,
        uid=notes.uid,
        generation=notes.generation,
        now=now,
        start_seconds=settings.start_seconds,
        detector=detector,
        invalid=notes.invalid,
        wanted=desired.values(detector, settings) if detector else None,
        record=record,
        release=found,
        last_savepoint=str((status.get("lastSavepoint") or {}).get("location", "")),
        topics=notes.topics or TopicsView(False, Reason.KAFKA_UNREACHABLE, "the topics were not looked at yet"),
        backends=_backends(ports, key, found, notes.backends),
        job=job,
        job_error=error,
        drift=_drift(inventory, settings, key, found, notes, now),
        crashes=crashes,
        counts=notes.counts,
        settled=notes.settled,
        health=health,
        standing=standing,
    )


def _job(ports: Ports, key: Key, found: Release | None) -> tuple[JobView | None, str, int]:
    if found is None or not found.running or not found.job_id:
        return None, "", 0
    flink = ports.flink(key.rest)
    try:
        if found.former and flink.place() != (key.namespace, str(found.values["job"].get("clusterId"))):
            return None, "another JobManager answers than that of the detector", 0
        job, error = flink.job(found.job_id), ""
    except FlinkError as no_answer:
        job, error = None, str(no_answer)
    if job is None or (not job.up and not job.failure):
        why, crashes = pods.trouble(ports.cluster, key)
        return job, why or error, crashes
    return job, error, 0


def _health(
    ports: Ports, key: Key, record: Record, job: JobView | None, notes: Notes, now: datetime
) -> tuple[Health | None, tuple[float, float]]:
    """How well a job on probation does; asked from time to time, it takes a few requests for each of its tasks."""
    trial = record.trial
    if trial is None or job is None or trial.job_id != job.id or not job.running:
        return None, (0.0, 0.0)
    if notes.health_at and (now - notes.health_at).total_seconds() < _HEALTH_SECONDS:
        return None, (0.0, 0.0)
    try:
        found = ports.flink(key.rest).health(job.id)
    except FlinkError:
        return None, (0.0, 0.0)
    notes.health_at = now
    return found, notes.clocks.standing(job.id, found, now) if found else (0.0, 0.0)


def _backends(ports: Ports, key: Key, found: Release | None, known: Mapping[str, View]) -> Mapping[str, View]:
    """Indices that nobody fills are not ready."""
    indices = known.get(INDICES)
    if indices is None or not indices.ready or found is None or not found.running:
        return known
    why = pods.indexer_trouble(ports.cluster, key)
    return {**known, INDICES: View(False, Reason.INDEXER_FAILING, why)} if why else known


def _drift(
    inventory: Inventory, settings: Settings, key: Key, found: Release | None, notes: Notes, now: datetime
) -> tuple[str, ...]:
    """What others have changed: looked at where versions have, once in a resync, and not while Helm has work left."""
    if found is None or found.status != "deployed" or unchanged(inventory, key, found, notes, now):
        return ()
    noted, last = inventory.noted(now), notes.drift_at
    if noted and found.deployed and noted <= found.deployed:
        return ()  # of a crowd that is made, each would list all others: the next census comes first
    if last and (now - last).total_seconds() < settings.resync_seconds * 0.9:
        return ()
    notes.drift_at = now
    version = inventory.version(key, now)  # before the objects: what changes in between shows as another one
    differences = drift.differences(drift.objects(found.manifest), inventory.of(key, now, found.deployed))
    notes.compared = None if differences or version is None else (found.revision, version)
    return tuple(differences)


def unchanged(inventory: Inventory, key: Key, found: Release, notes: Notes, now: datetime) -> bool:
    """Whether the objects of a release are known to be what they were when they were last found as they were made."""
    version = inventory.version(key, now)
    return version is not None and notes.compared == (found.revision, version)
