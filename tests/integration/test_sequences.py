"""Sequences to the edge: exactly the time, one instant, two topics, steps that look at earlier ones."""

from typing import Any

import pytest
from harness.events import alerts, detector, documents, event
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

DETECTOR = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: account-takeover}
spec:
  streams:
    - name: security
      columns: &security
        - {name: id, type: STRING}
        - {name: account, type: STRING}
        - {name: kind, type: STRING}
        - {name: ts, type: STRING}
      eventId: id
      eventTime: {column: ts, outOfOrderness: 2d, idleTimeout: 1h}
    - name: transfers
      columns:
        - {name: id, type: STRING}
        - {name: account, type: STRING}
        - {name: payee, type: STRING}
        - {name: amount, type: "DECIMAL(12, 2)"}
        - {name: ts, type: STRING}
      eventId: id
      eventTime: {column: ts, outOfOrderness: 2d, idleTimeout: 1h}
    - name: steps
      columns: *security
      eventId: id
      eventTime: {column: ts, outOfOrderness: 2d, idleTimeout: 1h}
  views:
    - name: life
      query: >-
        SELECT account, kind, CAST(NULL AS STRING) AS payee, CAST(NULL AS DECIMAL(12, 2)) AS amount,
               event_time, event_id
        FROM security
        UNION ALL
        SELECT account, 'TRANSFER' AS kind, payee, amount, event_time, event_id FROM transfers
  parameters:
    - {name: large, type: DECIMAL, value: 1000}
  rules:
    - name: changed-then-moved
      severity: Critical
      entity: {type: account, columns: [account]}
      reason: "{changed.kind}, then {moved.amount} to {moved.payee} within a day"
      actions: {block: {amount: amount}}
      sequence:
        from: life
        steps:
          - {name: changed, where: "kind IN ('PASSWORD_CHANGED', 'MFA_RESET')"}
          - {name: moved, where: kind = 'TRANSFER' AND amount >= :large}
        within: 24h
    - name: named-amount
      entity: {type: account, columns: [account]}
      reason: "{small.amount}, then {large.amount}"
      actions: {block: {amount: small.amount}}
      sequence:
        from: transfers
        steps:
          - {name: small, where: amount < :large}
          - {name: large, where: amount >= :large}
        within: 24h
    - name: doubling
      entity: {type: account, columns: [account]}
      reason: "{first.amount}, {second.amount}, {third.amount}"
      sequence:
        from: transfers
        where: payee = 'double'
        steps:
          - {name: first, where: amount > 0}
          - {name: second, where: amount >= first.amount * 2}
          - {name: third, where: amount >= 2 * second.amount AND event_time <= first.event_time + INTERVAL '1' MINUTE}
        within: 1h
    - name: again
      entity: {type: account, columns: [account]}
      reason: "{first.amount} again"
      sequence:
        from: transfers
        where: payee = 'again'
        steps:
          - {name: first, where: amount > 0}
          - {name: second, where: amount = first.amount}
        within: 1h
    - name: again-once
      entity: {type: account, columns: [account]}
      reason: "{first.amount} again"
      firstOnly: 3s
      sequence:
        from: transfers
        where: payee = 'again'
        steps:
          - {name: first, where: amount > 0}
          - {name: second, where: amount = first.amount}
        within: 1h
    - name: own
      entity: {type: account, columns: [account]}
      reason: "x"
      firstOnly: 1d
      sql:
        stateTtl: 1d
        query: >-
          SELECT account, event_time, event_id FROM steps MATCH_RECOGNIZE (
            PARTITION BY account ORDER BY event_time
            MEASURES LAST(X.id) AS event_id, MATCH_ROWTIME() AS event_time
            ONE ROW PER MATCH PATTERN (X) WITHIN INTERVAL '1' DAY DEFINE X AS X.kind = 'out')
    - name: cast
      entity: {type: account, columns: [account]}
      reason: "{first.payee}, then {second.payee}"
      sequence:
        from: transfers
        where: account = 'L'
        steps:
          - {name: first, where: payee = 'x'}
          - {name: second, where: CAST(payee AS INT) > 3}
        within: 1h
    - name: overtaken
      entity: {type: account, columns: [account]}
      reason: "in twice, then out"
      sequence:
        from: steps
        where: account = 'T'
        steps:
          - {name: in, where: kind = 'in', times: 2}
          - {name: out, where: kind = 'out'}
        within: 10m
    - name: one-instant
      entity: {type: account, columns: [account]}
      reason: "in, then out"
      sequence:
        from: steps
        steps:
          - {name: in, where: kind = 'in'}
          - {name: out, where: kind = 'out'}
        within: 1m
    - name: one-instant-strict
      entity: {type: account, columns: [account]}
      reason: "in twice, then out"
      sequence:
        from: steps
        contiguity: Strict
        steps:
          - {name: in, where: kind = 'in', times: 2}
          - {name: out, where: kind = 'out'}
        within: 1m
    - name: overlapping
      entity: {type: account, columns: [account]}
      reason: "any, then x"
      sequence:
        from: steps
        where: account = 'O'
        steps:
          - {name: any, where: "kind IN ('x', 'y')"}
          - {name: last, where: kind = 'x'}
        within: 1m
    - name: paid-for-both
      entity: {type: account, columns: [account]}
      reason: "{transfers.amount}"
      actions: {block: {amount: transfers.amount}}
      join:
        left: security
        right: transfers
        keys: [{left: account, right: account}]
        before: 0s
        after: 1d
        where: security.kind = 'MFA_RESET' AND transfers.amount BETWEEN :large AND 6000
"""

SECURITY = [
    ("s1", "A", "PASSWORD_CHANGED", "01T10:00:00Z"),
    ("s3", "B", "PASSWORD_CHANGED", "01T10:00:00Z"),
    ("s5", "D", "MFA_RESET", "01T10:00:00Z"),
    ("s2", "A", "MFA_RESET", "01T10:20:00Z"),
    ("s6", "D", "PASSWORD_CHANGED", "01T10:30:00Z"),
    ("s4", "C", "PASSWORD_CHANGED", "01T11:00:00Z"),
    ("s7", "E", "LOGIN", "01T11:10:00Z"),
    # a day and a millisecond is too long
    ("s8", "F", "MFA_RESET", "01T10:00:00Z"),
    # one instant: the topics meet in any order
    ("s9", "G", "MFA_RESET", "01T10:00:00Z"),
]
TRANSFERS: list[tuple[str, str, str, float, str]] = [
    ("x0", "C", "P9", 4000, "01T10:10:00Z"),
    ("x1", "A", "P1", 200, "01T10:30:00Z"),
    ("x2", "A", "P1", 5000, "01T11:00:00Z"),
    ("x3", "A", "P2", 7000, "01T11:05:00Z"),
    ("x5", "E", "P3", 9000, "01T11:20:00Z"),
    ("x6", "D", "P5", 1000, "02T09:59:59.999Z"),
    ("x4", "B", "P4", 8000, "02T10:00:00Z"),
    ("x7", "F", "P4", 8000, "02T10:00:00.001Z"),
    ("x8", "G", "P4", 8000, "01T10:00:00Z"),
    # 10 and 15 are no doubling; 10, 20 and 40 are, though 30 lies between
    ("d1", "H", "double", 10, "01T10:00:00Z"),
    ("d2", "H", "double", 15, "01T10:00:10Z"),
    ("d3", "H", "double", 20, "01T10:00:20Z"),
    ("d4", "H", "double", 30, "01T10:00:30Z"),
    ("d5", "H", "double", 40, "01T10:00:40Z"),
    # the third comes a millisecond too late after the first
    ("d6", "I", "double", 1, "01T10:00:00Z"),
    ("d7", "I", "double", 2, "01T10:00:30Z"),
    ("d8", "I", "double", 4, "01T10:01:00.001Z"),
    # the first finds no equal within its hour; all that wait for that to be decided stay as they are
    ("e0", "K", "again", 1, "01T10:00:00Z"),
    *((f"e{number}", "K", "again", 2, f"01T10:00:0{number}Z") for number in range(1, 10)),
    ("c1", "L", "x", 1, "01T10:00:00Z"),
    ("c2", "L", "n/a", 1, "01T10:00:01Z"),
    ("c3", "L", "5", 1, "01T10:00:02Z"),
    # ids that count up, all in one instant
    ("d98", "J", "double", 1, "01T10:00:00Z"),
    ("d99", "J", "double", 2, "01T10:00:00Z"),
    ("d100", "J", "double", 4, "01T10:00:00Z"),
]
STEPS = [
    # the last step comes first in its partition, by one clock that counts whole seconds
    ("p1", "P", "out", "01T10:00:00Z"),
    ("p2", "P", "in", "01T10:00:00Z"),
    ("q1", "Q", "other", "01T10:00:00Z"),
    ("q2", "Q", "out", "01T10:00:00Z"),
    ("q3", "Q", "in", "01T10:00:00Z"),
    ("q4", "Q", "in", "01T10:00:00Z"),
    ("r1", "R", "out", "01T10:00:00Z"),
    ("r2", "R", "in", "01T10:00:00.001Z"),
    # the first start finds no second event in a row and ends by its time, after the match that began later
    ("t1", "T", "in", "01T10:00:00Z"),
    ("t2", "T", "other", "01T10:01:00Z"),
    ("t3", "T", "in", "01T10:02:00Z"),
    ("t4", "T", "in", "01T10:03:00Z"),
    ("t5", "T", "out", "01T10:04:30Z"),
    ("o1", "O", "x", "01T10:00:00Z"),
    ("o2", "O", "y", "01T10:00:00Z"),
]


def records() -> list[Record]:
    found = [
        event(stream, account, id=name, account=account, kind=kind, ts=f"2024-06-{ts}")
        for stream, rows in (("security", SECURITY), ("steps", STEPS))
        for name, account, kind, ts in rows
    ]
    return found + [
        event("transfers", account, id=name, account=account, payee=payee, amount=amount, ts=f"2024-06-{ts}")
        for name, account, payee, amount, ts in TRANSFERS
    ]


@pytest.fixture(scope="module")
def found(kafka: Broker, warm_flink: Flink) -> Results:
    return Lab(kafka, warm_flink).run_to_end(detector(DETECTOR), records())


def told(results: Results, rule: str) -> list[tuple[str, str, list[str]]]:
    return [(alert["entity"]["id"], alert["reason"], alert["evidence"]["ids"]) for alert in alerts(results, rule)]


def amounts(results: Results, rule: str) -> dict[str, Any]:
    return {record["who"]: record["amount"] for record in documents(results.blocked) if record["rule"] == rule}


def test_exactly_the_time_counts_and_a_millisecond_more_does_not(found: Results) -> None:
    assert told(found, "changed-then-moved") == [
        ("A", "PASSWORD_CHANGED, then 5000 to P1 within a day", ["s1", "x2"]),
        ("B", "PASSWORD_CHANGED, then 8000 to P4 within a day", ["s3", "x4"]),
        ("D", "MFA_RESET, then 1000 to P5 within a day", ["s5", "x6"]),
        ("G", "MFA_RESET, then 8000 to P4 within a day", ["s9", "x8"]),
    ]


def test_a_plain_amount_is_the_last_steps(found: Results) -> None:
    assert amounts(found, "changed-then-moved") == {"A": 5000, "B": 8000, "D": 1000, "G": 8000}


def test_an_amount_may_name_its_step_or_side(found: Results) -> None:
    assert amounts(found, "named-amount") == {"A": 200}
    assert amounts(found, "paid-for-both") == {"A": 5000, "D": 1000}


def test_steps_look_at_earlier_ones(found: Results) -> None:
    assert told(found, "doubling") == [
        ("H", "10, 20, 40", ["d1", "d3", "d5"]),
        ("J", "1, 2, 4", ["d98", "d99", "d100"]),
    ]


def test_the_earliest_next_step_wins_also_while_an_earlier_start_is_undecided(found: Results) -> None:
    pairs = [["e1", "e2"], ["e3", "e4"], ["e5", "e6"], ["e7", "e8"]]
    assert told(found, "again") == [("K", "2 again", pair) for pair in pairs]


def test_an_entity_is_told_once_in_a_period_by_the_last_steps_time(found: Results) -> None:
    assert told(found, "again-once") == [("K", "2 again", ["e1", "e2"]), ("K", "2 again", ["e5", "e6"])]


def test_a_query_may_give_its_time_without_a_zone(found: Results) -> None:
    assert sorted(entity for entity, _, _ in told(found, "own")) == ["P", "Q", "R", "T"]


def test_what_fails_for_an_event_is_no_step(found: Results) -> None:
    assert told(found, "cast") == [("L", "x, then 5", ["c1", "c3"])]


def test_a_match_has_the_time_of_its_last_step(found: Results) -> None:
    assert told(found, "overtaken") == [("T", "in twice, then out", ["t4", "t5"])]
    assert [alert["event_time"] for alert in alerts(found, "overtaken")] == ["2024-06-01T10:04:30.000Z"]


def test_events_of_one_instant_count_in_the_order_of_the_steps(found: Results) -> None:
    assert told(found, "one-instant") == [("P", "in, then out", ["p2", "p1"]), ("Q", "in, then out", ["q3", "q2"])]
    assert told(found, "one-instant-strict") == [("Q", "in twice, then out", ["q4", "q2"])]
    assert told(found, "overlapping") == [("O", "any, then x", ["o2", "o1"])]
