"""What every kind of rule compiles to: a SELECT of hits, and where in it an alert finds its parts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from fraud_api.rules import Aggregate, AggregateFunction
from fraud_api.sql import identifier
from fraud_job import text
from fraud_job.scope import Scope

TIME = "`_time`"
START = "`_start`"
END = "`_end`"
ID = "`_id`"
COUNT = "`_count`"


@dataclass(frozen=True)
class Field:
    """A value of an alert's row.

    Attributes:
        name: its name in the row.
        column: SQL of it in the hits.
        type: its SQL type, None where only Flink knows.
        group: the side of a join or step of a sequence that it belongs to.
    """

    name: str
    column: str
    type: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class Hits:
    """A SELECT whose rows are alerts to be.

    Attributes:
        sql: the SELECT, in which ``_time`` is a time attribute.
        fields: the values of an alert's row.
        identity: SQL of what, with the entity, tells one hit from another; the same on every replay.
        count: SQL of how many events are behind a hit.
        evidence: SQL of a JSON array of up to 20 event ids.
        windowed: whether the columns ``_start`` and ``_end`` are there.
    """

    sql: str
    fields: tuple[Field, ...]
    identity: str
    count: str
    evidence: str
    windowed: bool = False

    def field(self, name: str) -> Field:
        """The field called ``name`` or ``group.name``; of several groups the first."""
        group, _, plain = name.rpartition(".")
        return next(f for f in self.fields if f.name == plain and group in ("", f.group))


def fields_of(columns: Mapping[str, str | None]) -> tuple[Field, ...]:
    """Fields for the columns of a stream or view; time and identity have places of their own in an alert."""
    return tuple(
        Field(name, identifier(name), sql_type)
        for name, sql_type in columns.items()
        if name not in ("event_time", "event_id")
    )


def aggregate(scope: Scope, value: Aggregate, over: str = "") -> str:
    """SQL of an aggregate, over a window clause where one is given."""
    column = identifier(value.column) if value.column else "1"
    if value.where:
        column = f"CASE WHEN {scope.condition(value.where)} THEN {column} END"
    match value.function:
        case AggregateFunction.COUNT:
            call = f"COUNT({column if value.column or value.where else '*'})"
        case AggregateFunction.COUNT_DISTINCT:
            call = f"COUNT(DISTINCT {column})"
        case function:
            call = f"{function.value.upper()}({column})"
    return f"{call}{over} AS {identifier(value.name)}"


def aggregate_field(value: Aggregate, columns: Mapping[str, str | None]) -> Field:
    """The field of an aggregate; sums and averages are read as decimals whatever their column's type."""
    match value.function:
        case AggregateFunction.COUNT | AggregateFunction.COUNT_DISTINCT:
            sql_type: str | None = "BIGINT"
        case AggregateFunction.SUM | AggregateFunction.AVG:
            sql_type = "DOUBLE"
        case _:
            sql_type = columns.get(value.column or "")
    return Field(value.name, identifier(value.name), sql_type)


def where(conditions: Iterable[str]) -> str:
    """A WHERE clause of conditions that must all hold, or nothing."""
    kept = [condition for condition in conditions if condition]
    return f" WHERE {' AND '.join(kept)}" if kept else ""


def keyed(scope: Scope, source: str, by: list[str], condition: str | None) -> list[str]:
    """Conditions for events that are counted by a key: a key that is not there is nobody's."""
    kept = [scope.condition(condition)] if condition else []
    return kept + [f"{identifier(name)} IS NOT NULL" for name in by if _nullable(scope, source, name)]


def _nullable(scope: Scope, source: str, name: str) -> bool:
    stream = next((stream for stream in scope.spec.streams if stream.name == source), None)
    column = stream.column(name) if stream else None
    return column is None or not column.required


def id_array(*ids: str) -> str:
    """SQL of a JSON array of event ids."""
    return f"JSON_ARRAY({', '.join(ids)})"


def interval_between(time: str, before: str, after: str) -> str:
    """SQL of ``BETWEEN`` the time less ``before`` and the time plus ``after``."""
    return f"BETWEEN {time} - {text.interval(before)} AND {time} + {text.interval(after)}"
