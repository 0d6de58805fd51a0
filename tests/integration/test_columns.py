"""What a column says of its place, its writing and its invalid values, in one detector over many small streams."""

import json
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from harness.events import alerts, at, detector, documents, event
from harness.flink import Flink
from harness.kafka import Broker, Record
from harness.lab import Lab, Results

pytestmark = pytest.mark.integration

DETECTOR = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: columns}
spec:
  streams:
    # Debezium's envelope
    - name: cdc
      columns:
        - {name: op, type: STRING}
        - {name: card, type: STRING, path: after.card, required: false}
        - {name: amount, type: "DECIMAL(12, 2)", path: after.amount, writtenAs: Text, required: false}
        - {name: ts_ms, type: BIGINT}
      eventTime: {column: ts_ms, format: EpochMillis}
    # Debezium's flattened records, with its own names and microseconds
    - name: flat
      columns:
        - {name: card, type: STRING}
        - {name: amount, type: "DECIMAL(12, 2)", writtenAs: Text}
        - {name: __op, type: STRING}
        - {name: created_at, type: BIGINT}
      eventTime: {column: created_at, format: EpochMicros}
    - name: chain
      columns:
        - {name: id, type: STRING}
        - {name: wallet, type: STRING}
        - {name: amount, type: "DECIMAL(38, 18)"}
        - {name: fee, type: "DECIMAL(10, 2)"}
        - {name: place, type: STRING, path: shop.place}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at}
    - name: rounded
      columns:
        - {name: id, type: STRING}
        - {name: amount, type: "DECIMAL(6, 2)", onInvalid: Round}
        - {name: score, type: INT, onInvalid: SetNull}
        - {name: at, type: BIGINT}
      eventId: id
      eventTime: {column: at, format: EpochNanos}
    - name: reals
      columns:
        - {name: id, type: STRING}
        - {name: amount, type: DOUBLE}
        - {name: small, type: FLOAT}
        - {name: at, type: STRING}
      eventId: id
      eventTime: {column: at}
    - name: seconds
      columns: [{name: id, type: STRING}, {name: n, type: INT}, {name: at, type: BIGINT}]
      eventId: id
      eventTime: {column: at, format: EpochSeconds}
  rules:
    - name: nested
      entity: {type: card, columns: [card]}
      reason: "{amount} written ({op})"
      filter: {from: cdc, where: "amount > 900 AND op <> 'd'"}
    - name: flattened
      entity: {type: card, columns: [card]}
      reason: "{{{amount}}} written ({__op})"
      filter: {from: flat, where: "amount > 900 AND `__op` <> 'd'"}
    - name: moved
      entity: {type: wallet, columns: [wallet]}
      reason: "{amount}"
      filter: {from: chain, where: amount > 0}
    - name: rounded
      entity: {type: id, columns: [id]}
      reason: "{amount}, {score}"
      filter: {from: rounded, where: amount > 1 AND (score > 5 OR score IS NULL)}
    - name: scores
      entity: {type: score, columns: [score]}
      reason: "{n} times"
      velocity:
        from: rounded
        within: 365d
        aggregates: [{name: n, function: Count}]
        having: n > 0
    - name: above
      entity: {type: id, columns: [id]}
      reason: "amount {amount} is above 900"
      filter: {from: reals, where: amount > 900 AND small > -1}
    - name: whole
      entity: {type: id, columns: [id]}
      reason: "{n}"
      filter: {from: seconds, where: n >= 0}
  outputs:
    - name: passed-on
      split: {from: cdc, part: Flagged}
    - name: written
      columns:
        - {name: id, type: STRING}
        - {name: local, type: TIMESTAMP(3)}
        - {name: instant, type: TIMESTAMP_LTZ(3)}
      query: SELECT id, CAST(event_time AS TIMESTAMP(3)), event_time FROM reals
"""

READER = r"""
apiVersion: frauddetector.io/v1alpha1
kind: FraudDetector
metadata: {name: reader}
spec:
  streams:
    - name: written
      columns:
        - {name: id, type: STRING}
        - {name: local, type: TIMESTAMP(3)}
        - {name: instant, type: TIMESTAMP_LTZ(3)}
        - {name: at, type: STRING, path: instant_text}
      eventId: id
      eventTime: {column: at}
  rules:
    - name: same
      entity: {type: id, columns: [id]}
      reason: "{local} {instant}"
      filter: {from: written, where: "CAST(local AS STRING) <> '' AND instant = event_time"}
"""

MILLIS = 1_717_228_800_500
TIME = '"at": "2024-03-01T10:00Z"'


def row(number: int, amount: str) -> dict[str, Any]:
    return {"id": number, "card": "c1", "amount": amount, "created_at": MILLIS * 1000 + 456}


def changed(op: str, before: Any, after: Any, **more: Any) -> Record:
    source = {"connector": "postgresql", "lsn": 1, "deep": [[{"amount": 5}]]}
    return event("cdc", None, before=before, after=after, source=source, op=op, ts_ms=MILLIS, **more)


def raw(stream: str, text: str) -> Record:
    return stream, 0, None, text.encode()


def moved(name: str, amount: str, more: str = '"y": 0') -> Record:
    return raw("chain", f'{{"id": "{name}", "wallet": "W1", "amount": {amount}, {more}, {TIME}}}')


def events() -> list[Record]:
    one, two, three = row(1, "950.00"), row(2, "120.00"), row(2, "980.00")
    flat = [{**one, "__op": "c"}, {**two, "__op": "c"}, {**three, "__op": "u"}, {**one, "__op": "d"}]
    return [
        changed("c", None, one),
        changed("c", None, two),
        changed("u", two, three),
        changed("d", one, None),
        changed("c", None, {**one, "amount": 950.0}),
        changed("c", None, "gone"),
        *[event("flat", None, **fields) for fields in flat],
        event("flat", None, **{**flat[0], "amount": " 950.00"}),
        event("flat", None, **{**flat[0], "created_at": MILLIS * 1_000_000}),
        moved("f1", "60000000000000000000.5", '"fee": 0.30000000000000004'),
        moved("f2", "1", '"fee": "none", "shop": [1]'),
        moved("f3", "1", '"fee": 1, "fee": 2, "shop": {"place": 5}'),
        moved("f4", "1", f'"x": {"[" * 2_000}{"]" * 2_000}'),
        moved("f5", "1", f'"x": {"1" * 2_000}'),
        moved("f6", '"5"'),
        moved("f7", "0.0000000000000000001"),
        event("rounded", None, id="r1", amount=1.005, score=7, at=MILLIS * 1_000_000),
        event("rounded", None, id="r2", amount=1.0049, score=7, at=MILLIS * 1_000_000),
        event("rounded", None, id="r3", amount=9999.999, score=7, at=MILLIS * 1_000_000),
        event("rounded", None, id="r4", amount=2, score=7.5, at=MILLIS * 1_000_000),
        event("rounded", None, id="r5", amount=2, at=MILLIS * 1_000_000),
        event("reals", None, id="d1", amount=900.0000001, small=0, at=at("10:00:00")),
        raw("reals", f'{{"id": "d2", "amount": 1e15, "small": 3.4028235e38, {TIME}}}'),
        raw("reals", f'{{"id": "d3", "amount": 901, "small": 3.5e38, {TIME}}}'),
        raw("reals", '{"id": "d4", "amount": 901, "small": -0, "at": "10 o\'clock"}'),
        event("seconds", None, id="s1", n=1000, at=MILLIS // 1000),
        event("seconds", None, id="s2", n=1000, at=MILLIS),
        raw("seconds", f'{{"id": "s3", "n": 1e3, "at": {MILLIS // 1000}}}'),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def lab(kafka: Broker, warm_flink: Flink) -> Lab:
    return Lab(kafka, warm_flink)


@pytest.fixture(scope="module")
def found(lab: Lab) -> Results:
    return lab.run_to_end(detector(DETECTOR), events())


def reasons(results: Results, rule: str) -> list[str]:
    return sorted(alert["reason"] for alert in alerts(results, rule))


def refused(results: Results, stream: str) -> Counter[str]:
    return Counter(message.headers["reason"].decode() for message in results.dead_letters(stream))


def test_nested_fields_and_money_written_as_text(found: Results) -> None:
    assert reasons(found, "nested") == ["950 written (c)", "980 written (u)"]
    assert refused(found, "cdc") == {
        "field 'after.amount': expected a number written as text, as declared, found a number": 1,
        "field 'after': expected an object, found a string": 1,
    }
    assert alerts(found, "nested")[0]["row"] == {"op": "c", "card": "c1", "amount": 950, "ts_ms": MILLIS}


def test_a_split_passes_the_records_own_shape_on(found: Results) -> None:
    assert [one["after"]["amount"] for one in documents(found.output("passed-on"))] == ["950.00", "980.00"]


def test_names_that_begin_with_underscores_and_microseconds(found: Results) -> None:
    assert reasons(found, "flattened") == ["{950} written (c)", "{980} written (u)"]
    assert {alert["event_time"] for alert in alerts(found, "flattened")} == {"2024-06-01T08:00:00.500Z"}
    assert refused(found, "flat") == {
        "field 'amount': expected a number written as text, such as \"950.00\", found other text": 1,
        f"field 'created_at': {MILLIS * 1_000_000} looks like nanoseconds: declare EpochNanos": 1,
    }


def test_columns_that_nothing_reads_refuse_nothing(found: Results) -> None:
    told = {alert["evidence"]["ids"][0]: alert["row"] for alert in alerts(found, "moved")}
    assert sorted(told) == ["f1", "f2", "f3", "f4", "f5"]
    assert {name: (row["fee"], row["place"]) for name, row in told.items()} == dict.fromkeys(told, (None, None))
    assert told["f1"]["amount"] == Decimal("60000000000000000000.5")
    assert refused(found, "chain") == {
        "field 'amount': expected a number, found a string": 1,
        "field 'amount': number does not fit DECIMAL(38, 18)": 1,
    }


def test_values_that_do_not_fit_are_rounded_or_null_where_that_is_declared(found: Results) -> None:
    assert [(alert["row"]["id"], alert["reason"]) for alert in alerts(found, "rounded")] == [
        ("r1", "1.01, 7"),
        ("r4", "2, null"),
    ]
    assert refused(found, "rounded") == {
        "field 'amount': number does not fit DECIMAL(6, 2)": 1,
        "field 'score' is missing or null": 1,
    }


def test_a_key_that_became_null_is_nobodys(found: Results) -> None:
    assert [(alert["entity"]["id"], alert["reason"]) for alert in alerts(found, "scores")] == [
        ("7", "2 times"),
        ("7", "2 times"),
    ]


def test_reasons_are_true(found: Results) -> None:
    assert reasons(found, "above") == ["amount 1000000000000000 is above 900", "amount 900.0000001 is above 900"]
    assert refused(found, "reals") == {
        "field 'small': number out of range": 1,
        "field 'at': not a time in ISO 8601, such as 2024-01-31T23:59:59.123Z": 1,
    }
    assert reasons(found, "whole") == ["1000"]
    assert refused(found, "seconds") == {
        f"field 'at': {MILLIS} looks like milliseconds: declare EpochMillis": 1,
        "field 'n': expected a whole number in digits alone, found 1e3": 1,
    }


def test_what_one_detector_writes_another_reads(found: Results, lab: Lab) -> None:
    written = [message.json() for message in found.output("written")]
    assert {one["local"] for one in written} == {"2024-03-01T10:00:00"}
    records = [("written", 0, None, json.dumps({**one, "instant_text": one["instant"]}).encode()) for one in written]
    read = lab.run_to_end(detector(READER), records)
    assert refused(read, "written") == {}
    assert reasons(read, "same") == ["2024-03-01T10:00:00.000Z 2024-03-01T10:00:00.000Z"] * 2
