"""No event stops a detector: what fails for one event is unknown for that rule and event, and told."""

import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from harness.events import alerts, at, detector, event
from harness.hostile import CALLS, TYPES, conditions, values
from harness.lab import Lab, Results

from fraud_api import FraudDetector, naming

pytestmark = pytest.mark.integration

DETECTOR = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: unknown}
spec:
  streams:
    - name: pay
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: paid, type: STRING}
        - {name: amount, type: "DECIMAL(10, 2)"}
        - {name: parts, type: INT}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 1d, idleTimeout: 1h}
    - name: orders
      columns:
        - {name: id, type: STRING}
        - {name: card, type: STRING}
        - {name: paid, type: STRING}
        - {name: time, type: STRING}
      eventId: id
      eventTime: {column: time, outOfOrderness: 1d, idleTimeout: 1h}
  views:
    - name: priced
      query: SELECT id, card, CAST(paid AS DOUBLE) / parts AS price, parts, event_time, event_id FROM pay
  rules:
    - name: every
      entity: {type: card, columns: [card]}
      reason: "always"
      filter: {from: pay, where: amount >= 0}
    - name: cast
      entity: {type: card, columns: [card]}
      reason: "{paid}"
      filter: {from: pay, where: CAST(paid AS INT) > 10}
    - name: either
      entity: {type: card, columns: [card]}
      reason: "{paid}"
      filter: {from: pay, where: CAST(paid AS INT) > 10 OR amount > 0}
    - name: division
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      filter: {from: pay, where: "amount / parts > 2 AND MOD(100, parts) >= 0 AND 7 % parts < 100"}
    - name: view
      entity: {type: card, columns: [card]}
      reason: "{price}"
      filter: {from: priced, where: price > 2}
    - name: trailing
      entity: {type: card, columns: [card]}
      reason: "{total}"
      velocity:
        from: pay
        within: 1h
        aggregates:
          - {name: total, function: Sum, column: amount}
          - {name: zeros, function: Count, where: CAST(paid AS INT) = 0}
          - {name: n, function: Count}
        having: n / zeros > 1
    - name: hourly
      entity: {type: card, columns: [card]}
      reason: "{n}"
      window:
        from: priced
        where: price > 0
        tumble: {size: 1h}
        aggregates:
          - {name: n, function: Count}
          - {name: other, function: Count, where: "price > 1000"}
        having: n / other > 1 OR n > 0
    - name: pair
      entity: {type: card, columns: [card]}
      reason: "both"
      join:
        left: pay
        right: orders
        keys: [{left: card, right: card}]
        before: 1h
        after: 1h
        where: CAST(pay.paid AS INT) = CAST(orders.paid AS INT)
    - name: steps
      entity: {type: card, columns: [card]}
      reason: "twice"
      sequence:
        from: pay
        within: 1h
        steps:
          - {name: first, where: CAST(paid AS INT) / parts > 0}
          - {name: second, where: "DATE_FORMAT(event_time, paid) IS NOT NULL AND parts > 0"}
    - name: query
      entity: {type: card, columns: [card]}
      reason: "{times}"
      sql:
        query: >-
          SELECT card, event_time, event_id, 10 / parts AS times FROM pay WHERE CAST(paid AS INT) > 0
  outputs:
    - name: priced-rows
      topic: priced-rows
      query: SELECT id, CAST(paid AS DECIMAL(10, 2)) AS price, REPEAT(paid, parts * 100000000) AS more FROM pay
      columns:
        - {name: id, type: STRING}
        - {name: price, type: "DECIMAL(10, 2)"}
        - {name: more, type: STRING}
"""


def told(results: Results) -> dict[tuple[str, str], int]:
    """Unknown results by rule and function: of price place the last count."""
    places: dict[tuple[str, str, str], int] = defaultdict(int)
    for message in results.topics[naming.rules_dead_letter_topic(results.detector)]:
        headers = {name: value.decode() for name, value in message.headers.items()}
        kind = "rule" if "rule" in headers else "output"
        place = f"{kind} {headers[kind]}", headers["function"], headers["place"]
        places[place] = max(places[place], int(headers["count"]))
    found: dict[tuple[str, str], int] = defaultdict(int)
    for (rule, function, _), count in places.items():
        found[rule, function] += count
    return dict(found)


def failed(results: Results) -> set[tuple[str | None, ...]]:
    """Whose expression failed, what was written, for which event and value."""
    letters = results.topics[naming.rules_dead_letter_topic(results.detector)]
    told = [({name: value.decode() for name, value in one.headers.items()}, one.value) for one in letters]
    kinds = [("rule" if "rule" in headers else "output", headers, value) for headers, value in told]
    return {
        (kind, headers[kind], headers["function"], headers.get("event"), value.decode())
        for kind, headers, value in kinds
        if value is not None
    }


def pay(number: int, card: str, paid: str, parts: int, amount: Any = 10) -> Any:
    time = at(f"10:{number:02}:00")
    return event("pay", card, id=f"p{number}", card=card, paid=paid, parts=parts, amount=amount, time=time)


def test_what_fails_for_one_event_is_unknown_for_it_alone(lab: Lab) -> None:
    records = [
        pay(1, "a", "20", 2),
        pay(2, "a", "n/a", 2),
        pay(3, "a", "30", 0),
        pay(4, "b", "", 1),
        pay(5, "b", "50", 5),
        event("orders", "a", id="o1", card="a", paid="20", time=at("10:01:30")),
        event("orders", "a", id="o2", card="a", paid="?", time=at("10:01:30")),
    ]
    results = lab.run_to_end(detector(DETECTOR), records)

    def events(rule: str) -> list[str]:
        return sorted(one for alert in alerts(results, rule) for one in alert["evidence"]["ids"])

    counts = told(results)
    assert events("every") == ["p1", "p2", "p3", "p4", "p5"]
    assert events("cast") == ["p1", "p3", "p5"]
    assert events("either") == ["p1", "p2", "p3", "p4", "p5"]
    assert events("division") == ["p1", "p2", "p4"]
    assert events("view") == ["p1", "p5"]
    assert events("query") == ["p1", "p3", "p5"]
    assert counts["rule cast", "CAST(paid AS INT)"] == 2
    assert counts["rule division", "/ parts"] == 1
    assert failed(results) >= {
        ("rule", "cast", "CAST(paid AS INT)", "p2", "n/a"),
        ("rule", "cast", "CAST(paid AS INT)", "p4", ""),
        ("rule", "division", "/ parts", "p3", "0"),
        ("output", "priced-rows", "CAST(paid AS DECIMAL(10, 2))", "p2", "n/a"),
    }
    assert [alert["row"]["n"] for alert in alerts(results, "hourly")] == [1, 1]
    rows = {row["id"]: row for row in (message.json() for message in results.output("priced-rows"))}
    assert {name: row["price"] for name, row in rows.items()} == {
        "p1": 20, "p2": None, "p3": 30, "p4": None, "p5": 50
    }  # fmt: skip
    assert {row["more"] for row in rows.values()} == {None, ""}


def hostile(conditions: Iterator[str], filters: int) -> FraudDetector:
    """A detector whose rules of every kind evaluate hostile calls, and one that sees every event."""
    entity = {"entity": {"type": "card", "columns": ["card"]}, "reason": "seen"}
    count = {"aggregates": [{"name": "n", "function": "Count"}], "having": "n > 0"}
    names = [{"name": name, "type": kind, "required": False} for name, kind in TYPES.items()]
    columns = [{"name": name, "type": "STRING"} for name in ("id", "card", "time")] + names
    stream = {"columns": columns, "eventId": "id", "eventTime": {"column": "time", "outOfOrderness": "1d"}}
    step = {"name": "one", "where": next(conditions)}, {"name": "two", "where": next(conditions)}
    join = {"left": "pay", "right": "more", "keys": [{"left": "card", "right": "card"}], "before": "1m", "after": "1m"}
    qualified = re.compile(rf"\b({'|'.join(TYPES)})\b(?!\()")
    kinds: dict[str, Any] = {
        f"filter-{number}": {"filter": {"from": "pay", "where": next(conditions)}} for number in range(filters)
    }
    kinds |= {
        "every": {"filter": {"from": "pay", "where": "id IS NOT NULL"}},
        "velocity": {"velocity": {"from": "pay", "where": next(conditions), "within": "1h", **count}},
        "window": {"window": {"from": "seen", "where": next(conditions), "tumble": {"size": "1h"}, **count}},
        "pair": {"join": {**join, "where": qualified.sub(r"pay.\1", next(conditions))}},
        "sequence": {"sequence": {"from": "pay", "within": "1h", "steps": list(step)}},
        "query": {"sql": {"query": f"SELECT card, event_time, event_id FROM pay WHERE {next(conditions)}"}},
    }
    written = [{"name": "id", "type": "STRING"}, {"name": "fine", "type": "BOOLEAN"}]
    spec = {
        "streams": [{"name": "pay", **stream}, {"name": "more", **stream}],
        "views": [{"name": "seen", "query": f"SELECT * FROM pay WHERE {next(conditions)}"}],
        "rules": [{"name": name, **entity, **kind} for name, kind in kinds.items()],
        "outputs": [{"name": "rows", "query": f"SELECT id, {next(conditions)} FROM pay", "columns": written}],
    }
    resource = {"apiVersion": "frauddetector.io/v1alpha1", "kind": "FraudDetector", "metadata": {"name": "hostile"}}
    return detector(json.dumps({**resource, "spec": spec}))


def test_no_hostile_value_stops_a_detector_or_keeps_an_event_from_another_rule(lab: Lab) -> None:
    """Every function in some kind of rule. HOSTILE_SEED=7 for other pairs of the two, HOSTILE_ROUNDS=20 for most."""
    seed = int(os.environ.get("HOSTILE_SEED") or 1)
    print(f"HOSTILE_SEED={seed}")
    source = random.Random(seed)
    for _ in range(int(os.environ.get("HOSTILE_ROUNDS", "1"))):
        size = -(-len(CALLS) // 12)
        mine = hostile(conditions(source, size), filters=4)
        ids = [f"e{number}" for number in range(300)]
        fixed = [
            {"id": one, "card": source.choice("abc"), "time": at(f"10:{source.randrange(60):02}:00")} for one in ids
        ]
        records = [event("pay", one["card"], **one, **values(source)) for one in fixed]
        records += [event("more", one["card"], **one, **values(source)) for one in fixed[:20]]
        results = lab.run_to_end(mine, records)
        assert results.dead_letters("pay") == []
        for rule in ("every", *(name for name in (r.name for r in mine.spec.rules) if name.startswith("filter"))):
            seen = {one for alert in alerts(results, rule) for one in alert["evidence"]["ids"]}
            assert seen == set(ids), rule
        assert {message.json()["id"] for message in results.output("rows")} == set(ids)
        for rule in ("velocity", "window", "pair", "sequence", "query"):
            assert alerts(results, rule), rule
        print(f"{sum(told(results).values())} unknown results of {len(told(results))} expressions")
