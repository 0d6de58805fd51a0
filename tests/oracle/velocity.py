"""Alerts of trailing windows, at most one in any period."""

from collections.abc import Callable, Iterator, Sequence

from oracle.events import Event, trailing
from oracle.expected import Alert, Row, Rule

Judge = Callable[[Event, Sequence[Event]], tuple[str, Row] | None]
"""Says the reason and the row of an alert for an event and its trailing window, None for no alert."""


def first_hits(
    rule: Rule, entity: str, ordered: Sequence[Event], within: int, period: int, judge: Judge
) -> Iterator[Alert]:
    """Hits of an entity that no told one precedes by less than the period; of one instant the first by id."""
    told_at = None
    for event, window in sorted(trailing(ordered, within), key=lambda pair: pair[0].turn):
        told = judge(event, window)
        if told and (told_at is None or event.time - told_at >= period):
            told_at = event.time
            reason, row = told
            yield Alert(
                rule, entity, event.id, event.time, reason, (row,), count=len(window), newest=tuple(window)
            )  # fmt: skip
