"""Records of real topics in a real Elasticsearch: all of them, once, in order, whatever breaks in between."""

import json
import re
import time
from typing import Any

import pytest
from confluent_kafka import Producer
from harness import waiting
from harness.elastic import START_SECONDS
from harness.indexer import Indexing

from fraud_api import naming
from fraud_services.indices import apply
from fraudctl.broker import Broker
from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration, pytest.mark.timeout(1200)]

DAY = 86_400


def alert(number: int) -> tuple[bytes, bytes]:
    at = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(1_700_000_000 + number * 20))
    body = {
        "alert_id": f"{number:032x}", "namespace": "n", "detector": "d", "rule": "large", "rule_version": "1",
        "severity": "High", "mode": "Enforce", "entity": {"type": "account", "id": f"a{number % 7}"},
        "event_time": at, "window_start": None, "window_end": None, "reason": f"amount {number}",
        "evidence": {"count": 1, "ids": [f"t-0-{number}"]}, "row": {"amount": number / 4, "nested": {"x": number}},
    }  # fmt: skip
    return f"account/a{number % 7}".encode(), json.dumps(body).encode()


def row(number: int, **more: Any) -> tuple[None, bytes]:
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_700_000_000 + number))
    return None, json.dumps({"id": f"r{number}", "amount": number / 4, "at": at, **more}).encode()


def sum_of(key: str, count: int | None) -> tuple[bytes, bytes | None]:
    identity = json.dumps({"id": key}).encode()
    return identity, None if count is None else json.dumps({"id": key, "n": count}).encode()


def state(it: Indexing) -> dict[str, Any]:
    """Every document with the version and number that each write of it changes."""
    it.elastic.client.indices.refresh(index=f"{it.detector.metadata.namespace}.*")
    hits = it.elastic.client.search(
        index=f"{it.detector.metadata.namespace}.*", size=10_000, version=True, seq_no_primary_term=True
    )["hits"]["hits"]
    return {hit["_index"] + "/" + hit["_id"]: (hit["_version"], hit["_seq_no"], hit["_source"]) for hit in hits}


def test_every_record_is_one_document_however_often_it_is_read(make):
    it = make(where={"bucket": "1h"})
    it.apply()
    for partition in (0, 1):
        it.write("alerts", [alert(number) for number in range(partition, 3000, 2)], partition)
        it.write("rows", [row(number) for number in range(partition, 2000, 2)], partition)
        it.write("flagged", [row(number, other={"a": partition}) for number in range(500)], partition)
    it.write("sums", [sum_of(f"k{number % 50}", number) for number in range(1000)])
    with it.running() as indexer:
        indexer.wait_metric("documents_total", 3000 + 2000 + 1000 + 50)
        for what, count in {"alerts": 3000, "rows": 2000, "flagged": 1000, "sums": 50}.items():
            it.wait_count(what, count)
        waiting.until(lambda: indexer.metric("lag_records") == 0, "nothing is left")
    before = state(it)
    assert {name.rpartition("/")[2]: one[2]["n"] for name, one in before.items() if ".sums.v1" in name} == {
        json.dumps({"id": f"k{key}"}): 950 + key for key in range(50)
    }
    assert it.dead_letters() == []

    with it.running() as indexer:  # begins where the first one ended
        waiting.until(lambda: "indexing" in indexer.told(), "it runs")
        time.sleep(10)
        assert indexer.metric("records_total") == 0
    it.rewind()
    with it.running() as indexer:  # reads everything again
        indexer.wait_metric("known_total", 3000 + 2000 + 1000 + 1000)
    assert state(it) == before

    buckets = it.elastic.indices(f"{it.index('alerts').alias}.v1*")
    assert f"{it.index('alerts').alias}.v1.2023.11.14.22" in buckets
    assert len(buckets) == 1 + 17  # from 22:13 to 14:53


def test_killed_again_and_again_it_loses_nothing(make):
    it = make()
    it.apply()
    for partition in (0, 1):
        it.write("alerts", [alert(number) for number in range(partition, 15_000, 2)], partition)
    for part in (1_000, 5_000, 9_000):
        with it.running() as indexer:
            waiting.until(lambda part=part: it.elastic.count(it.index("alerts").alias) > part, "some are there")
            indexer.kill()
    with it.running():
        it.wait_count("alerts", 15_000)


def test_an_outage_of_more_than_a_minute_loses_nothing(make, elasticsearch: EmbeddedElasticsearch):
    it = make()
    it.apply()
    it.write("sums", [sum_of(f"k{number % 100}", number) for number in range(5000)])
    with it.running() as indexer:
        it.wait_count("sums", 100)
        elasticsearch.kill()
        it.write("sums", [sum_of(f"k{number % 200}", number) for number in range(5000, 10_000)])
        it.write("alerts", [alert(number) for number in range(10_000)])
        indexer.wait_metric("waiting", 1)
        time.sleep(65)
        assert indexer.process.poll() is None
        elasticsearch.start(START_SECONDS)
        it.wait_count("alerts", 10_000)
        it.wait_count("sums", 200)
        waiting.until(lambda: indexer.metric("waiting") == 0, "it goes on")
        assert "waiting: NoAnswer" in indexer.told()
    assert {one["n"] for one in it.documents("sums").values()} == set(range(9_800, 10_000))
    assert it.dead_letters() == []


def test_a_node_that_is_too_busy_gets_everything_in_the_end(make):
    it = make(where={"bucket": "10m"})
    it.apply()
    it.write("alerts", [alert(number) for number in range(1200)] * 3)
    it.write("rows", [row(number * 6) for number in range(3000)])
    with it.running() as indexer:
        it.wait_count("alerts", 1200)
        it.wait_count("rows", 3000)
        assert indexer.metric("again_total") > 0, "the node was never too busy: this tests nothing"
    assert it.dead_letters() == []


def test_what_elasticsearch_refuses_is_told_and_the_rest_goes_on(make):
    it = make()
    it.apply()
    wrong = [
        (row(1, amount={"value": 1})[1], "failed to parse field \\[amount\\]"),
        (row(2, amount="12.5")[1], "failed to parse field \\[amount\\]"),
        (json.dumps({"id": "r3", "at": "2023-11-14T00:00:00Z", "a.b": 1}).encode(), "strict.*\\[a\\]"),
        (row(4, unknown=1)[1], "strict.*\\[unknown\\]"),
        (b"{", "not JSON"),
        (b'{"id":"r6"}', "no time in field 'at'"),
        (b'{"id":"r7","at":"2023-11-14T00:00:00Z","id":"r8"}', "Duplicate field 'id'"),
        (row(9, id="x" * 9_000_000)[1], "larger than a request may be"),
        (b'{"at":"2023-11-14T00:00:00Z","amount":1e400}', "amount|JSON"),
    ]
    it.write("rows", [row(100), *[(b"key", value) for value, _ in wrong], row(101)])
    it.write("rows", [row(200), (None, None), row(201)], 1)
    it.write("flagged", [row(300, **{"a.b": 1}), row(301, id="y" * 40_000), row(302, amount=[1, 2])])
    it.write("sums", [(b"k", b"[]"), sum_of("k", 1), (b"k", b'{"id":"k","n":1.5}'), sum_of("k" * 600, 2)])
    with it.running() as indexer:
        it.wait_count("rows", 4)
        it.wait_count("flagged", 3)
        it.wait_count("sums", 2)
        indexer.wait_metric("refused_total", len(wrong) + 1 + 2)
    told = it.dead_letters()
    in_rows = [one for one in told if one[1]["topic"] == it.index("rows").topic and one[1]["partition"] == "0"]
    assert [value for value, _ in in_rows] == [value for value, _ in wrong]
    for (_, headers), (_, reason) in zip(in_rows, wrong, strict=True):
        assert re.search(reason, headers["reason"]), headers
    assert len(told) == len(wrong) + 1 + 2


def set_read_only(it: Indexing, block: str, value: bool) -> None:
    if block == "index":
        settings = {"index.blocks.read_only": value}
        it.elastic.client.indices.put_settings(index=f"{it.index('sums').alias}.v1", settings=settings)
    else:
        it.elastic.client.cluster.put_settings(persistent={"cluster.blocks.read_only": value or None})


@pytest.mark.parametrize("block", ["index", "cluster"])
def test_while_it_is_read_only_everything_waits(make, block: str):
    it = make()
    it.apply()
    it.write("sums", [sum_of("k", 1)])
    with it.running() as indexer:
        it.wait_count("sums", 1)
        set_read_only(it, block, True)
        try:
            it.write("sums", [sum_of("k", 2)])
            indexer.wait_metric("waiting", 1)
        finally:
            set_read_only(it, block, False)
        waiting.until(lambda: [one["n"] for one in it.documents("sums").values()] == [2], "it goes on")
        assert re.search("waiting: .*read-only", indexer.told())
    assert it.dead_letters() == []


def test_an_upsert_never_goes_backwards_and_a_tombstone_deletes(make):
    it = make()
    it.apply()
    it.write("sums", [sum_of("a", 1), sum_of("b", 1), sum_of("a", 2), sum_of("b", None), sum_of("c", 1)])
    with it.running():
        it.wait_count("sums", 2)
    expected = {json.dumps({"id": "a"}): {"id": "a", "n": 2}, json.dumps({"id": "c"}): {"id": "c", "n": 1}}
    assert it.documents("sums") == expected
    it.rewind()
    with it.running() as indexer:
        indexer.wait_metric("known_total", 5)
        assert it.documents("sums") == expected
        it.write("sums", [sum_of("b", 3), sum_of("a", None)])
        waiting.until(lambda: set(it.documents("sums")) == {json.dumps({"id": "b"}), json.dumps({"id": "c"})}, "both")


def test_exactly_once_takes_what_was_committed_only(make):
    it = make(delivery="ExactlyOnce")
    it.apply()
    producer = Producer({"bootstrap.servers": it.kafka.bootstrap, "transactional.id": it.detector.metadata.namespace})
    producer.init_transactions()
    for first, commit in ((0, True), (100, False), (200, True)):
        producer.begin_transaction()
        for number in range(first, first + 100):
            producer.produce(it.index("alerts").topic, key=alert(number)[0], value=alert(number)[1], partition=0)
        producer.flush()
        if commit:
            producer.commit_transaction()
        else:
            producer.abort_transaction()
    broker, places = Broker(it.kafka.bootstrap), [(it.index("alerts").topic, 0)]
    with it.running() as indexer:
        it.wait_count("alerts", 200)
        # the ends of transactions have offsets too: whoever waits for the topic's end must not wait for ever
        group = naming.indexer_group(it.detector)
        waiting.until(lambda: broker.committed(group, places) == broker.ends(places), "all is settled")
        waiting.until(lambda: indexer.metric("lag_records") == 0, "no lag")
    assert f"{150:032x}" not in it.documents("alerts")


def test_two_share_the_partitions_and_one_takes_over(make):
    it = make()
    it.apply()
    with it.running() as first, it.running() as second:
        for partition in (0, 1):
            it.write("alerts", [alert(number) for number in range(partition, 20_000, 2)], partition)
        it.wait_count("alerts", 20_000)
        waiting.until(lambda: "indexing" in first.told() and "indexing" in second.told(), "both run")
        first.kill()
        for partition in (0, 1):
            it.write("alerts", [alert(number) for number in range(20_000 + partition, 21_000, 2)], partition)
        it.wait_count("alerts", 21_000)


def test_another_type_fills_a_new_index_and_keeps_the_old(make):
    it = make()
    it.apply()
    it.write("sums", [sum_of("a", 1), sum_of("b", 2)])
    with it.running():
        it.wait_count("sums", 2)
    document = it.detector.model_dump(mode="json", by_alias=True, exclude_none=True)
    sums = document["spec"]["outputs"][2]
    sums["columns"][1]["type"] = "STRING"
    sums["query"] = "SELECT id, CAST(COUNT(*) AS STRING) AS n FROM events GROUP BY id"
    other = type(it.detector).model_validate(document)
    with it.running(detector=other) as indexer:
        waiting.until(lambda: "has not been made" in indexer.told(), "it waits for its indices")
        it.apply(other)
        it.wait_count("sums", 2)
    alias = it.index("sums").alias
    assert list(it.elastic.client.indices.get_alias(name=alias).body) == [f"{alias}.v2"]
    assert it.elastic.count(f"{alias}.v1") == 2


def test_a_bucket_that_was_dropped_comes_back_with_its_fields(make):
    it = make()
    it.apply()
    it.write("rows", [row(1)])
    with it.running():
        it.wait_count("rows", 1)
        it.elastic.client.indices.delete(index=f"{it.index('rows').alias}.v1.2023.11.14")
        it.write("rows", [row(2), row(3, unknown=1)])
        it.wait_count("rows", 1)
    assert len(it.dead_letters()) == 1


def test_an_index_of_somebody_else_is_not_written_to(make):
    it = make()
    it.apply()
    it.elastic.client.indices.create(
        index=f"{it.index('rows').alias}.v1.2023.11.14", mappings={"_meta": {"managed_by": "somebody"}}
    )
    it.write("rows", [row(1)])
    with it.running() as indexer:
        indexer.wait_metric("waiting", 1)
        assert "NotOurs" in indexer.told()
    assert not apply(it.elastic.client, it.detector).ready


def test_mistakes_are_one_line(make, tmp_path):
    it = make(where={"secretRef": {"name": "es"}})
    with it.running() as indexer:
        assert indexer.process.wait(30) == 2
    assert indexer.told() == "indexer: secret 'es' is referred to; say where it is: --secrets-dir DIR\n"
