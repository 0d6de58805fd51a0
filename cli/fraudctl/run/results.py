"""Reads the result topics while the job runs, into the tally and into files."""

import threading
import time
import uuid
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import orjson
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition

from fraud_api import FraudDetector, naming
from fraud_api.outputs import OutputMode
from fraudctl.broker import Broker, Place
from fraudctl.errors import MachineError
from fraudctl.run.files import OutputFiles, dead_letter, tombstone
from fraudctl.run.origins import Origin
from fraudctl.run.tally import Tally

_BATCH = 2_000
_FLUSH_SECONDS = 1.0

Handler = Callable[[Message], None]


class Results:
    """A thread that reads the result topics from given offsets on.

    Attributes:
        error: what ended it early, if anything did.
        records: how many records it has read from each topic.
    """

    def __init__(self, detector: FraudDetector, tally: Tally, files: OutputFiles | None) -> None:
        """Outputs are only read when there are files to write them to."""
        self._tally = tally
        self._files = files
        self._final: dict[str, dict[bytes, bytes]] = {}
        self.error: BaseException | None = None
        self.records: dict[str, int] = {}
        self._reached: dict[Place, int] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._handlers = self._choose_handlers(detector)

    @property
    def topics(self) -> list[str]:
        """The topics that it reads."""
        return list(self._handlers)

    def _choose_handlers(self, detector: FraudDetector) -> dict[str, Handler]:
        spec = detector.spec
        found: dict[str, Handler] = {naming.late_topic(detector): self._late}
        for stream in spec.streams:
            found[naming.dead_letter_topic(detector, stream)] = partial(self._dead, self._file(_dead_file(stream.name)))
        for output in spec.outputs if self._files else ():
            upsert = output.mode is OutputMode.UPSERT
            name = self._file(output.name)
            found[output.topic_name] = partial(self._upsert if upsert else self._append, name)
            if upsert:
                self._final[name] = {}
        if spec.rules or spec.outputs:
            found[naming.rules_dead_letter_topic(detector)] = partial(self._unknown, self._file("rules.dead-letters"))
        if self._files and any(rule.actions.block for rule in spec.rules):
            found[naming.blocked_topic(detector)] = partial(self._append, self._file("blocked"))
        if spec.elasticsearch is not None:
            name = self._file("indexer.dead-letters")
            found[naming.indexer_dead_letter_topic(detector)] = partial(self._refused, name)
        if spec.rules:
            found[naming.alerts_topic(detector)] = partial(self._alert, self._file("alerts"))
        self._file("late")
        return found

    def _file(self, name: str) -> str:
        if self._files:
            self._files.open(name)
        return name

    def start(self, broker: Broker, starts: Mapping[Place, int]) -> None:
        """Begin to read at the given offsets."""
        config = {
            **broker.config,
            "group.id": f"fraudctl-{uuid.uuid4().hex}",  # asked for, though nothing is ever committed
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 100,
            "queued.max.messages.kbytes": 65_536,
        }
        consumer = Consumer(config)
        consumer.assign([TopicPartition(topic, number, at) for (topic, number), at in starts.items()])
        self._thread = threading.Thread(target=self._read, args=(consumer,), name="results", daemon=True)
        self._thread.start()

    def _read(self, consumer: Any) -> None:
        flushed = time.monotonic()
        try:
            while not self._stop.is_set():
                for message in consumer.consume(_BATCH, timeout=0.1):
                    self._take(message)
                if self._files and time.monotonic() - flushed > _FLUSH_SECONDS:
                    self._files.flush()
                    flushed = time.monotonic()
        except BaseException as error:  # told by the main thread
            self.error = error
        finally:
            consumer.close()

    def _take(self, message: Message) -> None:
        error = message.error()
        place = str(message.topic()), int(message.partition() or 0)
        if error is None:
            self.records[place[0]] = self.records.get(place[0], 0) + 1
            self._handlers[place[0]](message)
        elif error.code() == KafkaError._PARTITION_EOF:
            self._reached[place] = int(message.offset() or 0)
        elif error.code() in (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError._FATAL):
            raise KafkaException(error)
        # everything else mends itself: the client asks again

    def _alert(self, name: str, message: Message) -> None:
        value = message.value() or b""
        if self._tally.alert(value):
            self._append(name, message)

    def _late(self, message: Message) -> None:
        if self._tally.late_record(message.headers()):
            self._append("late", message)

    def _dead(self, name: str, message: Message) -> None:
        self._keep(name, message, *self._tally.dead_letter(message.headers()))

    def _refused(self, name: str, message: Message) -> None:
        self._keep(name, message, *self._tally.refused_record(message.headers()))

    def _unknown(self, name: str, message: Message) -> None:
        shown = self._tally.unknown.add(message.headers(), message.value())
        if shown is not None and self._files:
            self._files.write(name, orjson.dumps(shown))

    def _keep(self, name: str, message: Message, found: Origin | None, new: bool) -> None:
        if new and self._files:
            self._files.write(name, dead_letter(found, message.value()))

    def _append(self, name: str, message: Message) -> None:
        if self._files:
            value = message.value()
            self._files.write(name, value if value is not None else tombstone(message.key()))

    def _upsert(self, name: str, message: Message) -> None:
        self._append(name, message)
        key, value = message.key() or b"", message.value()
        if value is None:
            self._final[name].pop(key, None)
        else:
            self._final[name][key] = value

    def have_reached(self, ends: Mapping[Place, int], starts: Mapping[Place, int]) -> bool:
        """Whether everything up to ``ends`` has been read."""
        return all(self._reached.get(place, starts[place]) >= end for place, end in ends.items())

    def check(self) -> None:
        """Raise what ended the thread, if anything did."""
        if isinstance(self.error, KafkaException):
            raise MachineError(f"cannot read the results: {self.error}") from self.error
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Stop reading; write the final rows of upsert outputs. A second call does nothing."""
        if self._stop.is_set():
            return
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10.0)
        for name, rows in self._final.items() if self._files else ():
            self._write_final(f"{name}.final", rows)

    def _write_final(self, name: str, rows: Mapping[bytes, bytes]) -> None:
        assert self._files is not None
        self._files.open(name)
        for value in rows.values():
            self._files.write(name, value)


def _dead_file(stream: str) -> str:
    return f"{stream}.dead-letters"
