"""Sums and averages of every numeric type, in a trailing window and in every shape of window: nothing wraps, is cut
or becomes null."""

import json
from decimal import Decimal
from typing import Any

import pytest
from harness.events import alerts, at, detector
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

LARGEST = {
    "ti": ("TINYINT", 127),
    "si": ("SMALLINT", 32_767),
    "i": ("INT", 2_147_483_647),
    "b": ("BIGINT", 9_223_372_036_854_775_807),
    "f": ("FLOAT", 3e38),
    "plain": ("DECIMAL(29, 2)", Decimal("9" * 27 + ".99")),
    "chain": ("DECIMAL(38, 18)", Decimal("60000000000000000000.5")),
    "money": ("DECIMAL(38, 2)", Decimal("9" * 36 + ".99")),
    "whole": ("DECIMAL(38, 0)", Decimal("9" * 38)),
    "d": ("DOUBLE", 1e17),
}
"""Columns with values near the end of what they hold: three of each make a sum."""

SUMS: dict[str, Any] = {
    "ti": 381,
    "si": 98_301,
    "i": 6_442_450_941,
    "b": 27_670_116_110_564_327_421,
    "f": pytest.approx(Decimal("9e38"), rel=Decimal("1e-6")),
    "plain": Decimal("2999999999999999999999999999.97"),
    "chain": Decimal("180000000000000000001.5"),
    # no DECIMAL holds these: the largest there is stands for them
    "money": Decimal("9" * 36 + ".99"),
    "whole": Decimal("9" * 38),
}
MEANS: dict[str, Any] = {
    **{name: value for name, (_, value) in LARGEST.items()},
    "f": pytest.approx(Decimal("3e38"), rel=Decimal("1e-6")),
}
SHAPES = {
    "tumble": {"size": "1h"},
    "hop": {"size": "2h", "slide": "1h"},
    "session": {"gap": "1h"},
    "cumulate": {"size": "1h", "step": "30m"},
}
AGGREGATES = [
    *({"name": f"sum_{name}", "function": "Sum", "column": name} for name in list(LARGEST)[:7]),
    *({"name": f"avg_{name}", "function": "Avg", "column": name} for name in list(LARGEST)[:7]),
    {"name": "n", "function": "Count"},
]
WIDEST = [
    *({"name": f"sum_{name}", "function": "Sum", "column": name} for name in ("money", "whole")),
    *({"name": f"avg_{name}", "function": "Avg", "column": name} for name in ("money", "whole")),
    {"name": "sum_some", "function": "Sum", "column": "chain", "where": "id <> 'e1'"},
    {"name": "avg_some", "function": "Avg", "column": "i", "where": "id <> 'e1'"},
    {"name": "sum_none", "function": "Sum", "column": "chain", "where": "id = 'none'"},
    {"name": "n", "function": "Count"},
]


def rule(name: str, kind: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "entity": {"type": "k", "columns": ["k"]}, "reason": "{n}", **kind}


def rules() -> list[dict[str, Any]]:
    made = []
    for suffix, aggregates, having in (
        ("", AGGREGATES, "sum_i > 6000000000 AND sum_b > 0 AND sum_ti > 300 AND sum_chain > 1e20"),
        ("-widest", WIDEST, "sum_money > 1e30 AND sum_whole > 1e30 AND n = 3"),
    ):
        counted = {"from": "ev", "aggregates": aggregates, "having": having}
        made.append(rule(f"velocity{suffix}", {"velocity": {**counted, "within": "1h"}}))
        made += [rule(f"{shape}{suffix}", {"window": {**counted, shape: spec}}) for shape, spec in SHAPES.items()]
    counted = {"from": "ev", "where": "k = 'x'", "within": "1m", "having": "TRUE"}
    sums = [
        {"name": f"{name}_{f}", "function": f, "column": name} for name in ("whole", "i", "d") for f in ("Sum", "Avg")
    ]
    made.append(rule("passing", {"velocity": {**counted, "aggregates": [*sums, {"name": "n", "function": "Count"}]}}))
    return made


def spec() -> str:
    columns = [{"name": name, "type": sql_type} for name, (sql_type, _) in LARGEST.items()]
    more = [{"name": name, "type": "STRING"} for name in ("id", "k", "at")]
    time = {"column": "at", "outOfOrderness": "1d", "idleTimeout": "1h"}
    stream = {"name": "ev", "columns": [*more, *columns], "eventId": "id", "eventTime": time}
    return json.dumps(
        {
            "apiVersion": "frauddetector.io/v1alpha1",
            "kind": "FraudDetector",
            "metadata": {"name": "numbers"},
            "spec": {"streams": [stream], "rules": rules()},
        }
    )


def record(name: str, key: str, time: str, **changed: object) -> Record:
    fields = {column: value for column, (_, value) in LARGEST.items()} | changed
    numbers = ", ".join(f'"{column}": {value}' for column, value in fields.items())
    return "ev", 0, key.encode(), f'{{"id": "{name}", "k": "{key}", "at": "{at(time)}", {numbers}}}'.encode()


EVENTS = [
    *(record(f"e{place}", "k", f"10:0{place}:00") for place in (1, 2, 3)),
    # a value as large as there is comes and goes: what stays is what the others are
    record("p1", "x", "12:00:00"),
    record("p2", "x", "12:00:30", whole=1, i=1, d=0.01),
    record("p3", "x", "12:01:30", whole=2, i=2, d=0.02),
    record("p4", "x", "12:02:31", whole=3, i=3, d=1.5),
]


@pytest.fixture(scope="module")
def found(kafka: Broker, warm_flink: Flink) -> Results:
    return Lab(kafka, warm_flink).run_to_end(detector(spec()), EVENTS)


def last(results: Results, name: str) -> dict[str, Any]:
    found = [alert["row"] for alert in alerts(results, name) if alert["entity"]["id"] == "k"]
    assert found, f"{name} told nothing"
    row: dict[str, Any] = max(found, key=lambda each: int(each["n"]))
    assert row["n"] == 3
    return row


@pytest.mark.parametrize("kind", ["velocity", *SHAPES])
def test_sums_and_averages_hold_what_their_columns_hold(found: Results, kind: str) -> None:
    row = last(found, kind)
    told = {name: row[f"sum_{name}"] for name in list(LARGEST)[:7]}
    assert told == {name: SUMS[name] for name in told}
    means = {name: row[f"avg_{name}"] for name in list(LARGEST)[:7]}
    assert means == {name: MEANS[name] for name in means}


@pytest.mark.parametrize("kind", ["velocity", *SHAPES])
def test_what_no_decimal_holds_is_the_largest(found: Results, kind: str) -> None:
    row = last(found, f"{kind}-widest")
    assert {name: row[f"sum_{name}"] for name in ("money", "whole")} == {
        name: SUMS[name] for name in ("money", "whole")
    }
    assert {name: row[f"avg_{name}"] for name in ("money", "whole")} == {
        name: MEANS[name] for name in ("money", "whole")
    }
    assert row["sum_some"] == Decimal("120000000000000000001")
    assert row["avg_some"] == 2_147_483_647
    assert row["sum_none"] is None


def test_what_leaves_a_trailing_window_leaves_nothing_behind(found: Results) -> None:
    names = ("id", "whole_Sum", "i_Sum", "i_Avg", "d_Sum", "d_Avg")
    told = [tuple(alert["row"][name] for name in names) for alert in alerts(found, "passing")]
    assert told == [
        ("p1", Decimal("9" * 38), 2_147_483_647, 2_147_483_647, 10**17, 10**17),
        ("p2", Decimal("9" * 38), 2_147_483_648, 1_073_741_824, 10**17, 5 * 10**16),
        ("p3", 3, 3, Decimal("1.5"), Decimal("0.03"), Decimal("0.015")),
        ("p4", 3, 3, 3, Decimal("1.5"), Decimal("1.5")),
    ]


CENTS = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: cents}
spec:
  streams:
    - name: pay
      columns:
        - {name: id, type: STRING}
        - {name: acct, type: STRING}
        - {name: cents, type: INT}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at, format: ISO8601}
  rules:
    - name: big-sum
      entity: {type: account, columns: [acct]}
      reason: "sum {total} avg {mean}"
      window:
        from: pay
        tumble: {size: 1m}
        aggregates:
          - {name: total, function: Sum, column: cents}
          - {name: mean, function: Avg, column: cents}
        having: total > 1000
    - name: any
      entity: {type: account, columns: [acct]}
      reason: "sum {total} avg {mean}"
      velocity:
        from: pay
        within: 1m
        aggregates:
          - {name: total, function: Sum, column: cents}
          - {name: mean, function: Avg, column: cents}
        having: total < 0 OR mean <> 0
"""
PAYS = [
    ("e1", "a", 1_000_000_000, "01"),
    ("e2", "a", 1_000_000_000, "02"),
    ("e3", "a", 1_000_000_000, "03"),
    ("f1", "b", 1, "01"),
    ("f2", "b", 2, "02"),
]


def test_cents_neither_wrap_nor_are_cut(kafka: Broker, warm_flink: Flink) -> None:
    fields = ("id", "acct", "cents", "at")
    written = [dict(zip(fields, (*pay, f"2024-05-01T09:00:{second}Z"), strict=True)) for *pay, second in PAYS]
    records = [("pay", 0, one["acct"].encode(), json.dumps(one).encode()) for one in written]
    results = Lab(kafka, warm_flink).run_to_end(detector(CENTS), records)
    assert [(a["entity"]["id"], a["reason"]) for a in alerts(results, "big-sum")] == [
        ("a", "sum 3000000000 avg 1000000000")
    ]
    assert [(a["entity"]["id"], a["reason"]) for a in alerts(results, "any")] == [
        ("a", "sum 1000000000 avg 1000000000"),
        ("a", "sum 2000000000 avg 1000000000"),
        ("a", "sum 3000000000 avg 1000000000"),
        ("b", "sum 1 avg 1"),
        ("b", "sum 3 avg 1.5"),
    ]


TOKENS = """
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: decimals}
spec:
  streams:
    - name: chain
      columns:
        - {name: id, type: STRING}
        - {name: wallet, type: STRING}
        - {name: amount, type: "DECIMAL(38, 18)"}
        - {name: ts, type: STRING}
      eventId: id
      eventTime: {column: ts}
  parameters:
    - {name: much, type: DECIMAL, value: 10000}
  rules:
    - name: moved-much
      entity: {type: wallet, columns: [wallet]}
      reason: "{total} in {n} moves within a minute"
      velocity:
        from: chain
        within: 1m
        aggregates:
          - {name: total, function: Sum, column: amount}
          - {name: n, function: Count}
        having: total > :much
"""
MOVES = [
    ("f1", "W1", "60000000000000000000.5", "2024-06-01T10:00:00.123456789Z"),
    ("f2", "W1", "60000000000000000000.5", "2024-06-01T10:00:01Z"),
    ("f3", "W1", "60000000000000000000.5", "2024-06-01T10:00:02.5+00:00"),
    ("f4", "W2", "0.000000000000000001", "2024-06-01T10:00:03Z"),
    ("f5", "W2", "0.0000000000000000001", "2024-06-01T10:00:04Z"),
    ("f6", "W2", '"5"', "2024-06-01T10:00:05Z"),
    ("f7", "W3", "7e3", "2024-06-01T10:00:06Z"),
    ("f8", "W3", "7000.00", "2024-06-01T10:00:07Z"),
]


def test_tokens_with_eighteen_places_add_up(kafka: Broker, warm_flink: Flink) -> None:
    written = [
        f'{{"id": "{name}", "wallet": "{wallet}", "amount": {amount}, "ts": "{time}"}}'
        for name, wallet, amount, time in MOVES
    ]
    records: list[Record] = [("chain", 0, b"w", one.encode()) for one in written]
    results = Lab(kafka, warm_flink).run_to_end(detector(TOKENS), records)
    assert [(a["entity"]["id"], a["reason"]) for a in alerts(results, "moved-much")] == [
        ("W1", "60000000000000000000.5 in 1 moves within a minute"),
        ("W1", "120000000000000000001 in 2 moves within a minute"),
        ("W1", "180000000000000000001.5 in 3 moves within a minute"),
        ("W3", "14000 in 2 moves within a minute"),
    ]
    refused = [message.json()["id"] for message in results.dead_letters("chain")]
    assert refused == ["f5", "f6"]
