"""Alerts of trailing windows, the first of each period only."""

from collections import defaultdict
from collections.abc import Callable, Sequence

from oracle.events import SECOND, Event, trailing
from oracle.expected import Alert, Row, Rule

Judge = Callable[[Event, Sequence[Event]], tuple[str, Row] | None]
"""Says the reason and the row of an alert for an event and its trailing window, None for no alert."""


def first_hits(
    rule: Rule, entity: str, ordered: Sequence[Event], within: int, period: int, judge: Judge
) -> list[Alert]:
    """One alert for each period, aligned to 1970, in which an event of the entity is a hit: the first by its time."""
    hits = defaultdict(list)
    for event, window in trailing(ordered, within):
        told = judge(event, window)
        if told:
            hits[event.time // period].append((event, window, *told))
    return [_first(rule, entity, number * period // SECOND, found) for number, found in hits.items()]


def _first(
    rule: Rule, entity: str, period_start: int, hits: Sequence[tuple[Event, Sequence[Event], str, Row]]
) -> Alert:
    event, window, reason, _ = hits[0]
    peers = [row for other, _, _, row in hits if other.time == event.time]
    return Alert(
        rule, entity, str(period_start), event.time, reason, tuple(peers), count=len(window), newest=tuple(window)
    )
