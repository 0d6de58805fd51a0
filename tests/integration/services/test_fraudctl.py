"""Runs of the console script with an Elasticsearch: what is in it, what is told of it, and nothing left behind."""

import json
import os
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from harness import waiting
from harness.detectors import MANIFESTS
from harness.elastic import Elastic
from harness.runs import DONE, FAILED, INTERRUPTED, MISTAKE, Run, objects

from fraudctl.runtime.cache import cache_root
from fraudctl.runtime.elasticsearch import VERSION
from fraudctl.runtime.kafka import EmbeddedKafka

pytestmark = [pytest.mark.elasticsearch, pytest.mark.integration, pytest.mark.timeout(900)]

TRANSACTIONS = str(MANIFESTS / "transactions.yaml")
BANK = str(MANIFESTS / "bank.yaml")


@pytest.fixture
def scratch() -> Iterator[Path]:
    """Where another user may look, too: Elasticsearch does not run as root."""
    directory = Path(tempfile.mkdtemp(prefix="fraudctl-test-"))
    directory.chmod(0o755)
    yield directory
    shutil.rmtree(directory)


def counts(run: Run) -> dict[str, int]:
    """Documents by what they are; nothing was refused."""
    assert all(one["refused"] == 0 for one in run.summary["indices"])
    assert run.summary["not_indexed"] == ""
    return {one["index"].rpartition(".")[2]: one["documents"] for one in run.summary["indices"]}


def processes(scratch: Path, mark: bytes) -> list[int]:
    """Processes of a run whose command line has the mark in it."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            command, environ = (path / "cmdline").read_bytes(), (path / "environ").read_bytes()
        except OSError:
            continue
        if mark in command and str(scratch).encode() in environ:
            found.append(int(path.name))
    return found


def test_everything_is_indexed_when_a_run_ends(fraudctl, tmp_path: Path):
    output = tmp_path / "out"
    run = fraudctl("run", BANK, "--events", "20000", "--rate", "0", "--json", "--output", str(output))
    assert run.end() == DONE, run.errors
    assert run.errors == []
    found = counts(run)
    assert found == {
        "alerts": run.summary["alerts"],
        "blocked": len(objects(output / "blocked.jsonl")),
        "customer-risk": len(objects(output / "customer-risk.final.jsonl")),
        "fraud-dashboard": len(objects(output / "fraud-dashboard.final.jsonl")),
    }
    assert min(found.values()) > 0
    assert objects(output / "indexer.dead-letters.jsonl") == []
    assert run.events("started")[0]["elasticsearch"].startswith("http://127.0.0.1:")
    assert [note["text"].split(";")[0] for note in run.events("note")] == [
        f"Elasticsearch is at {run.events('started')[0]['elasticsearch']}"
    ]


def test_the_first_alert_does_not_wait_for_it(fraudctl):
    began = time.monotonic()
    run = fraudctl("run", TRANSACTIONS, "--json")
    run.await_event("alert")
    print(f"first alert after {time.monotonic() - began:.1f} s")
    run.await_event("note")
    print(f"indices after {time.monotonic() - began:.1f} s")
    url = run.events("started")[0]["elasticsearch"]
    elastic = Elastic(url)
    waiting.until(lambda: elastic.count("default.transactions.alerts") > 0, "alerts can be searched while it runs")
    run.process.send_signal(signal.SIGINT)
    assert run.end(timeout=15) == INTERRUPTED
    # as far as it tells within some seconds
    assert all(one["documents"] for one in run.summary["indices"] if one["index"].endswith(".alerts"))


@pytest.mark.parametrize("delay", [1.0, 3.0, 5.0, 8.0, 12.0, 18.0])
def test_interruption_at_any_moment(fraudctl, delay: float):
    run = fraudctl("run", TRANSACTIONS)
    time.sleep(delay)
    run.process.send_signal(signal.SIGINT)
    assert run.end(timeout=15) == INTERRUPTED
    assert not any("Traceback" in line for line in run.errors)


def test_nothing_is_left_when_it_is_killed(fraudctl, scratch: Path):
    run = fraudctl("run", TRANSACTIONS, "--json")
    run.await_event("note")
    waiting.until(lambda: processes(scratch, b"fraud_services.indexer"), "the indexer runs")
    run.process.kill()
    run.end()
    waiting.until(lambda: not processes(scratch, b""), lambda: str(processes(scratch, b"")))


def test_what_dies_is_started_again_and_nothing_is_missing(fraudctl, scratch: Path):
    run = fraudctl("run", TRANSACTIONS, "--events", "20000", "--rate", "500", "--json")
    run.await_event("note")
    for mark in (b"fraud_services.indexer", b"org.elasticsearch.server"):
        waiting.until(lambda mark=mark: processes(scratch, mark), mark.decode())
        for pid in processes(scratch, mark):
            os.kill(pid, signal.SIGKILL)
    assert run.end() == DONE, run.errors
    told = [note["text"] for note in run.events("note")]
    assert any(text.startswith("the indexer ended unexpectedly") for text in told), told
    assert any(text.startswith("Elasticsearch ended unexpectedly") for text in told), told
    found = counts(run)
    assert found["alerts"] == found["fraud"] == run.summary["alerts"]
    assert found["fraud"] + found["legit"] == run.summary["accepted"]


def test_a_machine_that_can_not_start_it_is_told_once(fraudctl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    broken = tmp_path / "cache" / f"elasticsearch-{VERSION}"
    for directory in ("bin", "config"):
        (broken / f"elasticsearch-{VERSION}" / directory).mkdir(parents=True)
    (broken / f"elasticsearch-{VERSION}" / "bin" / "elasticsearch").write_text("#!/bin/sh\necho ERROR: no\nexit 1\n")
    (broken / f"elasticsearch-{VERSION}" / "bin" / "elasticsearch").chmod(0o755)
    for kept in [*cache_root().glob("jars-*"), *cache_root().glob("flink-*"), *cache_root().glob("format-*")]:
        (tmp_path / "cache" / kept.name).symlink_to(kept)
    monkeypatch.setenv("FRAUDCTL_CACHE", str(tmp_path / "cache"))
    run = fraudctl("run", TRANSACTIONS, "--events", "2000", "--rate", "0", "--json")
    assert run.end() == DONE, run.errors
    (note,) = run.events("note")
    assert note["text"].startswith("results are not indexed: the embedded Elasticsearch did not start: ERROR: no")
    assert run.summary["indices"] == []
    assert "did not start" in run.summary["not_indexed"]
    assert run.summary["alerts"] > 0


def own_file(tmp_path: Path) -> tuple[str, str]:
    """The detector of transactions in a namespace of its own, and that."""
    namespace = f"t{uuid.uuid4().hex[:10]}"
    file = tmp_path / "detector.yaml"
    file.write_text(Path(TRANSACTIONS).read_text().replace("namespace: default", f"namespace: {namespace}"))
    return str(file), namespace


def test_a_node_of_ones_own_keeps_what_it_has(fraudctl, elastic: Elastic, tmp_path: Path):
    file, namespace = own_file(tmp_path)
    own = ("--elasticsearch", elastic.url, "--rate", "0", "--json")
    first = fraudctl("run", file, *own, "--events", "3000")
    assert first.end() == DONE, first.errors
    assert counts(first)["alerts"] == first.summary["alerts"] == elastic.count(f"{namespace}.transactions.alerts")
    second = fraudctl("run", file, *own, "--events", "2000")
    assert second.end() == MISTAKE
    assert "--replace-indices" in second.errors[-1]
    third = fraudctl("run", file, *own, "--events", "2000", "--replace-indices")
    assert third.end() == DONE, third.errors
    assert counts(third)["alerts"] == third.summary["alerts"] == elastic.count(f"{namespace}.transactions.alerts")
    elastic.clear(namespace)


def test_a_node_of_ones_own_that_is_not_there(fraudctl):
    run = fraudctl("run", TRANSACTIONS, "--elasticsearch", "http://127.0.0.1:1", "--events", "100")
    assert run.end() == FAILED
    assert "nothing answers at http://127.0.0.1:1" in run.errors[-1]


def test_of_a_kafka_of_ones_own_only_the_runs_results_are_indexed(fraudctl):
    with EmbeddedKafka() as kafka:
        for count in (3_000, 2_000):
            run = fraudctl(
                "run", TRANSACTIONS, "--kafka", kafka.bootstrap, "--rate", "0", "--json", "--events", str(count)
            )
            assert run.end() == DONE, run.errors
            found = counts(run)
            assert found["alerts"] == run.summary["alerts"] > 0
            # the second run reads the events of both, and the topics hold the first one's results, too
            assert found["fraud"] + found["legit"] == run.summary["accepted"]


def test_what_it_refuses_is_told(fraudctl, tmp_path: Path):
    events, output = tmp_path / "events.jsonl", tmp_path / "out"
    good = {"transaction_id": 1, "account_id": 1, "amount": 5.0, "merchant_id": 2, "timestamp": "2024-01-01T00:00:00Z"}
    bad = json.dumps(good)[:-1] + ', "note": 1, "note": 2}'
    events.write_text(f"{json.dumps(good)}\n{bad}\n")
    run = fraudctl("run", TRANSACTIONS, "--input", str(events), "--json", "--output", str(output))
    assert run.end() == DONE, run.errors
    told = {one["index"]: (one["documents"], one["refused"]) for one in run.summary["indices"]}
    assert told["default.transactions.legit"] == (1, 1)
    (letter,) = objects(output / "indexer.dead-letters.jsonl")
    assert letter["value"] == bad
    assert "Duplicate field" in letter["reason"]
