"""How runs end that don't go well: what is told then, and with which figures."""

import json
import os
import signal
import time
from pathlib import Path

import pytest
import yaml
from harness.runs import DONE, FAILED, INTERRUPTED, MISTAKE, objects

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

TRANSACTIONS = str(Path(__file__).parents[2] / "manifests" / "transactions.yaml")


def transactions(path: Path, count: int) -> Path:
    """Every tenth is above the limit."""
    with path.open("w") as file:
        for number in range(count):
            amount = 950.0 if number % 10 == 0 else 5.0
            event = {"transaction_id": number, "account_id": number % 50, "amount": amount, "merchant_id": 2}
            file.write(json.dumps(event | {"timestamp": f"2024-01-01T00:00:{number % 4:02}.000Z"}) + "\n")
    return path


def test_a_run_that_accepts_nothing_says_so_and_why(fraudctl, tmp_path: Path):
    events = tmp_path / "events.csv"
    events.write_text("transaction_id,account_id,amount\n" + "1,2,950.0\n" * 3)
    run = fraudctl("run", TRANSACTIONS, "--input", str(events))
    assert run.end() == MISTAKE
    told = [line.strip() for line in run.lines]
    first = told.index("NOTHING WAS ACCEPTED: all 4 records were refused")
    assert told[first - 1].startswith("default.transactions: all input read")
    assert told[first + 1].split(maxsplit=1) == ["4", "transactions: not JSON: wrong near byte …"]
    assert run.errors[-1].startswith("fraudctl: error: none of 4 records was accepted; mostly: transactions: not JSON")


def test_times_in_a_coarser_unit_than_declared_are_warned_of(fraudctl, tmp_path: Path):
    document = yaml.safe_load(Path(TRANSACTIONS).read_text())
    (stream,) = document["spec"]["streams"]
    stream["eventTime"]["format"] = "EpochMillis"
    next(column for column in stream["columns"] if column["name"] == "timestamp")["type"] = "BIGINT"
    detector = tmp_path / "detector.yaml"
    detector.write_text(yaml.safe_dump(document))
    event = {"transaction_id": 1, "account_id": 1, "amount": 950.0, "merchant_id": 2, "timestamp": 1_717_228_800}
    run = fraudctl("run", str(detector), "--input", "-", "--json", stdin=json.dumps(event).encode() + b"\n")
    assert run.end() == DONE, run.errors
    (warning,) = run.summary["warnings"]
    assert warning.startswith("all event times of stream 'transactions' lie in January 1970")
    assert run.summary["alerts"] == 1


def test_an_interrupted_run_counts_what_its_results_came_of(fraudctl, tmp_path: Path):
    events, output = transactions(tmp_path / "events.jsonl", 600_000), tmp_path / "out"
    run = fraudctl("run", TRANSACTIONS, "--input", str(events), "--json", "--output", str(output))
    run.await_event("alert")
    time.sleep(1)
    run.process.send_signal(signal.SIGINT)
    assert run.end(timeout=30) == INTERRUPTED
    summary = run.summary
    assert summary["exact"]
    flagged, clean = objects(output / "fraud.jsonl"), objects(output / "legit.jsonl")
    assert summary["records_in"] == summary["accepted"] == len(flagged) + len(clean) > 0
    assert summary["alerts"] == len(flagged) == len(objects(output / "alerts.jsonl")) == len(run.events("alert"))
    assert summary["outputs"] == {"fraud": len(flagged), "legit": len(clean)}


def test_a_killed_flink_is_told_in_a_sentence_with_what_there_is(fraudctl, scratch: Path):
    run = fraudctl("run", TRANSACTIONS, "--json")
    run.await_event("alert")
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        command = path.read_bytes()
        if (
            command.split(b"\0")[0].endswith(b"java")
            and str(scratch).encode() in command
            and b"kafka.Kafka" not in command
        ):
            os.kill(int(path.parent.name), signal.SIGKILL)
    assert run.end() == FAILED
    assert "Flink's Java process ended unexpectedly" in run.errors[-1]
    assert not any("o233" in line or "An error occurred" in line for line in run.errors)
    assert (run.summary["ended"], run.summary["exact"]) == ("failed", False)
    assert run.summary["alerts"] == len(run.events("alert")) > 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_told_with_the_file(fraudctl, tmp_path: Path):
    (tmp_path / "legit.jsonl").symlink_to("/dev/full")
    run = fraudctl("run", TRANSACTIONS, "--json", "--output", str(tmp_path))
    assert run.end() == FAILED
    assert f"cannot write {tmp_path}/legit.jsonl: no space left on device; free some space" in run.errors[-1]
    assert run.summary["ended"] == "failed"
