"""Which windows a key's events fall into."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

from differential.events import Event

from fraud_api.base import milliseconds
from fraud_api.rules import Calendar, CalendarUnit, Window


def periods(kind: Window, events: Sequence[Event]) -> Iterator[tuple[tuple[int, int], list[Event]]]:
    """Windows as their start and end, with the events in them; no window is empty."""
    if kind.session:
        yield from _sessions(events, milliseconds(kind.session.gap))
        return
    edges = {edge for event in events for edge in _edges(kind, event.time)}
    for start, end in sorted(edges):
        yield (start, end), [event for event in events if start <= event.time < end]


def _edges(kind: Window, time: int) -> list[tuple[int, int]]:
    """Windows that a time falls into; they count from 1970."""
    if kind.tumble:
        size = milliseconds(kind.tumble.size)
        start = time - time % size
        return [(start, start + size)]
    if kind.hop:
        size, slide = milliseconds(kind.hop.size), milliseconds(kind.hop.slide)
        last = time - time % slide
        return [(start, start + size) for start in range(last, last - size, -slide)]
    if kind.cumulate:
        size, step = milliseconds(kind.cumulate.size), milliseconds(kind.cumulate.step)
        start = time - time % size
        return [(start, end) for end in range(start + step, start + size + 1, step) if end > time]
    if kind.calendar:
        return [_of_calendar(kind.calendar, time)]
    raise ValueError("a window of a shape that nobody has written down yet")


def _of_calendar(kind: Calendar, time: int) -> tuple[int, int]:
    """The day, week or month of a zone's own calendar that an instant falls into."""
    zone = ZoneInfo(kind.time_zone)
    day = datetime.fromtimestamp(time // 1000, zone).date()
    if kind.unit is CalendarUnit.DAY:
        first, following = day, day + timedelta(days=1)
    elif kind.unit is CalendarUnit.WEEK:
        first = day - timedelta(days=day.weekday())
        following = first + timedelta(days=7)
    else:
        first = day.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
    start, end = (int(datetime.combine(one, clock(), zone).timestamp()) * 1000 for one in (first, following))
    return start, end


def _sessions(events: Sequence[Event], gap: int) -> Iterator[tuple[tuple[int, int], list[Event]]]:
    inside: list[Event] = []
    for event in events:
        # silence of exactly the gap does not end a session
        if inside and event.time - inside[-1].time > gap:
            yield (inside[0].time, inside[-1].time + gap), inside
            inside = []
        inside.append(event)
    if inside:
        yield (inside[0].time, inside[-1].time + gap), inside
