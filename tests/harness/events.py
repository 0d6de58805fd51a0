"""Events written by hand, and alerts as tests look at them."""

import hashlib
import json
import zlib
from collections.abc import Iterable
from typing import Any

from harness.kafka import Message, Record
from harness.lab import Results

from fraud_api import FraudDetector, load_text

DAY = "2024-03-01"
PARTITIONS = 2


def detector(text: str) -> FraudDetector:
    """The detector in a YAML text, checked as a file is."""
    (found,) = load_text(text, "the test's detector")
    return found


def at(time: str) -> str:
    """``10:00:00`` as the test's day has it, in ISO 8601."""
    head, _, fraction = time.partition(".")
    return f"{DAY}T{head}.{fraction or '0':0<3}Z"


def event(stream: str, key: str | None = None, partition: int | None = None, /, **fields: Any) -> Record:
    """A record; its partition follows from its key."""
    if partition is None:
        partition = zlib.crc32((key or "").encode()) % PARTITIONS
    return stream, partition, key.encode() if key else None, json.dumps(fields).encode()


def alerts(results: Results, rule: str) -> list[dict[str, Any]]:
    """A rule's alerts, by entity and time."""
    found = [message.json() for message in results.alerts]
    mine = [alert for alert in found if alert["rule"] == rule]
    return sorted(mine, key=lambda alert: (alert["entity"]["id"] or "", alert["event_time"], str(alert["window_end"])))


def alert_id(detector: FraudDetector, rule: str, entity: str, identity: str, *times: str) -> str:
    """What an alert's id is made of, told apart from the compiler; ``times`` in ISO 8601, none of a window."""
    whose = (detector.metadata.namespace, detector.metadata.name, rule, str(len(entity)), entity, identity)
    parts = [*whose, *(time.replace("T", " ").removesuffix("Z") for time in times)]
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


def documents(messages: Iterable[Message]) -> list[Any]:
    """Values as JSON, in an order of their own."""
    return sorted((message.json() for message in messages), key=lambda document: json.dumps(document, default=str))
