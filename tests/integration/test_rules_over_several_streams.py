"""Joins, views over streams, names that SQL reserves, and every type on its way from event to alert."""

import random
from decimal import Decimal
from typing import Any

import pytest
from harness.events import alert_id, alerts, at, detector, event
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

DETECTOR = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: several}
spec:
  streams:
    - name: order
      columns:
        - {name: id, type: STRING}
        - {name: user, type: STRING}
        - {name: group, type: STRING, required: false}
        - {name: value, type: "DECIMAL(10, 2)"}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at, outOfOrderness: 1d, idleTimeout: 1h}
    - name: payment
      columns:
        - {name: id, type: STRING}
        - {name: order, type: STRING, required: false}
        - {name: amount, type: DOUBLE}
        - {name: event_time, type: STRING}
      eventId: id
      eventTime: {column: event_time, outOfOrderness: 1d, idleTimeout: 1h}
    - name: types
      columns:
        - {name: text, type: STRING}
        - {name: flag, type: BOOLEAN, required: false}
        - {name: tiny, type: TINYINT, required: false}
        - {name: small, type: SMALLINT, required: false}
        - {name: whole, type: INT, required: false}
        - {name: long, type: BIGINT, required: false}
        - {name: single, type: FLOAT, required: false}
        - {name: real, type: DOUBLE, required: false}
        - {name: exact, type: "DECIMAL(20, 4)", required: false}
        - {name: day, type: DATE, required: false}
        - {name: local, type: TIMESTAMP(3), required: false}
        - {name: instant, type: TIMESTAMP_LTZ(3), required: false}
        - {name: millis, type: BIGINT}
      eventTime: {column: millis, format: EpochMillis, outOfOrderness: 1d, idleTimeout: 1h}
  views:
    - name: all
      query: >-
        SELECT `user` AS who, CAST(`value` AS DOUBLE) AS amount, 'order' AS kind, event_time, event_id FROM `order`
        UNION ALL
        SELECT `order` AS who, amount, 'payment' AS kind, event_time, event_id FROM payment
    - name: large
      query: SELECT who, amount, kind, event_time, event_id FROM `all` WHERE amount >= 1000
  rules:
    - name: matched
      entity: {type: order, columns: [order]}
      reason: "{payment.amount} paid for {order.value} of {user}"
      join:
        left: payment
        right: order
        keys: [{left: order, right: id}]
        before: 10m
        after: 5m
        where: payment.amount < "order"."value"
    - name: unmatched
      entity: {type: order, columns: [order]}
      reason: "{amount} paid for nothing"
      actions: {block: {amount: amount}}
      join:
        left: payment
        right: order
        keys: [{left: order, right: id}]
        before: 10m
        after: 5m
        type: Unmatched
        where: payment.amount > 1
    - name: select
      entity: {type: user, columns: [user, group]}
      reason: "{value} by {user} of {group}"
      filter: {from: order, where: "`value` > 1 AND `group` = 'select'"}
    - name: view
      entity: {type: who, columns: [who]}
      reason: "{kind} of {amount}"
      filter: {from: large, where: amount > 1000}
    - name: window
      entity: {type: who, columns: [who]}
      reason: "{count} of {sum}"
      window:
        from: large
        tumble: {size: 1h}
        aggregates:
          - {name: count, function: Count}
          - {name: sum, function: Sum, column: amount}
        having: "`count` > 1"
    - name: types
      entity: {type: text, columns: [text]}
      reason: "{flag} {tiny} {small} {whole} {long} {single} {real} {exact} {day} {local} {instant}"
      filter: {from: types, where: text <> ''}
    - name: types-velocity
      entity: {type: day, columns: [day]}
      reason: "{n} on {day}"
      velocity:
        from: types
        within: 1h
        aggregates:
          - {name: n, function: Count}
          - {name: first, function: Min, column: local}
          - {name: most, function: Max, column: real}
        having: n > 1
""".replace('"order"."value"', "`order`.`value`")

VALUES: dict[str, Any] = {
    "flag": True, "tiny": -128, "small": 32767, "whole": -2147483648, "long": 9223372036854775807,
    "single": 0.1, "real": 1234567.5, "exact": 1234567890123456.0001, "day": "2024-02-29",
    "local": "2024-02-29 23:59:59.5", "instant": "2024-03-01T00:59:59.5+01:00",
}  # fmt: skip


def order(name: str, time: str, value: float, user: str = "u", group: str | None = None) -> Record:
    return event("order", name, id=name, user=user, group=group, value=value, at=at(time))


def payment(name: str, time: str, amount: float, paid: str | None) -> Record:
    return event("payment", name, id=name, order=paid, amount=amount, event_time=at(time))


def types(text: str, millis: int, **values: Any) -> Record:
    record = event("types", text, 0, text=text, millis=millis, **values)
    # more digits than a float of Python's has
    exact = (record[3] or b"").replace(b"1234567890123456.0", b"1234567890123456.0001")
    return (*record[:3], exact)


RECORDS = [
    # the order came ten minutes before the payment, then a millisecond earlier
    order("o1", "10:00:00", 100),
    payment("p1", "10:10:00", 50.5, "o1"),
    order("o2", "10:00:00", 100),
    payment("p2", "10:10:00.001", 50, "o2"),
    # the order came five minutes behind the payment, then a millisecond later
    order("o3", "10:05:00", 100),
    payment("p3", "10:00:00", 50, "o3"),
    order("o4", "10:05:00.001", 100),
    payment("p4", "10:00:00", 50, "o4"),
    # paid in full; and two payments for one order
    order("o5", "10:00:00", 100),
    payment("p5", "10:00:01", 100, "o5"),
    payment("p6", "10:00:02", 60, "o5"),
    payment("p7", "10:00:03", 40, "o5"),
    # of nobody's order, too little to matter, and of no order at all
    payment("p8", "10:00:00", 70, "none"),
    payment("p9", "10:00:00", 1, "none"),
    payment("pa", "10:00:00", 80, None),
    order("o6", "10:00:00", 2, "x", "select"),
    order("o7", "10:00:00", 1, "x", "select"),
    order("o8", "10:10:00", 1000, "rich"),
    order("o9", "10:20:00", 2500.5, "rich"),
    payment("pb", "10:30:00", 1500, "rich"),
    types("all", 1709287200000, **VALUES),
    types("none", 1709287200001),
    types("some", 1709287201000, day="2024-02-29", local="2024-02-28 00:00:00", real=-0.5),
]


@pytest.fixture(scope="module")
def found(kafka: Broker, warm_flink: Flink) -> Results:
    records = list(RECORDS)
    random.Random(2).shuffle(records)
    return Lab(kafka, warm_flink).run_to_end(detector(DETECTOR), records)


def told(results: Results, rule: str) -> list[tuple[str | None, str, list[str]]]:
    """Entity, reason and evidence of each alert."""
    found = [(alert["entity"]["id"], alert["reason"], alert["evidence"]["ids"]) for alert in alerts(results, rule)]
    return sorted(found, key=lambda alert: alert[2])


def test_no_event_was_refused_or_late(found: Results) -> None:
    assert [found.dead_letters(stream) for stream in ("order", "payment", "types")] == [[], [], []]
    assert found.late == []


def test_partners_are_looked_for_within_the_bounds(found: Results) -> None:
    assert told(found, "matched") == [
        ("o1", "50.5 paid for 100 of u", ["p1", "o1"]),
        ("o3", "50 paid for 100 of u", ["p3", "o3"]),
        ("o5", "60 paid for 100 of u", ["p6", "o5"]),
        ("o5", "40 paid for 100 of u", ["p7", "o5"]),
    ]
    first = next(alert for alert in alerts(found, "matched") if alert["entity"]["id"] == "o1")
    assert first["alert_id"] == alert_id(found.detector, "matched", "o1", "p1/o1", at("10:10:00"), at("10:00:00"))
    assert first["evidence"]["count"] == 2
    assert first["event_time"] == at("10:10:00")
    assert first["row"] == {
        "payment": {"id": "p1", "order": "o1", "amount": Decimal("50.5")},
        "order": {"id": "o1", "user": "u", "group": None, "value": 100, "at": at("10:00:00")},
    }
    assert len({alert["alert_id"] for alert in alerts(found, "matched")}) == 4


def test_lonely_events_are_told_when_their_time_is_over(found: Results) -> None:
    assert told(found, "unmatched") == [
        ("o2", "50 paid for nothing", ["p2"]),
        ("o4", "50 paid for nothing", ["p4"]),
        ("none", "70 paid for nothing", ["p8"]),
        ("rich", "1500 paid for nothing", ["pb"]),
    ]
    first = next(alert for alert in alerts(found, "unmatched") if alert["entity"]["id"] == "o2")
    assert first["event_time"] == at("10:10:00.001")
    assert first["row"] == {"payment": {"id": "p2", "order": "o2", "amount": 50}}
    assert first["alert_id"] == alert_id(found.detector, "unmatched", "o2", "p2", at("10:10:00.001"))
    amounts = {message.json()["who"]: message.json()["amount"] for message in found.blocked}
    assert amounts == {"o2": 50, "o4": 50, "none": 70, "rich": 1500}


def test_reserved_words_are_names_like_others(found: Results) -> None:
    assert told(found, "select") == [("x|select", "2 by x of select", ["o6"])]
    assert alerts(found, "select")[0]["row"] == {
        "id": "o6", "user": "x", "group": "select", "value": 2, "at": at("10:00:00"),
    }  # fmt: skip


def test_views_over_views_of_several_streams(found: Results) -> None:
    assert told(found, "view") == [
        ("rich", "order of 2500.5", ["o9"]),
        ("rich", "payment of 1500", ["pb"]),
    ]
    assert told(found, "window") == [("rich", "3 of 5000.5", ["o8", "pb"])]


def test_every_type_reaches_the_alert_as_it_was(found: Results) -> None:
    every, nothing, _ = alerts(found, "types")
    assert every["row"] == {
        "text": "all", **VALUES, "millis": 1709287200000, "single": Decimal("0.1"), "real": Decimal("1234567.5"),
        "exact": Decimal("1234567890123456.0001"), "local": "2024-02-29T23:59:59.500Z",
        "instant": "2024-02-29T23:59:59.500Z",
    }  # fmt: skip
    assert every["reason"] == (
        "true -128 32767 -2147483648 9223372036854775807 0.1 1234567.5 1234567890123456.0001"
        " 2024-02-29 2024-02-29T23:59:59.500Z 2024-02-29T23:59:59.500Z"
    )
    assert nothing["row"] == dict.fromkeys(VALUES) | {"text": "none", "millis": 1709287200001}
    assert nothing["reason"] == " ".join(["null"] * 11)


def test_events_without_an_id_are_known_by_their_place(found: Results) -> None:
    topic = next(stream.topic_name for stream in found.detector.spec.streams if stream.name == "types")
    places = sorted(alert["evidence"]["ids"][0] for alert in alerts(found, "types"))
    assert places == [f"{topic}-0-{offset}" for offset in range(3)]


def test_keys_of_any_type(found: Results) -> None:
    (alert,) = alerts(found, "types-velocity")
    assert (alert["entity"]["id"], alert["reason"]) == ("2024-02-29", "2 on 2024-02-29")
    assert (alert["row"]["first"], alert["row"]["most"]) == ("2024-02-28T00:00:00.000Z", Decimal("1234567.5"))
