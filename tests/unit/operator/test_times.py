from datetime import UTC, datetime

import pytest

from fraud_operator import times

AT = datetime(2024, 5, 1, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2024-05-01T12:00:00.123456Z",
        "2024-05-01T12:00:00.123456789Z",
        "2024-05-01T14:00:00.123456789+02:00",
        "2024-05-01T07:00:00.1234567-05:00",
    ],
)
def test_helms_and_kubernetes_times_are_read(text: str) -> None:
    assert times.read(text) == AT


def test_whole_seconds_and_nothing() -> None:
    assert times.read("2024-05-01T12:00:00Z") == AT.replace(microsecond=0)
    assert times.read("") is None
    assert times.read(None) is None
    assert times.read("yesterday") is None


def test_times_are_written_as_kubernetes_does() -> None:
    assert times.written(AT) == "2024-05-01T12:00:00Z"
    assert times.micro(AT) == "2024-05-01T12:00:00.123456Z"
    assert times.from_millis(0) is None
    assert times.from_millis(1714564800123) == AT.replace(microsecond=123000)
