"""What is done when a detector is gone: its release goes; topics, indices and dashboards where it was told so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from fraud_api import FraudDetector
from fraud_api.resource import DeletionPolicy
from fraud_operator import backends, pods, release, topics
from fraud_operator.backends import KINDS
from fraud_operator.clients.flink import FlinkError
from fraud_operator.clients.kafka import KafkaUnreachable, TopicRefused, Topics
from fraud_operator.clients.kubernetes import CONFIG_MAPS, JOBS, NAMESPACES, PODS, VOLUME_CLAIMS, KubernetesError
from fraud_operator.credentials import SecretUnavailable
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.record import Record, forget, save
from fraud_operator.topic_care import read_secret

_HIGH_AVAILABILITY = "type=flink-native-kubernetes"


@dataclass(frozen=True)
class Removal:
    """What came of a removal.

    Attributes:
        done: whether nothing is left to do.
        message: what was done, or what is waited for, or what had to be left.
        left: whether something had to be left behind.
        again: whether what was left is still to be tried: the detector's record stays until it is gone.
    """

    done: bool
    message: str
    left: bool = False
    again: bool = False


def remove(ports: Ports, key: Key, record: Record, *, seen: bool, overdue: bool) -> Removal:
    """Remove what a detector has left whose resource was deleted.

    Args:
        seen: whether the operator's own finalizer was still there: only then do topics, indices and dashboards go. Who
            forces it off wants to be asked nothing more.
        overdue: whether the deadline has passed: what can't be removed holds up nobody any more.
    """
    try:
        release.uninstall(ports, key)
    except release.ReleaseError as error:
        # its job may still run and write: whatever it writes to stays as well
        return failed(f"the release can't be removed: {error}", overdue)
    _forget_notes(ports, key)
    _forget_state(ports, key)
    parts = [_topics(ports, key, record, overdue), *_backends(ports, key, record, overdue)] if seen else [_kept(record)]
    removal = _together(parts)
    if removal.done and not removal.again:
        forget(ports, key)
    return removal


def suspend(ports: Ports, key: Key, record: Record, *, overdue: bool) -> Removal:
    """Remove the release of a resource that is absent, though nobody saw it deleted, and keep all of its data.

    A backup may have brought back everything but the resource, or it was deleted while no operator ran. Should it come
    back, it goes on from its state.
    """
    if record.kept is None:
        record = replace(record, kept=_last_state(ports, key))
        save(ports, key, record, known=True)
    try:
        release.uninstall(ports, key)
    except release.ReleaseError as error:
        return failed(f"the release can't be removed: {error}", overdue)
    if not namespace_exists(ports, key):
        forget(ports, key)
        return Removal(True, f"namespace {key.namespace} is gone, and what was in it of the detector; all else stays")
    _forget_notes(ports, key)
    state = f"volume claim {key.volume}, state {record.kept}" if record.kept else f"volume claim {key.volume}"
    message = (
        f"left behind: the resource is gone, but nobody saw it deleted. Its job is stopped; {state} and all else that"
        f" it wrote stay. Apply it again to go on, or apply and delete it to remove them"
    )
    return Removal(True, message, left=True)


def namespace_exists(ports: Ports, key: Key) -> bool:
    """Whether a detector's namespace is there, as far as the operator may know."""
    try:
        return ports.cluster.get(NAMESPACES, "", key.namespace) is not None
    except KubernetesError as error:
        if error.forbidden:  # it serves some namespaces only
            return True
        raise


def _last_state(ports: Ports, key: Key) -> str:
    """Where the newest state lies that a release would start from; empty for none."""
    found = release.newest(ports, key)
    if found is None:
        return ""
    try:
        job = ports.flink(key.rest).job(found.job_id) if found.running else None
    except FlinkError:
        job = None
    return (job.savepoint or job.checkpoint if job else "") or found.savepoint


def _forget_notes(ports: Ports, key: Key) -> None:
    """Delete what Flink and the operator itself have noted for a job that is no more."""
    forget_clusters(ports, key, keep="")
    ports.cluster.delete(JOBS, key.namespace, key.check)
    ports.cluster.delete(CONFIG_MAPS, key.namespace, key.check)


def _forget_state(ports: Ports, key: Key) -> None:
    """Delete the state volume, which Helm keeps; a claim of that name that is not the release's stays."""
    claim = ports.cluster.get(VOLUME_CLAIMS, key.namespace, key.volume)
    if claim and (claim["metadata"].get("labels") or {}).get("app.kubernetes.io/instance") == key.instance:
        ports.cluster.delete(VOLUME_CLAIMS, key.namespace, key.volume)


def failed(why: str, overdue: bool) -> Removal:
    """What came of a removal that did not get to its end: waited for, or past the deadline tried again later."""
    if not overdue:
        return Removal(False, why)
    return Removal(True, f"left behind for now: {why}", left=True, again=True)


def forget_clusters(ports: Ports, key: Key, keep: str) -> None:
    """Delete what Flink has noted of a detector's former clusters; ``keep`` is the one that runs."""
    for one in ports.cluster.find(CONFIG_MAPS, key.namespace, _HIGH_AVAILABILITY, metadata_only=True):
        cluster = one["metadata"]["labels"].get("app", "")
        if cluster != keep and key.is_cluster_id(cluster):
            ports.cluster.delete(CONFIG_MAPS, key.namespace, one["metadata"]["name"])


def _topics(ports: Ports, key: Key, record: Record, overdue: bool) -> Removal:
    detector = _detector(record)
    if detector is None or retains(record):
        return Removal(True, "the release is gone; topics stay")
    names = topics.deletable(detector, record.topics)
    if not names:
        return Removal(True, "the release is gone; no topic was made for it")
    writing = pods.alive(ports.cluster, key)
    if writing:
        # a broker that makes topics by itself would make them again for these
        return failed(f"topics are still to be deleted: pods that use them are still there: {writing}", overdue)
    try:
        with ports.brokers.open(detector, read_secret(ports, key, detector)) as admin:
            others = _delete(admin, names, record.topics)
    except (KafkaUnreachable, TopicRefused, SecretUnavailable) as error:
        if not overdue:
            return Removal(False, f"topics are still to be deleted: {error}")
        return Removal(True, f"left behind: topics {', '.join(names)}: {error}", left=True)
    gone = ", ".join(name for name in names if name not in others)
    message = f"the release is gone, and topics {gone}" if gone else "the release is gone"
    return Removal(True, message + "".join(f"; {name} was made anew by somebody else and stays" for name in others))


def _delete(admin: Topics, names: list[str], ours: topics.Claims) -> list[str]:
    """Delete topics; returns those that are not what the operator made under their name."""
    present = admin.describe(names)
    others = [name for name in names if name in present and not topics.is_ours(name, present[name], ours)]
    for name in names:
        if name in present and name not in others:
            admin.delete(name)
    return others


def _backends(ports: Ports, key: Key, record: Record, overdue: bool) -> Iterator[Removal]:
    detector = _detector(record)
    if detector is None or retains(record):
        return
    for kind in KINDS:
        if kind.declared(detector) is None:
            continue
        what = kind.event.lower()
        if not overdue and ports.cluster.find(PODS, key.namespace, key.indexer):
            yield Removal(False, f"{what} are still to be removed: the indexer is still there")
            continue
        view = backends.remove(ports, key, detector, kind)
        if view.ready:
            yield Removal(True, view.message)
        elif overdue:
            yield Removal(True, f"left behind: {what}: {view.message}", left=True)
        else:
            yield Removal(False, f"{what} are still to be removed: {view.message}")


def _kept(record: Record) -> Removal:
    if retains(record):
        return Removal(True, "the release is gone; topics stay")
    message = "left behind: topics, indices and dashboards: the finalizer was taken off before they could go"
    return Removal(True, message, left=True)


def _together(removals: list[Removal]) -> Removal:
    """Several removals as one: of what is still to be done nothing that is done is told."""
    waiting = [one for one in removals if not one.done]
    return Removal(
        not waiting,
        "; ".join(one.message for one in waiting or removals),
        any(one.left for one in removals),
        any(one.again for one in removals),
    )


def retains(record: Record) -> bool:
    """Whether topics, indices and dashboards outlive the detector."""
    detector = _detector(record)
    return detector is None or detector.spec.deletion_policy is not DeletionPolicy.DELETE


def _detector(record: Record) -> FraudDetector | None:
    try:
        return FraudDetector.model_validate(record.detector) if record.detector else None
    except ValueError:
        return None
