"""What is to be done about topics: a plan made from what is wanted and what is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from fraud_api import FraudDetector
from fraud_job.topics import Topic, TopicKind, topics


@dataclass(frozen=True)
class Present:
    """A topic as Kafka has it.

    Attributes:
        partitions: how many.
        replication: copies of the partition that has the fewest.
        config: all settings in force, the broker's defaults among them.
        id: Kafka's own (KIP-516), another one for each topic that ever had the name; empty where brokers have none.
    """

    partitions: int
    replication: int
    config: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


Claims = Mapping[str, str]
"""Topics that the operator has made, with the ids that they got; an empty id where it is not known."""


@dataclass(frozen=True)
class TopicPlan:
    """What to do.

    Attributes:
        create: topics to create.
        grow: new number of partitions by topic.
        configure: settings to change by topic.
        differences: what is otherwise than wanted and stays so, in words.
    """

    create: tuple[Topic, ...] = ()
    grow: Mapping[str, int] = field(default_factory=dict)
    configure: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    differences: tuple[str, ...] = ()

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done."""
        return not (self.create or self.grow or self.configure)


def plan(detector: FraudDetector, present: Mapping[str, Present], ours: Claims) -> TopicPlan:
    """What to do about a detector's topics.

    A topic that the operator has not made (``ours`` are those it has) is somebody else's: it is never changed, and what
    matters is told. Its own are grown and configured, never shrunk; one whose records have keys is
    not grown either, since a key would change its partition.
    """
    create: list[Topic] = []
    grow: dict[str, int] = {}
    configure: dict[str, dict[str, str]] = {}
    differences: list[str] = []
    keyed = keyed_topics(detector)
    for topic in topics(detector):
        found = present.get(topic.name)
        if found is None:
            create.append(topic)
        elif not is_ours(topic.name, found, ours):
            differences += _foreign(topic, found)
        else:
            if found.partitions < topic.partitions and topic.name not in keyed:
                grow[topic.name] = topic.partitions
            changed = _changed(topic, found)
            if changed:
                configure[topic.name] = changed
            differences += _lasting(topic, found, topic.name in keyed)
    return TopicPlan(tuple(create), grow, configure, tuple(differences))


def is_ours(name: str, found: Present, ours: Claims) -> bool:
    """Whether a topic is the one that the operator made, and not another that has its name now."""
    return name in ours and (not found.id or ours[name] in ("", found.id))


def deletable(detector: FraudDetector, ours: Claims) -> list[str]:
    """Topics that go with the detector where its deletionPolicy is Delete: made by the operator, and no input."""
    inputs = {stream.topic_name for stream in detector.spec.streams}
    return sorted(ours.keys() - inputs)


def keyed_topics(detector: FraudDetector) -> frozenset[str]:
    """Topics whose records have keys."""
    keyed = {topic.name for topic in topics(detector) if topic.kind in (TopicKind.ALERTS, TopicKind.BLOCKED)}
    return frozenset(keyed | {output.topic_name for output in detector.spec.outputs if output.key})


def _changed(topic: Topic, found: Present) -> dict[str, str]:
    return {key: value for key, value in topic.config.items() if found.config.get(key) != value}


def _lasting(topic: Topic, found: Present, keyed: bool) -> Iterable[str]:
    if found.partitions > topic.partitions:
        yield f"{topic.name} has {found.partitions} partitions, not {topic.partitions}: partitions never shrink"
    elif found.partitions < topic.partitions and keyed:
        yield (
            f"{topic.name} has {found.partitions} partitions, not {topic.partitions}: a topic with keys never grows, "
            "or a key would change its partition"
        )
    if found.replication != topic.replication:
        yield f"{topic.name} has {found.replication} copies, not {topic.replication}: move them with Kafka's own tools"


def _foreign(topic: Topic, found: Present) -> Iterable[str]:
    """What matters of a topic that was there before: nothing of an input, which has its own owner."""
    if topic.kind is TopicKind.INPUT:
        return
    for key, value in sorted(_changed(topic, found).items()):
        yield f"{topic.name} was there before, with {key} {found.config.get(key, 'unset')}, not {value}: left as it is"
