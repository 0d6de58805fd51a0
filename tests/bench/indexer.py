"""The indexer against elasticsearch-py's own bulk helpers: the same alerts into the same node, turn by turn.

Writes docs/benchmarks-indexer.json and docs/benchmarks-indexer.md. The helpers get documents that lie parsed in
memory; the indexer reads them from Kafka, and commits and counts as it always does.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import orjson
from elasticsearch import Elasticsearch, helpers
from harness.detectors import isolated, manifest
from harness.elastic import Elastic, indexed
from harness.indexer import Indexing
from harness.kafka import Broker

from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch
from fraudctl.runtime.kafka import EmbeddedKafka

DOCUMENTS = int(os.environ.get("BENCH_DOCUMENTS", "200000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
THREADS = 3
DOCS = Path(__file__).parents[2] / "docs"
WHAT = {
    "bulk": "`helpers.bulk`, one thread",
    "parallel_bulk": f"`helpers.parallel_bulk`, {THREADS} threads",
    "indexer": "the indexer, from Kafka",
}


def alert(number: int) -> bytes:
    """An alert as the job of bank.yaml writes it."""
    customer, at = f"C{number % 997:05d}", time.gmtime(1_700_000_000 + number // 10)
    return orjson.dumps(
        {
            "alert_id": f"{number:032x}",
            "namespace": "default",
            "detector": "bank",
            "rule": "customer-turns-high",
            "rule_version": "1f2e3d4c",
            "severity": "Critical",
            "mode": "Enforce",
            "entity": {"type": "customer", "id": customer},
            "event_time": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", at),
            "window_start": None,
            "window_end": None,
            "reason": f"{customer} has 3 fraudulent transactions, the last of {number % 5000}: risk is High from 3 on",
            "evidence": {"count": 1, "ids": [f"tx-{number:09d}"]},
            "row": {"customer_id": customer, "customer_name": "Ada Byron", "amount": number % 5000, "frauds": 3},
        }
    )


def main() -> None:
    """Measure, and write both files."""
    alerts = [alert(number) for number in range(DOCUMENTS)]
    rounds = []
    # with a heap this small the helper's threads would be refused for what only waits to be collected
    settings = {"indices.breaker.total.use_real_memory": "false"}
    with (
        EmbeddedKafka() as kafka,
        EmbeddedElasticsearch(settings=settings) as node,
        tempfile.TemporaryDirectory() as directory,
    ):
        for _ in range(ROUNDS + 1):
            rounds.append(_round(Broker(kafka.bootstrap), Elastic(node.url), Path(directory), alerts))
            print(" ".join(f"{name}={rate:,.0f}" for name, rate in rounds[-1].items()), flush=True)
    rates = {name: [one[name] for one in rounds[1:]] for name in WHAT}
    _write(rates)


def _round(kafka: Broker, elastic: Elastic, directory: Path, alerts: list[bytes]) -> dict[str, float]:
    """Documents a second of each way; the indices go before the next one begins."""
    it = Indexing(indexed(isolated(manifest("bank"), kafka.bootstrap), elastic.url), kafka, elastic, directory)
    kafka.create_for(it.detector)
    topic = it.index("alerts").topic
    kafka.write((topic, number % 2, None, value) for number, value in enumerate(alerts))
    found = {}
    for name, way in {"bulk": _bulk, "parallel_bulk": _parallel_bulk}.items():
        it.apply()
        actions = [_action(it, value) for value in alerts]
        elastic.client.indices.create(index=actions[0]["_index"])
        begun = time.perf_counter()
        way(elastic.client, actions)
        found[name] = len(alerts) / (time.perf_counter() - begun)
        _check_and_clear(it, len(alerts))
    it.apply()
    found["indexer"] = _indexer(it, len(alerts))
    _check_and_clear(it, len(alerts))
    return found


def _action(it: Indexing, value: bytes) -> dict[str, Any]:
    document = orjson.loads(value)
    index = f"{it.index('alerts').alias}.v1.2023.11.14"
    return {"_op_type": "create", "_index": index, "_id": document["alert_id"], "_source": document}


def _bulk(client: Elasticsearch, actions: list[dict[str, Any]]) -> None:
    helpers.bulk(client, actions)


def _parallel_bulk(client: Elasticsearch, actions: list[dict[str, Any]]) -> None:
    for _ in helpers.parallel_bulk(client, actions, thread_count=THREADS):
        pass


def _indexer(it: Indexing, count: int) -> float:
    """Documents a second from the first that is there to the last."""
    with it.running() as indexer:
        while not (first := indexer.metric("documents_total")):
            time.sleep(0.02)
        begun = time.perf_counter()
        while (done := indexer.metric("documents_total")) < count:
            time.sleep(0.05)
        return (done - first) / (time.perf_counter() - begun)


def _check_and_clear(it: Indexing, count: int) -> None:
    found = it.elastic.count(it.index("alerts").alias)
    assert found == count, f"{found} of {count} documents are there"
    for name in it.elastic.indices(f"{it.detector.metadata.namespace}.*"):
        it.elastic.client.indices.delete(index=name)


def _write(rates: dict[str, list[float]]) -> None:
    ratios = [
        one / max(plain) for one, *plain in zip(rates["indexer"], rates["bulk"], rates["parallel_bulk"], strict=True)
    ]
    document = {
        "documents": DOCUMENTS,
        "cores": os.cpu_count(),
        "indexer_vs_bulk": {"median": round(statistics.median(ratios), 3), "runs": [round(one, 3) for one in ratios]},
        **{
            name: {"median": round(statistics.median(runs)), "runs": [round(one) for one in runs]}
            for name, runs in rates.items()
        },
    }
    (DOCS / "benchmarks-indexer.json").write_text(json.dumps(document, indent=2) + "\n")
    lines = [
        "# Benchmarks of the indexer",
        "",
        "`.venv/bin/python tests/bench/indexer.py` measures this and writes this page and `benchmarks-indexer.json`:",
        f"{DOCUMENTS:,} alerts of about {len(alert(0))} bytes into the embedded Elasticsearch, all ways turn by turn,",
        f"{len(ratios)} rounds after one that is not counted. {os.cpu_count()} cores, shared by node, broker and",
        "the client. The helpers' documents lie parsed in memory; the indexer's come from Kafka.",
        "",
        "| what | documents/s | least | most |",
        "|---|---:|---:|---:|",
        *(
            f"| {what} | {statistics.median(rates[name]):,.0f} | {min(rates[name]):,.0f} | {max(rates[name]):,.0f} |"
            for name, what in WHAT.items()
        ),
        "",
        f"The indexer against the better of the two helpers: {statistics.median(ratios):.2f} in the middle, "
        f"{min(ratios):.2f} at least; the aim is 0.8.",
        "",
    ]
    (DOCS / "benchmarks-indexer.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
