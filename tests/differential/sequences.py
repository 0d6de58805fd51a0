"""Sequences: steps that a key's events take in order, within a time."""

from collections.abc import Iterator, Mapping, Sequence

from differential.alerts import Alert, Expected
from differential.events import Event
from differential.expressions import parse
from differential.kinds import about, grouped, tell
from differential.values import Value
from differential.world import World, columns_of

from fraud_api.base import milliseconds
from fraud_api.rules import Contiguity, Rule, Step
from fraud_api.rules import Sequence as SequenceKind

Row = Mapping[str, Value]
NOTHING: Row = {}
Match = tuple[tuple[int, ...], ...]
"""Places of the events of each step."""


def sequences(world: World, rule: Rule, kind: SequenceKind) -> Expected:
    """Matches that share no event; of several that could begin one the earliest does."""
    found = Expected()
    by = kind.by or rule.entity.columns
    for events in grouped(world.events(kind.source, True, kind.where), by).values():
        ordered = sorted(events, key=lambda event: (event.time, _rank(world, kind, event), len(event.id), event.id))
        start = 0
        while match := _first_match(world, kind, ordered, start):
            alert = _alert(world, kind, by, ordered, match)
            tell(found, rule, alert, True)
            if _is_left_open(world, kind, ordered, start, match):
                named = about(rule, alert) if by == rule.entity.columns else None
                found.open.add(named.entity if named else "*")
            start = match[-1][-1] + 1
    return found


def _is_left_open(world: World, kind: SequenceKind, events: Sequence[Event], start: int, match: Match) -> bool:
    """Whether another match of the same start may be told instead: while it is open whether one began before it."""
    begin, end, within = match[0][0], match[-1][-1], milliseconds(kind.within)
    waited = [event for event in events[start:begin] if events[end].time - event.time <= within]
    if not any(world.holds(kind.steps[0].where, event.row) for event in waited) or not _has_choices(kind):
        return False
    ends = (last for last in range(end + 1, len(events)) if events[last].time - events[begin].time <= within)
    return any(next(_matches(world, kind, events[: last + 1], begin, 0), None) for last in ends)


def _has_choices(kind: SequenceKind) -> bool:
    """Whether a step may be better taken by another event than the first that it can be."""
    looked_at = {name.split(".")[0] for step in kind.steps for name in columns_of(parse(step.where)) if "." in name}
    return kind.contiguity is not Contiguity.STRICT and any(
        step.times > 1 or step.name in looked_at for step in kind.steps[1:]
    )


def _rank(world: World, kind: SequenceKind, event: Event) -> int:
    """Where an event stands among those of its instant: in the order of the steps that it can be.

    One that can be several stands between these, one that is none behind them all. What a step asks of an earlier one
    has no part in it.
    """
    steps = [parse(step.where) for step in kind.steps]
    alone = [place for place, node in enumerate(steps) if not any("." in name for name in columns_of(node))]
    could_be = [place for place in alone if world.holds(steps[place], event.row)]
    return could_be[0] + could_be[-1] if could_be else 2 * len(steps)


def _first_match(world: World, kind: SequenceKind, events: Sequence[Event], start: int) -> Match | None:
    """Of the matches that begin first the one that ends first, each step as early as can be."""
    within = milliseconds(kind.within)
    for begin in range(start, len(events)):
        for end in range(begin, len(events)):
            if events[end].time - events[begin].time > within:
                break
            match = next(_matches(world, kind, events[: end + 1], begin, 0), None)
            if match:
                return match
    return None


def _matches(
    world: World, kind: SequenceKind, events: Sequence[Event], at: int, number: int, earlier: Row = NOTHING
) -> Iterator[Match]:
    """Ways to take the steps from ``number`` on, beginning at ``at`` and ending with the last event."""
    step = kind.steps[number]
    places = tuple(range(at, at + step.times))
    if places[-1] >= len(events) or not all(_is_step(world, step, events[place], earlier) for place in places):
        return
    if number == len(kind.steps) - 1:
        if places[-1] == len(events) - 1:
            yield (places,)
        return
    following = places[-1] + 1
    seen = {**earlier, **{f"{step.name}.{name}": value for name, value in events[places[-1]].row.items()}}
    last = following if kind.contiguity is Contiguity.STRICT else len(events) - 1
    for next_at in range(following, last + 1):
        for rest in _matches(world, kind, events, next_at, number + 1, seen):
            yield (places, *rest)


def _is_step(world: World, step: Step, event: Event, earlier: Row) -> bool:
    return world.holds(step.where, {**event.row, **earlier})


def _alert(world: World, kind: SequenceKind, by: Sequence[str], events: Sequence[Event], match: Match) -> Alert:
    lasts = {step.name: events[places[-1]] for step, places in zip(kind.steps, match, strict=True)}
    others = [name for name in world.columns(kind.source) if name not in by]
    end = events[match[-1][-1]]
    row = {name: end.row[name] for name in by}
    steps = {step: {name: event.row[name] for name in others} for step, event in lasts.items()}
    ids = tuple((event.time, event.id) for event in lasts.values())
    count = sum(len(places) for places in match)
    return Alert("", "/".join(name for _, name in ids), end.time, count, ids, row | steps)
