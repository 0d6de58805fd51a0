"""Traffic that goes on while things happen to a detector, and whether every alert of it has come."""

import threading
from collections.abc import Sequence

from harness import agreement, waiting
from harness.kafka import Broker, Message, Record
from oracle.detectors import expected, traffic

from fraud_api import FraudDetector, naming

EVENTS = 6_000
LOT, PAUSE_SECONDS = 50, 0.5
PATIENCE_SECONDS = 240.0
"""A broker may be away in between."""


class Steady:
    """Records written in small lots, all the while, by a thread: transactions unless others are given."""

    def __init__(self, kafka: Broker, detector: FraudDetector, records: Sequence[Record] | None = None) -> None:
        self.records = traffic("transactions", seed=5, count=EVENTS).to_send if records is None else records
        self._kafka = kafka
        self._detector = detector
        self._done = threading.Event()
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def _write(self) -> None:
        try:
            for first in range(0, len(self.records), LOT):
                if self._done.wait(PAUSE_SECONDS):
                    self._kafka.produce(self._detector, self.records[first:], PATIENCE_SECONDS)
                    return
                self._kafka.produce(self._detector, self.records[first : first + LOT], PATIENCE_SECONDS)
        except Exception as error:
            self._failure = error

    def finish(self) -> None:
        """Write what is left at once. Raises what kept the thread from writing."""
        self._done.set()
        self._thread.join(PATIENCE_SECONDS + 60)
        assert not self._thread.is_alive()
        if self._failure:
            raise self._failure


def assert_each_alert_once_by_id(kafka: Broker, detector: FraudDetector, steady: Steady) -> None:
    """Everything that the oracle wants has come; what came again says the same."""
    wanted = expected("transactions", steady.records, detector.metadata.namespace).alerts
    topic = naming.alerts_topic(detector)

    def by_id() -> dict[str, Message]:
        return {message.json()["alert_id"]: message for message in kafka.read_topic(topic)}

    waiting.until(lambda: len(by_id()) >= len(wanted), lambda: f"{len(by_id())} of {len(wanted)}")
    problems = agreement.alerts(detector.metadata.namespace, list(by_id().values()), wanted)
    assert not problems, "\n".join(problems)
    said: dict[str, set[bytes]] = {}
    for message in kafka.read_topic(topic):
        said.setdefault(message.json()["alert_id"], set()).add(message.value or b"")
    assert all(len(texts) == 1 for texts in said.values())
