"""An event whose entity or key is null is nobody's: in every kind of rule it never alerts."""

from collections import Counter

import pytest
from harness.events import alerts, at, detector, event
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

from fraud_api import naming

pytestmark = pytest.mark.integration

DETECTOR = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: nobody}
spec:
  streams:
    - name: pay
      columns: &columns
        - {name: id, type: STRING}
        - {name: card, type: STRING, required: false}
        - {name: shop, type: STRING, required: false}
        - {name: amount, type: INT}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 1d, idleTimeout: 1h}
    - name: orders
      columns: *columns
      eventId: id
      eventTime: {column: time, outOfOrderness: 1d, idleTimeout: 1h}
  rules:
    - name: filter
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      filter: {from: pay, where: amount > 1}
    - name: two-columns
      entity: {type: pair, columns: [card, shop]}
      reason: "{amount}"
      filter: {from: pay, where: amount > 1}
    - name: first-only
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      firstOnly: 1h
      filter: {from: pay, where: amount > 1}
    - name: velocity
      entity: {type: card, columns: [card]}
      reason: "{n}"
      velocity:
        from: pay
        where: amount > 1
        by: [shop]
        within: 1h
        aggregates: [{name: n, function: Count}]
        having: n >= 1
    - name: window
      entity: {type: card, columns: [card]}
      reason: "{n}"
      window:
        from: pay
        where: amount > 1
        tumble: {size: 1h}
        aggregates: [{name: n, function: Count}]
        having: n >= 1
    - name: day
      entity: {type: card, columns: [card]}
      reason: "{n}"
      window:
        from: pay
        where: amount > 1
        calendar: {unit: Day, timeZone: UTC}
        aggregates: [{name: n, function: Count}]
        having: n >= 1
    - name: sequence
      entity: {type: card, columns: [card]}
      reason: "two"
      sequence:
        from: pay
        where: amount > 1
        steps:
          - {name: one, where: amount > 1}
          - {name: two, where: amount > 1}
        within: 1h
    - name: matched
      entity: {type: card, columns: [card]}
      reason: "{pay.amount}"
      join:
        left: pay
        right: orders
        keys: [{left: shop, right: shop}]
        before: 1h
        after: 1h
    - name: unmatched
      entity: {type: card, columns: [card]}
      reason: "{pay.amount}"
      join:
        left: pay
        right: orders
        keys: [{left: shop, right: shop}]
        before: 1h
        after: 1h
        type: Unmatched
        where: pay.amount > 1
    - name: first-seen
      entity: {type: card, columns: [card]}
      reason: "{shop}"
      firstSeen: {from: pay, where: amount > 1, value: [shop], memory: 1d}
    - name: sql
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      sql: {query: "SELECT card, amount, event_time, event_id FROM pay WHERE amount > 1"}
  outputs:
    - name: by-shop
      topic: by-shop
      mode: Upsert
      key: [shop]
      stateTtl: 30d
      query: SELECT shop, COUNT(*) AS n FROM pay GROUP BY shop
      columns:
        - {name: shop, type: STRING}
        - {name: n, type: BIGINT}
"""

PAYS: list[tuple[str, str | None, str | None, int]] = [
    ("p1", "A", "x", 5),
    ("p2", "A", "x", 5),
    ("p3", None, "x", 5),
    ("p4", None, "x", 5),
    ("p5", "B", None, 5),
    # nothing that a rule looks at
    ("p6", None, None, 0),
]


def records() -> list[Record]:
    pays = [
        event("pay", "k", id=name, card=card, shop=shop, amount=amount, time=at(f"10:00:0{place}"))
        for place, (name, card, shop, amount) in enumerate(PAYS)
    ]
    orders = [("o1", "x"), ("o2", None)]
    return pays + [
        event("orders", "k", id=name, card="A", shop=shop, amount=1, time=at("10:00:00")) for name, shop in orders
    ]


@pytest.fixture(scope="module")
def found(kafka: Broker, warm_flink: Flink) -> Results:
    return Lab(kafka, warm_flink).run_to_end(detector(DETECTOR), records())


def told(results: Results, rule: str) -> list[tuple[str | None, list[str]]]:
    return [(alert["entity"]["id"], alert["evidence"]["ids"]) for alert in alerts(results, rule)]


def test_what_is_nobodys_never_alerts(found: Results) -> None:
    both = [("A", ["p1"]), ("A", ["p2"])]
    assert told(found, "filter") == [*both, ("B", ["p5"])]
    assert told(found, "two-columns") == [("A|x", ["p1"]), ("A|x", ["p2"])]
    assert told(found, "first-only") == [("A", ["p1"]), ("B", ["p5"])]
    assert told(found, "velocity") == [("A", ["p1"]), ("A", ["p1", "p2"])]
    assert told(found, "window") == [("A", ["p1", "p2"]), ("B", ["p5"])]
    assert told(found, "day") == [("A", ["p1", "p2"]), ("B", ["p5"])]
    assert told(found, "sequence") == [("A", ["p1", "p2"])]
    assert told(found, "matched") == [("A", ["p1", "o1"]), ("A", ["p2", "o1"])]
    # a partner that can't be named is none
    assert told(found, "unmatched") == [("B", ["p5"])]
    assert told(found, "first-seen") == [("A", ["p1"])]
    assert told(found, "sql") == [*both, ("B", ["p5"])]
    assert Counter(message.json()["entity"]["id"] for message in found.alerts)[None] == 0


def test_a_row_that_changes_needs_a_key_too(found: Results) -> None:
    # p1 to p4 are of shop x, p5 and p6 of none
    assert [(message.json()["shop"], message.json()["n"]) for message in found.output("by-shop")] == [
        ("x", n) for n in (1, 2, 3, 4)
    ]
    letters = found.topics[naming.rules_dead_letter_topic(found.detector)]
    told = [(one.headers["function"], one.value) for one in letters if one.headers.get("output") == b"by-shop"]
    assert sorted(one for one in told if one[1] is not None) == [
        (b"the row's key", b"null, 1"),
        (b"the row's key", b"null, 2"),
    ]


def test_what_is_nobodys_is_told(found: Results) -> None:
    letters = found.topics[naming.rules_dead_letter_topic(found.detector)]
    letters = [letter for letter in letters if "rule" in letter.headers]
    samples = {
        (letter.headers["rule"].decode(), letter.headers["function"].decode(), letter.headers["event"], letter.value)
        for letter in letters
        if letter.value is not None
    }
    assert {("filter", "key card", name, name) for name in (b"p3", b"p4")} <= samples
    assert ("velocity", "key shop", b"p5", b"p5") in samples
    # p6 is none that its where lets pass
    assert {one for one in samples if one[0] == "first-seen"} == {
        *(("first-seen", "key card", name, name) for name in (b"p3", b"p4")),
        ("first-seen", "value shop", b"p5", b"p5"),
    }
    assert {rule for rule, *_ in samples} == {rule.name for rule in found.detector.spec.rules}
