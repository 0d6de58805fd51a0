"""Alerts that must come, and whether one that came is it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

from differential.events import Event, instant, iso, turn
from differential.values import VAGUE, Value

from fraud_api.rules import Rule

MOST_IDS = 20
_PLAIN = re.compile(r"-?\d+(\.\d+)?")
_BRACES = re.compile(r"(\{\{|\}\}|\{:?[A-Za-z_][A-Za-z0-9_.]*\})")
Row = Mapping[str, Value]
Rows = Mapping[str, "Value | Row"]


class Evidence(Enum):
    """Which of the events behind an alert it names."""

    EXACT = "in this order"
    NEWEST = "the newest"
    ENDS = "the first and the last"


@dataclass(frozen=True)
class Alert:
    """An alert as the documentation has it.

    Attributes:
        identity: the event or window that it is about.
        count: how many events are behind it.
        events: time and id of events that its evidence may name.
        row: its row; values of a join's side or a sequence's step below the side's name.
        partner: time of the right event of a join's pair.
    """

    entity: str
    identity: str
    time: int
    count: int
    events: Sequence[tuple[int, str]]
    row: Rows
    evidence: Evidence = Evidence.EXACT
    window: tuple[int, int] | None = None
    partner: int | None = None

    @property
    def turn(self) -> tuple[int, int, str]:
        """Its place in the order of a rule's alerts."""
        return turn(self.time, self.identity)

    def value(self, name: str) -> Value:
        """A value of the row by its plain name or ``group.name``."""
        group, _, plain = name.rpartition(".")
        if not group and not isinstance(self.row.get(plain), Mapping | None):
            return self.row[plain]  # type: ignore[return-value]
        groups = [self.row[group]] if group else [one for one in self.row.values() if isinstance(one, Mapping)]
        return next(one[plain] for one in groups if plain in one)  # type: ignore[index]


@dataclass(frozen=True)
class Slot:
    """A place for one alert.

    Attributes:
        options: alerts that are equally right there.
        required: whether one must come.
    """

    options: tuple[Alert, ...]
    required: bool = True


@dataclass
class Expected:
    """What a rule must tell.

    Attributes:
        open: entities whose alerts the documentation does not settle; ``*`` for all.
    """

    slots: list[Slot] = field(default_factory=list)
    open: set[str] = field(default_factory=set)

    def add(self, alert: Alert, required: bool = True) -> None:
        """Expect an alert."""
        self.slots.append(Slot((alert,), required))


def alert_id(namespace: str, detector: str, rule: str, alert: Alert) -> str:
    """The documented id: half a SHA-256 over whose alert it is."""
    whose = f"{namespace}/{detector}/{rule}/{len(alert.entity)}/{alert.entity}/{alert.identity}"
    times = [] if alert.window else [alert.time] if alert.partner is None else [alert.time, alert.partner]
    for time in times:
        whose += "/" + iso(time).replace("T", " ").removesuffix("Z")
    return hashlib.sha256(whose.encode()).hexdigest()[:32]


def differences(rule: Rule, alert: Alert, got: Mapping[str, Any], parameters: Mapping[str, str]) -> list[str]:
    """What is wrong with an alert that came, in words."""
    start, end = (iso(edge) for edge in alert.window) if alert.window else (None, None)
    wanted = {
        "severity": rule.severity.value,
        "mode": rule.mode.value,
        "entity": {"type": rule.entity.type, "id": alert.entity},
        "event_time": iso(alert.time),
        "window_start": start,
        "window_end": end,
    }
    found = [f"{name}: {value!r}, not {got[name]!r}" for name, value in wanted.items() if got[name] != value]
    if got["evidence"]["count"] != alert.count:
        found.append(f"evidence.count: {alert.count}, not {got['evidence']['count']}")
    if not proven(alert, got["evidence"]["ids"]):
        found.append(f"evidence.ids: {list(alert.events)} ({alert.evidence.value}), not {got['evidence']['ids']}")
    found += _row("row", alert.row, got["row"])
    return found + _reason(rule.reason, alert, got["reason"], parameters)


def proven(alert: Alert, ids: Sequence[str]) -> bool:
    """Whether these are the right ids."""
    names = [name for _, name in alert.events]
    if alert.evidence is Evidence.NEWEST:
        names = names[-MOST_IDS:]
    elif alert.evidence is Evidence.ENDS:
        names = names if len(names) == 1 else [names[0], names[-1]]
    return names == list(ids)


def _row(place: str, wanted: Rows, got: Mapping[str, Any]) -> list[str]:
    if set(wanted) != set(got):
        return [f"{place}: columns {sorted(wanted)}, not {sorted(got)}"]
    found = []
    for name, value in wanted.items():
        if isinstance(value, Mapping):
            found += _row(f"{place}.{name}", value, got[name])
        elif not same(value, got[name]):
            found.append(f"{place}.{name}: {shown(value)}, not {got[name]}")
    return found


def same(value: Value, got: Any) -> bool:
    """Whether a value in JSON is this one."""
    if value.data is VAGUE or value.data is None:
        return value.data is VAGUE or got is None
    if got is None or isinstance(value.data, bool | str):
        return bool(value.data == got)
    if value.type.numeric:
        return _same_number(value, Fraction(got) if not isinstance(got, str) else None, 10**-5)
    if value.type.name in ("TIMESTAMP", "TIMESTAMP_LTZ"):
        # however many digits of a second there are
        return instant(str(got), " T") == value.data
    return shown(value) == got


def _same_number(value: Value, got: Fraction | None, tolerance: float) -> bool:
    if got is None:
        return False
    if value.type.real:
        return float(got) == value.data or (not value.exact and abs(got - value.number) <= tolerance * abs(got))
    return got == value.number or (not value.exact and abs(got - value.number) <= tolerance * max(1, abs(got)))


def _reason(template: str, alert: Alert, got: str, parameters: Mapping[str, str]) -> list[str]:
    names, pattern = [], ""
    for part in _BRACES.split(template):
        if part in ("{{", "}}"):
            pattern += re.escape(part[0])
        elif part.startswith("{"):
            names.append(part[1:-1])
            pattern += "(.*?)"
        else:
            pattern += re.escape(part)
    shape = re.fullmatch(pattern, got, re.DOTALL)
    if shape is None:
        return [f"reason: {template!r}, not {got!r}"]
    found = []
    for name, text in zip(names, shape.groups(), strict=True):
        right = text == parameters[name[1:]] if name[0] == ":" else _readable(alert.value(name), text)
        if not right:
            found.append(f"reason: {name} reads {text!r} in {got!r}")
    return found


def _readable(value: Value, text: str) -> bool:
    """Whether a text says the value, a number with all its digits and without an exponent."""
    if not value.known:
        return value.data is VAGUE or text == "null"
    if isinstance(value.data, str | bool):
        return text == (str(value.data).lower() if isinstance(value.data, bool) else value.data)
    if value.type.numeric:
        return _PLAIN.fullmatch(text) is not None and _same_number(value, Fraction(Decimal(text)), 10**-5)
    return re.sub(r"\D", "", shown(value)) == re.sub(r"\D", "", text)


def shown(value: Value) -> str:
    """A value for people."""
    if not value.known:
        return str(value.data)
    if value.type.name in ("TIMESTAMP", "TIMESTAMP_LTZ"):
        return iso(value.data)
    if value.type.name == "DATE":
        return iso(value.data * 86_400_000)[:10]
    if isinstance(value.data, Fraction):
        return str(value.data if value.data.denominator > 1 else value.data.numerator)
    return str(value.data)


def described(alert: Alert) -> dict[str, Any]:
    """An alert for a file of what was expected."""
    return {
        "entity": alert.entity,
        "identity": alert.identity,
        "event_time": iso(alert.time),
        "window": [iso(edge) for edge in alert.window] if alert.window else None,
        "count": alert.count,
        "evidence": [name for _, name in alert.events],
        "row": row_described(alert.row),
    }


def row_described(row: Rows) -> dict[str, Any]:
    """A row for a file of what was expected."""
    return {
        name: row_described(value) if isinstance(value, Mapping) else shown(value) if value.data is not None else None
        for name, value in row.items()
    }


def by_time(events: Sequence[Event]) -> list[tuple[int, str]]:
    """Time and id of events, in their order."""
    return [(event.time, event.id) for event in sorted(events, key=lambda event: event.turn)]
