"""Sends JSON lines to topics, every line's bytes as they are."""

import threading
from typing import BinaryIO

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from fraudctl.broker import Broker, reason
from fraudctl.errors import FraudctlError, MachineError, UserError
from fraudctl.run.inputs import Input
from fraudctl.runtime.kafka import LARGEST_RECORD_BYTES

_PARTITION = 0
"""One partition, so that the file's order is the topic's order and disorder does not grow."""
_HEADROOM_BYTES = 16_384


class Feed:
    """A thread that sends one input.

    Attributes:
        sent: lines sent so far.
        error: what ended it early, if anything did.
    """

    def __init__(self, broker: Broker, source: Input) -> None:
        """Nothing is sent yet."""
        self._source = source
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.sent = 0
        self.error: BaseException | None = None
        config = {
            **broker.config,
            "enable.idempotence": True,
            "message.timeout.ms": 0,  # a broker that is away is waited for
            "message.max.bytes": LARGEST_RECORD_BYTES,
            "linger.ms": 5,
            "compression.type": "lz4",
            "queue.buffering.max.kbytes": 131_072,
        }
        self._producer = Producer(config)

    def start(self) -> None:
        """Begin to send."""
        self._thread = threading.Thread(target=self._run, name=f"feed {self._source.stream}", daemon=True)
        self._thread.start()

    @property
    def done(self) -> bool:
        """Whether it has ended, well or not."""
        return self._thread is not None and not self._thread.is_alive()

    def check(self) -> None:
        """Raise what ended it early, if anything did."""
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Stop sending. The thread may still wait for a line; it ends with us."""
        self._stop.set()

    def _run(self) -> None:
        try:
            with self._source.open() as file:
                self._send_lines(file)
            self._deliver()
            if self.sent == 0 and not self._stop.is_set():
                raise UserError(f"{self._source.label} is empty", "it should have one JSON object a line")
        except (FraudctlError, OSError) as error:
            self.error = error
        except KafkaException as error:
            self.error = MachineError(f"cannot send {self._source.label}: {reason(error)}")

    def _send_lines(self, file: BinaryIO) -> None:
        for line in file:
            if self._stop.is_set():
                return
            self._send(line.removesuffix(b"\n"))
            self.sent += 1

    def _send(self, line: bytes) -> None:
        if len(line) > LARGEST_RECORD_BYTES - _HEADROOM_BYTES:
            raise UserError(
                f"{self._source.label}: line {self.sent + 1} has {len(line):,} bytes, more than Kafka takes",
                f"a record may have {LARGEST_RECORD_BYTES // 1_048_576} MiB at most",
            )
        while not self._stop.is_set():
            try:
                self._producer.produce(self._source.topic, line, partition=_PARTITION, on_delivery=self._delivered)
            except BufferError:
                self._producer.poll(0.1)
            else:
                self._producer.poll(0)
                return

    def _delivered(self, error: KafkaError | None, message: Message) -> None:
        if error is not None and self.error is None:
            self.error = MachineError(f"cannot send {self._source.label}: {error.str()}")
            self._stop.set()

    def _deliver(self) -> None:
        while len(self._producer) and not self._stop.is_set():
            self._producer.flush(0.2)
