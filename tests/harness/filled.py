"""Indices that hold what an oracle says, to look at without running a job."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from elasticsearch import Elasticsearch
from harness.detectors import manifest
from harness.elastic import indexed
from oracle import accounts, ad_clicks, bank, payments, transactions
from oracle.events import Streams
from oracle.expected import Expected
from oracle.panels import Document

from fraud_api import FraudDetector
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
BATCH = 2_000
WRITTEN = 1_700_000_000_000
"""When records came that have no time of their own, in milliseconds since 1970."""


def filled(
    client: Elasticsearch, url: str, name: str, namespace: str = "default"
) -> tuple[FraudDetector, dict[str, list[Document]]]:
    """A detector whose indices hold what its oracle says of generated traffic, and that by source."""
    found = indexed(manifest(name), url)
    detector = found.model_copy(update={"metadata": found.metadata.model_copy(update={"namespace": namespace})})
    contents = _contents(ORACLES[name](_streams(name), namespace))
    verdict = apply(client, detector)
    assert verdict.ready, verdict
    for index in indices_of(detector):
        for document in contents[index.what] if index.stamped else []:
            document["@timestamp"] = index.time.reader()(document) if index.time else WRITTEN
        _write(client, index.first(1), contents[index.what])
    return detector, contents


def _write(client: Elasticsearch, index: str, documents: list[Document]) -> None:
    for start in range(0, len(documents), BATCH):
        part = documents[start : start + BATCH]
        operations = [one for document in part for one in ({"index": {"_index": index}}, document)]
        answer = client.bulk(operations=operations, refresh=True)
        assert answer["errors"] is False, answer["items"][:3]


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
