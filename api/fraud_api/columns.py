"""What columns a stream, a view or a query has."""

from collections.abc import Iterable, Mapping

from fraud_api.resource import FraudDetectorSpec
from fraud_api.scopes import NO_PARAMETERS, Columns, Parameters, Tables, output_columns
from fraud_api.sql import parse_select
from fraud_api.sql_tokens import SqlError
from fraud_api.streams import Stream, View
from fraud_api.understanding import parameter_types

EVENT_TIME = "event_time"
EVENT_ID = "event_id"
EVENT_TIME_TYPE = "TIMESTAMP_LTZ(3)"

_SCANNED = {"_raw", "_error", "_event_time", "_partition", "_offset", "_late"}
_FOUND = {
    "_time",
    "_start",
    "_end",
    "_id",
    "_count",
    "_first",
    "_last",
    "_recent",
    "_ids",
    "_place",
    "_length",
    "_left",
    "_right",
    "_right_time",
}
_MATCHED = {"_place", "_length", "_at"}
_TOLD = {"_entity", "_reason", "_identity", "_identity_length"}
_ORDERED = {"_meets", "_resets", "_told", "_turned", "_new", "_since", "_gap", "_previous_id"}
INTERNAL = frozenset(_SCANNED | _FOUND | _MATCHED | _TOLD | _ORDERED | {f"_id{step}" for step in range(8)})
"""Columns that the compiler adds to what streams, views and queries have."""


def columns_of(spec: FraudDetectorSpec, name: str) -> Columns:
    """Columns of a stream or view, in order, with their SQL types (None where only Flink can tell).

    A stream has its declared columns, then ``event_time`` and ``event_id``.

    Raises:
        SqlError: there is no such stream or view, or its query does not tell.
    """
    stream = next((stream for stream in spec.streams if stream.name == name), None)
    if stream is not None:
        return stream_columns(stream)
    for place, view in enumerate(spec.views):
        if view.name == name:
            return view_columns(view, _tables(spec, place), parameter_types(spec.parameters))
    raise SqlError(f"there is no stream or view '{name}'")


def query_columns(spec: FraudDetectorSpec, query: str) -> Columns:
    """Columns that a query over streams and views selects, with ``*`` written out.

    Raises:
        SqlError: the query does not tell, a column has no name, or two have the same.
    """
    return named(output_columns(parse_select(query), tables_of(spec), parameter_types(spec.parameters)))


def tables_of(spec: FraudDetectorSpec) -> Tables:
    """Columns of all streams and views, None where they can't be told."""
    return _tables(spec, len(spec.views))


def stream_columns(stream: Stream) -> Columns:
    """A stream's declared columns, then event_time and event_id where they are not declared themselves."""
    columns: Columns = {column.name: column.type for column in stream.columns}
    # a declared event_time is the raw one; what SQL sees under this name is always the time
    columns[EVENT_TIME] = EVENT_TIME_TYPE
    columns.setdefault(EVENT_ID, "STRING")
    return columns


def view_columns(view: View, tables: Tables, parameters: Parameters = NO_PARAMETERS) -> Columns:
    """What a view's query selects from ``tables``.

    Raises:
        SqlError: the query does not tell.
    """
    return named(output_columns(parse_select(view.query), tables, parameters))


def named(columns: Iterable[tuple[str | None, str | None]]) -> Columns:
    """Columns by name.

    Raises:
        SqlError: one has no name, or two have the same.
    """
    by_name: Columns = {}
    for position, (name, sql_type) in enumerate(columns, start=1):
        if name is None:
            raise SqlError(f"column {position} has no name: give it one with AS")
        if name in by_name:
            raise SqlError(f"two columns are called '{name}': give one another name with AS")
        by_name[name] = sql_type
    return by_name


def _tables(spec: FraudDetectorSpec, views: int) -> Mapping[str, Columns | None]:
    """Columns of the streams and of so many views."""
    known: dict[str, Columns | None] = {stream.name: stream_columns(stream) for stream in spec.streams}
    parameters = parameter_types(spec.parameters)
    for view in spec.views[:views]:
        try:
            columns: Columns | None = view_columns(view, known, parameters)
        except SqlError:
            columns = None
        known.setdefault(view.name, columns)
    return known
