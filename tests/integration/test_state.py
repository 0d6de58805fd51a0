"""Edits of a running detector: it starts from the savepoint, and what was half full goes on from there."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from harness import waiting
from harness.events import alerts, at, detector, documents, event
from harness.flink import Flink, Job
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

from fraud_api import FraudDetector, naming
from fraud_job.topics import topics

pytestmark = pytest.mark.integration

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: edited}
spec:
  streams:
    - name: pay
      columns: &columns
        - {name: id, type: STRING}
        - {name: what, type: STRING}
        - {name: card, type: STRING}
        - {name: amount, type: "DECIMAL(10, 2)"}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 0s, idleTimeout: 1h}
    - name: orders
      columns: *columns
      eventId: id
      eventTime: {column: time, outOfOrderness: 0s, idleTimeout: 1h}
  parameters:
    - {name: much, type: DECIMAL, value: 100}
  rules:
    - name: first
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      firstOnly: 1h
      filter: {from: pay, where: what = 'first' AND amount > 0}
    - name: window
      entity: {type: card, columns: [card]}
      reason: "{sum}, more than {:much}"
      window:
        from: pay
        where: what = 'window'
        tumble: {size: 1h}
        aggregates: [{name: sum, function: Sum, column: amount}]
        having: sum > :much
    - name: velocity
      entity: {type: card, columns: [card]}
      reason: "{sum}"
      velocity:
        from: pay
        where: what = 'velocity'
        within: 1h
        aggregates: [{name: sum, function: Sum, column: amount}]
        having: sum > 100
    - name: join
      entity: {type: card, columns: [card]}
      reason: "{pay.amount} for {orders.amount}"
      join:
        left: pay
        right: orders
        keys: [{left: card, right: card}]
        before: 1h
        after: 0s
        where: pay.amount > orders.amount * 2
    - name: sequence
      entity: {type: card, columns: [card]}
      reason: "{small.amount}, then {big.amount}"
      sequence:
        from: pay
        where: what = 'sequence'
        steps:
          - {name: small, where: amount < 5, times: 2}
          - {name: big, where: amount > :much}
        within: 1h
    - name: totals
      entity: {type: card, columns: [card]}
      reason: "{sum}"
      edge: {resetWhen: sum < 50, memory: 1d}
      velocity:
        from: pay
        where: what = 'totals'
        memory: 1d
        aggregates: [{name: sum, function: Sum, column: amount}]
        having: sum > 100
    - name: edge
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      edge: {resetWhen: amount < 2, memory: 1d}
      filter: {from: pay, where: what = 'edge' AND amount > 100}
    - name: seen
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      firstSeen: {from: pay, where: what = 'seen', value: [amount], memory: 1d, warmUp: 10m}
    - name: change
      entity: {type: card, columns: [card]}
      reason: "{previous.amount}, then {amount}"
      change: {from: pay, where: what = 'change', within: 1h, having: amount > previous.amount * 10}
    - name: sql
      entity: {type: card, columns: [card]}
      reason: "{before}, then {amount}"
      sql:
        stateTtl: 1d
        query: >-
          SELECT card, amount, before, event_time, event_id FROM (
            SELECT card, amount, event_time, event_id,
                   LAG(amount) OVER (PARTITION BY card ORDER BY event_time) AS before
            FROM pay WHERE what = 'sql')
          WHERE amount > before * 10
  outputs:
    - name: per-card
      mode: Upsert
      key: [card]
      stateTtl: 1d
      columns:
        - {name: card, type: STRING}
        - {name: times, type: BIGINT}
        - {name: total, type: "DECIMAL(12, 2)"}
      query: SELECT card, COUNT(*), CAST(SUM(amount) AS DECIMAL(12, 2)) FROM pay WHERE what = 'output' GROUP BY card
"""

FIRST_HALF = [
    ("pay", "first", "F", "10:01:00", 7),
    ("pay", "window", "W", "10:02:00", 60),
    ("pay", "velocity", "V", "10:03:00", 60),
    ("orders", "join", "J", "10:04:00", 50),
    ("pay", "sequence", "S", "10:05:00", 1),
    ("pay", "sequence", "S", "10:06:00", 2),
    ("pay", "sql", "L", "10:07:00", 1),
    ("pay", "output", "O", "10:08:00", 5),
    ("pay", "totals", "A", "10:09:00", 60),
    ("pay", "edge", "E", "10:09:00", 200),
    ("pay", "seen", "N", "10:10:00", 1),
    ("pay", "change", "C", "10:11:00", 1),
    ("pay", "tick", "T", "10:20:00", 0),
    ("orders", "tick", "T", "10:20:00", 0),
]
SECOND_HALF = [
    ("pay", "first", "F", "10:31:00", 8),
    ("pay", "window", "W", "10:32:00", 50),
    ("pay", "velocity", "V", "10:33:00", 50),
    ("pay", "join", "J", "10:34:00", 160),
    ("pay", "sequence", "S", "10:35:00", 200),
    ("pay", "sql", "L", "10:36:00", 100),
    ("pay", "output", "O", "10:37:00", 6),
    ("pay", "totals", "A", "10:38:00", 50),
    ("pay", "edge", "E", "10:38:00", 201),
    ("pay", "totals", "A", "10:38:30", 50),
    ("pay", "seen", "N", "10:39:00", 1),
    ("pay", "seen", "N", "10:40:00", 2),
    ("pay", "change", "C", "10:41:00", 50),
]
ALL_KEPT = {
    "first": [],  # told before the savepoint, and not again
    "window": ["110, more than 100"],
    "velocity": ["110"],
    "join": ["160 for 50"],
    "sequence": ["2, then 200"],
    "totals": ["110"],
    "edge": [],  # told before the savepoint, and not reset
    "seen": ["2"],
    "change": ["1, then 50"],
    "sql": ["1, then 100"],
}
TOLD_AT_ONCE = {"first": ["7"], "edge": ["200"]}


def written(half: list[tuple[str, str, str, str, int]]) -> list[Record]:
    return [
        event(stream, None, partition, id=f"{what}{when}", what=what, card=card, amount=amount, time=at(when))
        for stream, what, card, when, amount in half
        # time passes in every partition
        for partition in ((0, 1) if what == "tick" else (0,))
    ]


def rule(spec: dict[str, Any], name: str) -> dict[str, Any]:
    return next(rule for rule in spec["rules"] if rule["name"] == name)


def edited(made: FraudDetector, edit: Callable[[dict[str, Any]], None]) -> FraudDetector:
    document = made.model_dump(mode="json", by_alias=True, exclude_none=True)
    edit(document["spec"])
    return FraudDetector.model_validate(document)


@dataclass
class Stopped:
    """A detector stopped with a savepoint, everything half full, the second half in its topics."""

    lab: Lab
    detector: FraudDetector
    savepoint: str

    def go_on(self, edit: Callable[[dict[str, Any]], None], savepoint: str | None = None) -> "Job":
        changed = edited(self.detector, edit)
        self.lab.kafka.forget(naming.consumer_group(changed))
        return self.lab.start(changed, savepoint or self.savepoint)

    def finish(self, edit: Callable[[dict[str, Any]], None], savepoint: str | None = None) -> Results:
        """Everything that the edited detector writes over the second half."""
        before = self.lab.results(self.detector).topics
        job = self.go_on(edit, savepoint)
        job.wait_read()
        job.stop(drain=True)
        after = self.lab.results(job.detector)
        seen = {(topic, one.partition, one.offset) for topic, messages in before.items() for one in messages}
        new = {
            topic: [one for one in messages if (topic, one.partition, one.offset) not in seen]
            for topic, messages in after.topics.items()
        }
        return Results(job.detector, new)


@pytest.fixture(scope="module")
def stopped(kafka: Broker, warm_flink: Flink) -> Stopped:
    lab = Lab(kafka, warm_flink)
    mine = lab.own(detector(DETECTOR))
    lab.produce(mine, written(FIRST_HALF))
    job = lab.start(mine)
    try:
        # what was told of is remembered when the watermark passes it
        waiting.until(lambda: len(lab.results(mine).alerts) == len(TOLD_AT_ONCE), job.failures)
        job.wait_read()
        savepoint = job.stop(drain=False)
    finally:
        warm_flink.end(job)
    assert told(lab.results(mine)) == {name: TOLD_AT_ONCE.get(name, []) for name in ALL_KEPT}
    lab.kafka.create([topic for topic in topics(edited(mine, _additions)) if topic.name.endswith(".passed")])
    lab.produce(mine, written(SECOND_HALF))
    return Stopped(lab, mine, savepoint)


def told(results: Results) -> dict[str, list[str]]:
    """Reasons of the alerts, by rule."""
    return {name: [alert["reason"] for alert in alerts(results, name)] for name in ALL_KEPT}


def totals(results: Results) -> list[dict[str, Any]]:
    return documents(results.output("per-card"))


def test_an_unchanged_detector_goes_on(flink: Flink, stopped: Stopped) -> None:
    results = stopped.finish(lambda spec: None)
    assert told(results) == ALL_KEPT
    assert totals(results) == [{"card": "O", "times": 2, "total": 11}]


def _thresholds(spec: dict[str, Any]) -> None:
    spec["parameters"][0]["value"] = "105.5"
    rule(spec, "first")["filter"]["where"] = "what = 'first' AND amount > 1"
    rule(spec, "velocity")["velocity"]["having"] = "sum > 109"
    rule(spec, "join")["join"]["where"] = "pay.amount > orders.amount * 3"
    rule(spec, "sql")["sql"]["query"] = rule(spec, "sql")["sql"]["query"].replace("* 10", "* 99")
    rule(spec, "totals")["velocity"] |= {"memory": "2d", "having": "sum > 105"}
    rule(spec, "totals")["edge"] = {"memory": "3d"}
    rule(spec, "edge")["edge"] = {"resetWhen": "amount < 3", "memory": "12h"}
    rule(spec, "seen")["firstSeen"] |= {"memory": "2d", "warmUp": "20m"}
    rule(spec, "change")["change"] |= {"within": "2h", "having": "amount > previous.amount * 20"}
    rule(spec, "first")["firstOnly"] = "2h"
    for one in spec["rules"]:
        one |= {"severity": "Critical", "mode": "Shadow", "description": "told anew"}


def test_thresholds_and_parameters_change_under_half_full_windows(flink: Flink, stopped: Stopped) -> None:
    results = stopped.finish(_thresholds)
    assert told(results) == ALL_KEPT | {"window": ["110, more than 105.5"]}
    assert totals(results) == [{"card": "O", "times": 2, "total": 11}]
    assert {message.json()["mode"] for message in results.alerts} == {"Shadow"}


def test_a_higher_threshold_holds_at_once(flink: Flink, stopped: Stopped) -> None:
    def edit(spec: dict[str, Any]) -> None:
        spec["parameters"][0]["value"] = "110"
        rule(spec, "velocity")["velocity"]["having"] = "sum > 110"

    results = stopped.finish(edit)
    assert told(results) == ALL_KEPT | {"window": [], "velocity": []}


def test_what_is_to_look_back_further_starts_empty(flink: Flink, stopped: Stopped) -> None:
    def edit(spec: dict[str, Any]) -> None:
        rule(spec, "velocity")["velocity"]["within"] = "2h"
        rule(spec, "sequence")["sequence"]["within"] = "2h"

    assert told(stopped.finish(edit)) == ALL_KEPT | {"velocity": [], "sequence": []}


def _additions(spec: dict[str, Any]) -> None:
    twin = copy.deepcopy(rule(spec, "velocity")) | {"name": "twin"}
    twin["velocity"]["having"] = "sum > 40"
    other = {"name": "plain", "filter": {"from": "pay", "where": "what = 'join'"}}
    for part in ("streams", "rules", "outputs"):
        spec[part].reverse()
    spec["rules"].insert(0, twin)
    spec["rules"].insert(4, {"entity": twin["entity"], "reason": "plain"} | other)
    passed = {"name": "passed", "columns": [{"name": "card", "type": "STRING"}], "query": "SELECT card FROM pay"}
    namespace = spec["outputs"][0]["topic"].partition(".")[0]
    spec["outputs"].insert(0, passed | {"topic": f"{namespace}.passed"})


def test_order_changes_and_rules_and_outputs_come(flink: Flink, stopped: Stopped) -> None:
    results = stopped.finish(_additions)
    assert told(results) == ALL_KEPT
    assert totals(results) == [{"card": "O", "times": 2, "total": 11}]
    # what is new knows nothing of the past
    assert [alert["reason"] for alert in alerts(results, "twin")] == ["50"]
    assert [alert["entity"]["id"] for alert in alerts(results, "plain")] == ["J"]
    assert len(results.output("passed")) == len(SECOND_HALF)


def _other_definitions(spec: dict[str, Any]) -> None:
    spec["rules"] = [one for one in spec["rules"] if one["name"] != "first"]
    rule(spec, "window")["window"]["tumble"]["size"] = "2h"
    rule(spec, "sequence")["sequence"]["steps"][0]["times"] = 3
    rule(spec, "join")["join"]["before"] = "2h"
    rule(spec, "totals")["velocity"]["by"] = ["card", "what"]
    rule(spec, "seen")["firstSeen"]["value"] = ["id"]
    rule(spec, "change")["change"]["by"] = ["card", "what"]


def test_other_definitions_start_empty_and_the_rest_goes_on(flink: Flink, stopped: Stopped) -> None:
    results = stopped.finish(_other_definitions)
    assert told(results) == ALL_KEPT | {
        "window": [],
        "sequence": [],
        "join": [],
        "totals": [],
        "seen": [],
        "change": [],
    }
    assert totals(results) == [{"card": "O", "times": 2, "total": 11}]


def _disabled(spec: dict[str, Any]) -> None:
    rule(spec, "window")["mode"] = "Disabled"
    spec["outputs"].clear()


def test_a_rule_goes_and_comes_back(flink: Flink, stopped: Stopped) -> None:
    job = stopped.go_on(_disabled)
    job.wait_running()
    without = job.savepoint()
    job.cancel()
    results = stopped.finish(lambda spec: None, without)
    # how far the first job got is anybody's guess; alerts that it told do not come again
    assert not results.dead_letters("pay")
    assert told(results)["window"] == []


TTL = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: ttl}
spec:
  streams:
    - name: pay
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: amount, type: INT}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 0s, idleTimeout: 1s}
  rules:
    - name: total
      entity: {type: card, columns: [card]}
      reason: "{total}"
      sql:
        stateTtl: 2s
        query: >-
          SELECT card, total, event_time, event_id FROM (
            SELECT card, event_time, event_id, SUM(amount) OVER (PARTITION BY card ORDER BY event_time) AS total
            FROM pay)
          WHERE total > 0
  outputs:
    - name: per-card
      mode: Upsert
      key: [card]
      stateTtl: 2s
      columns:
        - {name: card, type: STRING}
        - {name: total, type: BIGINT}
      query: SELECT card, SUM(amount) FROM pay GROUP BY card
"""


def test_state_that_no_window_bounds_ends_with_its_time_to_live(flink: Flink, lab: Lab) -> None:
    mine = lab.own(detector(TTL))

    def pay(when: str, amount: int, card: str = "A") -> Record:
        return event("pay", None, 0, id=when, card=card, amount=amount, time=at(when))

    def reasons() -> list[str]:
        return [alert["reason"] for alert in alerts(lab.results(mine), "total")]

    job = lab.start(mine)
    lab.produce(mine, [pay("10:00:00", 1), pay("10:00:01", 2), pay("10:00:02", 0, "T")])
    waiting.until(lambda: reasons() == ["1", "3"], lambda: f"{reasons()}\n{job.failures()}")
    # a sum over all time is forgotten at the latest after one and a half times its time to live
    time.sleep(5.0)
    lab.produce(mine, [pay("10:00:03", 5), pay("10:00:04", 6), pay("10:00:05", 0, "T")])
    waiting.until(lambda: len(reasons()) >= 4, lambda: f"{reasons()}\n{job.failures()}")
    job.stop(drain=True)
    assert reasons()[:4] == ["1", "3", "5", "11"]
    rows = [message.json() for message in lab.results(mine).output("per-card")]
    assert [row["total"] for row in rows if row["card"] == "A"][-1] == 11
