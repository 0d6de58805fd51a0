"""When a document's event happened, read from the document as its stream or output writes times."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from fraud_api.streams import EventTime, TimeFormat

ReadTime = Callable[[Mapping[str, Any]], int]
"""A document's time in milliseconds since 1970. Raises ValueError that says what is wrong with it."""

_LAST = 253_402_300_799_999
"""The last millisecond of the year 9999: a later time has no name for its bucket."""

_EPOCHS = {TimeFormat.EPOCH_SECONDS: 1000, TimeFormat.EPOCH_MILLIS: 1}


@dataclass(frozen=True)
class TimeField:
    """Where a document carries its time.

    Attributes:
        column: the field.
        factor: what makes milliseconds of a number in it.
        zone: IANA zone of a written time that names none.
    """

    column: str
    factor: int = 1
    zone: str = "UTC"

    @staticmethod
    def of_stream(time: EventTime) -> "TimeField":
        """The event time of a stream's records."""
        return TimeField(time.column, _EPOCHS.get(time.format, 1), time.time_zone)

    def reader(self) -> ReadTime:
        """A function that reads it."""
        column, factor = self.column, self.factor
        zone: tzinfo = UTC if self.zone == "UTC" else ZoneInfo(self.zone)

        def read(document: Mapping[str, Any]) -> int:
            value = document.get(column)
            if isinstance(value, str):
                time = _written(value, column, zone)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                time = int(value * factor)
            else:
                raise ValueError(f"no time in field '{column}'")
            if not 0 <= time <= _LAST:
                raise ValueError(f"{str(value)[:40]} in field '{column}' is out of the range of times")
            return time

        return read


def _written(text: str, column: str, zone: tzinfo) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text[:40]}' in field '{column}' is not a time") from None
    if time.tzinfo is None:
        time = time.replace(tzinfo=zone)
    return int(time.timestamp() * 1000)
