"""Malformed and late records: all kinds, in the right number, and harmless."""

from collections import Counter

import orjson
import pytest
from unit.generator.rules import RULES, Data, data

from fraud_generator import SCENARIOS
from fraud_generator.faults import KINDS

HOUR = 3_600_000


def poison(traffic: Data) -> list:
    return [record for record in traffic.records if "poison" in (record.label or ())]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_all_ten_kinds_come(scenario: str) -> None:
    found = poison(data(scenario, count=380, poison=0.05, oversized=1))
    assert Counter(record.label["poison"] for record in found) == dict.fromkeys(KINDS, 2) | {
        "oversized": 1,
        "not-json": 3,
    }


def is_object(value: bytes | None) -> bool:
    try:
        return isinstance(orjson.loads(value or b""), dict)
    except orjson.JSONDecodeError:
        return False


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_each_kind_is_what_it_says(scenario: str) -> None:
    streams = {stream.name: stream for stream in SCENARIOS[scenario].streams}
    for record in poison(data(scenario, count=760, poison=0.05, oversized=1)):
        kind, stream, value = record.label["poison"], streams[record.stream], record.value
        assert record.key == record.label["event_id"].encode()
        if kind in ("not-json", "truncated", "null-value", "broken-utf8", "array"):
            assert not is_object(value)
        if kind == "null-value":
            assert value is None
            continue
        if kind == "broken-utf8":
            with pytest.raises(UnicodeDecodeError):
                value.decode()
        if kind == "oversized":
            assert 4_900_000 < len(value) < 5_200_000
        if kind == "wrong-type":
            assert isinstance(orjson.loads(value)[stream.number_field], dict)
        if kind == "missing-field":
            assert stream.text_field not in orjson.loads(value)
        if kind == "duplicate-field":
            assert value.count(f'"{stream.number_field}"'.encode()) == 2
        if kind == "bad-number":
            assert value.endswith((b':"12.5"}', b":1e999}"))
        assert b"\n" not in value


def test_both_bad_numbers_come() -> None:
    found = poison(data("accounts", count=1_000, poison=0.05, oversized=0))
    ends = {record.value[-5:] for record in found if record.label["poison"] == "bad-number"}
    assert len(ends) == 2


def test_share_is_of_all_records_and_good_ones_stay() -> None:
    traffic = data("transactions", count=9_500, poison=0.05, closing=False, oversized=0)
    assert len(traffic.records) == 10_000
    assert len(poison(traffic)) == 500
    both = data("transactions", count=9_000, poison=0.04, late=0.06, closing=False, oversized=0)
    assert Counter(next(iter(label)) for label in both.labels if "episode" not in label) == {"poison": 400, "late": 600}


def test_few_records_have_five_megabytes() -> None:
    found = poison(data("accounts", count=2_000, poison=0.2, oversized=3))
    assert Counter(record.label["poison"] for record in found)["oversized"] == 3


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_late_records_are_hours_behind_and_trip_nothing(scenario: str) -> None:
    traffic = data(scenario, count=6_000, late=0.03)
    clean = data(scenario, count=6_000)
    late = [record for record in traffic.records if "late" in (record.label or ())]
    assert len(late) == pytest.approx(len(traffic.records) * 0.03, rel=0.02)
    latest = 0
    for record in traffic.records:
        if "late" in (record.label or ()):
            assert record.event_time_ms < latest - HOUR
            assert is_object(record.value)
        elif "closing" not in (record.label or ()):
            latest = max(latest, record.event_time_ms)
    assert set(RULES[scenario](traffic)) == set(RULES[scenario](clean))


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_faults_change_no_good_record(scenario: str) -> None:
    with_faults = data(scenario, count=2_000, poison=0.05, late=0.05, oversized=0)
    good = [r for r in with_faults.records if not {"poison", "late"} & set(r.label or ())]
    assert good == data(scenario, count=2_000).records


def test_late_payments_never_come_without_an_order() -> None:
    late = [r for r in data("payments", count=2_000, late=0.05).records if "late" in (r.label or ())]
    assert {record.stream for record in late} == {"order"}
