"""Indices that hold what an oracle says, to look at without running a job."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from harness.detectors import manifest
from oracle import accounts, ad_clicks, bank, payments, transactions
from oracle.events import Streams
from oracle.expected import Expected
from oracle.panels import Document

from fraud_api import FraudDetector
from fraud_api.backends import Elasticsearch
from fraud_generator import Settings, generate
from fraud_services.indices import apply, indices_of

ORACLES: dict[str, Callable[[Streams, str], Expected]] = {
    "transactions": lambda streams, _: transactions.expected(streams),
    "accounts": lambda streams, _: accounts.expected(streams),
    "bank": bank.expected,
    "payments": lambda streams, _: payments.expected(streams),
    "ad-clicks": lambda streams, _: ad_clicks.expected(streams),
}
EVENTS = 20_000
BATCH = 5_000
WRITTEN = 1_700_000_000_000
"""When records came that have no time of their own, in milliseconds since 1970."""


def filled(client: Any, name: str) -> tuple[FraudDetector, dict[str, list[Document]]]:
    """A detector whose indices hold what its oracle says of generated traffic, and that by source."""
    detector = _with_elasticsearch(manifest(name))
    found = _contents(ORACLES[name](_streams(name), detector.metadata.namespace))
    verdict = apply(client, detector)
    assert verdict.ready, verdict
    for index in indices_of(detector):
        for document in found[index.what] if index.stamped else []:
            document["@timestamp"] = index.time.reader()(document) if index.time else WRITTEN
        for start in range(0, len(found[index.what]), BATCH):
            part = found[index.what][start : start + BATCH]
            operations = [one for document in part for one in ({"index": {"_index": index.first(1)}}, document)]
            assert client.bulk(operations=operations, refresh=True)["errors"] is False
    return detector, found


def _with_elasticsearch(detector: FraudDetector) -> FraudDetector:
    spec = detector.spec.model_copy(update={"elasticsearch": Elasticsearch(url="http://elasticsearch:9200")})
    return detector.model_copy(update={"spec": spec})


def _streams(name: str) -> Streams:
    found: dict[str, list[bytes]] = {stream.name: [] for stream in manifest(name).spec.streams}
    for batch in generate(name, Settings(seed=1, count=EVENTS)):
        for record in batch.records:
            found[record.stream].append(record.value)
    return found


def _contents(expected: Expected) -> dict[str, list[Document]]:
    found: dict[str, list[Any]] = {
        "alerts": [_alert(one.document("default"), one.rows[0]) for one in expected.alerts],
        "blocked": list(expected.blocked.values()),
        **{name: list(some) for name, some in expected.appended.items()},
        **{name: list(some.values()) for name, some in expected.latest.items()},
        **{name: [json.loads(record) for record in some] for name, some in expected.unchanged.items()},
    }
    return {name: json.loads(json.dumps(some, default=_number)) for name, some in found.items()}


def _alert(document: Document, row: Document) -> Document:
    return {**{k: v for k, v in document.items() if k != "count"}, "evidence": {"count": document["count"]}, "row": row}


def _number(value: Any) -> float:
    assert isinstance(value, Decimal)
    return float(value)
