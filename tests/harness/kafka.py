"""The suite's broker: topics, records in, records out."""

import json
import time
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic, OffsetSpec
from harness import waiting

from fraud_api import FraudDetector
from fraud_job.topics import Topic, TopicKind, topics

LARGEST_BYTES = 12_582_912
_REQUEST_SECONDS = 30.0
_WRITE_SECONDS = 60.0
_READ_SECONDS = 60.0
_TOPICS_AT_ONCE = 200
_READER = {
    "group.id": "reader",
    "enable.auto.commit": False,
    "auto.offset.reset": "earliest",
    "enable.partition.eof": True,
    "fetch.wait.max.ms": 10,
}
_NOT_YET = frozenset(
    {KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.COORDINATOR_NOT_AVAILABLE, KafkaError.NOT_COORDINATOR}
)

Record = tuple[str, int, bytes | None, bytes | None]
"""Stream, partition, key and value."""
Place = tuple[str, int]
"""A topic and a partition of it."""


class Message(NamedTuple):
    """A record as it lies in a topic."""

    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]
    partition: int
    offset: int

    def json(self) -> Any:
        """The value as JSON; a number with a fraction as the Decimal that was written."""
        return json.loads(self.value or b"null", parse_float=Decimal)


class Broker:
    """A Kafka that tests share; each has topics of its own.

    Attributes:
        bootstrap: host:port.
    """

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self._admin = AdminClient(self._config())

    def _config(self, **more: Any) -> dict[str, Any]:
        return {"bootstrap.servers": self.bootstrap, "log_level": 0, **more}

    def create(self, wanted: Iterable[Topic]) -> None:
        """Create topics and wait until the broker tells of them."""
        new = [NewTopic(topic.name, topic.partitions, topic.replication, config=topic.config) for topic in wanted]
        for future in self._admin.create_topics(new, operation_timeout=_REQUEST_SECONDS).values():
            future.result(_REQUEST_SECONDS)

    def exists(self, name: str) -> bool:
        """Whether there is a topic of that name."""
        return name in self._admin.list_topics(timeout=_REQUEST_SECONDS).topics

    def delete(self, names: list[str]) -> None:
        """Delete topics."""
        for future in self._admin.delete_topics(names, operation_timeout=_REQUEST_SECONDS).values():
            future.result(_REQUEST_SECONDS)

    def delete_under(self, beginning: str) -> None:
        """Delete all topics whose names begin so."""
        names = [
            name for name in self._admin.list_topics(timeout=_REQUEST_SECONDS).topics if name.startswith(beginning)
        ]
        for first in range(0, len(names), _TOPICS_AT_ONCE):
            self.delete(names[first : first + _TOPICS_AT_ONCE])

    def create_for(self, detector: FraudDetector) -> None:
        """Create all topics of a detector."""
        self.create(topics(detector))

    def delete_for(self, detector: FraudDetector) -> None:
        """Delete all topics of a detector."""
        self.delete([topic.name for topic in topics(detector)])

    def produce(self, detector: FraudDetector, records: Iterable[Record], seconds: float = _WRITE_SECONDS) -> int:
        """Write records to the detector's streams, in order within a partition; returns how many."""
        names = {stream.name: stream.topic_name for stream in detector.spec.streams}
        return self.write(((names[stream], *rest) for stream, *rest in records), seconds)

    def write(
        self, records: Iterable[tuple[str, int, bytes | None, bytes | None]], seconds: float = _WRITE_SECONDS
    ) -> int:
        """Write records of topic, partition, key and value; returns how many, once all are stored."""
        failures: list[KafkaError] = []
        settings = {"enable.idempotence": True, "linger.ms": 5, "message.max.bytes": LARGEST_BYTES}
        producer = Producer(self._config(**settings))

        def delivered(error: KafkaError | None, _: object) -> None:
            if error is not None:
                failures.append(error)

        count = 0
        for topic, partition, key, value in records:
            while True:
                try:
                    producer.produce(topic, value=value, key=key, partition=partition, on_delivery=delivered)
                    break
                except BufferError:
                    producer.poll(0.1)
            count += 1
        unsent = producer.flush(seconds)
        assert not failures, f"{len(failures)} records were refused, the first: {failures[0]}"
        assert not unsent, f"{unsent} records were not stored"
        return count

    def read_topic(self, topic: str) -> list[Message]:
        """All committed records of a topic up to its end as of now, partition after partition."""
        return self.read_topics([topic])[topic]

    def read_topics(self, names: Iterable[str], committed: bool = True) -> dict[str, list[Message]]:
        """All records of topics up to their ends as of now, partition after partition.

        Unless only ``committed`` ones are wanted, those of transactions that were given up are among them.
        """
        found: dict[str, list[Message]] = {name: [] for name in names}
        left = {place for place, end in self.ends(found).items() if end}
        level = {"isolation.level": "read_committed" if committed else "read_uncommitted"}
        consumer = Consumer(self._config(**_READER, **level))
        try:
            consumer.assign([TopicPartition(name, partition, 0) for name, partition in left])
            deadline = time.monotonic() + waiting.SECONDS
            while left:
                assert time.monotonic() < deadline, f"not read to their ends: {left}"
                left -= _take(consumer.consume(10_000, timeout=0.1), found)
        finally:
            consumer.close()
        return {name: sorted(messages, key=_place) for name, messages in found.items()}

    def count(self, topic: str) -> int:
        """How many records were ever written to a topic."""
        return sum(self.ends([topic]).values())

    def ends(self, names: Iterable[str]) -> dict[Place, int]:
        """Where each partition of topics ends."""
        known = self._admin.list_topics(timeout=_REQUEST_SECONDS).topics
        wanted = {TopicPartition(name, part): OffsetSpec.latest() for name in names for part in known[name].partitions}
        found = self._admin.list_offsets(wanted, request_timeout=_REQUEST_SECONDS)
        return {
            (place.topic, place.partition): future.result(_REQUEST_SECONDS).offset for place, future in found.items()
        }

    def committed(self, group: str) -> dict[Place, int]:
        """How far a consumer group has committed."""
        places = _patiently(lambda: self._admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)]))
        return {(place.topic, place.partition): place.offset for place in places.topic_partitions}

    def forget(self, group: str) -> None:
        """Forget what a consumer group has committed."""
        try:
            _patiently(lambda: self._admin.delete_consumer_groups([group]))
        except KafkaException as error:
            if error.args[0].code() != KafkaError.GROUP_ID_NOT_FOUND:
                raise

    def results(self, detector: FraudDetector) -> dict[str, list[Message]]:
        """Everything in the detector's topics, by topic, inputs excepted."""
        written = [topic.name for topic in topics(detector) if topic.kind is not TopicKind.INPUT]
        return self.read_topics(written)


def _patiently(ask: Callable[[], dict[str, Any]]) -> Any:
    """The one answer to a question about groups, which a young broker can't answer for a moment."""

    def answer() -> tuple[Any] | None:
        try:
            (future,) = ask().values()
            return (future.result(_REQUEST_SECONDS),)
        except TimeoutError:
            return None
        except KafkaException as error:
            if not error.args[0].retriable() and error.args[0].code() not in _NOT_YET:
                raise
            return None

    return waiting.until(answer, "the broker's answer about a consumer group")[0]


def _take(polled: Iterable[Any], into: dict[str, list[Message]]) -> set[Place]:
    """Put messages where they belong; returns the partitions that have come to their ends."""
    ended = set()
    for message in polled:
        error = message.error()
        if error is None:
            into[message.topic()].append(_message(message))
        elif error.code() == KafkaError._PARTITION_EOF:
            ended.add((message.topic(), message.partition()))
        else:
            raise KafkaException(error)
    return ended


def _place(message: Message) -> tuple[int, int]:
    return message.partition, message.offset


def _message(message: Any) -> Message:
    headers = dict(message.headers() or [])
    return Message(message.key(), message.value(), headers, message.partition(), message.offset())
