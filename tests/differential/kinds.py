"""The kinds of rule, each as docs/rules.md has it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from differential.alerts import Alert, Evidence, Expected, by_time
from differential.events import Event, iso
from differential.periods import periods
from differential.trailing import TOTAL, Trailing, parse_query
from differential.values import BIGINT, HUGE, STRING, TIME, VAGUE, Type, Unpredictable, Value, null
from differential.world import World

from fraud_api.base import milliseconds
from fraud_api.rules import (
    Aggregate,
    AggregateFunction,
    Filter,
    Join,
    JoinType,
    Rule,
    Sql,
    Velocity,
    Window,
)

Key = tuple[object, ...]
DIGITS = 38
HEADROOM = 9
MEAN = Type("DECIMAL", 38, 6)


@dataclass(frozen=True)
class Judged:
    """An event or window that a rule looked at.

    Attributes:
        key: whose it is.
        alert: what is told if the condition holds.
        truth: what the condition gives: True, False, None or VAGUE.
        row: what conditions see.
    """

    key: Key
    alert: Alert
    truth: object
    row: Mapping[str, Value]


def settled(rule: Rule, judged: Iterable[Judged]) -> Expected:
    """An alert wherever the condition holds."""
    found = Expected()
    for one in judged:
        if one.truth is True or one.truth is VAGUE:
            tell(found, rule, one.alert, one.truth is True)
    return found


def filtered(world: World, rule: Rule, kind: Filter, on_time: bool) -> Iterator[Judged]:
    """Every event, late ones too unless the rule remembers something."""
    columns = world.columns(kind.source)
    for event in world.events(kind.source, on_time):
        key = tuple(event.row[name].data for name in rule.entity.columns)
        yield Judged(key, _single(event, columns), world.truth(kind.where, event.row), event.row)


def queried(world: World, rule: Rule, kind: Sql, on_time: bool) -> Iterator[Judged]:
    """Every row of a query."""
    query = parse_query(kind.query)
    if isinstance(query, Trailing):
        yield from _trailing(world, query)
        return
    for event in world.selected(query, on_time):
        names = [name for name in event.row if name not in ("event_time", "event_id")]
        yield Judged((), _single(event, names), True, event.row)


def _trailing(world: World, query: Trailing) -> Iterator[Judged]:
    """Events with a total over the time before them; as it looks at several, late ones are not among them."""
    made = Aggregate(name=TOTAL, function=AggregateFunction(query.function.capitalize()), column=query.column)
    for events in grouped(world.selected(query.select, True), [query.by]).values():
        for event in events:
            start = event.time - 1000 * query.seconds
            row = {**event.row} | aggregated(world, [made], [one for one in events if start <= one.time <= event.time])
            names = [name for name in row if name not in ("event_time", "event_id")]
            told = replace(event, row=row)
            yield Judged((), _single(told, names), world.truth(query.having.sql(), row), row)


def _single(event: Event, columns: Sequence[str]) -> Alert:
    row = {name: event.row[name] for name in columns}
    return Alert("", event.id, event.time, 1, ((event.time, event.id),), row)


def velocity(world: World, rule: Rule, kind: Velocity) -> Iterator[Judged]:
    """Each event with what its key did in the time before it, both ends included."""
    columns = world.columns(kind.source)
    for key, events in grouped(world.events(kind.source, True, kind.where), kind.by or rule.entity.columns).items():
        for event, start in _starts(kind, events):
            window = [one for one in events if start <= one.time <= event.time]
            row = {name: event.row[name] for name in columns} | aggregated(world, kind.aggregates, window, True)
            alert = Alert("", event.id, event.time, len(window), by_time(window), row, Evidence.NEWEST)
            yield Judged(key, alert, world.truth(kind.having, row), row)


def _starts(kind: Velocity, events: Sequence[Event]) -> Iterator[tuple[Event, int]]:
    """Each event with the first instant that it looks back to."""
    if kind.within:
        yield from ((event, event.time - milliseconds(kind.within)) for event in events)
    elif kind.memory:
        yield from lives(events, milliseconds(kind.memory))


def lives(events: Sequence[Event], memory: int) -> Iterator[tuple[Event, int]]:
    """Each event with the instant since which its key is known: away for longer than its memory it begins anew."""
    since = last = None
    for event in events:
        if since is None or last is None or event.time - last > memory:
            since = event.time
        last = event.time
        yield event, since


def windows(world: World, rule: Rule, kind: Window) -> Iterator[Judged]:
    """A key's events of each window, told in the window's last millisecond."""
    by = kind.by or rule.entity.columns
    for key, events in grouped(world.events(kind.source, True, kind.where), by).items():
        for (start, end), inside in periods(kind, events):
            row = {name: inside[0].row[name] for name in by} | aggregated(world, kind.aggregates, inside)
            row |= {"window_start": Value(TIME, start), "window_end": Value(TIME, end)}
            finer = [row[name] for name in by if name not in rule.entity.columns]
            identity = "/".join([iso(start), iso(end), *([_one_text(finer)] if finer else [])])
            alert = Alert("", identity, end - 1, len(inside), by_time(inside), row, Evidence.ENDS, (start, end))
            yield Judged(key, alert, world.truth(kind.having, row), row)


def aggregated(
    world: World, wanted: Sequence[Aggregate], events: Sequence[Event], trailing: bool = False
) -> dict[str, Value]:
    """Aggregates over events, of which those of a trailing window are rounded once."""
    return {one.name: _aggregate(world, one, events, trailing) for one in wanted}


def _aggregate(world: World, one: Aggregate, events: Sequence[Event], trailing: bool) -> Value:
    kept = [event for event in events if world.holds(one.where, event.row)]
    if one.column is None:
        return Value(BIGINT, len(kept))
    values = [event.row[one.column] for event in kept if event.row[one.column].data is not None]
    of = kept[0].row[one.column].type if kept else None
    if any(value.data is VAGUE for value in values):
        raise Unpredictable
    match one.function:
        case AggregateFunction.COUNT:
            return Value(BIGINT, len(values))
        case AggregateFunction.COUNT_DISTINCT:
            return Value(BIGINT, len({value.data for value in values}))
        case AggregateFunction.SUM | AggregateFunction.AVG:
            return _total(one.function, values, of, trailing)
        case function:
            order = min if function is AggregateFunction.MIN else max
            return order(values, key=_ordered) if values else null(of or STRING)


def _total(function: AggregateFunction, values: Sequence[Value], of: Type | None, trailing: bool) -> Value:
    """A sum that holds whatever is in it, or a mean that is not cut."""
    if not values or of is None:
        return null(MEAN)
    exact = all(value.exact for value in values)
    total = sum((value.number for value in values), Fraction(0))
    if of.real:
        # the order of additions is left open, so only sums are right that every order gives
        largest = sum(abs(value.number) for value in values)
        safe = largest < 2**40 and all((value.number * 2**10).denominator == 1 for value in values)
        if largest > Fraction(10) ** 300:
            return Value(Type("DOUBLE"), VAGUE)
        told = float(total) / len(values) if function is AggregateFunction.AVG else float(total)
        return Value(Type("DOUBLE"), told, exact and (trailing or safe))
    if function is AggregateFunction.AVG:
        return Value(MEAN, total / len(values), exact=False)
    if of.whole:
        return Value(HUGE, total, exact)
    # six places are kept at least, others give way where a total might need more than 38 digits
    tight = of.digits + HEADROOM > DIGITS
    kind = Type("DECIMAL", DIGITS, min(of.places, 6) if tight else of.places)
    most = Fraction(10**DIGITS - 1, 10**kind.places)
    if abs(total) > most:
        # no DECIMAL holds it: the largest of its sign, so that what is above a limit stays so
        return Value(kind, most if total > 0 else -most, exact=False)
    return Value(kind, total, exact and not tight)


def _ordered(value: Value) -> object:
    return value.data.encode() if isinstance(value.data, str) else value.data


def joined(world: World, rule: Rule, kind: Join) -> Expected:
    """Pairs within the bounds, or left events without a partner there."""
    found = Expected()
    right = grouped(world.events(kind.right, True), [key.right for key in kind.keys])
    for event in world.events(kind.left, True):
        key = _key(event, [key.left for key in kind.keys])
        low, high = event.time - milliseconds(kind.before), event.time + milliseconds(kind.after)
        partners = [one for one in right.get(key, []) if low <= one.time <= high] if key else []
        if kind.type is JoinType.UNMATCHED:
            if not partners:
                _lonely(world, rule, kind, event, found)
            continue
        for partner in partners:
            _pair(world, rule, kind, (event, partner), found)
    return found


def _lonely(world: World, rule: Rule, kind: Join, event: Event, found: Expected) -> None:
    row = {kind.left: {name: event.row[name] for name in world.columns(kind.left)}}
    truth = world.truth(kind.where, _qualified({kind.left: event})) if kind.where else True
    if truth is True or truth is VAGUE:
        tell(found, rule, Alert("", event.id, event.time, 1, ((event.time, event.id),), row), truth is True)


def _pair(world: World, rule: Rule, kind: Join, pair: tuple[Event, Event], found: Expected) -> None:
    left, right = pair
    sides = {kind.left: left, kind.right: right}
    truth = world.truth(kind.where, _qualified(sides)) if kind.where else True
    if truth is True or truth is VAGUE:
        row = {side: {name: event.row[name] for name in world.columns(side)} for side, event in sides.items()}
        ids = ((left.time, left.id), (right.time, right.id))
        told = Alert("", f"{left.id}/{right.id}", left.time, 2, ids, row, partner=right.time)
        tell(found, rule, told, truth is True)


def _qualified(sides: Mapping[str, Event]) -> dict[str, Value]:
    return {f"{side}.{name}": value for side, event in sides.items() for name, value in event.row.items()}


def grouped(events: Sequence[Event], by: Sequence[str]) -> dict[Key, list[Event]]:
    """Events by their key; an event without one is nobody's."""
    found: dict[Key, list[Event]] = defaultdict(list)
    for event in events:
        key = _key(event, by)
        if key:
            found[key].append(event)
    return found


def _key(event: Event, by: Sequence[str]) -> Key | None:
    values = [event.row[name] for name in by]
    if any(value.data is VAGUE for value in values):
        raise Unpredictable
    return None if any(value.data is None for value in values) else tuple(value.data for value in values)


def tell(found: Expected, rule: Rule, alert: Alert, required: bool) -> None:
    """Add an alert to what is expected, unless nobody knows whom it is about."""
    named = about(rule, alert)
    if named:
        found.add(named, required)


def about(rule: Rule, alert: Alert) -> Alert | None:
    """An alert with its entity; None where nobody knows whom it is about."""
    values = [alert.value(name) for name in rule.entity.columns]
    if any(value.data is VAGUE for value in values):
        raise Unpredictable
    if any(value.data is None for value in values):
        return None
    return replace(alert, entity=_one_text(values))


def _one_text(values: Sequence[Value]) -> str:
    texts = [str(value.data) for value in values]
    if len(texts) > 1:
        texts = [text.replace("\\", "\\\\").replace("|", "\\|") for text in texts]
    return "|".join(texts)
