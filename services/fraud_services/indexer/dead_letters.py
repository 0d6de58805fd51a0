"""What no index takes: kept in a topic with its origin and the reason in headers, its bytes unchanged."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from confluent_kafka import KafkaError, KafkaException, Producer

from fraud_services.indexer.bulk import Refusal, Stopped

_ANSWER_SECONDS = 30.0
_PAUSE_SECONDS = 1.0
_LONGEST_REASON = 2000


class DeadLetters:
    """Writes refused records; returns when the broker has them."""

    def __init__(self, topic: str, config: Mapping[str, object], stop: threading.Event) -> None:
        self._topic = topic
        self._producer = Producer(dict(config))
        self._stop = stop

    def write(self, refusals: Sequence[Refusal]) -> None:
        """Write all, however long that takes.

        Raises:
            Stopped: the indexer is to end before the broker has them.
        """
        while refusals:
            refusals = self._try(refusals)
            if refusals and self._stop.wait(_PAUSE_SECONDS):
                raise Stopped

    def _try(self, refusals: Sequence[Refusal]) -> list[Refusal]:
        """Write each once; returns what the broker has not taken."""
        missing = dict(enumerate(refusals))

        def settle(number: int, error: KafkaError | None) -> None:
            if error is None:
                del missing[number]

        for number, refusal in enumerate(refusals):
            self._produce(refusal, partial(settle, number))
        deadline = time.monotonic() + _ANSWER_SECONDS
        while missing and time.monotonic() < deadline and len(self._producer):
            self._producer.poll(0.1)
        return list(missing.values())

    def _produce(self, refusal: Refusal, settle: Callable[[KafkaError | None], None]) -> None:
        record = refusal.record
        headers = {
            "topic": record.topic(),
            "partition": str(record.partition()),
            "offset": str(record.offset()),
            "index": refusal.index,
            "reason": refusal.reason[:_LONGEST_REASON],
        }
        try:
            self._producer.produce(
                self._topic,
                value=record.value(),
                key=record.key(),
                headers=list(headers.items()),
                on_delivery=lambda error, message: settle(error),
            )
        except (BufferError, KafkaException):
            self._producer.poll(0.5)  # it stays among the missing and is tried again
