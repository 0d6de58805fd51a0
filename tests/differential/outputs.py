"""What outputs must hold, as docs/rules.md and the resource's reference have it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from differential.events import Record
from differential.expressions import Select, parse, parse_select
from differential.kinds import aggregated
from differential.values import Unpredictable, Value
from differential.world import World

from fraud_api.outputs import Output, Part, Split
from fraud_api.rules import Aggregate, AggregateFunction, Mode


@dataclass(frozen=True)
class Wanted:
    """What an output must hold.

    Attributes:
        rows: of a query; of one that replaces rows the last of each key.
        texts: of a split, the records as they came.
        open: whether the documentation leaves it open.
    """

    rows: Sequence[Mapping[str, Value]] = ()
    texts: Sequence[str] = ()
    open: bool = False


def wanted(world: World, output: Output, records: Iterable[Record]) -> Wanted:
    """What an output must hold of records."""
    try:
        if output.split:
            return Wanted(texts=_part(world, output.split, records))
        select = parse_select(output.query or "")
        return Wanted(_latest(world, select) if select.group else _rows(world, select))
    except Unpredictable:
        return Wanted(open=True)


def _rows(world: World, select: Select) -> list[Mapping[str, Value]]:
    """A query that looks at one event at a time sees late ones too."""
    return [event.row for event in world.selected(select, on_time=False)]


def _latest(world: World, select: Select) -> list[Mapping[str, Value]]:
    by_key: dict[object, list[int]] = {}
    events = world.events(select.source, True, select.where.sql() if select.where else None)
    for place, event in enumerate(events):
        by_key.setdefault(event.row[select.group].data, []).append(place)
    found = []
    for places in by_key.values():
        mine = [events[place] for place in places]
        row = {select.group: mine[0].row[select.group]}
        for name, node in select.items:
            if node.op == "call":
                function = AggregateFunction(node.text.capitalize())
                made = Aggregate(name=name, function=function, column=node.args[0].text)
                row |= aggregated(world, [made], mine)
        found.append(row)
    return found


def _part(world: World, split: Split, records: Iterable[Record]) -> list[str]:
    """A stream's events that a filter flags, or all others, late ones too."""
    texts = {(one.partition, one.offset): one.value for one in records if one.stream == split.source}
    conditions = [
        parse(rule.filter.where) for rule in world.detector.spec.rules
        if rule.filter and rule.mode is Mode.ENFORCE and rule.filter.source == split.source
        and (split.rules is None or rule.name in split.rules)
    ]  # fmt: skip
    found = []
    for event in world.events(split.source, on_time=False):
        flagged = any(world.holds(condition, event.row) for condition in conditions)
        if flagged == (split.part is Part.FLAGGED):
            found.append(texts[event.place])
    return found
