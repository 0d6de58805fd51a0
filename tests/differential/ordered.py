"""Rules that go through a key's events one after the other: edges, first sights, changes, periods of silence."""

import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from differential.alerts import Alert, Expected, Slot
from differential.events import Event
from differential.kinds import Judged, grouped, lives, tell
from differential.values import VAGUE, Type, Unpredictable, Value
from differential.world import World

from fraud_api.base import milliseconds
from fraud_api.rules import Change, Edge, FirstSeen, Rule

GAP = Type("DOUBLE")


def in_order(events: Iterable[Event]) -> list[Event]:
    """Events by time, those of one instant by their ids, shorter ones first."""
    return sorted(events, key=lambda event: event.turn)


def first_seen(world: World, rule: Rule, kind: FirstSeen) -> Expected:
    """Events in which a key is seen with a value that it was not seen with, or not for long."""
    found = Expected()
    memory, learning = milliseconds(kind.memory), milliseconds(kind.warm_up or "0s")
    events = [event for event in world.events(kind.source, True, kind.where) if _values(kind, event)]
    for mine in grouped(events, kind.by or rule.entity.columns).values():
        seen: dict[tuple[Any, ...], int] = {}
        for event, since in lives(in_order(mine), memory):
            value = _values(kind, event)
            known = value in seen and event.time - seen[value] <= memory
            seen[value] = event.time
            if not known and event.time - since >= learning:
                row = {name: event.row[name] for name in world.columns(kind.source)}
                tell(found, rule, Alert("", event.id, event.time, 1, ((event.time, event.id),), row), True)
    return found


def _values(kind: FirstSeen, event: Event) -> tuple[Any, ...]:
    """What the event was seen with; nothing where a part of it is not there."""
    values = [event.row[name].data for name in kind.value]
    if VAGUE in values:
        raise Unpredictable
    return () if None in values else tuple(values)


def changes(world: World, rule: Rule, kind: Change) -> Iterator[Judged]:
    """Each event of a key with the one before it, unless that is too old."""
    columns = world.columns(kind.source)
    events = world.events(kind.source, True, kind.where)
    by = kind.by or rule.entity.columns
    for key, mine in grouped(events, by).items():
        for before, event in itertools.pairwise(in_order(mine)):
            if event.time - before.time > milliseconds(kind.within):
                continue
            gap = Value(GAP, (event.time - before.time) / 1000)
            own = {name: event.row[name] for name in columns}
            previous = {name: before.row[name] for name in columns if name not in by}
            seen = own | {f"previous.{name}": value for name, value in previous.items()} | {"gap": gap}
            ids = ((before.time, before.id), (event.time, event.id))
            alert = Alert("", event.id, event.time, 2, ids, own | {"previous": previous, "gap": gap})
            yield Judged(key, alert, world.truth(kind.having, seen), seen)


def on_edge(world: World, rule: Rule, edge: Edge, judged: Iterable[Judged]) -> Expected:
    """Only where the condition turns true for a key; of one instant the last event by id that meets it."""
    found = Expected()
    by_key: dict[tuple[object, ...], list[Judged]] = {}
    for one in judged:
        by_key.setdefault(one.key, []).append(one)
    for mine in by_key.values():
        for alert in _turns(world, edge, sorted(mine, key=lambda one: one.alert.time)):
            tell(found, rule, alert, True)
    return found


def _turns(world: World, edge: Edge, judged: list[Judged]) -> Iterator[Alert]:
    told = False
    last = None
    for time, group in itertools.groupby(judged, key=lambda one: one.alert.time):
        instant = list(group)
        if last is not None and time - last > milliseconds(edge.memory):
            told = False
        last = time
        met = [one.alert for one in instant if _sure(one.truth)]
        if met and not told:
            yield max(met, key=lambda alert: alert.turn)
        told = bool(met) or (told and not any(_resets(world, edge, one) for one in instant))


def _resets(world: World, edge: Edge, one: Judged) -> bool:
    """Whether an event makes the rule ready again: by default where the condition is false."""
    return world.holds(edge.reset_when, one.row) if edge.reset_when else one.truth is False


def _sure(truth: object) -> bool:
    if truth is VAGUE:
        raise Unpredictable
    return truth is True


def first_only(found: Expected, period: int) -> Expected:
    """At most one alert of an entity in any period of that length: the first, then the first after it.

    Of several at one instant it is the first by id, or, of windows, by their start.
    """
    kept = Expected(open=found.open)
    by_entity: dict[str, list[Slot]] = {}
    for slot in found.slots:
        by_entity.setdefault(slot.options[0].entity, []).append(slot)
    for entity, slots in by_entity.items():
        if not all(slot.required for slot in slots):
            kept.open.add(entity)
        else:
            kept.slots += _firsts([option for slot in slots for option in slot.options], period)
    return kept


def _firsts(alerts: list[Alert], period: int) -> list[Slot]:
    kept: list[Slot] = []
    for alert in sorted(alerts, key=lambda one: one.turn):
        if not kept or alert.time - kept[-1].options[0].time >= period:
            kept.append(Slot((alert,)))
    return kept
