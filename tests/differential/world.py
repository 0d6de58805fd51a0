"""What rules look at: a detector's events, its views of them, its parameters."""

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any

from differential.evaluate import holds, number, value
from differential.events import Event, Record, Stretch, stretch
from differential.expressions import Node, Select, parse, parse_select
from differential.trailing import looked_at
from differential.values import DOUBLE, STRING, Type, Value, boolean, type_of

from fraud_api import FraudDetector
from fraud_api.rules import Mode, Rule
from fraud_api.streams import Parameter, ParameterType


class World:
    """A detector with its records.

    Attributes:
        detector: its model.
        parameters: values of its parameters.
        stretches: what its streams' records are, by stream.
    """

    def __init__(self, detector: FraudDetector, records: Iterable[Record]) -> None:
        self.detector = detector
        self.parameters = {one.name: _parameter(one) for one in detector.spec.parameters}
        by_stream: dict[str, list[Record]] = {stream.name: [] for stream in detector.spec.streams}
        for record in records:
            by_stream[record.stream].append(record)
        self.stretches: Mapping[str, Stretch] = {
            stream.name: stretch(stream, by_stream[stream.name], columns_in_use(detector, stream.name))
            for stream in detector.spec.streams
        }

    def events(self, source: str, on_time: bool, where: str | None = None) -> list[Event]:
        """Events of a stream or view that match, by time, those of one instant by place."""
        found = [event for event in self._source(source, on_time) if self.holds(where, event.row)]
        return sorted(found, key=lambda event: (event.time, event.place))

    def columns(self, source: str) -> list[str]:
        """Columns of a stream or view that stand in an alert's row."""
        return [name for name in self._types[source] if name not in ("event_time", "event_id")]

    def holds(self, condition: str | Node | None, row: Mapping[str, Value]) -> bool:
        """Whether a condition is true for a row; Unpredictable where that is left open."""
        node = parse(condition) if isinstance(condition, str) else condition
        return holds(node, row, self.parameters)

    def truth(self, condition: str, row: Mapping[str, Value]) -> object:
        """What a condition gives for a row: True, False, None or VAGUE."""
        return value(parse(condition), row, self.parameters).data

    def _source(self, name: str, on_time: bool) -> list[Event]:
        if name in self.stretches:
            found = self.stretches[name]
            return found.on_time if on_time else found.events
        view = next(view for view in self.detector.spec.views if view.name == name)
        return self.selected(view.query, on_time)

    def selected(self, query: str | Select, on_time: bool) -> list[Event]:
        """Rows of a simple query."""
        select = parse_select(query) if isinstance(query, str) else query
        return [
            Event(event.time, event.id, self._row(select.items, event), event.place)
            for event in self._source(select.source, on_time)
            if self.holds(select.where, event.row)
        ]

    def _row(self, items: Iterable[tuple[str, Node]], event: Event) -> dict[str, Value]:
        return {name: value(node, event.row, self.parameters) for name, node in items}

    @cached_property
    def _types(self) -> dict[str, dict[str, Type]]:
        """Types of columns; those of views are only ever asked for their names."""
        found = {
            stream.name: {column.name: type_of(column.type) for column in stream.columns}
            for stream in self.detector.spec.streams
        }
        for view in self.detector.spec.views:
            found[view.name] = {name: STRING for name, _ in parse_select(view.query).items}
        return found


def columns_in_use(detector: FraudDetector, stream: str) -> set[str]:
    """Names of columns in what looks at a stream; that an alert's row shows one does not count."""
    rules = [rule.model_dump(mode="json", exclude_none=True) for rule in detector.spec.rules if _active(rule)]
    read = {name for rule in rules if stream in _sources(rule) for name in _named(rule)}
    queries = [view.query for view in detector.spec.views]
    queries += [output.query for output in detector.spec.outputs if output.query]
    for select in map(parse_select, queries):
        if select.source == stream:
            nodes = [node for _, node in select.items] + ([select.where] if select.where else [])
            read |= {name for node in nodes for name in columns_of(node)} | {select.group}
    return {name.rpartition(".")[2] for name in read}


def _active(rule: Rule) -> bool:
    return rule.mode is not Mode.DISABLED


def _sources(part: Mapping[str, Any]) -> set[str]:
    """What a rule reads: ``from``, both sides of a join, or what a query selects from."""
    found = {inner for key, inner in part.items() if key in ("source", "left", "right") and isinstance(inner, str)}
    if "query" in part:
        found.add(looked_at(part["query"]).source)
    return found.union(*(_sources(inner) for inner in part.values() if isinstance(inner, dict)))


def _named(part: Any, key: str = "") -> Iterator[str]:
    """Columns that a rule, or a part of it, names."""
    if isinstance(part, dict):
        for name, inner in part.items():
            yield from _named(inner, name)
    elif isinstance(part, list):
        for inner in part:
            yield from _named(inner, key)
    elif key in ("where", "having", "reset_when"):
        yield from columns_of(parse(part))
    elif key == "query":
        yield from (name for _, node in looked_at(part).items for name in columns_of(node))
        yield from columns_of(looked_at(part).where)
    elif key == "reason":
        yield from re.findall(r"\{([A-Za-z_][A-Za-z0-9_.]*)\}", part.replace("{{", "").replace("}}", ""))
    elif key in ("by", "columns", "column", "value", "amount", "left", "right"):
        yield part


def columns_of(node: Node | None) -> Iterator[str]:
    """Names of the columns in an expression."""
    yield from (one.text for one in (node.walk() if node else ()) if one.op == "column")


def _parameter(parameter: Parameter) -> Value:
    match parameter.type:
        case ParameterType.STRING:
            return Value(STRING, parameter.value)
        case ParameterType.BOOLEAN:
            return boolean(parameter.value.lower() == "true")
        case ParameterType.DOUBLE:
            return Value(DOUBLE, float(parameter.value))
        case ParameterType.BIGINT:
            return Value(Type("BIGINT"), int(parameter.value))
        case _:
            text = parameter.value.removeprefix("-")
            found = number(text)
            sign = -1 if text != parameter.value else 1
            return Value(found.type, sign * (found.data if found.type.whole else Fraction(text)))
