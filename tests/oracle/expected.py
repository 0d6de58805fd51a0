"""What a detector must have written, in the words of its documentation and without its code."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from oracle.events import Event, iso

MOST_IDS = 20
Row = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """Whose alert it is."""

    detector: str
    name: str
    severity: str
    entity_type: str


@dataclass(frozen=True)
class Alert:
    """An alert that must come.

    Attributes:
        entity: id of the account, customer, ... that it is about.
        identity: the event or window that it is about.
        rows: what its row may be.
        ids: ids of its evidence, None where ``newest`` decides.
        newest: events of a trailing window, of which the evidence has the newest 20.
    """

    rule: Rule
    entity: str
    identity: str
    time: int
    reason: str
    rows: tuple[Row, ...]
    count: int
    ids: tuple[str, ...] | None = None
    newest: tuple[Event, ...] = ()
    window: tuple[int, int] | None = None

    @property
    def key(self) -> str:
        """Its Kafka key."""
        return f"{self.rule.entity_type}/{self.entity}"

    def alert_id(self, namespace: str) -> str:
        """The documented id: the first half of a SHA-256 over whose alert it is."""
        whose = f"{namespace}/{self.rule.detector}/{self.rule.name}/{len(self.entity)}/{self.entity}/{self.identity}"
        if self.window is None:
            whose += "/" + iso(self.time).replace("T", " ").removesuffix("Z")
        return hashlib.sha256(whose.encode()).hexdigest()[:32]

    def document(self, namespace: str) -> Row:
        """Everything in it that has one right value: all but rule_version, row and the evidence's ids."""
        start, end = (iso(edge) for edge in self.window) if self.window else (None, None)
        return {
            "alert_id": self.alert_id(namespace),
            "namespace": namespace,
            "detector": self.rule.detector,
            "rule": self.rule.name,
            "severity": self.rule.severity,
            "mode": "Enforce",
            "entity": {"type": self.rule.entity_type, "id": self.entity},
            "event_time": iso(self.time),
            "window_start": start,
            "window_end": end,
            "reason": self.reason,
            "count": self.count,
        }

    def proven_by(self, ids: Sequence[str]) -> bool:
        """Whether these are the ids of its evidence."""
        newest = sorted(self.newest, key=lambda event: event.turn)[-MOST_IDS:]
        return tuple(ids) == (self.ids or tuple(event.id for event in newest))


@dataclass
class Expected:
    """Everything that a detector must write.

    Attributes:
        appended: rows by output, in any order.
        latest: final rows by output, by key.
        unchanged: records by output that go on as the bytes they came as.
        blocked: rows of the block list, by who.
    """

    alerts: list[Alert] = field(default_factory=list)
    appended: Mapping[str, list[Row]] = field(default_factory=dict)
    latest: Mapping[str, dict[Any, Row]] = field(default_factory=dict)
    unchanged: Mapping[str, list[bytes]] = field(default_factory=dict)
    blocked: Mapping[str, Row] = field(default_factory=dict)


def plain(number: Decimal | int) -> str:
    """A number as people read it: every digit, no exponent."""
    return format(Decimal(number).normalize(), "f")


def of_event(rule: Rule, entity: str, event: Event, reason: str, row: Row) -> Alert:
    """The alert of a single event."""
    return Alert(rule, entity, event.id, event.time, reason, (row,), count=1, ids=(event.id,))


def of_window(
    rule: Rule, entity: str, window: tuple[int, int], events: Sequence[Event], reason: str, row: Row
) -> Alert:
    """The alert of a window: told in its last millisecond, proven by its first and last event."""
    start, end = window
    ordered = sorted(events, key=lambda event: event.turn)
    ids = (ordered[0].id,) if len(ordered) == 1 else (ordered[0].id, ordered[-1].id)
    edges = {"window_start": iso(start), "window_end": iso(end)}
    identity = f"{iso(start)}/{iso(end)}"
    return Alert(
        rule, entity, identity, end - 1, reason, (row | edges,), count=len(ordered), ids=ids, window=window
    )  # fmt: skip
