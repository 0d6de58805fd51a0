"""The Kafka topics that a detector needs, with the settings they are made with."""

from dataclasses import dataclass, field
from enum import StrEnum

from fraud_api import FraudDetector, naming
from fraud_api.base import milliseconds
from fraud_api.outputs import Output, OutputMode

MAX_MESSAGE_BYTES = 12_582_912
"""Largest record of a topic: a 10 MiB event, dead with its headers, must fit (stream.maxRecordBytes)."""


class TopicKind(StrEnum):
    """What a topic is for."""

    INPUT = "input"
    ALERTS = "alerts"
    LATE = "late"
    DEAD_LETTERS = "dead-letters"
    REFUSED = "refused"
    UNKNOWN = "unknown-results"
    OUTPUT = "output"
    BLOCKED = "blocked"


@dataclass(frozen=True)
class Topic:
    """A topic to create where it is missing.

    Attributes:
        name: Kafka's name of it.
        kind: what it is for; input topics are never deleted.
        partitions: of a new topic; one with keys is never grown.
        replication: copies of each partition.
        config: Kafka's topic settings, such as retention.ms.
    """

    name: str
    kind: TopicKind
    partitions: int
    replication: int
    config: dict[str, str] = field(default_factory=dict)

    @property
    def compacted(self) -> bool:
        """Whether only the last record of a key is kept."""
        return self.config.get("cleanup.policy") == "compact"


def topics(detector: FraudDetector) -> list[Topic]:
    """All topics of a detector, inputs first; each name once."""
    found = [_topic(detector, stream.topic_name, TopicKind.INPUT) for stream in detector.spec.streams]
    found += [
        _topic(detector, naming.dead_letter_topic(detector, stream), TopicKind.DEAD_LETTERS)
        for stream in detector.spec.streams
    ]
    found.append(_topic(detector, naming.late_topic(detector), TopicKind.LATE))
    if detector.spec.rules or detector.spec.outputs:
        found.append(_topic(detector, naming.rules_dead_letter_topic(detector), TopicKind.UNKNOWN))
    if detector.spec.rules:
        found.append(_topic(detector, naming.alerts_topic(detector), TopicKind.ALERTS))
    found += [_output_topic(detector, output) for output in detector.spec.outputs]
    if any(rule.actions.block for rule in detector.spec.rules):
        found.append(_topic(detector, naming.blocked_topic(detector), TopicKind.BLOCKED, compacted=True))
    if detector.spec.elasticsearch is not None:
        found.append(_topic(detector, naming.indexer_dead_letter_topic(detector), TopicKind.REFUSED))
    return list({topic.name: topic for topic in reversed(found)}.values())[::-1]


def _output_topic(detector: FraudDetector, output: Output) -> Topic:
    return _topic(detector, output.topic_name, TopicKind.OUTPUT, compacted=output.mode is OutputMode.UPSERT)


def _topic(detector: FraudDetector, name: str, kind: TopicKind, compacted: bool = False) -> Topic:
    defaults = detector.spec.kafka.topics
    config = {"max.message.bytes": str(MAX_MESSAGE_BYTES)}
    if compacted:
        config["cleanup.policy"] = "compact"
    else:
        config["retention.ms"] = str(milliseconds(defaults.retention))
    # events carry times of their own, often long past: retention counts from their arrival
    config["message.timestamp.type"] = "LogAppendTime"
    return Topic(name, kind, defaults.partitions, defaults.replication_factor, config)
