"""Events that a producer sends twice count once where a stream says so, over kills too; the others are counted."""

import json
import random
from pathlib import Path

import pytest
from harness import waiting
from harness.events import alerts, at, detector, event
from harness.flink import GO_ON, Flink
from harness.kafka import Broker, Record
from harness.lab import Lab
from harness.runs import DONE

from fraudctl.runtime.cluster import FlinkCluster

pytestmark = pytest.mark.integration

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: duplicates}
spec:
  streams:
    - name: pays
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: amount, type: INT}
        - {name: at, type: STRING}
      eventId: id
      deduplicate: 1h
      eventTime: {column: at}
  outputs:
    - {name: large, split: {from: pays, part: Flagged}}
    - {name: small, split: {from: pays, part: Clean}}
  rules:
    - name: plain-sum
      entity: {type: card, columns: [card]}
      reason: "{spent} within 10 minutes"
      velocity:
        from: pays
        within: 10m
        aggregates: [{name: spent, function: Sum, column: amount}]
        having: spent > 1000
    - name: every-large
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      filter: {from: pays, where: amount >= 600}
"""
PAYS = [
    ("e1", "c1", 400, "10:00:00"),
    ("e1", "c1", 400, "10:00:00"),
    ("e2", "c1", 400, "10:01:00"),
    ("e2", "c1", 400, "10:01:00"),
    ("e3", "c2", 600, "10:02:00"),
    ("e4", "c2", 600, "10:03:00"),
    ("e4", "c2", 600, "10:03:00"),
]


def sent(pays: list[tuple[str, str, int, str]]) -> list[Record]:
    return [event("pays", card, id=name, card=card, amount=amount, at=at(when)) for name, card, amount, when in pays]


def test_what_comes_twice_counts_once_and_ids_outside_the_time_count_again(lab: Lab) -> None:
    made = detector(DETECTOR)
    again = [("e3", "c2", 600, "11:02:00"), ("e4", "c2", 700, "11:03:00.001"), ("e4", "c2", 700, "11:10:00")]
    records = [*sent([*PAYS, *again]), event("pays", "c2", id="e4", card="c2", amount="?", at=at("11:10:00"))]
    results = lab.run_to_end(made, records)
    assert [alert["reason"] for alert in alerts(results, "plain-sum")] == ["1200 within 10 minutes"]
    large = [(alert["evidence"]["ids"], alert["row"]["amount"]) for alert in alerts(results, "every-large")]
    assert large == [(["e3"], 600), (["e4"], 600), (["e4"], 700)]
    assert len(results.output("large")) == 3
    assert len(results.output("small")) == 2
    assert len(results.dead_letters("pays")) == 1, "of an event that is known already, too"
    assert results.late == []


def test_late_copies_are_duplicates_too(lab: Lab) -> None:
    pays = [
        ("a", "c1", 1, "10:00:00"),
        ("b", "c1", 1, "10:30:00"),
        ("a", "c1", 1, "10:00:00"),
        ("d", "c1", 1, "10:00:01"),
    ]
    results = lab.run_to_end(detector(DETECTOR), sent(pays))
    assert [message.json()["id"] for message in results.late] == ["d"]


def test_a_kill_lets_no_copy_through(kafka: Broker, breakable: FlinkCluster) -> None:
    lab = Lab(kafka, Flink(breakable, kafka))
    chance = random.Random(5)
    times = [f"10:{number // 60:02}:{number % 60:02}" for number in range(300)]
    first = [(f"p{number}", f"c{number % 7}", 600, when) for number, when in enumerate(times)]
    copies = chance.sample(first, 150)
    mine = lab.own(detector(DETECTOR.replace("eventTime: {column: at}", "eventTime: {column: at, outOfOrderness: 1h}")))
    lab.produce(mine, sent(first))
    job = lab.start(mine, settings=GO_ON)
    job.wait_read()
    lab.produce(mine, sent(copies[:50]))
    breakable.replace_task_manager()
    lab.produce(mine, sent(copies[50:]))
    waiting.until(lambda: job.get("/checkpoints")["counts"]["restored"] > 0, job.failures)
    job.wait_seen()
    job.stop(drain=True)
    told = [alert["evidence"]["ids"][0] for alert in alerts(lab.results(mine), "every-large")]
    assert sorted(set(told)) == sorted(name for name, *_ in first)
    counted = {one["name"]: one["value"] for one in job.get("/accumulators")["user-task-accumulators"]}
    assert counted == {"duplicates": "150"}


def test_a_run_says_how_many_it_left_aside(fraudctl, tmp_path: Path) -> None:
    file, events = tmp_path / "detector.yaml", tmp_path / "pays.jsonl"
    file.write_text(DETECTOR)
    lines = [{"id": name, "card": card, "amount": amount, "at": at(when)} for name, card, amount, when in PAYS]
    events.write_text("".join(json.dumps(line) + "\n" for line in [*lines, {"id": "e1"}]))
    run = fraudctl("run", str(file), "--input", f"pays={events}", "--json", "--output", str(tmp_path / "out"))
    assert run.end() == DONE, run.errors
    summary = run.summary
    told = {name: summary[name] for name in ("records_in", "accepted", "dead_letters", "duplicates", "alerts")}
    assert told == {"records_in": 8, "accepted": 4, "dead_letters": 1, "duplicates": 3, "alerts": 3}
