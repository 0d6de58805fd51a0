"""Kafka as a target: idempotent, in explicit partitions, patient with a broker that is away."""

import logging
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from fraud_generator.errors import SettingsError, SinkError
from fraud_generator.model import Label, Record, Settings
from fraud_generator.scenarios.base import Scenario
from fraud_generator.sinks import Counts, LabelFile, Sink, Tick
from fraud_generator.topics import prepare_topics

MOST_QUEUED = 200_000
"""Messages waiting for the broker before the generator waits for it too."""
STOP_SECONDS = 4.0
"""How long a stopped run tries to deliver what is on its way."""

DEFAULTS: dict[str, Any] = {
    "enable.idempotence": True,
    "message.timeout.ms": 0,
    "linger.ms": 5,
    "compression.type": "lz4",
    "batch.size": 1_000_000,
    "batch.num.messages": 10_000,
    "message.max.bytes": 16_000_000,
    "queue.buffering.max.messages": 2 * MOST_QUEUED,
    "queue.buffering.max.kbytes": 512 * 1_024,
    "reconnect.backoff.max.ms": 2_000,
    "delivery.report.only.error": True,
    "client.id": "fraud-generator",
}

log = logging.getLogger("fraud_generator.kafka")
log.addHandler(logging.NullHandler())


@dataclass(frozen=True)
class KafkaTarget:
    """Topics of a Kafka cluster."""

    bootstrap: str
    """``host:port``, several with commas."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """Stream to topic; a stream that is missing goes to the scenario's default."""
    labels_topic: str | None = None
    labels_file: Path | None = None
    config: Mapping[str, str] = field(default_factory=dict)
    """Properties of librdkafka, over the defaults of this module; the place for credentials."""
    create_topics: bool = True
    """Create missing topics with ``Settings.partitions`` partitions."""
    connect_seconds: float = 10.0

    def topic(self, scenario: type[Scenario], stream: str) -> str:
        """The topic of a stream."""
        defaults = {known.name: known.topic for known in scenario.streams}
        return self.topics.get(stream, defaults[stream])

    def check(self, scenario: type[Scenario], settings: Settings, processes: int) -> None:
        """Known streams only, and one writer for a file of labels."""
        known = [stream.name for stream in scenario.streams]
        for stream in self.topics:
            if stream not in known:
                raise SettingsError(f"{scenario.name} has no stream {stream!r}; it has {', '.join(known)}")
        if self.labels_file and processes > 1:
            raise SettingsError("several processes cannot share a file of labels; name a topic")

    def open(self, scenario: type[Scenario], settings: Settings) -> Sink:
        """Connect and see to the topics. Raises SinkError after ``connect_seconds`` without a broker."""
        topics = {stream.name: self.topic(scenario, stream.name) for stream in scenario.streams}
        config = {**DEFAULTS, "bootstrap.servers": self.bootstrap, **self.config}
        sink = KafkaSink(config, topics, self.labels_topic, self.labels_file)
        wanted = [*topics.values(), *([self.labels_topic] if self.labels_topic else [])]
        try:
            prepare_topics(sink.producer, config, wanted, topics.values(), settings, self)
        except BaseException:
            sink.close()
            raise
        return sink


class KafkaSink:
    """An idempotent producer: a retry neither doubles nor reorders what a partition holds."""

    def __init__(
        self, config: dict[str, Any], topics: Mapping[str, str], labels_topic: str | None, labels: Path | None
    ) -> None:
        """Make the producer. Raises SettingsError for properties that librdkafka refuses."""
        from confluent_kafka import KafkaException, Producer

        try:
            self.producer = Producer({**config, "error_cb": self._on_error}, logger=log)
        except (KafkaException, ValueError) as error:
            raise SettingsError(f"Kafka properties: {_reason(error)}") from error
        self._topics = dict(topics)
        self._labels_topic = labels_topic
        self._labels = LabelFile(labels)
        self._counts = Counts()
        self._fatal: str | None = None
        self._loss: str | None = None
        self._lost_at = 0.0

    def _on_error(self, error: Any) -> None:
        if error.fatal():
            self._fatal = error.str()
        elif error.name() == "_ALL_BROKERS_DOWN":
            self.counts()
            self._counts.connected, self._lost_at = False, time.monotonic()

    def _on_loss(self, error: Any, message: Any) -> None:
        self._counts.failed += 1
        self._loss = self._loss or error.str()

    def write(self, records: Sequence[Record], labels: Sequence[Label], tick: Tick) -> None:
        """Queue records and labels; waits while too much is on its way."""
        while len(self.producer) > MOST_QUEUED:
            if tick():
                return
            self.producer.poll(0.1)
            self._check()
        groups: dict[tuple[str, int], list[dict[str, Any]]] = defaultdict(list)
        for stream, partition, key, value, _, _ in records:
            groups[stream, partition].append({"value": value, "key": key})
        for (stream, partition), messages in groups.items():
            self._produce(self._topics[stream], partition, messages, tick)
        self._write_labels(labels)
        self.producer.poll(0)
        self._check()

    def _produce(self, topic: str, partition: int, messages: list[dict[str, Any]], tick: Tick) -> None:
        """Queue a batch for one partition; what finds the queue full is tried again, in order."""
        while messages:
            self.producer.produce_batch(topic, messages, partition=partition, on_delivery=self._on_loss)
            refused = [message for message in messages if "_error" in message]
            self._counts.sent += len(messages) - len(refused)
            messages = []
            for message in refused:
                error = message.pop("_error")
                if error.name() == "_QUEUE_FULL":
                    messages.append(message)
                else:
                    self._counts.sent += 1
                    self._on_loss(error, None)
            if messages:
                self.producer.poll(0.05)
                self._check()
                if tick():
                    return

    def _write_labels(self, labels: Sequence[Label]) -> None:
        try:
            self._labels.write(labels)
        except OSError as error:
            raise SinkError(f"cannot write the labels: {error.strerror}") from error
        if not self._labels_topic:
            return
        for label in labels:
            key = str(label.get("entity") or label.get("event_id"))
            # The queue has room for as many again as the generator fills it to.
            self.producer.produce(self._labels_topic, orjson.dumps(label), key.encode())

    def _check(self) -> None:
        if self._fatal:
            raise SinkError(f"Kafka refuses this producer for good: {self._fatal}")

    def counts(self) -> Counts:
        """What left the queue without an error is stored; labels on their way count as records on theirs."""
        counts = self._counts
        acknowledged = max(counts.sent - counts.failed - len(self.producer), counts.acknowledged)
        if acknowledged > counts.acknowledged:
            counts.acknowledged = acknowledged
            # Answers from before the loss may still come in just after it.
            counts.connected = counts.connected or time.monotonic() > self._lost_at + 1
        return counts

    @property
    def loss(self) -> str | None:
        """Why the first lost record was lost."""
        return self._loss

    def finish(self, tick: Tick) -> None:
        """Wait for the broker to have everything; a stopped run gives up after some seconds."""
        deadline: float | None = None
        while len(self.producer):
            if deadline is None and tick():
                deadline = time.monotonic() + STOP_SECONDS
            if deadline is not None and time.monotonic() >= deadline:
                return
            self.producer.poll(0.05)
            self._check()
        self.counts()

    def close(self) -> None:
        """Drop what was not delivered and let go of the connections."""
        self.counts()
        if len(self.producer):
            self.producer.purge()
        self.producer.close()
        self._labels.close()


def _reason(error: Exception) -> str:
    first = error.args[0] if error.args else error
    return str(first.str()) if hasattr(first, "str") else str(first)
