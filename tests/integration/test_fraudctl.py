"""Whole runs of the console script, as a user starts them."""

import json
import os
import signal
import sys
import time
from pathlib import Path

import pytest
import yaml
from confluent_kafka.admin import AdminClient, NewTopic
from harness.runs import DONE, FAILED, INTERRUPTED, MISTAKE, objects

from fraudctl.runtime.kafka import EmbeddedKafka

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

MANIFESTS = Path(__file__).parents[2] / "manifests"
TRANSACTIONS = str(MANIFESTS / "transactions.yaml")

DIVIDES = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: divides}
spec:
  streams:
    - name: orders
      topic: orders
      columns: [{name: total, type: INT}, {name: parts, type: INT}, {name: at, type: STRING}]
      eventTime: {column: at, format: ISO8601}
  rules:
    - name: share
      entity: {type: order, columns: [total]}
      reason: each part costs more than 5
      filter: {from: orders, where: total / parts > 5}
"""


def transaction(number: int, amount: float) -> bytes:
    time_text = f"2024-01-01T00:00:{number % 60:02}.000Z"
    event = {"transaction_id": number, "account_id": 1, "amount": amount, "merchant_id": 2, "timestamp": time_text}
    return json.dumps(event).encode() + b"\n"


def test_generated_traffic_is_run_to_its_end(fraudctl, tmp_path: Path):
    output = tmp_path / "out"
    run = fraudctl("run", TRANSACTIONS, "--events", "4000", "--rate", "0", "--json", "--output", str(output))
    assert run.end() == DONE, run.errors
    summary = run.summary
    assert summary["ended"] == "input"
    assert summary["records_in"] == 4_002  # with the closing record of each partition
    assert summary["accepted"] == 4_002
    alerts = objects(output / "alerts.jsonl")
    assert len({alert["alert_id"] for alert in alerts}) == len(alerts) == summary["alerts"] > 100
    assert len(run.events("alert")) == len(alerts)
    assert len(objects(output / "fraud.jsonl")) == len(alerts)
    assert len(objects(output / "legit.jsonl")) == 4_002 - len(alerts)
    assert objects(output / "late.jsonl") == objects(output / "transactions.dead-letters.jsonl") == []


def test_a_file_is_run_to_its_end_with_its_bad_lines(fraudctl, tmp_path: Path):
    events, output = tmp_path / "events.jsonl", tmp_path / "out"
    lines = [transaction(number, 950.0 if number % 10 == 0 else 5.0) for number in range(50)]
    events.write_bytes(b"".join([*lines[:20], b"no JSON\n", b'{"a": "\xff"}\n', *lines[20:]]))
    run = fraudctl("run", TRANSACTIONS, "--input", str(events), "--json", "--output", str(output))
    assert run.end() == DONE, run.errors
    summary = run.summary
    assert (summary["records_in"], summary["dead_letters"], summary["accepted"]) == (52, 2, 50)
    assert summary["alerts"] == 5
    dead = objects(output / "transactions.dead-letters.jsonl")
    assert [letter["offset"] for letter in dead] == [20, 21]
    assert dead[0]["value"] == "no JSON"
    assert dead[1]["value_base64"]
    # bytes go on unchanged
    assert sorted((output / "fraud.jsonl").read_bytes().splitlines(True)) == sorted(lines[::10])


def test_standard_input_is_run_to_its_end(fraudctl):
    run = fraudctl("run", TRANSACTIONS, "--input", "-", stdin=transaction(1, 950.0))
    assert run.end() == DONE, run.errors
    assert any(line.startswith("ALERT High large-amount account 1: amount 950") for line in run.lines)
    assert any("all input read" in line for line in run.lines)


def test_an_empty_standard_input_is_a_mistake(fraudctl):
    run = fraudctl("run", TRANSACTIONS, "--input", "-", stdin=b"")
    assert run.end() == MISTAKE
    assert run.errors[-1].startswith("fraudctl: error: standard input is empty")


def test_time_is_up(fraudctl):
    run = fraudctl("run", TRANSACTIONS, "--for", "3s", "--json")
    assert run.end() == DONE, run.errors
    assert run.summary["ended"] == "time"
    assert run.summary["alerts"] == len(run.events("alert")) > 0


def test_first_alert_and_interruption(fraudctl):
    began = time.monotonic()
    run = fraudctl("run", TRANSACTIONS, "--json")
    run.await_event("alert")
    waited = time.monotonic() - began
    sys.stdout.write(f"first alert after {waited:.1f} s\n")
    run.process.send_signal(signal.SIGINT)
    assert run.end(timeout=15) == INTERRUPTED
    assert run.summary["ended"] == "interrupted"
    assert run.summary["alerts"] > 0


KILLED_AS_A_SHELL = -signal.SIGINT
"""The first milliseconds belong to the script that starts Python; a terminal shows both alike."""


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.5, 4.0, 8.0])
def test_interruption_at_any_moment(fraudctl, delay: float):
    run = fraudctl("run", TRANSACTIONS)
    time.sleep(delay)
    run.process.send_signal(signal.SIGINT)
    assert run.end(timeout=15) in (INTERRUPTED, KILLED_AS_A_SHELL)
    assert not any("Traceback" in line for line in run.errors)


def test_a_second_interruption_ends_at_once(fraudctl):
    run = fraudctl("run", TRANSACTIONS)
    time.sleep(6)
    run.process.send_signal(signal.SIGINT)
    run.process.send_signal(signal.SIGINT)
    assert run.end(timeout=5) == INTERRUPTED


def test_nothing_is_left_when_it_is_killed(fraudctl):
    run = fraudctl("run", TRANSACTIONS, "--json")
    run.await_event("alert")
    run.process.kill()
    run.end()  # the fixture looks for what is left


@pytest.mark.timeout(900)
def test_a_broker_that_is_lost_for_a_minute_loses_nothing(fraudctl, tmp_path: Path):
    data = tmp_path / "kafka"
    data.mkdir()
    with EmbeddedKafka(data) as kafka:
        output = tmp_path / "out"
        own = ["--kafka", kafka.bootstrap, "--json", "--output", str(output)]
        run = fraudctl("run", TRANSACTIONS, *own, "--events", "20000", "--rate", "1000")
        run.await_event("alert")
        kafka.kill()
        time.sleep(60)
        kafka.start()
        assert run.end() == DONE, run.errors
        told = [note["text"] for note in run.events("note")]
        assert f"Kafka at {kafka.bootstrap} does not answer; waiting for it" in told
        assert f"Kafka at {kafka.bootstrap} is back" in told
        assert run.summary["records_in"] == 20_002
        alerts = {alert["alert_id"] for alert in objects(output / "alerts.jsonl")}
        assert run.summary["alerts"] == len(run.events("alert")) == len(alerts)
        rows = [*objects(output / "fraud.jsonl"), *objects(output / "legit.jsonl")]
        assert len({row["transaction_id"] for row in rows}) == 20_002
        assert len(alerts) == len({row["transaction_id"] for row in objects(output / "fraud.jsonl")})
        # the same once more: what is in the topics already is not of the second run
        again = fraudctl("run", TRANSACTIONS, "--kafka", kafka.bootstrap, "--json", "--for", "2s", "--events", "10")
        assert again.end() == DONE, again.errors
        tail = fraudctl(
            "tail", "default.transactions.alerts", "--kafka", kafka.bootstrap, "--from-beginning", "-n", "3"
        )
        assert tail.end() == DONE
        assert [json.loads(line)["rule"] for line in tail.lines] == ["large-amount"] * 3


def test_the_embedded_broker_is_started_again(fraudctl, scratch: Path):
    run = fraudctl("run", TRANSACTIONS, "--json", "--events", "10000", "--rate", "1000")
    run.await_event("alert")
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        command = path.read_bytes()
        if b"kafka.Kafka\0" in command and str(scratch).encode() in command:
            os.kill(int(path.parent.name), signal.SIGKILL)
    assert run.end() == DONE, run.errors
    assert any("starting it again" in note["text"] for note in run.events("note"))
    assert run.summary["records_in"] == 10_002


def test_a_division_by_zero_is_told_and_ends_nothing(fraudctl, tmp_path: Path):
    detector, events = tmp_path / "detector.yaml", tmp_path / "events.jsonl"
    detector.write_text(DIVIDES)
    events.write_bytes(
        b'{"total": 10, "parts": 0, "at": "2024-01-01T00:00:00Z"}\n'
        b'{"total": 10, "parts": 1, "at": "2024-01-01T00:00:00Z"}\n'
    )
    run = fraudctl("run", str(detector), "--input", str(events))
    assert run.end() == DONE, run.errors
    (told,) = [line.strip() for line in run.lines if line.startswith("    rule share: /")]
    assert told.endswith(", 1, first for '0'")
    assert len([line for line in run.lines if line.startswith("ALERT")]) == 1


def test_a_job_that_fails_for_ever_ends_the_run(fraudctl, tmp_path: Path):
    detector, events = tmp_path / "detector.yaml", tmp_path / "events.jsonl"
    detector.write_text(DIVIDES)
    events.write_bytes(b'{"total": 10, "parts": 1, "at": "2024-01-01T00:00:00Z"}\n')
    data = tmp_path / "kafka"
    data.mkdir()
    with EmbeddedKafka(data) as kafka:
        # no alert fits in there: each try to write one fails the job
        small = NewTopic("default.divides.alerts", 1, 1, config={"max.message.bytes": "100"})
        admin = AdminClient({"bootstrap.servers": kafka.bootstrap})
        admin.create_topics([small])[small.topic].result(60)
        run = fraudctl("run", str(detector), "--input", str(events), "--kafka", kafka.bootstrap)
        assert run.end() == FAILED
    assert run.errors[-1].startswith("fraudctl: error: the job fails again and again, 5 times now: RecordTooLarge")


def test_flink_plans_without_running(fraudctl):
    run = fraudctl("plan", str(MANIFESTS / "payments.yaml"), "--json")
    assert run.end() == DONE, run.errors
    plan = json.loads("".join(run.lines))
    assert plan["sources"] == 2
    assert {"payment", "order", "sink"} <= {topic["name"] for topic in plan["topics"]}


def test_flink_refuses_what_only_flink_can_know(fraudctl, tmp_path: Path):
    file = tmp_path / "bad.yaml"
    file.write_text(Path(TRANSACTIONS).read_text().replace("where: amount > :limit", "where: SQRT(timestamp) > :limit"))
    for command in (("plan", str(file)), ("run", str(file), "--events", "10")):
        run = fraudctl(*command)
        assert run.end() == MISTAKE, run.errors
        assert run.errors[-1].startswith("fraudctl: error: ")
        assert len([line for line in run.errors if "error" in line]) == 1


def test_a_plan_that_flink_can_make_no_operators_of_is_refused(fraudctl, tmp_path: Path):
    """The plan itself is fine: only the code that is made from it finds a default of another type."""
    document = yaml.safe_load(Path(TRANSACTIONS).read_text())
    document["spec"]["rules"] += [
        {
            "name": "more-than-before",
            "entity": {"type": "account", "columns": ["account_id"]},
            "reason": "{amount} after {before}",
            "sql": {
                "stateTtl": "1d",
                "query": "SELECT account_id, amount, before, event_time, event_id FROM (SELECT account_id, amount, "
                "event_time, event_id, LAG(CAST(amount AS DECIMAL(12, 2)), 1, 0) OVER (PARTITION BY account_id "
                "ORDER BY event_time) AS before FROM transactions) WHERE amount > before",
            },
        }
    ]
    file = tmp_path / "bad.yaml"
    file.write_text(yaml.safe_dump(document))
    run = fraudctl("plan", str(file))
    assert run.end() == MISTAKE, run.errors
    assert "explicitly cast default value" in run.errors[-1]


def test_no_broker_there(fraudctl):
    began = time.monotonic()
    run = fraudctl("run", TRANSACTIONS, "--kafka", "127.0.0.1:1")
    assert run.end() == FAILED
    assert time.monotonic() - began < 20
    assert "no Kafka broker answers at 127.0.0.1:1" in run.errors[-1]
