"""What is late is a matter of the data: the same answer however a topic is read; what nobody counts is told as late."""

import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
from harness import waiting
from harness.events import alerts, at, detector, event
from harness.flink import GO_ON, Flink, Job
from harness.kafka import Broker, Record
from harness.lab import Lab, Results
from harness.payments import Payment, ended, late_ids, late_of, made, records, said, windows_of

from fraud_api import FraudDetector
from fraudctl.runtime.cluster import FlinkCluster

pytestmark = pytest.mark.integration

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {{name: late}}
spec:
  kafka: {{topics: {{partitions: {partitions}}}}}
  flink: {{parallelism: {parallelism}}}
  streams:
    - name: payments
      columns:
        - {{name: id, type: STRING}}
        - {{name: card, type: STRING}}
        - {{name: amount, type: INT}}
        - {{name: at, type: BIGINT}}
      eventId: id
      eventTime: {{column: at, format: EpochMillis, outOfOrderness: 5s, idleTimeout: 1h}}
  rules:
    - name: each
      entity: {{type: card, columns: [card]}}
      reason: "{{id}}"
      filter: {{from: payments, where: amount > 0}}
    - name: minute
      entity: {{type: card, columns: [card]}}
      reason: "{{n}} of {{total}}"
      window:
        from: payments
        tumble: {{size: 1m}}
        aggregates: [{{name: n, function: Count}}, {{name: total, function: Sum, column: amount}}]
        having: n > 0
    - name: trailing
      entity: {{type: card, columns: [card]}}
      reason: "{{n}} in 30 s"
      velocity:
        from: payments
        within: 30s
        aggregates: [{{name: n, function: Count}}]
        having: n > 1
"""


def trailing_of(payments: list[Payment]) -> Counter[tuple[str, str]]:
    """What the rule ``trailing`` says of payments in time, by card."""
    times: dict[str, list[int]] = {}
    for _, card, _, when in payments:
        times.setdefault(card, []).append(when)
    counts = [(card, sum(when - 30_000 <= other <= when for other in times[card])) for _, card, _, when in payments]
    return Counter((card, f"{n} in 30 s") for card, n in counts if n > 1)


def check(results: Results, payments: list[Payment], partitions: int) -> None:
    late = late_of(payments, partitions)
    in_time = [payment for payment in payments if payment[0] not in late]
    assert late_ids(results) == sorted(late)
    assert said(results, "minute") == windows_of(in_time)
    assert said(results, "trailing") == trailing_of(in_time)
    assert {alert["row"]["id"] for alert in alerts(results, "each")} == {payment[0] for payment in payments}


def in_parts(lab: Lab, mine: FraudDetector, sent: list[Record], parts: int, pause: float) -> Job:
    """A job that is running already gets its records bit by bit."""
    job = lab.start(mine)
    job.wait_running()
    size = len(sent) // parts + 1
    for begin in range(0, len(sent), size):
        lab.produce(mine, sent[begin : begin + size])
        time.sleep(pause)
    return job


@pytest.mark.parametrize(
    ("partitions", "parallelism", "parts", "pause"),
    [(1, 1, 0, 0.0), (8, 2, 0, 0.0), (1, 2, 30, 0.1), (8, 1, 30, 0.1), (8, 2, 2, 3.0)],
    ids=["one at once", "eight at once", "one paced", "eight paced", "eight with a pause"],
)
def test_the_same_is_late_however_a_topic_is_read(
    lab: Lab, partitions: int, parallelism: int, parts: int, pause: float
) -> None:
    payments = made(seed=1)
    assert len(late_of(payments, partitions)) > 10
    mine = lab.own(detector(DETECTOR.format(partitions=partitions, parallelism=parallelism)))
    sent = records(payments, partitions)
    if parts:
        job = in_parts(lab, mine, sent, parts, pause)
    else:
        lab.produce(mine, sent)
        job = lab.start(mine)
    check(ended(lab, job), payments, partitions)


def test_a_killed_task_manager_changes_nothing_of_what_is_late(kafka: Broker, breakable: FlinkCluster) -> None:
    lab = Lab(kafka, Flink(breakable, kafka))
    payments = made(seed=2)
    mine = lab.own(detector(DETECTOR.format(partitions=8, parallelism=2)))
    sent = records(payments, 8)
    lab.produce(mine, sent[:300])
    job = lab.start(mine, settings=GO_ON)
    job.wait_read()
    lab.produce(mine, sent[300:400])
    breakable.replace_task_manager()
    lab.produce(mine, sent[400:])
    waiting.until(lambda: job.get("/checkpoints")["counts"]["restored"] > 0, job.failures)
    results = ended(lab, job)
    late = late_of(payments, 8)
    in_time = [payment for payment in payments if payment[0] not in late]
    assert late_ids(results) == sorted(late)
    # what was written before the kill comes twice, with the same id
    once = {alert["alert_id"]: alert for alert in alerts(results, "minute")}
    assert Counter((alert["entity"]["id"], alert["reason"]) for alert in once.values()) == windows_of(in_time)
    once = {alert["alert_id"]: alert for alert in alerts(results, "trailing")}
    assert Counter((alert["entity"]["id"], alert["reason"]) for alert in once.values()) == trailing_of(in_time)


IDLE = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: idle}
spec:
  streams:
    - name: payments
      columns: &columns
        - {name: id, type: STRING}
        - {name: order, type: STRING}
        - {name: at, type: STRING}
      eventId: id
      eventTime: &time {column: at, outOfOrderness: 0s, idleTimeout: 1s}
    - {name: orders, columns: *columns, eventId: id, eventTime: *time}
    - {name: alone, columns: *columns, eventId: id, eventTime: *time}
  rules:
    - name: minute
      entity: {type: all, columns: [all]}
      reason: "{n}"
      window: &window
        from: all_payments
        tumble: {size: 1m}
        aggregates: [{name: n, function: Count}]
        having: n > 0
    - name: alone
      entity: {type: all, columns: [all]}
      reason: "{n}"
      window: {from: all_alone, tumble: {size: 1m}, aggregates: [{name: n, function: Count}], having: n > 0}
    - name: unpaid
      entity: {type: order, columns: [order]}
      reason: "{payments.id}"
      join:
        left: payments
        right: orders
        type: Unmatched
        keys: [{left: order, right: order}]
        before: 10s
        after: 10s
    - name: paid
      entity: {type: order, columns: [order]}
      reason: "{payments.id} {orders.id}"
      join:
        left: payments
        right: orders
        keys: [{left: order, right: order}]
        before: 2h
        after: 2h
  views:
    - {name: all_payments, query: "SELECT 'x' AS `all`, event_time, event_id FROM payments"}
    - {name: all_alone, query: "SELECT 'x' AS `all`, event_time, event_id FROM alone"}
"""


@pytest.fixture
def idle(lab: Lab) -> Iterator[Job]:
    """Payments in partition 0 are read; everything else has been silent for long enough."""
    mine = lab.own(detector(IDLE))
    job = lab.start(mine)
    lab.produce(mine, [payment("p1", "o1", "10:00:30"), payment("p2", "o2", "10:05:00")])
    wait_for(lab, job, "unpaid", "p1")
    yield job
    lab.flink.end(job)


def payment(name: str, order: str, when: str, part: int = 0, stream: str = "payments") -> Record:
    return event(stream, None, part, id=name, order=order, at=at(when))


def wait_for(lab: Lab, job: Job, rule: str, reason: str) -> None:
    def told() -> bool:
        return reason in {reason for _, reason in said(lab.results(job.detector), rule)}

    waiting.until(told, lambda: f"no {reason} of {rule}\n{job.failures()}")


def test_a_partition_that_wakes_is_counted_or_late(lab: Lab, idle: Job) -> None:
    times = ["10:04:00", "10:04:59", "10:04:59.999", "10:05:00", "10:05:30", "10:06:00", "10:07:00", "10:19:00"]
    woken = [payment(f"w{number}", f"x{number}", when, 1) for number, when in enumerate(times)]
    lab.produce(idle.detector, woken)
    lab.produce(idle.detector, [payment("p3", "o3", "10:20:00")])
    results = ended(lab, idle)
    late = late_ids(results)
    assert late == ["w0", "w1", "w2"], "what is older than 10:05:00, which the other partition had come to"
    counted = sum(alert["row"]["n"] for alert in alerts(results, "minute"))
    assert counted + len(late) == 3 + len(woken)
    unpaid = {reason for _, reason in said(results, "unpaid")}
    assert unpaid == {"p1", "p2", "p3", "w3", "w4", "w5", "w6", "w7"}, "an event that is late is no alert"


def test_another_stream_of_a_join_that_wakes_is_counted_or_late(lab: Lab, idle: Job) -> None:
    partners = [("r1", "10:04:59"), ("r2", "10:05:01")]
    lab.produce(idle.detector, [payment(name, "o2", when, 1, "orders") for name, when in partners])
    idle.wait_seen()
    lab.produce(idle.detector, [payment("p3", "o2", "10:06:00")])
    results = ended(lab, idle)
    assert late_ids(results) == ["r1"], "its stream has followed the payments' time"
    assert {reason for _, reason in said(results, "paid")} == {"p2 r2", "p3 r2"}
    assert {reason for _, reason in said(results, "unpaid")} == {"p1", "p3"}


def test_a_stream_that_no_rule_reads_with_others_keeps_its_own_time(lab: Lab, idle: Job) -> None:
    lab.produce(idle.detector, [payment("a1", "", "08:00:00", 0, "alone"), payment("a2", "", "08:01:00", 1, "alone")])
    results = ended(lab, idle)
    assert late_ids(results) == []
    assert sum(alert["row"]["n"] for alert in alerts(results, "alone")) == 2


def test_an_unmatched_event_that_is_an_hour_late_is_late_and_no_alert(lab: Lab, idle: Job) -> None:
    lab.produce(idle.detector, [payment("old", "o9", "09:05:00")])
    results = ended(lab, idle)
    assert late_ids(results) == ["old"]
    assert {reason for _, reason in said(results, "unpaid")} == {"p1", "p2"}


def test_the_end_closes_what_is_idle_too(lab: Lab, idle: Job) -> None:
    lab.produce(idle.detector, [payment("a1", "", "08:00:00", 0, "alone")])
    idle.wait_seen()
    time.sleep(3.0)
    results = ended(lab, idle)
    assert sum(alert["row"]["n"] for alert in alerts(results, "minute")) == 2
    assert sum(alert["row"]["n"] for alert in alerts(results, "alone")) == 1


WALLETS = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: wallets}
spec:
  kafka: {topics: {partitions: 1}}
  streams:
    - name: moves
      columns:
        - {name: id, type: STRING}
        - {name: wallet, type: STRING}
        - {name: amount, type: INT}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at, outOfOrderness: 5s}
  rules:
    - name: much
      entity: {type: wallet, columns: [wallet]}
      reason: "{total}"
      velocity:
        from: moves
        within: 30m
        aggregates: [{name: total, function: Sum, column: amount}]
        having: total > 1000
    - name: half-an-hour
      entity: {type: wallet, columns: [wallet]}
      reason: "{total}"
      window:
        from: moves
        tumble: {size: 30m}
        aggregates: [{name: total, function: Sum, column: amount}]
        having: total > 1000
"""
MOVES = [("m1", "10:00:00", 300), ("m2", "10:10:00", 400), ("m3", "10:20:00", 90), ("m4", "10:01:00", 510)]


@pytest.mark.parametrize("pause", [0.0, 3.0], ids=["fast", "slow"])
def test_an_event_nineteen_minutes_old_is_late_fast_or_slow(lab: Lab, pause: float) -> None:
    mine = lab.own(detector(WALLETS))
    sent = [event("moves", None, 0, id=name, wallet="w", amount=amount, at=at(when)) for name, when, amount in MOVES]
    if pause:
        job = lab.start(mine)
        job.wait_running()
        lab.produce(mine, sent[:3])
        job.wait_seen()
        time.sleep(pause)
        lab.produce(mine, sent[3:])
    else:
        lab.produce(mine, sent)
        job = lab.start(mine)
    results = ended(lab, job)
    assert late_ids(results) == ["m4"]
    assert results.alerts == []


def test_the_scenario_has_ties_disorder_and_late_events_at_the_bound() -> None:
    payments = made(seed=1)
    assert any(second[3] == first[3] for first, second in pairwise(sorted(payments, key=lambda one: one[3])))
    assert len(late_of(payments, 1)) > len(late_of(payments, 8)) > 10
