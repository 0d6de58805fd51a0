"""Situations that people ran into, with right answers worked out by hand; most have a place beside their feature."""

import pytest
from harness.events import alerts, detector, event
from harness.lab import Lab

from fraud_api import naming

pytestmark = pytest.mark.integration

HEAD = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: case}
spec:
"""

# Money as text, one row of which is none, under a plain CAST.
STRUCTURING = f"""{HEAD}
  streams:
    - name: transfers
      columns:
        - {{name: id, type: STRING}}
        - {{name: payer, type: STRING}}
        - {{name: payee, type: STRING}}
        - {{name: amount, type: STRING}}
        - {{name: ts, type: STRING}}
      eventId: id
      eventTime: {{column: ts, outOfOrderness: 1d}}
  views:
    - name: priced
      query: SELECT payer, payee, CAST(amount AS DECIMAL(12, 2)) AS amount, event_time, event_id FROM transfers
  parameters:
    - {{name: near, type: DECIMAL, value: 8000}}
    - {{name: limit, type: DECIMAL, value: 10000}}
    - {{name: senders, type: INT, value: 3}}
  rules:
    - name: structuring
      entity: {{type: account, columns: [payee]}}
      reason: "{{n}} transfers of {{people}} senders, {{total}} in all"
      firstOnly: 1d
      velocity:
        from: priced
        where: amount >= :near AND amount < :limit
        by: [payee]
        within: 24h
        aggregates:
          - {{name: n, function: Count}}
          - {{name: people, function: CountDistinct, column: payer}}
          - {{name: total, function: Sum, column: amount}}
        having: people >= :senders AND total > :limit
"""
TRANSFERS = [
    ("t1", "S1", "P1", "9500.00", "2024-06-01T09:00:00Z"),
    ("t7", "S1", "P2", "9000", "2024-06-01T09:00:00Z"),
    ("t8", "S2", "P2", "9000", "2024-06-01T10:00:00Z"),
    ("t2", "S2", "P1", "9000", "2024-06-01T12:00:00Z"),
    ("t3", "S1", "P1", "9900.50", "2024-06-01T13:00:00Z"),
    ("t4", "S3", "P1", "n/a", "2024-06-01T14:00:00Z"),
    ("t5", "S4", "P1", "10000.00", "2024-06-01T15:00:00Z"),
    ("t6", "S3", "P1", "8000.00", "2024-06-02T09:00:00Z"),
    ("t9", "S3", "P2", "9000", "2024-06-02T09:00:00.001Z"),
]

# Accounts with nothing at stake any more must go.
EXPOSURE = f"""{HEAD}
  streams:
    - name: moves
      columns:
        - {{name: id, type: STRING}}
        - {{name: account, type: STRING}}
        - {{name: delta, type: INT}}
        - {{name: ts, type: STRING}}
      eventId: id
      eventTime: {{column: ts}}
  outputs:
    - name: exposure
      mode: Upsert
      key: [account]
      stateTtl: 30d
      columns:
        - {{name: account, type: STRING}}
        - {{name: open_amount, type: BIGINT}}
      query: SELECT account, SUM(delta) FROM moves GROUP BY account HAVING SUM(delta) > 0
"""
MOVES = [("u1", "acc1", 5), ("u2", "acc2", 7), ("u3", "acc1", -5), ("u4", "acc3", 2), ("u5", "acc2", 1)]


def test_one_text_that_is_no_amount_ends_nothing(lab: Lab) -> None:
    names = ("id", "payer", "payee", "amount", "ts")
    records = [event("transfers", "k", **dict(zip(names, row, strict=True))) for row in TRANSFERS]
    results = lab.run_to_end(detector(STRUCTURING), records)
    (only,) = alerts(results, "structuring")
    assert only["entity"]["id"] == "P1"
    assert only["event_time"] == "2024-06-02T09:00:00.000Z"
    assert only["reason"] == "4 transfers of 3 senders, 36400.5 in all"
    letters = results.topics[naming.rules_dead_letter_topic(results.detector)]
    assert {letter.value for letter in letters if letter.value is not None} == {b"n/a"}
    assert {letter.headers["rule"] for letter in letters} == {b"rule structuring"}


def test_what_a_query_takes_back_is_deleted(lab: Lab) -> None:
    records = [
        event("moves", "k", id=name, account=account, delta=delta, ts=f"2024-06-01T10:00:0{place}Z")
        for place, (name, account, delta) in enumerate(MOVES)
    ]
    results = lab.run_to_end(detector(EXPOSURE), records)
    final: dict[bytes | None, bytes | None] = {}
    for message in results.output("exposure"):
        final[message.key] = message.value
    assert final == {
        b'{"account":"acc1"}': None,
        b'{"account":"acc2"}': b'{"account":"acc2","open_amount":8}',
        b'{"account":"acc3"}': b'{"account":"acc3","open_amount":2}',
    }
