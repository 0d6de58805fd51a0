"""The differential test's own idea of SQL and of rules, on answers worked out by hand."""

from fractions import Fraction
from typing import Any

import pytest
from differential.evaluate import value as value_of
from differential.events import Record, instant
from differential.expressions import parse, parse_select
from differential.interpreter import interpret
from differential.random_detectors import random_case
from differential.values import VAGUE, Value, type_of
from harness.events import at, detector

from fraud_api import FraudDetector

ROW = {
    "whole": Value(type_of("INT"), 7),
    "money": Value(type_of("DECIMAL(10, 2)"), Fraction("2.50")),
    "real": Value(type_of("DOUBLE"), 0.5),
    "text": Value(type_of("STRING"), "n/a"),
    "nothing": Value(type_of("INT"), None),
    "true": Value(type_of("BOOLEAN"), True),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("whole / 2", 3),
        ("- whole / 2", -3),
        ("whole * money", Fraction("17.5")),
        ("money + real", 3.0),
        ("whole / 0", None),
        ("money / (whole - 7)", None),
        ("CAST(text AS INT)", None),
        ("CAST('12' AS INT) + 1", 13),
        ("CAST('9.505' AS DECIMAL(10, 2))", Fraction("9.51")),
        ("whole + 2147483647", 2147483654),
        ("whole * 2147483647 * 2147483647 * 2147483647", VAGUE),
        ("CASE WHEN whole > 0 THEN whole ELSE 0 END + 2147483647", VAGUE),
        ("nothing = 1 AND whole = 1", False),
        ("nothing = 1 OR whole = 7", True),
        ("nothing = 1 OR whole = 1", None),
        ("NOT (nothing = 1)", None),
        ("(nothing = 1) IS NOT TRUE", True),
        ("nothing IN (1, 2)", None),
        ("whole BETWEEN 7 AND 8 AND true", True),
        ("CASE WHEN nothing > 0 THEN 1 WHEN whole > 0 THEN 2 ELSE 3 END", 2),
        ("COALESCE(nothing, whole)", 7),
        ("text LIKE '_/%'", True),
        ("UPPER(text) || '!'", "N/A!"),
        ("money >= real", True),
    ],
)
def test_values_of_expressions(text: str, value: Any) -> None:
    node = parse(text)
    found = value_of(node, ROW, {}).data
    assert found is value or (found == value and type(found) is type(value))
    assert parse(node.sql()) == node


def test_queries_are_read_as_they_are_written() -> None:
    select = parse_select("SELECT a, b + 1 AS c FROM s WHERE a > 1")
    assert parse_select(select.sql()) == select


def keyed(kind: str) -> FraudDetector:
    return detector(f"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {{name: oracle}}
spec:
  streams:
    - name: pay
      columns:
        - {{name: id, type: STRING}}
        - {{name: card, type: STRING, required: false}}
        - {{name: cents, type: INT}}
        - {{name: time, type: STRING}}
      eventId: id
      eventTime: {{column: time, outOfOrderness: 1m}}
  rules:
    - name: rule
      entity: {{type: card, columns: [card]}}
      reason: "found"
      {kind}
""")


def told(kind: str, *events: tuple[str, str, int]) -> list[tuple[str, list[str]]]:
    """Entity and evidence of the alerts that events (card, time, cents) must give; their ids count from e0."""
    records = [
        Record("pay", 0, place, f'{{"id": "e{place}", "card": "{card}", "cents": {cents}, "time": "{at(time)}"}}')
        for place, (card, time, cents) in enumerate(events)
    ]
    slots = interpret(keyed(kind), records).rules["rule"].slots
    return [(slot.options[0].entity, [name for _, name in slot.options[0].events]) for slot in slots]


def test_velocities_hold_large_sums_and_both_ends() -> None:
    kind = (
        "velocity: {from: pay, within: 1m, aggregates: [{name: sum, function: Sum, column: cents}],"
        " having: sum > 2147483647}"
    )
    events = [("A", "10:00:00", 2147483647), ("A", "10:01:00", 1), ("A", "10:01:00.001", 1), ("B", "10:01:00", 1)]
    assert told(kind, *events) == [("A", ["e0", "e1"])]


def test_late_events_are_nobodys() -> None:
    kind = "velocity: {from: pay, within: 1h, aggregates: [{name: n, function: Count}], having: n >= 2}"
    events = [("A", "10:00:00", 1), ("B", "10:02:00", 1), ("A", "10:00:59.999", 1), ("B", "10:01:00", 1)]
    assert told(kind, *events) == [("B", ["e3", "e1"])]


def test_sequences_take_the_earliest_steps() -> None:
    kind = "sequence: {from: pay, within: 1m, steps: [{name: a, where: cents < 5}, {name: b, where: cents > 5}]}"
    events = [("A", "10:00:00", 1), ("A", "10:00:01", 2), ("A", "10:01:00", 9), ("A", "10:01:00", 8)]
    assert told(kind, *events) == [("A", ["e0", "e2"])]


def test_first_only_is_quiet_for_its_whole_length() -> None:
    kind = "firstOnly: 1h\n      filter: {from: pay, where: cents > 0}"
    events = [("A", "09:59:00", 1), ("A", "10:01:00", 1), ("A", "11:01:00", 1)]
    assert told(kind, *events) == [("A", ["e0"]), ("A", ["e2"])]


def test_edges_tell_of_what_turns_true() -> None:
    kind = "edge: {resetWhen: cents < 5, memory: 1h}\n      filter: {from: pay, where: cents > 10}"
    events = [("A", "10:00:00", 11), ("A", "10:00:01", 12), ("A", "10:00:02", 6), ("A", "10:00:03", 13)]
    events += [("A", "10:00:04", 4), ("A", "10:00:05", 14), ("A", "10:00:05", 15), ("A", "11:00:05.001", 16)]
    assert told(kind, *events) == [("A", ["e0"]), ("A", ["e6"]), ("A", ["e7"])]


def test_first_sights_are_learnt_during_warm_up() -> None:
    kind = "firstSeen: {from: pay, value: [cents], memory: 1h, warmUp: 1m}"
    events = [("A", "10:00:00", 1), ("A", "10:00:59.999", 2), ("A", "10:01:00", 3), ("A", "10:01:01", 1)]
    events += [("A", "10:50:00", 4), ("A", "11:01:00", 3), ("A", "11:01:01.001", 1)]
    assert told(kind, *events) == [("A", ["e2"]), ("A", ["e4"]), ("A", ["e6"])]


def test_changes_compare_with_the_event_before() -> None:
    kind = "change: {from: pay, within: 1m, having: gap >= 30 AND cents > previous.cents}"
    events = [("A", "10:00:00", 1), ("A", "10:00:30", 2), ("A", "10:01:30", 3), ("A", "10:02:30.001", 4)]
    assert told(kind, *events) == [("A", ["e0", "e1"]), ("A", ["e1", "e2"])]


def test_totals_begin_anew_after_silence() -> None:
    kind = "velocity: {from: pay, memory: 1m, aggregates: [{name: n, function: Count}], having: n >= 2}"
    events = [("A", "10:00:00", 1), ("A", "10:01:00", 2), ("A", "10:02:00", 3), ("A", "10:03:00.001", 4)]
    assert told(kind, *events) == [("A", ["e0", "e1"]), ("A", ["e0", "e1", "e2"])]


@pytest.mark.parametrize(
    ("unit", "day", "edges"),
    [
        ("Day", "2024-03-31T12:00:00.000Z", ("2024-03-30T23:00:00.000Z", "2024-03-31T22:00:00.000Z")),
        ("Day", "2024-10-27T12:00:00.000Z", ("2024-10-26T22:00:00.000Z", "2024-10-27T23:00:00.000Z")),
        ("Week", "2024-03-31T12:00:00.000Z", ("2024-03-24T23:00:00.000Z", "2024-03-31T22:00:00.000Z")),
        ("Month", "2024-03-31T22:00:00.000Z", ("2024-03-31T22:00:00.000Z", "2024-04-30T22:00:00.000Z")),
    ],
)
def test_days_of_a_zone(unit: str, day: str, edges: tuple[str, str]) -> None:
    kind = (
        f"window: {{from: pay, calendar: {{unit: {unit}, timeZone: Europe/Berlin}},"
        " aggregates: [{name: n, function: Count}], having: n >= 1}"
    )
    record = Record("pay", 0, 0, f'{{"id": "e0", "card": "A", "cents": 1, "time": "{day}"}}')
    (slot,) = interpret(keyed(kind), [record]).rules["rule"].slots
    assert slot.options[0].window == tuple(instant(edge, "T") for edge in edges)


def test_cases_follow_from_their_seed() -> None:
    assert random_case(7).text() == random_case(7).text()
    assert random_case(7).records == random_case(7).records != random_case(8).records


@pytest.mark.parametrize("seed", range(5))
def test_random_cases_are_valid_detectors(seed: int) -> None:
    case = random_case(seed)
    assert interpret(case.detector(), case.in_order()).rules
