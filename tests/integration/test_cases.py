"""Situations that people ran into, with right answers worked out by hand; most have a place beside their feature."""

import json

import pytest
from harness.events import alerts, detector, event
from harness.lab import Lab

from fraud_api import InvalidDetector, naming

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

# One device, several accounts, one coupon: told once in seven days, however the days lie.
COUPONS = f"""{HEAD}
  streams:
    - name: redemptions
      columns:
        - {{name: id, type: STRING}}
        - {{name: device, type: STRING, required: false}}
        - {{name: account, type: STRING}}
        - {{name: coupon, type: STRING}}
        - {{name: ts, type: STRING}}
      eventId: id
      eventTime: {{column: ts}}
  parameters:
    - {{name: most, type: INT, value: 3}}
  rules:
    - name: one-device-many-accounts
      entity: {{type: device-coupon, columns: [device, coupon]}}
      reason: "{{accounts}} accounts redeemed {{coupon}} on one device within 7 days"
      firstOnly: 7d
      velocity:
        from: redemptions
        within: 7d
        aggregates:
          - {{name: accounts, function: CountDistinct, column: account}}
        having: accounts >= :most
"""
REDEMPTIONS = [
    ("r1", "D1", "acc1", "NEW10", "03T10:00:00"),
    ("n1", None, "acc20", "NEW10", "03T10:00:01"),
    ("n2", None, "acc21", "NEW10", "03T10:00:02"),
    ("n3", None, "acc22", "NEW10", "03T10:00:03"),
    ("r2", "D1", "acc2", "NEW10", "04T10:00:00"),
    ("r3", "D1", "acc2", "NEW10", "04T11:00:00"),
    ("q1", "D1", "acc1", "SUMMER", "04T12:00:00"),
    ("q2", "D1", "acc2", "SUMMER", "05T12:00:00"),
    # a period of seven days since 1970 ends between these two
    ("r4", "D1", "acc3", "NEW10", "05T23:50:00"),
    ("r5", "D1", "acc4", "NEW10", "06T00:10:00"),
    ("r6", "D1", "acc5", "NEW10", "07T10:00:00"),
]

# Three frauds make a customer High; two or three come in one millisecond.
JUDGED_STREAM = f"""{HEAD}
  streams:
    - name: judged
      columns:
        - {{name: id, type: STRING}}
        - {{name: customer, type: STRING}}
        - {{name: fraud, type: INT}}
        - {{name: ms, type: BIGINT}}
      eventId: id
      eventTime: {{column: ms, format: EpochMillis}}
  parameters:
    - {{name: high_risk, type: INT, value: 3}}
"""
HIGH = f"""{JUDGED_STREAM}
  rules:
    - name: turns-high
      entity: {{type: customer, columns: [customer]}}
      reason: "{{frauds}} frauds: risk is High"
      edge: {{memory: 365d}}
      velocity:
        from: judged
        memory: 365d
        aggregates: [{{name: frauds, function: Sum, column: fraud}}]
        having: frauds >= :high_risk
"""
HIGH_BY_LAG = f"""{JUDGED_STREAM}
  views:
    - name: history
      query: >-
        SELECT customer, fraud, event_time, event_id,
               SUM(fraud) OVER (PARTITION BY customer ORDER BY event_time) AS frauds
        FROM judged
  rules:
    - name: turns-high
      entity: {{type: customer, columns: [customer]}}
      reason: "{{frauds}} frauds: risk is High"
      sql:
        stateTtl: 365d
        query: >-
          SELECT customer, frauds, event_time, event_id
          FROM (SELECT customer, frauds, event_time, event_id,
                       LAG(frauds, 1, 0) OVER (PARTITION BY customer ORDER BY event_time) AS before
                FROM history)
          WHERE frauds >= :high_risk AND before < :high_risk
"""
JUDGED = [
    ("k1", "u1", 1, 1000), ("l1", "u2", 1, 1000), ("k2", "u1", 1, 2000), ("k3", "u1", 1, 2000), ("l2", "u2", 1, 2000),
    ("k4", "u1", 0, 3000), ("l3", "u2", 1, 3000), ("m1", "u3", 1, 5000), ("m2", "u3", 1, 5000), ("m3", "u3", 1, 5000),
]  # fmt: skip

# Five seconds of disorder are declared; w4 comes nineteen minutes after its time.
SPENDS_DETECTOR = f"""{HEAD}
  kafka: {{topics: {{partitions: 1}}}}
  streams:
    - name: spends
      columns:
        - {{name: id, type: STRING}}
        - {{name: account, type: STRING}}
        - {{name: amount, type: "DECIMAL(10, 2)"}}
        - {{name: ts, type: STRING}}
      eventId: id
      eventTime: {{column: ts, outOfOrderness: 5s}}
  parameters:
    - {{name: limit, type: DECIMAL, value: 1000}}
  rules:
    - name: five-minutes
      entity: {{type: account, columns: [account]}}
      reason: "{{spent}} within 5 minutes"
      window:
        from: spends
        tumble: {{size: 5m}}
        aggregates: [{{name: spent, function: Sum, column: amount}}]
        having: spent > :limit
"""
SPENDS = [("w1", 600, "10:00"), ("w2", 10, "10:04"), ("w3", 10, "10:20"), ("w4", 600, "10:01"), ("w5", 10, "10:30")]


@pytest.mark.parametrize(("cast", "told_of"), [("CAST", {b"n/a"}), ("TRY_CAST", set())])
def test_one_text_that_is_no_amount_ends_nothing(lab: Lab, cast: str, told_of: set[bytes]) -> None:
    names = ("id", "payer", "payee", "amount", "ts")
    records = [event("transfers", "k", **dict(zip(names, row, strict=True))) for row in TRANSFERS]
    results = lab.run_to_end(detector(STRUCTURING.replace("CAST(", f"{cast}(")), records)
    (only,) = alerts(results, "structuring")
    assert only["entity"]["id"] == "P1"
    assert only["event_time"] == "2024-06-02T09:00:00.000Z"
    assert only["reason"] == "4 transfers of 3 senders, 36400.5 in all"
    letters = results.topics[naming.rules_dead_letter_topic(results.detector)]
    assert {letter.value for letter in letters if letter.value is not None} == told_of
    assert {letter.headers["rule"] for letter in letters} == ({b"structuring"} if told_of else set())


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


def test_a_device_is_told_of_once_in_any_seven_days(lab: Lab) -> None:
    records = [
        event("redemptions", name, id=name, device=device, account=account, coupon=coupon, ts=f"2024-06-{when}Z")
        for name, device, account, coupon, when in REDEMPTIONS
    ]
    # a record without the field is as one with null
    records.append(event("redemptions", "n4", id="n4", account="acc23", coupon="NEW10", ts="2024-06-03T10:00:04Z"))
    results = lab.run_to_end(detector(COUPONS), sorted(records, key=lambda record: json.loads(record[3] or b"")["ts"]))
    (only,) = alerts(results, "one-device-many-accounts")
    assert (only["event_time"], only["evidence"]["ids"][-1]) == ("2024-06-05T23:50:00.000Z", "r4")
    assert only["reason"] == "3 accounts redeemed NEW10 on one device within 7 days"
    assert only["row"]["device"] == "D1"


def test_who_turns_within_one_instant_is_told_of_once(lab: Lab) -> None:
    records = [event("judged", who, id=name, customer=who, fraud=fraud, ms=ms) for name, who, fraud, ms in JUDGED]
    found = alerts(lab.run_to_end(detector(HIGH), records), "turns-high")
    assert [(alert["entity"]["id"], alert["event_time"][-10:]) for alert in found] == [
        ("u1", "00:02.000Z"),
        ("u2", "00:03.000Z"),
        ("u3", "00:05.000Z"),
    ]
    assert {alert["reason"] for alert in found} == {"3 frauds: risk is High"}


def test_a_query_that_would_miss_them_is_refused() -> None:
    with pytest.raises(InvalidDetector) as refusal:
        detector(HIGH_BY_LAG)
    assert "LAG(frauds) misses whoever crosses a line within an instant" in str(refusal.value)
    assert "a velocity rule with edge tells everybody once" in str(refusal.value)


def test_nineteen_minutes_are_late_when_a_file_is_read_at_once(lab: Lab) -> None:
    records = [
        event("spends", None, 0, id=name, account="A", amount=amount, ts=f"2024-06-01T{when}:00Z")
        for name, amount, when in SPENDS
    ]
    results = lab.run_to_end(detector(SPENDS_DETECTOR), records)
    assert results.alerts == []
    assert [message.json()["id"] for message in results.late] == ["w4"]
