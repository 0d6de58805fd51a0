"""Rules that remember a key's earlier events: edge, firstOnly, firstSeen, change and totals, judged by hand."""

import json
import random
from typing import Any

import pytest
from harness.events import alert_id, alerts, at, detector, event
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

# The column `what` says which rule an event is meant for; `rowtime` is a name that Flink gives columns of its own.
DETECTOR = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: ordered}
spec:
  streams:
    - name: pay
      columns:
        - {name: id, type: STRING}
        - {name: what, type: STRING}
        - {name: card, type: STRING}
        - {name: shop, type: STRING, required: false}
        - {name: amount, type: "DECIMAL(10, 2)"}
        - {name: rowtime, type: STRING, required: false}
        - {name: time, type: STRING}
      eventId: id
      # no event is late: the order of the input must not matter
      eventTime: {column: time, outOfOrderness: 1d, idleTimeout: 1h}
  parameters:
    - {name: high, type: INT, value: 3}
  rules:
    - name: first-filter
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      firstOnly: 10m
      filter: {from: pay, where: what = 'first'}
    - name: first-velocity
      entity: {type: card, columns: [card]}
      reason: "{n} at {shop}"
      firstOnly: 10m
      actions: {block: {amount: amount}}
      velocity:
        from: pay
        where: what = 'often'
        by: [card, what]
        within: 1h
        aggregates: [{name: n, function: Count}]
        having: n >= 2
    - name: coupon
      entity: {type: device-coupon, columns: [card, shop]}
      reason: "{accounts} accounts"
      firstOnly: 7h
      velocity:
        from: pay
        where: what = 'coupon'
        within: 7h
        aggregates: [{name: accounts, function: CountDistinct, column: amount}]
        having: accounts >= :high
    - name: first-window
      entity: {type: card, columns: [card]}
      reason: "{n} until {window_end}"
      firstOnly: 10m
      window:
        from: pay
        where: what = 'window'
        tumble: {size: 5m}
        aggregates: [{name: n, function: Count}]
        having: n >= 1
    - name: edge-filter
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      edge: {resetWhen: amount < 10, memory: 1h}
      filter: {from: pay, where: what = 'level' AND amount > 100}
    - name: edge-default
      entity: {type: card, columns: [card]}
      reason: "{amount}"
      edge: {memory: 1h}
      filter: {from: pay, where: what = 'level' AND amount > 100}
    - name: edge-velocity
      entity: {type: card, columns: [card]}
      reason: "{n}"
      edge: {resetWhen: n < 2, memory: 1d}
      velocity:
        from: pay
        where: what = 'pulse'
        within: 10m
        aggregates: [{name: n, function: Count}]
        having: n >= :high
    - name: edge-window
      entity: {type: card, columns: [card]}
      reason: "{n} until {window_end}"
      edge: {memory: 1h}
      window:
        from: pay
        where: what = 'windows'
        tumble: {size: 5m}
        aggregates: [{name: n, function: Count}]
        having: n >= 2
    - name: totals
      entity: {type: card, columns: [card]}
      reason: "{n}: {sum}, {mean} each, {shops} shops, {least} to {most}, {big} big"
      velocity:
        from: pay
        where: what = 'total'
        memory: 1h
        aggregates:
          - {name: n, function: Count}
          - {name: sum, function: Sum, column: amount}
          - {name: mean, function: Avg, column: amount}
          - {name: shops, function: CountDistinct, column: shop}
          - {name: least, function: Min, column: amount}
          - {name: most, function: Max, column: amount}
          - {name: big, function: Count, where: amount > 50}
        having: n >= 2
    - name: turns-high
      entity: {type: card, columns: [card]}
      reason: "{frauds} of them"
      firstOnly: 1ms
      edge: {resetWhen: frauds < :high, memory: 1d}
      actions: {block: {amount: amount}}
      velocity:
        from: pay
        where: what = 'risk'
        memory: 1d
        aggregates: [{name: frauds, function: Count, where: amount > 50}]
        having: amount > 50 AND frauds >= :high
    - name: new-shop
      entity: {type: card, columns: [card]}
      reason: "{card} is new at {shop}"
      firstSeen: {from: pay, where: what = 'shop', value: [shop], memory: 1h}
    - name: new-pair
      entity: {type: card, columns: [card]}
      reason: "{shop} {amount}"
      firstSeen: {from: pay, where: what = 'pair', by: [card, what], value: [shop, amount], memory: 12h, warmUp: 30m}
    - name: dormant
      entity: {type: card, columns: [card]}
      reason: "{gap} s between {previous.amount} at {previous.shop} and {amount} at {shop}"
      change: {from: pay, where: what = 'gap', within: 2h, having: gap >= 3600}
    - name: jump
      entity: {type: card, columns: [card]}
      reason: "{previous.amount}, then {amount}"
      edge: {resetWhen: amount <= previous.amount, memory: 1d}
      firstOnly: 1s
      change: {from: pay, where: what = 'jump', within: 1h, having: amount > previous.amount * 2}
"""

Told = list[tuple[str, str, str]]


def pay(what: str, card: str, when: str, amount: float = 1, id: str | None = None, **more: Any) -> Record:
    # neighbours of a card lie in both partitions
    fields = {"id": id or f"{what}{when}", "what": what, "card": card, "amount": amount, "time": at(when)}
    return event("pay", None, len(when + (id or "")) % 2, **(fields | more))


RECORDS: dict[str, list[Record]] = {
    "first": [
        pay("first", "A", "10:05:00", 1),
        pay("first", "A", "10:09:59", 2),
        pay("first", "A", "10:14:59.999", 3),
        pay("first", "A", "10:15:00", 4),  # ten minutes after the first: told
        pay("first", "A", "10:24:00", 5),
        pay("first", "B", "10:05:00", 7, id="b2"),
        pay("first", "B", "10:05:00", 6, id="b1"),  # of one instant the first by id
    ],
    "often": [pay("often", "A", f"10:0{minute}:00", minute, shop=f"s{minute}") for minute in range(5)],
    # the period of the first does not end at any fixed hour
    "coupon": [
        pay("coupon", "D", when, account, shop=coupon)
        for when, account, coupon in (
            ("10:00:00", 1, "new"),
            ("11:00:00", 2, "new"),
            ("11:01:00", 2, "new"),
            ("11:02:00", 1, "summer"),
            ("11:03:00", 2, "summer"),
            ("13:50:00", 3, "new"),
            ("14:10:00", 4, "new"),
            ("17:00:00", 5, "new"),
        )
    ],
    "window": [pay("window", "A", f"10:{minute:02}:00") for minute in (1, 6, 11, 16)],
    # cards of their own: an edge of a filter looks at all events of the stream
    "level": [
        pay("level", "E", "10:00:00", 50),
        pay("level", "E", "10:01:00", 150),  # on
        pay("level", "E", "10:02:00", 160),
        pay("level", "E", "10:03:00", 50),  # off, but no reset at 10
        pay("level", "E", "10:04:00", 170),  # on for the default
        pay("level", "E", "10:05:00", 5),  # reset
        pay("level", "E", "10:06:00", 180),  # on
        pay("level", "E", "11:06:00", 190),  # an hour later: not forgotten
        pay("level", "E", "12:06:00.001", 200),  # forgotten
        # of one instant: on wins, and the last by id that is on is named
        pay("level", "F", "10:00:00", 101, id="l1"),
        pay("level", "F", "10:00:00", 102, id="l2"),
        pay("level", "F", "10:00:00", 1, id="l3"),
        pay("level", "F", "10:00:01", 103, id="l4"),
        pay("level", "F", "10:00:02", 1, id="l5"),
        pay("level", "F", "10:00:02", 104, id="l6"),
        pay("level", "F", "10:00:03", 1, id="l7"),
        pay("level", "F", "10:00:04", 105, id="l8"),
    ],
    "pulse": [
        *[pay("pulse", "A", f"10:0{minute}:00") for minute in (0, 1, 2, 3)],  # on at 10:02
        pay("pulse", "A", "10:12:00", id="p5"),  # two of ten minutes: off, no reset
        pay("pulse", "A", "10:12:30", id="p6"),  # two
        pay("pulse", "A", "10:12:40", id="p7"),  # three, yet told of
        pay("pulse", "A", "10:40:00", id="p8"),  # one: reset
        # two in one instant, then three at once: nobody is missed
        pay("pulse", "A", "10:41:00", id="p9"),
        pay("pulse", "A", "10:42:00", id="q1"),
        pay("pulse", "A", "10:42:00", id="q3"),
        pay("pulse", "A", "10:42:00", id="q2"),
    ],
    "windows": [
        pay("windows", "A", when)
        for when in ("10:01:00", "10:01:01", "10:06:00", "10:06:01", "10:11:00", "10:16:00", "10:16:01")
    ],
    "total": [
        pay("total", "A", "10:00:00", 10, shop="x"),
        pay("total", "A", "11:00:00", 60, shop="y"),  # an hour of silence is not yet too long
        pay("total", "A", "11:30:00", 5, id="t3", shop="x"),
        pay("total", "A", "11:30:00", 5, id="t4"),  # of one instant: both see both
        pay("total", "A", "12:30:00.001", 70, shop="z"),  # forgotten
        pay("total", "A", "12:31:00", 80, shop="z"),
    ],
    "risk": [
        pay("risk", "u1", "10:00:01", 60, id="r1"),
        pay("risk", "u1", "10:00:02", 60, id="r2"),
        pay("risk", "u1", "10:00:02", 61, id="r3"),
        pay("risk", "u1", "10:00:02", 1, id="r4"),  # not one of those that count
        pay("risk", "u1", "10:00:03", 60, id="r5"),
        pay("risk", "u2", "10:00:01", 60, id="r6"),
        pay("risk", "u2", "10:00:01", 60, id="r7"),
        pay("risk", "u2", "10:00:01", 60, id="r8"),
        pay("risk", "u2", "10:00:01", 60, id="r9"),
        # one after the other: the third
        *[pay("risk", "u3", f"10:00:0{second}", 60, id=f"s{second}") for second in (1, 2, 3, 4)],
    ],
    "shop": [
        pay("shop", "A", "10:00:00", shop="x"),
        pay("shop", "A", "10:30:00", shop="y", id="n2"),
        pay("shop", "A", "10:30:00", shop="y", id="n1"),  # the first by id
        pay("shop", "A", "11:00:00", shop="x"),  # seen an hour ago: known
        pay("shop", "A", "11:10:00"),  # no value
        pay("shop", "A", "11:20:00", shop="x"),
        pay("shop", "A", "11:31:00", shop="y"),  # seen more than an hour ago: new again
        pay("shop", "B", "11:32:00", shop="y"),
    ],
    "pair": [
        pay("pair", "A", "10:00:00", 1, shop="x"),
        pay("pair", "A", "10:10:00", 2, shop="x"),  # learnt
        pay("pair", "A", "10:29:59.999", 1, shop="z"),  # learnt
        pay("pair", "A", "10:30:00", 2, shop="z"),  # new: its parts were seen, but not together
        pay("pair", "A", "10:31:00", 2, shop="x"),
        pay("pair", "A", "23:00:00", 9, shop="x"),  # the card was away for longer than 12 h: learns anew
        pay("pair", "A", "23:30:00", 8, shop="x"),
    ],
    "gap": [
        pay("gap", "A", "10:00:00", 1, shop="x"),
        pay("gap", "A", "10:59:59.999", 2, shop="y"),
        pay("gap", "A", "11:59:59.999", 3),  # exactly an hour
        pay("gap", "A", "13:59:59.999", 4, shop="z"),  # exactly within
        pay("gap", "A", "16:00:00", 5, shop="z"),  # over
        pay("gap", "B", "12:00:00", 6),
    ],
    "jump": [
        pay("jump", "A", "10:00:00", 1),
        pay("jump", "A", "10:01:00", 3),  # on
        pay("jump", "A", "10:02:00", 7),
        pay("jump", "A", "10:03:00", 7.5),  # neither
        pay("jump", "A", "10:04:00", 20),
        pay("jump", "A", "10:05:00", 20),  # reset
        # of one instant in the order of ids: 20, 41, 90, so the last jump is 41 to 90
        pay("jump", "A", "10:06:00", 90, id="j9"),
        pay("jump", "A", "10:06:00", 41, id="j8"),
    ],
}

EXPECTED: dict[str, Told] = {
    "first-filter": [("A", "10:05:00", "1"), ("A", "10:15:00", "4"), ("B", "10:05:00", "6")],
    "first-velocity": [("A", "10:01:00", "2 at s1")],
    "coupon": [("D|new", "13:50:00", "3 accounts")],
    "first-window": [
        ("A", "10:04:59.999", "1 until 2024-03-01T10:05:00.000Z"),
        ("A", "10:14:59.999", "1 until 2024-03-01T10:15:00.000Z"),
    ],
    "edge-filter": [
        ("E", "10:01:00", "150"),
        ("E", "10:06:00", "180"),
        ("E", "12:06:00.001", "200"),
        ("F", "10:00:00", "102"),
        ("F", "10:00:04", "105"),
    ],
    "edge-default": [
        ("E", "10:01:00", "150"),
        ("E", "10:04:00", "170"),
        ("E", "10:06:00", "180"),
        ("E", "12:06:00.001", "200"),
        ("F", "10:00:00", "102"),
        ("F", "10:00:04", "105"),
    ],
    "edge-velocity": [("A", "10:02:00", "3"), ("A", "10:42:00", "5")],
    "edge-window": [
        ("A", "10:04:59.999", "2 until 2024-03-01T10:05:00.000Z"),
        ("A", "10:19:59.999", "2 until 2024-03-01T10:20:00.000Z"),
    ],
    "totals": [
        ("A", "11:00:00", "2: 70, 35 each, 2 shops, 10 to 60, 1 big"),
        ("A", "11:30:00", "4: 80, 20 each, 2 shops, 5 to 60, 1 big"),
        ("A", "11:30:00", "4: 80, 20 each, 2 shops, 5 to 60, 1 big"),
        ("A", "12:31:00", "2: 150, 75 each, 1 shops, 70 to 80, 2 big"),
    ],
    "turns-high": [("u1", "10:00:02", "3 of them"), ("u2", "10:00:01", "4 of them"), ("u3", "10:00:03", "3 of them")],
    "new-shop": [
        ("A", "10:00:00", "A is new at x"),
        ("A", "10:30:00", "A is new at y"),
        ("A", "11:31:00", "A is new at y"),
        ("B", "11:32:00", "B is new at y"),
    ],
    "new-pair": [("A", "10:30:00", "z 2"), ("A", "23:30:00", "x 8")],
    "dormant": [
        ("A", "11:59:59.999", "3600 s between 2 at y and 3 at null"),
        ("A", "13:59:59.999", "7200 s between 3 at null and 4 at z"),
    ],
    "jump": [("A", "10:01:00", "1, then 3"), ("A", "10:06:00", "41, then 90")],
}


def told(results: Results, rule: str) -> Told:
    found = alerts(results, rule)
    return [(one["entity"]["id"], one["event_time"][11:-1].removesuffix(".000"), one["reason"]) for one in found]


@pytest.fixture(scope="module")
def results(kafka: Broker, warm_flink: Flink) -> Results:
    records = [record for one in RECORDS.values() for record in one]
    random.Random(7).shuffle(records)
    return Lab(kafka, warm_flink).run_to_end(detector(DETECTOR), records)


@pytest.mark.parametrize("rule", EXPECTED)
def test_what_is_told(results: Results, rule: str) -> None:
    assert told(results, rule) == EXPECTED[rule]


def test_nothing_is_late_or_refused(results: Results) -> None:
    assert results.late == []
    assert results.dead_letters("pay") == []


def test_an_alert_names_the_event_it_is_about(results: Results) -> None:
    def ids(rule: str) -> list[list[str]]:
        return [alert["evidence"]["ids"] for alert in alerts(results, rule)]

    assert ids("first-filter")[-1] == ["b1"]
    assert ids("edge-filter")[3:] == [["l2"], ["l8"]]
    assert [one[-1] for one in ids("turns-high")] == ["r4", "r9", "s3"]
    assert [alert["row"]["id"] for alert in alerts(results, "turns-high")] == ["r3", "r9", "s3"]
    assert [alert["row"]["id"] for alert in alerts(results, "edge-velocity")][1] == "q3"
    assert ids("new-shop")[1] == ["n1"]
    assert ids("jump")[1] == ["j8", "j9"]


def test_what_is_told_once_is_called_by_its_own_event(results: Results) -> None:
    for alert in alerts(results, "first-filter"):
        entity = alert["entity"]["id"]
        assert alert["alert_id"] == alert_id(
            results.detector, "first-filter", entity, alert["row"]["id"], alert["event_time"]
        )


def test_the_event_before_stands_below_its_name(results: Results) -> None:
    first, second = alerts(results, "dormant")
    assert first["row"]["gap"] == 3600
    assert first["row"]["previous"]["shop"] == "y"
    assert second["row"]["previous"] == {
        "id": "gap11:59:59.999",
        "what": "gap",
        "shop": None,
        "amount": 3,
        "rowtime": None,
        "time": at("11:59:59.999"),
    }
    assert second["evidence"] == {"count": 2, "ids": ["gap11:59:59.999", "gap13:59:59.999"]}


def test_who_turns_is_blocked_once(results: Results) -> None:
    found = [message.json() for message in results.blocked]
    assert sorted((one["rule"], one["who"], one["amount"]) for one in found) == [
        ("first-velocity", "A", 1),
        ("turns-high", "u1", 61),
        ("turns-high", "u2", 60),
        ("turns-high", "u3", 60),
    ]
    assert {one["alert_id"] for one in found} <= {json.loads(message.value)["alert_id"] for message in results.alerts}
