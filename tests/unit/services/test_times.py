"""Event times of documents."""

import pytest

from fraud_api.streams import Stream, TimeFormat
from fraud_services.indices.times import ReadTime, TimeField


def read(value: object, **time: object) -> int:
    return of_stream({"name": "at"}, **time)({"at": value})


def of_stream(column: dict[str, str], **time: object) -> ReadTime:
    event_time = {"column": column["name"], **time}
    columns = [{"type": "STRING", **column}]
    stream = Stream.model_validate({"name": "s", "columns": columns, "eventTime": event_time})
    return TimeField.of_stream(stream).reader()


@pytest.mark.parametrize(
    ("value", "time", "milliseconds"),
    [
        ("2024-02-29T12:34:56.789Z", {}, 1_709_210_096_789),
        ("2024-02-29T12:34:56.789", {}, 1_709_210_096_789),
        ("2024-02-29T13:34:56.789+01:00", {}, 1_709_210_096_789),
        ("2024-02-29 12:34:56", {"format": TimeFormat.SQL}, 1_709_210_096_000),
        ("2024-02-29 13:34:56.789", {"format": TimeFormat.SQL, "timeZone": "Europe/Berlin"}, 1_709_210_096_789),
        (1_709_210_096, {"format": TimeFormat.EPOCH_SECONDS}, 1_709_210_096_000),
        (1_709_210_096_789, {"format": TimeFormat.EPOCH_MILLIS}, 1_709_210_096_789),
        (1_709_210_096_789_999, {"format": TimeFormat.EPOCH_MICROS}, 1_709_210_096_789),
        (1_709_210_096_789_999_999, {"format": TimeFormat.EPOCH_NANOS}, 1_709_210_096_789),
        ("1709210096", {"format": TimeFormat.EPOCH_SECONDS}, 1_709_210_096_000),
        ("2024-02-29", {}, 1_709_164_800_000),
    ],
)
def test_times_as_streams_write_them(value: object, time: dict[str, object], milliseconds: int):
    assert read(value, **time) == milliseconds


def test_a_time_may_lie_in_objects_within_each_other():
    read = of_stream({"name": "at", "path": "source.clock.ts_ms", "type": "BIGINT"}, format=TimeFormat.EPOCH_MILLIS)
    assert read({"source": {"clock": {"ts_ms": 5}}}) == 5
    for nothing in ({}, {"source": None}, {"source": 7}, {"source": {"clock": {}}}, {"source": {"clock": [5]}}):
        with pytest.raises(ValueError, match=r"field 'source\.clock\.ts_ms'"):
            read(nothing)


@pytest.mark.parametrize("value", [None, True, "", "yesterday", [], {}, -1, "0001-01-01T00:00:00Z", 10**18, 1e300])
def test_what_is_no_time_is_told(value: object):
    with pytest.raises(ValueError, match="field 'at'"):
        read(value)
