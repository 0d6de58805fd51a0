"""What the differential test expects of outputs and of the block list, on answers worked out by hand."""

import json
from typing import Any

import pytest
from differential.events import Record
from differential.interpreter import interpret
from differential.written import block_differences, output_differences
from harness.events import at, detector

from fraud_api import FraudDetector

DETECTOR = detector("""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: oracle}
spec:
  streams:
    - name: pay
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: cents, type: INT}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 1m}
  rules:
    - name: large
      entity: {type: card, columns: [card]}
      reason: "found"
      actions: {block: {amount: cents, ttl: 1h}}
      filter: {from: pay, where: cents > 5}
    - name: twice
      entity: {type: card, columns: [card]}
      reason: "found"
      actions: {block: {amount: cents}}
      sequence:
        {from: pay, within: 1h, steps: [{name: first, where: cents > 0}, {name: second, where: cents > 5}]}
  outputs:
    - name: rows
      columns: [{name: event_id, type: STRING}, {name: cents, type: INT}, {name: event_time, type: TIMESTAMP_LTZ(3)}]
      query: SELECT event_id, cents, event_time FROM pay WHERE cents < 9
    - name: totals
      mode: Upsert
      key: [card]
      stateTtl: 1d
      columns: [{name: card, type: STRING}, {name: sum, type: BIGINT}]
      query: SELECT card, SUM(cents) AS `sum` FROM pay GROUP BY card
    - name: flagged
      split: {from: pay, part: Flagged}
    - name: clean
      split: {from: pay, part: Clean}
""")
EVENTS = [("A", "10:00:00", 3), ("A", "10:02:00", 2147483647), ("B", "10:00:59.999", 7), ("B", "10:01:00", 2)]
"""Card, time and cents; the third is late."""


def records() -> list[Record]:
    return [
        Record("pay", 0, place, f'{{"id": "e{place}", "card": "{card}", "cents": {cents}, "time": "{at(time)}"}}')
        for place, (card, time, cents) in enumerate(EVENTS)
    ]


def told(name: str, *got: Any, of: FraudDetector = DETECTOR) -> list[str]:
    wanted = interpret(of, records()).outputs[name]
    output = next(one for one in of.spec.outputs if one.name == name)
    return output_differences(
        output, wanted, [one if isinstance(one, bytes) else json.dumps(one).encode() for one in got]
    )


def test_rows_of_a_query_come_once_each_late_ones_too() -> None:
    rows = [
        {"event_id": "e3", "cents": 2, "event_time": "2024-03-01T10:01:00Z"},
        {"event_id": "e0", "cents": 3, "event_time": "2024-03-01T10:00:00Z"},
        {"event_id": "e2", "cents": 7, "event_time": "2024-03-01T10:00:59.999Z"},
    ]
    assert told("rows", *rows) == []
    assert told("rows", *rows, rows[0]) == [f"not expected: {rows[0]}"]
    assert [one[:30] for one in told("rows", *rows[1:])] == ["missing: {'event_id': 'e3', 'c"[:30]]
    later = rows[0] | {"event_time": "2024-03-01T10:01:00.001Z"}
    assert len(told("rows", later, *rows[1:])) == 2


def test_the_last_row_of_a_key_counts_and_late_events_do_not() -> None:
    rows = [{"card": "A", "sum": 3}, {"card": "B", "sum": 2}, {"card": "A", "sum": 2147483650}]
    assert told("totals", *rows) == []
    assert told("totals", rows[2], rows[0], rows[1]) == [
        "missing: {'card': 'A', 'sum': '2147483650'}", "not expected: {'card': 'A', 'sum': 3}",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "places"), [("flagged", [1, 2]), ("clean", [0, 3])])
def test_splits_hold_the_records_as_they_came(name: str, places: list[int]) -> None:
    texts = [record.value.encode() for record in records()]
    assert told(name, *(texts[place] for place in places)) == []
    assert told(name, texts[places[0]]) == [f"missing: {texts[places[1]].decode()}"]


def alert(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "alert_id": "1", "entity": {"id": "A"}, "reason": "found", "event_time": "2024-01-01T10:00:00.000Z", "row": row,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "row", "until", "amount"),
    [
        (0, {"cents": 7}, "2024-01-01T11:00:00.000Z", 7),
        (1, {"first": {"cents": 3}, "second": {"cents": 7}}, "2024-01-31T10:00:00.000Z", 7),
    ],
)
def test_every_alert_of_a_rule_that_blocks_is_on_the_list(rule: int, row: Any, until: str, amount: int) -> None:
    found = DETECTOR.spec.rules[rule]
    entry = {
        "who": "A", "entity_type": "card", "why": "found", "when": "2024-01-01T10:00:00.000Z", "until": until,
        "amount": amount, "rule": found.name, "alert_id": "1",
    }  # fmt: skip
    assert block_differences(found, "30d", [alert(row)], [entry]) == []
    assert block_differences(found, "30d", [alert(row)], [entry | {"amount": 3}]) == [
        f"block list: missing: {entry}", f"block list: not expected: {entry | {'amount': 3}}",
    ]  # fmt: skip
