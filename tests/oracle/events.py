"""Events read plainly, put into windows slowly and surely. Times are milliseconds since 1970."""

import json
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Streams = Mapping[str, Sequence[bytes]]
"""The records of each stream."""


@dataclass(frozen=True, eq=False)
class Event:
    """An event: when, which, and what it says."""

    time: int
    id: str
    fields: Mapping[str, Any]

    @property
    def turn(self) -> tuple[int, int, str]:
        """Its place in the order of events: by time, then shorter ids first, then by id."""
        return self.time, len(self.id), self.id

    def __getitem__(self, name: str) -> Any:
        """A field of it."""
        return self.fields[name]


def read(records: Iterable[bytes], event_id: str, time: str, as_ms: Callable[[Any], int]) -> list[Event]:
    """The events of a stream; numbers with a fraction are Decimal."""
    found = []
    for record in records:
        fields = json.loads(record, parse_float=Decimal)
        found.append(Event(as_ms(fields[time]), str(fields[event_id]), fields))
    return found


def written(text: str) -> int:
    """A written time, in UTC unless it says otherwise."""
    moment = datetime.fromisoformat(text)
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(milliseconds=1)


def iso(time: int) -> str:
    """ISO 8601 with milliseconds and a Z."""
    return (_EPOCH + timedelta(milliseconds=time)).strftime("%Y-%m-%dT%H:%M:%S") + f".{time % 1_000:03d}Z"


def local(time: int) -> str:
    """A time of whole seconds as ISO 8601 without a zone."""
    return (_EPOCH + timedelta(milliseconds=time)).strftime("%Y-%m-%dT%H:%M:%S")


def by(events: Iterable[Event], name: str) -> dict[Any, list[Event]]:
    """Events by a field of theirs, each list in order of time."""
    groups = defaultdict(list)
    for event in sorted(events, key=lambda event: event.time):
        groups[event[name]].append(event)
    return groups


def tumbling(events: Iterable[Event], size: int) -> dict[tuple[int, int], list[Event]]:
    """Events by the window side by side, aligned to 1970, that they lie in."""
    windows = defaultdict(list)
    for event in events:
        start = event.time // size * size
        windows[start, start + size].append(event)
    return windows


def trailing(ordered: Sequence[Event], length: int) -> Iterator[tuple[Event, Sequence[Event]]]:
    """Each event with those at most ``length`` older, itself and others of its instant included."""
    times = [event.time for event in ordered]
    for event in ordered:
        yield event, ordered[bisect_left(times, event.time - length) : bisect_right(times, event.time)]
