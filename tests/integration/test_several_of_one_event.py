"""Two things that happened are two alerts, also where one event, or one window, has more than one."""

import pytest
from harness.events import at, detector, event
from harness.lab import Lab

pytestmark = pytest.mark.integration

DETECTOR = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: several}
spec:
  streams:
    - name: cards
      columns: &columns
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: shop, type: STRING}
        - {name: amount, type: INT}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at}
    - name: wires
      columns: *columns
      eventId: id
      eventTime: {column: at}
  views:
    - name: paid
      query: |
        SELECT card, shop, amount, event_time, event_id FROM cards
        UNION ALL
        SELECT card, shop, amount, event_time, event_id FROM wires
  rules:
    - name: shop-hour
      entity: {type: card, columns: [card]}
      reason: "{spent} at {shop}"
      window:
        from: cards
        by: [card, shop]
        tumble: {size: 1h}
        aggregates: [{name: spent, function: Sum, column: amount}]
        having: spent > 100
    - name: same-shop
      entity: {type: card, columns: [card]}
      reason: "where {other} had paid"
      sql:
        query: |
          SELECT b.card, a.card AS other, b.event_time, b.event_id
          FROM cards AS a, cards AS b
          WHERE a.shop = b.shop AND a.card <> b.card
            AND a.event_time BETWEEN b.event_time - INTERVAL '1' HOUR AND b.event_time
    - name: either-way
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      filter: {from: paid, where: amount > 500}
    - name: either-way-often
      entity: {type: card, columns: [card]}
      reason: "{amount} of {spent}"
      velocity:
        from: paid
        within: 10m
        aggregates: [{name: spent, function: Sum, column: amount}]
        having: spent > 9000
"""
CARDS = [
    ("e1", "A", "S1", 101, "10:00"),
    ("e2", "A", "S2", 9000, "10:05"),
    ("e3", "B", "S3", 1, "10:10"),
    ("e4", "C", "S3", 1, "10:15"),
    ("e5", "D", "S3", 1, "10:20"),
    ("e6", "E", "S4", 600, "10:25"),
]
WIRES = [("e6", "E", "S4", 9000, "10:25")]
END = [("end", "nobody", "S0", 0, "12:00")]
WANTED = [
    ("shop-hour", "A", "101 at S1"),
    ("shop-hour", "A", "9000 at S2"),
    ("shop-hour", "E", "600 at S4"),
    ("same-shop", "C", "where B had paid"),
    ("same-shop", "D", "where B had paid"),
    ("same-shop", "D", "where C had paid"),
    ("either-way", "A", "9000"),
    ("either-way", "E", "600"),
    ("either-way", "E", "9000"),
    ("either-way-often", "A", "9000 of 9101"),
    ("either-way-often", "E", "600 of 9600"),
    ("either-way-often", "E", "9000 of 9600"),
]


def test_each_is_told_under_an_id_of_its_own(lab: Lab) -> None:
    records = [
        event(stream, None, 0, id=identity, card=card, shop=shop, amount=amount, at=at(f"{minute}:00"))
        for stream, rows in (("cards", CARDS), ("wires", WIRES))
        for identity, card, shop, amount, minute in rows + END
    ]
    told = [message.json() for message in lab.run_to_end(detector(DETECTOR), records).alerts]
    assert sorted((one["rule"], one["entity"]["id"], one["reason"]) for one in told) == sorted(WANTED)
    assert len({one["alert_id"] for one in told}) == len(WANTED)
