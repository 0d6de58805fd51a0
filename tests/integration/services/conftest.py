"""Detectors whose topics tests write themselves."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.detectors import isolated, written
from harness.elastic import Elastic, indexed
from harness.indexer import Indexing
from harness.kafka import Broker

from fraud_api import FraudDetector

SPEC: dict[str, Any] = {
    "streams": [
        {
            "name": "events",
            "columns": [
                {"name": "id", "type": "STRING"},
                {"name": "amount", "type": "DOUBLE"},
                {"name": "at", "type": "STRING"},
            ],
            "eventTime": {"column": "at"},
        }
    ],
    "rules": [
        {
            "name": "large",
            "severity": "High",
            "entity": {"type": "account", "columns": ["id"]},
            "reason": "{amount}",
            "filter": {"from": "events", "where": "amount > 900"},
        }
    ],
    "outputs": [
        {"name": "flagged", "split": {"from": "events", "part": "Flagged"}},
        {
            "name": "rows",
            "query": "SELECT id, amount, event_time AS `at` FROM events",
            "columns": [
                {"name": "id", "type": "STRING"},
                {"name": "amount", "type": "DOUBLE"},
                {"name": "at", "type": "TIMESTAMP_LTZ(3)"},
            ],
            "index": {"timeColumn": "at"},
        },
        {
            "name": "sums",
            "mode": "Upsert",
            "key": ["id"],
            "stateTtl": "1d",
            "query": "SELECT id, COUNT(*) AS n FROM events GROUP BY id",
            "columns": [{"name": "id", "type": "STRING"}, {"name": "n", "type": "BIGINT"}],
        },
    ],
}

Make = Callable[..., Indexing]


@pytest.fixture
def make(kafka: Broker, elastic: Elastic, tmp_path: Path) -> Iterator[Make]:
    """Makes a detector with topics of its own; keywords change its spec and its ``elasticsearch``."""
    namespaces = []

    def indexing(detector: FraudDetector | None = None, where: dict[str, Any] | None = None, **spec: Any) -> Indexing:
        mine = isolated(detector or written(**{**SPEC, **spec}), kafka.bootstrap)
        kafka.create_for(mine)
        namespaces.append(mine.metadata.namespace)
        return Indexing(indexed(mine, elastic.url, **(where or {})), kafka, elastic, tmp_path)

    yield indexing
    for namespace in namespaces:
        elastic.clear(namespace)
