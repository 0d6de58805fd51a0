"""The five detectors from traffic to indices: what the oracles say is what Elasticsearch holds and counts."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from harness.detectors import manifest
from harness.elastic import START_SECONDS, Elastic, indexed
from harness.indexer import Indexing
from harness.kafka import Message
from harness.lab import Lab, Results
from harness.verdict import assert_agrees
from oracle.detectors import ORACLES

from fraud_generator import Settings, generate
from fraud_services.indices import indices_of
from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration, pytest.mark.timeout(1200)]

STAMP = "@timestamp"


def latest(messages: list[Message]) -> dict[bytes | None, bytes]:
    """The newest value of each key that has not been deleted since."""
    newest = {message.key: message.value for message in messages}
    return {key: value for key, value in newest.items() if value is not None}


def as_text(document: Any) -> str:
    """A document in one way of writing it; numbers as floats, which is what a search answers with."""
    kept = {name: value for name, value in document.items() if name != STAMP}
    return json.dumps(kept, sort_keys=True)


def expected(it: Indexing, results: Results, what: str) -> Counter[str]:
    """Documents that must be there, from records that an oracle has agreed to."""
    index = it.index(what)
    messages = results.topics[index.topic]
    if index.upsert:
        values = list(latest(messages).values())
    elif what == "alerts":
        values = list(
            {json.loads(message.value or b"")["alert_id"]: message.value or b"" for message in messages}.values()
        )
    else:
        values = [message.value or b"" for message in messages]
    return Counter(as_text(json.loads(value)) for value in values)


@pytest.mark.parametrize("name", ORACLES)
def test_elasticsearch_holds_what_the_oracle_says(
    lab: Lab, elastic: Elastic, elasticsearch: EmbeddedElasticsearch, name: str, tmp_path: Path
):
    batches = list(generate(name, Settings(seed=1)))
    records = [(one.stream, one.partition, one.key, one.value) for batch in batches for one in batch.records]
    mine = lab.own(manifest(name))
    it = Indexing(indexed(mine, elastic.url), lab.kafka, elastic, tmp_path)
    it.apply()
    job = lab.start(mine)
    with it.running() as first:
        lab.produce(mine, records[: len(records) // 2])
        first.wait_metric("documents_total", 1)
        first.kill()
    with it.running() as second:
        lab.produce(mine, records[len(records) // 2 :])
        second.wait_metric("records_total", 1)
        elasticsearch.kill()
        elasticsearch.start(START_SECONDS)
        job.wait_seen()
        job.stop(drain=True)
        lab.flink.end(job)
        results = lab.results(mine)
        assert_agrees(results, records)
        for what in (one.what for one in indices_of(it.detector)):
            it.wait_count(what, expected(it, results, what).total())
    for what in (one.what for one in indices_of(it.detector)):
        assert Counter(map(as_text, it.documents(what).values())) == expected(it, results, what), what
    assert it.dead_letters() == []
    _assert_tops(it, results)


def _assert_tops(it: Indexing, results: Results) -> None:
    """Who has most alerts, by rule and by entity, as Elasticsearch counts them."""
    alerts = {one["alert_id"]: one for one in (message.json() for message in results.alerts)}.values()
    found = it.elastic.client.search(
        index=it.index("alerts").alias,
        size=0,
        aggs={
            "rules": {"terms": {"field": "rule", "size": 100}},
            "entities": {"terms": {"field": "entity.id", "size": 10}},
        },
    )["aggregations"]
    by_rule = {bucket["key"]: bucket["doc_count"] for bucket in found["rules"]["buckets"]}
    assert by_rule == Counter(alert["rule"] for alert in alerts)
    most = Counter(alert["entity"]["id"] for alert in alerts).most_common()
    assert [bucket["doc_count"] for bucket in found["entities"]["buckets"]] == [count for _, count in most[:10]]
