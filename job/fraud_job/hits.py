"""What every kind of rule compiles to: a SELECT of hits, and where in it an alert finds its parts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from fraud_api.aggregates import computation
from fraud_api.expressions import ColumnType
from fraud_api.rules import Aggregate, AggregateFunction
from fraud_api.sql import identifier, literal
from fraud_api.understanding import aggregated, of_columns
from fraud_job import text
from fraud_job.json_text import Json, array, members, value
from fraud_job.scope import Scope

TIME = "`_time`"
START = "`_start`"
END = "`_end`"
ID = "`_id`"
LENGTH = "`_length`"

EVENT = (f"`event_time` AS {TIME}", f"CAST(`event_id` AS STRING) AS {ID}")
"""What a SELECT of hits keeps of an event beside its columns."""
IN_TURN = (LENGTH, ID)
"""The order of events of one instant: shorter ids first, so that 999 stands before 1000."""
EVENT_IN_TURN = (*EVENT, f"CHAR_LENGTH(CAST(`event_id` AS STRING)) AS {LENGTH}")
"""The same where such events are put into their order."""

COUNT = "`_count`"


@dataclass(frozen=True)
class Field:
    """A value of an alert's row.

    Attributes:
        name: its name in the row.
        column: SQL of it in the hits.
        group: the side of a join or step of a sequence that it belongs to.
    """

    name: str
    column: str
    group: str | None = None


@dataclass(frozen=True)
class Hits:
    """A SELECT whose rows are alerts to be.

    Attributes:
        sql: the SELECT, in which ``_time`` is a time attribute.
        fields: the values of an alert's row.
        identity: SQL of the event or window that a hit is about; the same on every replay.
        count: SQL of how many events are behind a hit.
        evidence: a JSON array of up to 20 event ids.
        windowed: whether the columns ``_start`` and ``_end`` are there.
        plain: the side or step that a plain name means first.
        at: SQL of when it happened, which an alert tells.
        times: SQL of the event times that tell two hits of one identity apart: an id may be used again.
    """

    sql: str
    fields: tuple[Field, ...]
    identity: str
    count: str
    evidence: Json
    windowed: bool = False
    plain: str | None = None
    at: str = TIME
    times: tuple[str, ...] = (TIME,)

    def field(self, name: str) -> Field:
        """The field called ``group.name``, or ``name``: of no group, of the one that plain names mean, of any."""
        group, _, plain = name.rpartition(".")
        found = [f for f in self.fields if f.name == plain and group in ("", f.group)]
        return min(found, key=lambda f: 0 if f.group is None else 1 if f.group == self.plain else 2)


def fields_of(columns: Iterable[str]) -> tuple[Field, ...]:
    """Fields for the columns of a stream or view; time and identity have places of their own in an alert."""
    return tuple(Field(name, identifier(name)) for name in columns if name not in ("event_time", "event_id"))


def identity(scope: Scope, sources: Iterable[str], events: str, fields: Iterable[Field]) -> str:
    """SQL of what tells hits apart: their events' ids, and the row where a view may make several of one event."""
    return row_identity(events, fields) if any(map(scope.several, sources)) else events


def row_identity(events: str, fields: Iterable[Field]) -> str:
    """SQL of the identity of a row that its events' ids do not tell from others."""
    row = members((f"{field.group or ''}.{field.name}", value(field.column)) for field in fields)
    return f"CONCAT_WS('/', {events}, {row.sql()})"


def aggregate(scope: Scope, source: str, made: Aggregate, over: str = "") -> str:
    """SQL of an aggregate over the events of a source, over a window clause where one is given."""
    column = identifier(made.column) if made.column else "1"
    if made.where:
        column = f"CASE WHEN {scope.condition(made.where, scope.known(source))} THEN {column} END"
    match made.function:
        case AggregateFunction.COUNT:
            call = f"COUNT({column if made.column or made.where else '*'})"
        case AggregateFunction.COUNT_DISTINCT:
            call = f"COUNT(DISTINCT {column})"
        case function:
            call = computation(function, scope.columns(source).get(made.column or ""), bool(over)).call(column)
    return f"{call}{over} AS {identifier(made.name)}"


def counted(scope: Scope, source: str, aggregates: Iterable[Aggregate]) -> ColumnType:
    """What is known of a source's columns and of aggregates over them."""
    columns = dict(scope.columns(source))
    types, ranges = aggregated(aggregates, columns)
    return of_columns({**columns, **types}, ranges)


def where(conditions: Iterable[str]) -> str:
    """A WHERE clause of conditions that must all hold, or nothing."""
    kept = [condition for condition in conditions if condition]
    return f" WHERE {' AND '.join(kept)}" if kept else ""


def keyed(scope: Scope, source: str, by: list[str], condition: str | None) -> list[str]:
    """Conditions for events that are counted by a key: a key that is not there is nobody's."""
    kept = [scope.condition(condition, scope.known(source))] if condition else []
    return kept + whole(scope, source, by)


def whole(scope: Scope, source: str, by: list[str], what: str = "key") -> list[str]:
    """A condition for events none of whose key's columns is null; what it keeps away is counted."""
    names = [name for name in by if nullable(scope, source, name)]
    columns = [identifier(name) for name in names]
    return [has_key(scope.owner, names, "CAST(`event_id` AS STRING)", columns, what)] if names else []


def has_key(owner: str, names: Sequence[str], event: str, columns: Sequence[str], what: str = "key") -> str:
    """A condition that holds where no column is null.

    Args:
        owner: whose events they are.
        names: names of the columns.
        event: SQL of what to call an event where a column is null.
        columns: SQL of the columns.
        what: what they are to their owner.
    """
    told = ",".join(f"{what} {name}" for name in names)
    return f"has_key({', '.join([literal(owner), literal(told), event, *columns])})"


def nullable(scope: Scope, source: str | None, name: str) -> bool:
    """Whether a column of a stream may be null; of a view or a query nobody can tell."""
    stream = next((stream for stream in scope.spec.streams if stream.name == source), None)
    column = stream.column(name) if stream else None
    return column is None or column.nullable


def ids(*names: str) -> Json:
    """A JSON array of event ids."""
    return array(*(value(name) for name in names))


def interval_between(time: str, before: str, after: str) -> str:
    """SQL of ``BETWEEN`` the time less ``before`` and the time plus ``after``."""
    return f"BETWEEN {time} - {text.interval(before)} AND {time} + {text.interval(after)}"
