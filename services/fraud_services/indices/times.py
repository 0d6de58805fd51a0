"""When a document's event happened, read from the document as its stream or output writes times."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from fraud_api.streams import Stream, TimeFormat

ReadTime = Callable[[Mapping[str, Any]], int]
"""A document's time in milliseconds since 1970. Raises ValueError that says what is wrong with it."""

_LAST = 253_402_300_799_999
"""The last millisecond of the year 9999: a later time has no name for its bucket."""

_EPOCHS = {
    TimeFormat.EPOCH_SECONDS: Fraction(1000),
    TimeFormat.EPOCH_MILLIS: Fraction(1),
    TimeFormat.EPOCH_MICROS: Fraction(1, 1_000),
    TimeFormat.EPOCH_NANOS: Fraction(1, 1_000_000),
}


@dataclass(frozen=True)
class TimeField:
    """Where a document carries its time.

    Attributes:
        column: the field; of objects within each other all names, joined by dots.
        factor: what makes milliseconds of a number in it.
        zone: IANA zone of a written time that names none.
        counted: whether text in it is such a number too.
    """

    column: str
    factor: Fraction = Fraction(1)
    zone: str = "UTC"
    counted: bool = False

    @staticmethod
    def of_stream(stream: Stream) -> "TimeField":
        """The event time of a stream's records."""
        time = stream.event_time
        column = stream.column(time.column)
        place = column.place if column else time.column
        return TimeField(place, _EPOCHS.get(time.format, Fraction(1)), time.time_zone, time.format in _EPOCHS)

    def reader(self) -> ReadTime:
        """A function that reads it."""
        column, factor, counted = self.column, self.factor, self.counted
        path = column.split(".")
        zone: tzinfo = UTC if self.zone == "UTC" else ZoneInfo(self.zone)

        def read(document: Mapping[str, Any]) -> int:
            value: Any = document
            for name in path:
                value = value.get(name) if isinstance(value, dict) else None
            if isinstance(value, str) and counted:
                value = _number(value)
            if isinstance(value, str):
                time = _written(value, column, zone)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                time = int(value * factor.numerator // factor.denominator)
            else:
                raise ValueError(f"no time in field '{column}'")
            if not 0 <= time <= _LAST:
                raise ValueError(f"{str(value)[:40]} in field '{column}' is out of the range of times")
            return time

        return read


def _number(text: str) -> float | str:
    """A number that is written as text; any other text as it is."""
    try:
        return int(text) if text.lstrip("-").isdigit() else float(text)
    except ValueError:
        return text


def _written(text: str, column: str, zone: tzinfo) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text[:40]}' in field '{column}' is not a time") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=zone)
    return int(time.timestamp() * 1000)
