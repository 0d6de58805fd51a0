"""Every kind of rule and every option once, on input small enough to be judged by hand."""

import random
from decimal import Decimal
from typing import Any

import pytest
from harness.events import alert_id, alerts, at, detector, documents, event
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

# The column `what` says which rule an event is meant for.
DETECTOR = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: kinds}
spec:
  streams:
    - name: pay
      columns:
        - {name: id, type: STRING}
        - {name: what, type: STRING}
        - {name: card, type: STRING}
        - {name: shop, type: STRING, required: false}
        - {name: amount, type: "DECIMAL(10, 2)"}
        - {name: time, type: STRING}
      eventId: id
      # no event is late: the order of the input must not matter
      eventTime: {column: time, outOfOrderness: 1d, idleTimeout: 1h}
  parameters:
    - {name: much, type: INT, value: 100}
    - {name: debt, type: BIGINT, value: -5}
    - {name: exact, type: DECIMAL, value: "12.50"}
    - {name: tiny, type: DOUBLE, value: -1e-9}
    - {name: quoted, type: STRING, value: "it's \"#\" :much"}
    - {name: sure, type: BOOLEAN, value: true}
  rules:
    - name: filter
      severity: Critical
      entity: {type: card, columns: [card]}
      reason: "#1: {amount}{card} above {:much}? 100$ \\ {shop}"
      filter: {from: pay, where: "what = 'filter' AND amount > :much"}
    - name: parameters
      entity: {type: card, columns: [card]}
      reason: "{:debt} {:exact} {:tiny} {:quoted} {:sure}"
      filter:
        from: pay
        where: >-
          what = 'parameters' AND amount -:debt > 10 AND amount < :exact AND amount > :tiny
          AND shop = :quoted AND :sure
    - name: first-only
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      firstOnly: 1h
      filter: {from: pay, where: what = 'first'}
    - name: null-entity
      entity: {type: shop, columns: [shop]}
      reason: "at {shop}"
      filter: {from: pay, where: what = 'null'}
    - name: pair
      entity: {type: pair, columns: [card, shop]}
      reason: "pair"
      filter: {from: pay, where: what = 'pair'}
    - name: blocked
      entity: {type: card, columns: [card]}
      reason: "{amount} at {shop}"
      actions: {block: {amount: amount, ttl: 1h}}
      filter: {from: pay, where: what = 'mode' AND amount > 20}
    - name: shadow
      mode: Shadow
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      actions: {notify: true, block: {amount: amount}}
      filter: {from: pay, where: what = 'mode' AND amount > 10}
    - name: disabled
      mode: Disabled
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      actions: {block: {}}
      filter: {from: pay, where: what = 'mode'}
    - name: velocity
      entity: {type: card, columns: [card]}
      reason: "{n} times, {sum} in {shops} shops, {mean} each"
      velocity:
        from: pay
        where: what = 'velocity'
        within: 10m
        aggregates:
          - {name: n, function: Count}
          - {name: shops, function: CountDistinct, column: shop}
          - {name: sum, function: Sum, column: amount}
          - {name: mean, function: Avg, column: amount}
          - {name: least, function: Min, column: amount}
          - {name: most, function: Max, column: amount}
          - {name: named, function: Count, column: shop}
          - {name: big, function: Count, where: amount > 50}
          - {name: big_shops, function: CountDistinct, column: shop, where: amount > 50}
        having: n >= 3
    - name: instant
      entity: {type: card, columns: [card]}
      reason: "{n} at once"
      velocity:
        from: pay
        where: what = 'instant'
        within: 1m
        aggregates: [{name: n, function: Count}]
        having: n >= 2
    - name: crowd
      entity: {type: card, columns: [card]}
      reason: "{n} times"
      velocity:
        from: pay
        where: what = 'crowd'
        within: 1h
        aggregates: [{name: n, function: Count}]
        having: n >= 25
    - name: null-key
      entity: {type: shop, columns: [shop]}
      reason: "{n} times"
      velocity:
        from: pay
        where: what = 'nullkey'
        within: 1h
        aggregates: [{name: n, function: Count}]
        having: n >= 2
    - name: first-velocity
      entity: {type: card, columns: [card]}
      reason: "{n} times in all shops, now at {shop}"
      firstOnly: 1h
      actions: {block: {}}
      velocity:
        from: pay
        where: what = 'often'
        by: [card, what]
        within: 1h
        aggregates: [{name: n, function: Count}]
        having: n >= 2
    - name: tumble
      entity: {type: card, columns: [card]}
      reason: "{sum} from {window_start} to {window_end}"
      window:
        from: pay
        where: what = 'tumble'
        tumble: {size: 5m}
        aggregates:
          - {name: sum, function: Sum, column: amount}
          - {name: large, function: Count, where: amount > 55}
        having: sum > :much
    - name: hop
      entity: {type: card, columns: [card]}
      reason: "{sum}"
      window:
        from: pay
        where: what = 'hop'
        hop: {size: 10m, slide: 5m}
        aggregates: [{name: sum, function: Sum, column: amount}]
        having: sum > 100
    - name: session
      entity: {type: card, columns: [card]}
      reason: "{n} times"
      window:
        from: pay
        where: what = 'session'
        session: {gap: 1m1s1ms}
        aggregates: [{name: n, function: Count}]
        having: n >= 3
    - name: cumulate
      entity: {type: card, columns: [card]}
      reason: "{n} times by {window_end}"
      window:
        from: pay
        where: what = 'cumulate'
        cumulate: {size: 1h, step: 20m}
        aggregates: [{name: n, function: CountDistinct, column: shop}]
        having: n >= 2
    - name: relaxed
      entity: {type: card, columns: [card]}
      reason: "{small.amount} at {small.shop}, then {big.amount}"
      sequence:
        from: pay
        where: what = 'relaxed'
        steps:
          - {name: small, where: amount < 5}
          - {name: big, where: amount > :much}
        within: 10m
    - name: strict
      entity: {type: card, columns: [card]}
      reason: "{small.amount}, then {big.amount}"
      sequence:
        from: pay
        where: what = 'strict'
        contiguity: Strict
        steps:
          - {name: small, where: amount < 5, times: 2}
          - {name: big, where: amount > :much}
        within: 1441m
    - name: times
      entity: {type: card, columns: [card]}
      reason: "{small.amount}, then {big.amount}"
      sequence:
        from: pay
        where: what = 'times'
        steps:
          - {name: small, where: amount < 5, times: 2}
          - {name: big, where: amount > :much}
        within: 1h
    - name: sql
      entity: {type: card, columns: [card]}
      reason: "from {before} to {amount}"
      sql:
        stateTtl: 1d
        query: >-
          SELECT card, amount, before, event_time, event_id FROM (
            SELECT card, amount, event_time, event_id,
                   LAG(amount) OVER (PARTITION BY card ORDER BY event_time) AS before
            FROM pay WHERE what = 'sql')
          WHERE amount > before * 10
  outputs:
    - name: flagged
      split: {from: pay, part: Flagged, rules: [blocked, shadow]}
    - name: clean
      split: {from: pay, part: Clean, rules: [blocked, shadow]}
    - name: passed
      key: [card]
      columns:
        - {name: card, type: STRING}
        - {name: cents, type: BIGINT}
        - {name: shop, type: STRING}
        - {name: when, type: TIMESTAMP_LTZ(3)}
      query: SELECT card, CAST(amount * 100 AS BIGINT), shop, event_time FROM pay WHERE what = 'mode'
    - name: per-card
      mode: Upsert
      key: [card]
      stateTtl: 1d
      columns:
        - {name: card, type: STRING}
        - {name: times, type: BIGINT}
        - {name: total, type: "DECIMAL(12, 2)"}
      query: SELECT card, COUNT(*), CAST(SUM(amount) AS DECIMAL(12, 2)) FROM pay WHERE what = 'mode' GROUP BY card
"""

Pay = tuple[str, str, str, str, float, str | None]
"""What, id, card, time, amount, shop."""

PAYS: list[Pay] = [
    ("filter", "f1", "A", "10:00:00", 100, "s"),
    ("filter", "f2", "A", "10:00:01", 100.01, None),
    ("parameters", "p1", "A", "10:00:00", 12, 'it\'s "#" :much'),
    ("parameters", "p2", "B", "10:00:00", 12, "it's"),
    ("parameters", "p3", "B", "10:00:00", 12.5, 'it\'s "#" :much'),
    ("parameters", "p4", "B", "10:00:00", 5, 'it\'s "#" :much'),
    ("first", "o1", "B", "10:05:00", 1, None),
    ("first", "o2", "B", "10:30:00", 2, None),
    ("first", "o3", "B", "10:59:59.999", 3, None),
    ("first", "o4", "B", "11:00:00", 4, None),
    ("first", "o5", "C", "10:10:00", 5, None),
    ("first", "o6", "B", "11:05:00", 6, None),
    ("null", "n1", "A", "10:00:00", 1, None),
    ("null", "n2", "A", "10:00:01", 1, ""),
    ("pair", "z1", "a|b", "10:00:00", 1, "c"),
    ("pair", "z2", "a", "10:00:00", 1, "b|c"),
    ("pair", "z3", "a\\", "10:00:00", 1, ""),
    ("pair", "z5", "a", "10:00:00", 1, None),
    ("pair", "z4", "a", "10:00:00", 1, "|"),
    ("mode", "m1", "M", "10:00:00", 5, "s"),
    ("mode", "m2", "M", "10:00:01", 15, "s"),
    ("mode", "m3", "M", "10:00:02", 25.5, "s"),
    ("mode", "m4", "N", "10:00:03", 30, None),
    ("velocity", "v1", "V", "10:00:00", 10, "s1"),
    ("velocity", "v2", "V", "10:05:00", 60, "s2"),
    ("velocity", "v3", "V", "10:10:00", 20, "s1"),
    ("velocity", "v4", "V", "10:10:00.001", 5, None),
    ("velocity", "v5", "V", "10:30:00", 5, None),
    ("velocity", "v6", "W", "10:05:00", 5, "s1"),
    ("instant", "i1", "I", "10:00:00", 1, None),
    ("instant", "i2", "I", "10:00:00", 1, None),
    ("instant", "i3", "J", "10:00:00", 1, None),
    *[("crowd", f"c{number:02}", "K", f"10:00:{number:02}", 1, None) for number in range(25)],
    ("nullkey", "k1", "A", "10:00:00", 1, None),
    ("nullkey", "k2", "A", "10:00:01", 1, None),
    ("nullkey", "k3", "A", "10:00:02", 1, None),
    ("nullkey", "k4", "A", "10:00:03", 1, "x"),
    ("nullkey", "k5", "B", "10:00:04", 1, "x"),
    ("often", "w1", "A", "10:00:00", 1, "s1"),
    ("often", "w2", "A", "10:00:01", 1, "s2"),
    ("often", "w3", "A", "10:00:02", 1, "s3"),
    ("often", "w4", "A", "11:00:02", 1, "s4"),
    ("tumble", "t1", "T", "10:00:00", 60, None),
    ("tumble", "t2", "T", "10:04:59.999", 50, None),
    ("tumble", "t3", "T", "10:05:00", 90, None),
    ("tumble", "t4", "U", "10:05:00", 100.01, None),
    ("hop", "h1", "H", "10:04:00", 60, None),
    ("hop", "h2", "H", "10:06:00", 60, None),
    ("hop", "h3", "H", "10:09:00", 60, None),
    ("session", "s1", "S", "10:00:00", 1, None),
    ("session", "s2", "S", "10:00:59", 1, None),
    ("session", "s3", "S", "10:01:58", 1, None),
    ("session", "s4", "S", "10:03:00", 1, None),
    ("session", "s5", "S", "10:03:01", 1, None),
    ("cumulate", "u1", "C", "10:05:00", 1, "x"),
    ("cumulate", "u2", "C", "10:15:00", 1, "x"),
    ("cumulate", "u3", "C", "10:25:00", 1, "y"),
    ("relaxed", "q1", "Q1", "10:00:00", 1, "s"),
    ("relaxed", "q2", "Q1", "10:01:00", 20, "s"),
    ("relaxed", "q3", "Q1", "10:02:00", 200, "t"),
    ("relaxed", "q4", "Q1", "10:03:00", 300, "t"),
    ("relaxed", "q5", "Q2", "10:00:00", 1, "s"),
    ("relaxed", "q6", "Q2", "10:10:00", 200, "s"),
    ("relaxed", "q7", "Q3", "10:00:00", 1, "s"),
    ("relaxed", "q8", "Q3", "10:09:59.999", 200, "s"),
    ("relaxed", "q9", "Q4", "10:00:00", 200, "s"),
    ("relaxed", "qa", "Q4", "10:01:00", 1, "s"),
    ("strict", "k11", "K1", "10:00:00", 1, None),
    ("strict", "k12", "K1", "10:01:00", 2, None),
    ("strict", "k13", "K1", "10:02:00", 200, None),
    ("strict", "k21", "K2", "10:00:00", 1, None),
    ("strict", "k22", "K2", "10:01:00", 2, None),
    ("strict", "k23", "K2", "10:02:00", 20, None),
    ("strict", "k24", "K2", "10:03:00", 200, None),
    ("strict", "k31", "K3", "10:00:00", 1, None),
    ("strict", "k32", "K3", "10:01:00", 2, None),
    ("strict", "k33", "K3", "10:02:00", 3, None),
    ("strict", "k34", "K3", "10:03:00", 200, None),
    ("times", "x11", "X1", "10:00:00", 1, None),
    ("times", "x12", "X1", "10:01:00", 2, None),
    ("times", "x13", "X1", "10:02:00", 20, None),
    ("times", "x14", "X1", "10:03:00", 200, None),
    ("times", "x21", "X2", "10:00:00", 1, None),
    ("times", "x22", "X2", "10:01:00", 20, None),
    ("times", "x23", "X2", "10:02:00", 2, None),
    ("times", "x24", "X2", "10:03:00", 200, None),
    ("sql", "l1", "L", "10:00:00", 1, None),
    ("sql", "l2", "L", "10:01:00", 10, None),
    ("sql", "l3", "L", "10:02:00", 100.01, None),
]


def pay_events() -> list[Record]:
    records = [
        event("pay", card, id=name, what=what, card=card, shop=shop, amount=amount, time=at(time))
        for what, name, card, time, amount, shop in PAYS
    ]
    random.Random(1).shuffle(records)
    return records


@pytest.fixture(scope="module")
def found(kafka: Broker, warm_flink: Flink) -> Results:
    return Lab(kafka, warm_flink).run_to_end(detector(DETECTOR), pay_events())


def told(results: Results, rule: str) -> list[tuple[str, str, str, list[str]]]:
    """Entity, time, reason and evidence of each alert."""
    return [
        (alert["entity"]["id"], alert["event_time"], alert["reason"], alert["evidence"]["ids"])
        for alert in alerts(results, rule)
    ]


def edges(results: Results, rule: str) -> list[tuple[str, str]]:
    return [(alert["window_start"], alert["window_end"]) for alert in alerts(results, rule)]


def test_filter_is_a_whole_alert(found: Results) -> None:
    (alert,) = alerts(found, "filter")
    (version,) = {alert.pop("rule_version")}
    assert len(version) == 8
    assert alert == {
        "alert_id": alert_id(found.detector, "filter", "A", "f2", at("10:00:01")),
        "namespace": found.detector.metadata.namespace,
        "detector": "kinds",
        "rule": "filter",
        "severity": "Critical",
        "mode": "Enforce",
        "entity": {"type": "card", "id": "A"},
        "event_time": at("10:00:01"),
        "window_start": None,
        "window_end": None,
        "reason": "#1: 100.01A above 100? 100$ \\ null",
        "evidence": {"count": 1, "ids": ["f2"]},
        "row": {
            "id": "f2", "what": "filter", "card": "A", "shop": None, "amount": Decimal("100.01"),
            "time": at("10:00:01"),
        },
    }  # fmt: skip


def test_alerts_are_keyed_by_entity_and_have_ids_of_their_own(found: Results) -> None:
    for message in found.alerts:
        entity = message.json()["entity"]
        assert message.key == f"{entity['type']}/{entity['id'] or ''}".encode()
    ids = [message.json()["alert_id"] for message in found.alerts]
    assert len(ids) == len(set(ids)) > 30


def test_no_event_was_refused_or_late(found: Results) -> None:
    assert found.dead_letters("pay") == []
    assert found.late == []


def test_parameters_of_every_type(found: Results) -> None:
    reason = '-5 12.50 -0.000000001 it\'s "#" :much true'
    assert told(found, "parameters") == [("A", at("10:00:00"), reason, ["p1"])]


def test_first_only_is_once_per_entity_in_any_period(found: Results) -> None:
    assert told(found, "first-only") == [
        ("B", at("10:05:00"), "1", ["o1"]),
        ("B", at("11:05:00"), "6", ["o6"]),
        ("C", at("10:10:00"), "5", ["o5"]),
    ]
    ids = [alert["alert_id"] for alert in alerts(found, "first-only")]
    own = [("B", "o1", at("10:05:00")), ("B", "o6", at("11:05:00")), ("C", "o5", at("10:10:00"))]
    assert ids == [alert_id(found.detector, "first-only", *one) for one in own]


def test_an_entity_is_never_unknown(found: Results) -> None:
    assert [(alert["entity"]["id"], alert["reason"]) for alert in alerts(found, "null-entity")] == [("", "at ")]


def test_entities_of_several_columns_never_meet(found: Results) -> None:
    assert {alert["entity"]["id"]: alert["evidence"]["ids"] for alert in alerts(found, "pair")} == {
        "a\\|b|c": ["z1"],
        "a|b\\|c": ["z2"],
        "a\\\\|": ["z3"],
        "a|\\|": ["z4"],
    }


def test_shadow_alerts_are_marked_and_nothing_else(found: Results) -> None:
    shadow = alerts(found, "shadow")
    assert [(alert["mode"], alert["evidence"]["ids"]) for alert in shadow] == [
        ("Shadow", ["m2"]),
        ("Shadow", ["m3"]),
        ("Shadow", ["m4"]),
    ]
    assert {alert["mode"] for alert in alerts(found, "blocked")} == {"Enforce"}
    assert not [record for record in documents(found.blocked) if record["rule"] == "shadow"]


def test_disabled_rules_are_silent(found: Results) -> None:
    assert alerts(found, "disabled") == []
    assert not [record for record in documents(found.blocked) if record["rule"] == "disabled"]


def test_block_records_say_who_why_when_until_and_what_is_at_stake(found: Results) -> None:
    records = {message.key: message.json() for message in found.blocked if message.json()["rule"] == "blocked"}
    ids = {alert["entity"]["id"]: alert["alert_id"] for alert in alerts(found, "blocked")}
    assert records == {
        b"card/M": {
            "who": "M", "entity_type": "card", "why": "25.5 at s", "when": at("10:00:02"), "until": at("11:00:02"),
            "amount": Decimal("25.50"), "rule": "blocked", "alert_id": ids["M"],
        },
        b"card/N": {
            "who": "N", "entity_type": "card", "why": "30 at null", "when": at("10:00:03"), "until": at("11:00:03"),
            "amount": 30, "rule": "blocked", "alert_id": ids["N"],
        },
    }  # fmt: skip


def test_splits_pass_the_bytes_on(found: Results) -> None:
    sent = {value for _, _, _, value in pay_events()}
    flagged = {message.value for message in found.output("flagged")}
    clean = {message.value for message in found.output("clean")}
    assert {record["id"] for record in documents(found.output("flagged"))} == {"m3", "m4"}
    assert flagged | clean == sent
    assert len(found.output("flagged")) + len(found.output("clean")) == len(sent)


def test_keyed_outputs(found: Results) -> None:
    rows = [(message.key, message.json()) for message in found.output("passed")]
    assert sorted(rows, key=lambda row: row[1]["when"]) == [
        (b'{"card":"M"}', {"card": "M", "cents": 500, "shop": "s", "when": "2024-03-01T10:00:00Z"}),
        (b'{"card":"M"}', {"card": "M", "cents": 1500, "shop": "s", "when": "2024-03-01T10:00:01Z"}),
        (b'{"card":"M"}', {"card": "M", "cents": 2550, "shop": "s", "when": "2024-03-01T10:00:02Z"}),
        (b'{"card":"N"}', {"card": "N", "cents": 3000, "shop": None, "when": "2024-03-01T10:00:03Z"}),
    ]


def test_upserts_end_in_the_final_row(found: Results) -> None:
    last: dict[bytes | None, Any] = {message.key: message.json() for message in found.output("per-card")}
    assert last == {
        b'{"card":"M"}': {"card": "M", "times": 3, "total": Decimal("45.50")},
        b'{"card":"N"}': {"card": "N", "times": 1, "total": 30},
    }


def test_velocity_looks_back_from_every_event(found: Results) -> None:
    assert told(found, "velocity") == [
        # the event ten minutes before counts, a millisecond later it does not
        ("V", at("10:10:00"), "3 times, 90 in 2 shops, 30 each", ["v1", "v2", "v3"]),
        ("V", at("10:10:00.001"), "3 times, 85 in 2 shops, 28.333333 each", ["v2", "v3", "v4"]),
    ]
    first, second = alerts(found, "velocity")
    aggregates = ("n", "shops", "sum", "least", "most", "named", "big", "big_shops")
    assert [first["row"][name] for name in aggregates] == [3, 2, 90, 10, 60, 3, 1, 1]
    assert [second["row"][name] for name in aggregates] == [3, 2, 85, 5, 60, 2, 1, 1]
    assert first["evidence"]["count"] == 3
    assert (first["row"]["id"], first["row"]["amount"]) == ("v3", 20)


def test_events_of_one_instant_see_each_other(found: Results) -> None:
    alike = alerts(found, "instant")
    assert sorted(alert["row"]["id"] for alert in alike) == ["i1", "i2"]
    for alert in alike:
        assert alert["reason"] == "2 at once"
        assert alert["evidence"]["ids"] == ["i1", "i2"]
    assert len({alert["alert_id"] for alert in alike}) == 2


def test_evidence_ends_at_twenty(found: Results) -> None:
    (alert,) = alerts(found, "crowd")
    assert alert["evidence"] == {"count": 25, "ids": [f"c{number:02}" for number in range(5, 25)]}


def test_events_without_the_key_are_nobodys(found: Results) -> None:
    assert told(found, "null-key") == [("x", at("10:00:04"), "2 times", ["k4", "k5"])]


def test_first_only_over_a_trailing_window(found: Results) -> None:
    assert told(found, "first-velocity") == [
        ("A", at("10:00:01"), "2 times in all shops, now at s2", ["w1", "w2"]),
        ("A", at("11:00:02"), "2 times in all shops, now at s4", ["w3", "w4"]),
    ]
    blocked = [record for record in documents(found.blocked) if record["rule"] == "first-velocity"]
    assert {record["amount"] for record in blocked} == {None}
    # thirty days by default
    assert {record["until"] for record in blocked} == {"2024-03-31T10:00:01.000Z", "2024-03-31T11:00:02.000Z"}


def test_tumbling_windows(found: Results) -> None:
    assert told(found, "tumble") == [
        ("T", at("10:04:59.999"), f"110 from {at('10:00:00')} to {at('10:05:00')}", ["t1", "t2"]),
        ("U", at("10:09:59.999"), f"100.01 from {at('10:05:00')} to {at('10:10:00')}", ["t4"]),
    ]
    two, one = alerts(found, "tumble")
    assert (two["evidence"]["count"], one["evidence"]["count"]) == (2, 1)
    assert two["row"] == {
        "card": "T", "sum": 110, "large": 1, "window_start": at("10:00:00"), "window_end": at("10:05:00"),
    }  # fmt: skip
    assert edges(found, "tumble") == [(at("10:00:00"), at("10:05:00")), (at("10:05:00"), at("10:10:00"))]
    identity = f"{at('10:00:00')}/{at('10:05:00')}"
    assert two["alert_id"] == alert_id(found.detector, "tumble", "T", identity)


def test_hopping_windows_overlap(found: Results) -> None:
    assert edges(found, "hop") == [(at("10:00:00"), at("10:10:00")), (at("10:05:00"), at("10:15:00"))]
    assert [(reason, ids) for _, _, reason, ids in told(found, "hop")] == [("180", ["h1", "h3"]), ("120", ["h2", "h3"])]


def test_sessions_end_with_silence(found: Results) -> None:
    assert told(found, "session") == [("S", at("10:02:59"), "3 times", ["s1", "s3"])]
    assert edges(found, "session") == [(at("10:00:00"), at("10:02:59.001"))]


def test_cumulating_windows_tell_early(found: Results) -> None:
    assert edges(found, "cumulate") == [(at("10:00:00"), at("10:40:00")), (at("10:00:00"), at("11:00:00"))]
    assert [reason for _, _, reason, _ in told(found, "cumulate")] == [
        f"2 times by {at('10:40:00')}",
        f"2 times by {at('11:00:00')}",
    ]


def test_relaxed_sequences_allow_events_between(found: Results) -> None:
    assert told(found, "relaxed") == [
        ("Q1", at("10:02:00"), "1 at s, then 200", ["q1", "q3"]),
        # exactly ten minutes
        ("Q2", at("10:10:00"), "1 at s, then 200", ["q5", "q6"]),
        ("Q3", at("10:09:59.999"), "1 at s, then 200", ["q7", "q8"]),
    ]
    first = alerts(found, "relaxed")[0]
    assert first["evidence"]["count"] == 2
    assert first["row"] == {
        "card": "Q1",
        "small": {"id": "q1", "what": "relaxed", "shop": "s", "amount": 1, "time": at("10:00:00")},
        "big": {"id": "q3", "what": "relaxed", "shop": "t", "amount": 200, "time": at("10:02:00")},
    }


def test_strict_sequences_allow_none(found: Results) -> None:
    assert told(found, "strict") == [
        ("K1", at("10:02:00"), "2, then 200", ["k12", "k13"]),
        ("K3", at("10:03:00"), "3, then 200", ["k33", "k34"]),
    ]
    assert alerts(found, "strict")[0]["evidence"]["count"] == 3


def test_events_of_one_step_come_in_a_row(found: Results) -> None:
    assert told(found, "times") == [("X1", at("10:03:00"), "2, then 200", ["x12", "x14"])]


def test_queries_of_ones_own(found: Results) -> None:
    assert told(found, "sql") == [("L", at("10:02:00"), "from 10 to 100.01", ["l3"])]
    (alert,) = alerts(found, "sql")
    assert alert["row"] == {"card": "L", "amount": Decimal("100.01"), "before": 10}
