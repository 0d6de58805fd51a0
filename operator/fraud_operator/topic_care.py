"""A look at a detector's topics: what is missing is made, what differs is told, what is in them is counted."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fraud_api import FraudDetector, naming
from fraud_api.kafka_clients import needs_secret
from fraud_api.streams import StartFrom
from fraud_job.topics import topics
from fraud_operator import credentials
from fraud_operator.clients.kafka import KafkaUnreachable, TopicRefused, Topics
from fraud_operator.credentials import Secret, SecretUnavailable
from fraud_operator.names import Key
from fraud_operator.ports import Ports
from fraud_operator.reasons import Reason
from fraud_operator.situation import TopicsView
from fraud_operator.topics import Claims, Present, TopicPlan, is_ours, plan

Counts = dict[str, int]


@dataclass(frozen=True)
class Work:
    """What came of a look.

    Attributes:
        view: how it is with the topics.
        counts: records by what became of them; None when Kafka could not be asked.
        done: what was done, in words.
    """

    view: TopicsView
    counts: Counts | None = None
    done: tuple[str, ...] = ()


def look(
    ports: Ports,
    key: Key,
    detector: FraudDetector,
    ours: Claims,
    before: int | None,
    claim: Callable[[Claims, int], None],
) -> Work:
    """Make a detector's topics as they are wanted, and count their records.

    Args:
        ports: the outside world.
        key: which detector.
        detector: its resource.
        ours: topics that the operator has made.
        before: records read before this resource was; None when that is not known yet.
        claim: remembers what the operator has made, and how many records were there before it.
    """
    try:
        secret = read_secret(ports, key, detector)
        with ports.brokers.open(detector, secret) as admin:
            present = admin.describe([topic.name for topic in topics(detector)])
            todo = plan(detector, present, ours)
            known = _known(ours, present)
            if before is None or known != ours:
                before = _read_before(admin, detector) if before is None else before
                claim(known, before)
            for topic in todo.create:
                made = admin.create(topic)
                if made is not None:
                    # not sooner: what somebody else makes in this moment must not become ours
                    known = {**known, topic.name: made}
                    claim(known, before)
            _apply(admin, todo)
            return Work(_view(todo), _counts(admin, detector, before), _done(todo))
    except SecretUnavailable as error:
        return Work(TopicsView(False, Reason.SECRET_MISSING, str(error)))
    except KafkaUnreachable as error:
        return Work(TopicsView(False, Reason.KAFKA_UNREACHABLE, str(error)))
    except TopicRefused as error:
        return Work(TopicsView(False, Reason.TOPICS_REFUSED, str(error)))


def read_secret(ports: Ports, key: Key, detector: FraudDetector) -> Secret | None:
    """The Secret that Kafka is spoken to with; None where the detector names none."""
    reference = detector.spec.kafka.security.secret_ref
    if reference is None or not needs_secret(detector.spec.kafka.security):
        return None
    return credentials.read(ports.cluster, key.namespace, reference.name)


def _known(ours: Claims, present: Mapping[str, Present]) -> Claims:
    """What is still ours, each with its id; a topic that somebody else has made anew is not."""
    kept = {name: one for name, one in ours.items() if name not in present or is_ours(name, present[name], ours)}
    return kept | {name: present[name].id for name in kept if name in present and present[name].id}


def _apply(admin: Topics, todo: TopicPlan) -> None:
    for name, partitions in todo.grow.items():
        admin.grow(name, partitions)
    for name, config in todo.configure.items():
        admin.configure(name, config)


def _view(todo: TopicPlan) -> TopicsView:
    if todo.differences:
        return TopicsView(True, Reason.TOPICS_DIFFER, "; ".join(todo.differences))
    return TopicsView(True, Reason.TOPICS_READY, "all topics are there")


def _done(todo: TopicPlan) -> tuple[str, ...]:
    done = [f"created {topic.name} with {topic.partitions} partitions" for topic in todo.create]
    done += [f"{name} has {partitions} partitions now" for name, partitions in todo.grow.items()]
    done += [f"changed {', '.join(sorted(config))} of {name}" for name, config in todo.configure.items()]
    return tuple(done)


def _read_before(admin: Topics, detector: FraudDetector) -> int:
    """Records that a detector will never read because it starts at the ends of its topics."""
    latest = {stream.topic_name for stream in detector.spec.streams if stream.start_from is StartFrom.LATEST}
    return sum(admin.written(latest).values()) if latest else 0


def _counts(admin: Topics, detector: FraudDetector, before: int) -> Counts:
    """Records by what became of them: what was read as the job's offsets tell, the rest by the ends of topics."""
    inputs = {stream.topic_name for stream in detector.spec.streams}
    dead = [naming.dead_letter_topic(detector, stream) for stream in detector.spec.streams]
    alerts, late = naming.alerts_topic(detector), naming.late_topic(detector)
    ends = admin.written([*dead, late] + [alerts] * bool(detector.spec.rules))
    return {
        "in": max(0, admin.read(naming.consumer_group(detector), inputs) - before),
        "alerts": ends.get(alerts, 0),
        "deadLetters": sum(ends[name] for name in dead),
        "late": ends[late],
    }
