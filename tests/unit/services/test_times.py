"""Event times of documents."""

import pytest

from fraud_api.streams import EventTime, TimeFormat
from fraud_services.indices.times import TimeField


def read(value: object, **time: object) -> int:
    event_time = EventTime.model_validate({"column": "at", **time})
    return TimeField.of_stream(event_time).reader()({"at": value})


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
        ("2024-02-29", {}, 1_709_164_800_000),
    ],
)
def test_times_as_streams_write_them(value: object, time: dict[str, object], milliseconds: int):
    assert read(value, **time) == milliseconds


@pytest.mark.parametrize("value", [None, True, "", "yesterday", [], {}, -1, "0001-01-01T00:00:00Z", 10**18, 1e300])
def test_what_is_no_time_is_told(value: object):
    with pytest.raises(ValueError, match="field 'at'"):
        read(value)
