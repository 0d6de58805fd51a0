"""What the SQL of one rule or output sees: a database of its own, with its streams, views and parameters.

Every rule and output gets a database whose views carry the names that the analyst uses, so that queries reach
Flink as they were written. All of them read the same scan. Each passes its own gate, a predicate that is always
true and that the planner can neither fold nor share: operators with state then belong to one owner each, and
a rule may come or go without moving another's state (docs/decisions/003-state-identity.md).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from sqlglot import exp

from fraud_api import sql, understanding
from fraud_api.columns import columns_of, tables_of
from fraud_api.expressions import ColumnType
from fraud_api.resource import FraudDetectorSpec
from fraud_api.sql import Condition, Reference, identifier, literal
from fraud_api.sql_tokens import SqlError
from fraud_api.streams import Stream, View
from fraud_job import text
from fraud_job.guards import Told, guarded

ONE_EVENT: Mapping[str, str] = MappingProxyType({"": "`event_id`"})
"""The id of the event whose columns go by their plain names."""

_MULTIPLY = (exp.Group, exp.Distinct, exp.Join, exp.Lateral, exp.Unnest, exp.SetOperation, exp.MatchRecognize)
_SEVERAL = (exp.AggFunc, exp.Distinct, exp.Group, exp.Join, exp.Lateral, exp.Window)

SOURCES = "sources"
SINKS = "sinks"

# what the event clock behind the source says of an accepted event (docs/decisions/025-what-is-late.md)
ON_TIME = "NOT `_late`"
LATE = "`_late`"


def gate(owner: str) -> str:
    """A predicate that holds for every record (offsets begin at 0) and differs from every other owner's."""
    number = int.from_bytes(hashlib.sha256(owner.encode()).digest()[:4], "big")
    return f"`_offset` > -{number + 1}"


def source_table(stream: Stream) -> str:
    """The scan of a stream, shared by all."""
    return f"{identifier(SOURCES)}.{identifier(stream.name)}"


@dataclass(frozen=True)
class Scope:
    """The names that one rule's or output's SQL may use.

    Attributes:
        owner: ``rule NAME`` or ``output NAME``.
        spec: the detector's spec.
        on_time: whether late events are kept out, as for everything that keeps state.
    """

    owner: str
    spec: FraudDetectorSpec
    on_time: bool
    _parameters: dict[str, str] = field(init=False, repr=False)
    _types: dict[str, str | None] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        values = {value.name: text.parameter(value) for value in self.spec.parameters}
        object.__setattr__(self, "_parameters", values)
        object.__setattr__(self, "_types", understanding.parameter_types(self.spec.parameters))

    def statements(self, names: set[str]) -> list[str]:
        """What opens the scope: its database and views for the named streams and views, in order."""
        wanted = with_views_below(self.spec, names)
        opened = [f"CREATE DATABASE IF NOT EXISTS {identifier(self.owner)}", f"USE {identifier(self.owner)}"]
        opened += [self._stream(stream) for stream in self.spec.streams if stream.name in wanted]
        opened += [self._view(view) for view in self.spec.views if view.name in wanted]
        return opened

    def columns(self, name: str) -> Mapping[str, str | None]:
        """Columns of a stream or view with their types, None where only Flink knows."""
        return columns_of(self.spec, name)

    def known(self, name: str) -> ColumnType:
        """What is known of the columns of a stream or view."""
        return understanding.of_columns(columns_of(self.spec, name))

    def condition(
        self,
        written: str,
        columns: ColumnType,
        names: Mapping[str, str] | None = None,
        events: Mapping[str, str] = ONE_EVENT,
    ) -> str:
        """A predicate with parameters filled in, columns quoted, and the casts that its arithmetic needs.

        Args:
            written: the analyst's predicate.
            columns: what is known of the columns it may name.
            names: SQL of columns that are not called by their own name, by ``column`` or ``side.column``.
            events: SQL of the ids of the events that it is about, by side.
        """
        trimmed = sql.parse_condition(written).text
        understood = understanding.condition(trimmed, columns, self._types)
        parsed = sql.parse_condition(understood.text)
        filled = [(reference, self._column(reference, names or {})) for reference in parsed.columns]
        told = Told(self.owner, understood.behind, events)
        return f"({guarded(parsed.text, told, filled + self._values(parsed), self._no_texts)})"

    def query(self, written: str) -> str:
        """A SELECT with parameters filled in, and the casts that its arithmetic needs."""
        understood = understanding.query(sql.parse_select(written), tables_of(self.spec), self._types)
        parsed = sql.parse_select(understood.text)
        given = {alias.alias for alias in parsed.tree.find_all(exp.Alias)}
        told = Told(self.owner, understood.behind, self._events(parsed))
        return guarded(parsed.text, told, self._values(parsed), self._no_texts - given)

    def _events(self, query: sql.Select) -> Mapping[str, str]:
        """The id of the event that a row of a query is made of; nothing where there may be several."""
        named = query.tree.find(exp.Table)
        selects = len(list(query.tree.find_all(exp.Select)))
        if named is None or len(query.tables) != 1 or selects != 1 or query.windowed or query.matches:
            return {}
        has_one = "event_id" in (tables_of(self.spec).get(query.tables[0].name) or {})
        if not has_one or query.tree.find(*_SEVERAL):
            return {}
        return {"": f"{identifier(named.alias_or_name)}.`event_id`"}

    def several(self, source: str) -> bool:
        """Whether a source may have several rows of one event: no stream has, a view that joins or unites may."""
        view = next((view for view in self.spec.views if view.name == source), None)
        return view is not None and self.makes_several(view.query)

    def makes_several(self, written: str) -> bool:
        """Whether a query, or a view that it reads, may make several rows of one event."""
        query = sql.parse_select(written)
        return query.tree.find(*_MULTIPLY) is not None or any(self.several(table.name) for table in query.tables)

    @cached_property
    def _no_texts(self) -> frozenset[str]:
        return _no_texts(self.spec)

    def parameter(self, name: str) -> str:
        """The SQL of a parameter's value."""
        return self._parameters[name]

    def _values(self, parsed: "Condition | sql.Select") -> list[tuple[Reference, str]]:
        return [(reference, self._parameters[reference.name]) for reference in parsed.parameters]

    @staticmethod
    def _column(reference: Reference, names: Mapping[str, str]) -> str:
        full = f"{reference.table}.{reference.name}" if reference.table else reference.name
        if full in names:
            return names[full]
        return ".".join(identifier(part) for part in (reference.table, reference.name) if part)

    def _view(self, view: View) -> str:
        return f"CREATE TEMPORARY VIEW {identifier(view.name)} AS {self.query(view.query)}"

    def _stream(self, stream: Stream) -> str:
        declared = [column.name for column in stream.columns if column.name not in ("event_time", "event_id")]
        selected = [identifier(name) for name in declared]
        selected += ["`_event_time` AS `event_time`", f"{event_id(stream)} AS `event_id`"]
        conditions = ["`_error` IS NULL", gate(self.owner)] + [ON_TIME] * self.on_time
        return (
            f"CREATE TEMPORARY VIEW {identifier(stream.name)} AS SELECT {', '.join(selected)}"
            f" FROM {source_table(stream)} WHERE {' AND '.join(conditions)}"
        )


def _no_texts(spec: FraudDetectorSpec) -> frozenset[str]:
    """Names of columns that are known to be no texts wherever they are."""
    found: dict[str, bool] = {}
    try:
        names = [*(stream.name for stream in spec.streams), *(view.name for view in spec.views)]
        tables = [columns_of(spec, name) for name in names]
    except SqlError:
        return frozenset()
    for name, kind in (pair for columns in tables for pair in columns.items()):
        found[name] = found.get(name, True) and kind not in (None, "STRING")
    return frozenset(name for name, known in found.items() if known)


def with_views_below(spec: FraudDetectorSpec, names: set[str]) -> set[str]:
    """Names of streams and views, and of all that these views read."""
    wanted = set(names)
    for view in reversed(spec.views):
        if view.name in wanted:
            wanted |= {table.name for table in sql.parse_select(view.query).tables}
    return wanted


def event_id(stream: Stream) -> str:
    """SQL of an event's identity: the declared column, or where in Kafka the record lies."""
    if stream.event_id == "event_id":
        return identifier("event_id")
    if stream.event_id is not None:
        return f"CAST({identifier(stream.event_id)} AS STRING)"
    return f"CONCAT_WS('-', {literal(stream.topic_name)}, CAST(`_partition` AS STRING), CAST(`_offset` AS STRING))"
