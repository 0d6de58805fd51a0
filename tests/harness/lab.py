"""Broker and cluster together: a detector run over records to their end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.detectors import isolated
from harness.flink import Flink, Job
from harness.kafka import Broker, Message, Record

from fraud_api import FraudDetector, naming
from fraud_api.outputs import Output


@dataclass(frozen=True)
class Results:
    """What a detector has written.

    Attributes:
        detector: as it ran, with its own namespace and topics.
        topics: records by topic.
    """

    detector: FraudDetector
    topics: Mapping[str, list[Message]]

    @property
    def alerts(self) -> list[Message]:
        """All alerts."""
        return self.topics[naming.alerts_topic(self.detector)]

    @property
    def late(self) -> list[Message]:
        """Late events."""
        return self.topics[naming.late_topic(self.detector)]

    @property
    def blocked(self) -> list[Message]:
        """What the action ``block`` wrote."""
        return self.topics[naming.blocked_topic(self.detector)]

    def dead_letters(self, stream: str) -> list[Message]:
        """Refused records of a stream."""
        found = next(one for one in self.detector.spec.streams if one.name == stream)
        return self.topics[naming.dead_letter_topic(self.detector, found)]

    def output(self, name: str) -> list[Message]:
        """Records of an output."""
        found: Output = next(one for one in self.detector.spec.outputs if one.name == name)
        return self.topics[found.topic_name]


class Lab:
    """The shared broker and cluster.

    Attributes:
        kafka: the broker.
        flink: the cluster.
    """

    def __init__(self, kafka: Broker, flink: Flink) -> None:
        self.kafka = kafka
        self.flink = flink

    def own(self, detector: FraudDetector, namespace: str | None = None) -> FraudDetector:
        """A copy of a detector with a namespace and topics of its own, which are created."""
        mine = isolated(detector, self.kafka.bootstrap, namespace)
        self.kafka.create_for(mine)
        return mine

    def produce(self, detector: FraudDetector, records: Iterable[Record]) -> int:
        """Write records (stream, partition, key, value) to the detector's streams."""
        return self.kafka.produce(detector, records)

    def start(
        self, detector: FraudDetector, savepoint: str | None = None, settings: Mapping[str, str] | None = None
    ) -> Job:
        """Start a detector that ``own`` gave."""
        return self.flink.start(detector, savepoint, settings)

    def results(self, detector: FraudDetector) -> Results:
        """What a detector has written by now."""
        return Results(detector, self.kafka.results(detector))

    def run_to_end(
        self, detector: FraudDetector, records: Iterable[Record], settings: Mapping[str, str] | None = None
    ) -> Results:
        """Run a copy of a detector over all records, drain it, and return everything that it wrote."""
        mine = self.own(detector)
        self.produce(mine, records)
        job = self.start(mine, settings=settings)
        try:
            job.wait_seen()
            job.stop(drain=True)
        finally:
            self.flink.end(job)
        return self.results(mine)
