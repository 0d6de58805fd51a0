"""Streams: event time and event id."""

from fraud_api.problems import Place
from fraud_api.streams import Column, OnInvalid, Stream, TimeFormat
from fraud_api.validation.literals import check_time_zone
from fraud_api.validation.report import SPEC, Report

TIME_TYPES = {
    TimeFormat.ISO8601: ("STRING",),
    TimeFormat.SQL: ("STRING",),
    TimeFormat.EPOCH_SECONDS: ("INT", "BIGINT", "DOUBLE"),
    TimeFormat.EPOCH_MILLIS: ("BIGINT",),
    TimeFormat.EPOCH_MICROS: ("BIGINT",),
    TimeFormat.EPOCH_NANOS: ("BIGINT",),
}
_WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT")
_NUMBERS = (*_WHOLE, "FLOAT", "DOUBLE", "DECIMAL")


def check(report: Report) -> None:
    """Check every stream."""
    for index, stream in enumerate(report.spec.streams):
        place = SPEC.field("streams").item(index, stream.name)
        _event_time(report, place.field("eventTime"), stream)
        _event_id(report, place.field("eventId"), stream)
        _deduplicate(report, place.field("deduplicate"), stream)
        for number, column in enumerate(stream.columns):
            _column(report, place.field("columns").item(number, column.name), column, stream)
        _paths(report, place.field("columns"), stream)


def _column(report: Report, place: Place, column: Column, stream: Stream) -> None:
    if column.written_as and not column.type.startswith(_NUMBERS):
        report.add(place.field("writtenAs"), f"{column.type} is not a number: writtenAs says how numbers are written")
    if column.on_invalid is OnInvalid.ROUND and not column.type.startswith((*_WHOLE, "DECIMAL")):
        message = f"{column.type} has no places to round to: Round is for DECIMAL and whole numbers"
        report.add(place.field("onInvalid"), message)
    needed = {stream.event_time.column: "event time", stream.event_id: "event id"}.get(column.name)
    if column.on_invalid is OnInvalid.SET_NULL and needed:
        report.add(place.field("onInvalid"), f"every event needs its {needed}: it can't be null")


def _paths(report: Report, place: Place, stream: Stream) -> None:
    """No two columns may lie at one place, and none at an object that others lie in."""
    seen: dict[str, str] = {}
    inside: dict[str, str] = {}
    for column in stream.columns:
        parts = column.place.split(".")
        for end in range(1, len(parts)):
            inside.setdefault(".".join(parts[:end]), column.name)
    for index, column in enumerate(stream.columns):
        where = place.item(index, column.name).field("path" if column.path else "name")
        other = seen.setdefault(column.place, column.name)
        if other != column.name:
            report.add(where, f"column '{other}' lies at '{column.place}' already")
        if column.place in inside:
            report.add(where, f"'{column.place}' is an object, as column '{inside[column.place]}' lies in it")


def _event_time(report: Report, place: Place, stream: Stream) -> None:
    event_time = stream.event_time
    column = _declared(report, place.field("column"), stream, event_time.column, "event time")
    fitting = TIME_TYPES[event_time.format]
    if column and column.type not in fitting:
        message = (
            f"column '{column.name}' is {column.type}, but {event_time.format} is read from {' or '.join(fitting)}"
        )
        report.add(place.field("column"), message, _format_hint(column))
    check_time_zone(report, place.field("timeZone"), event_time.time_zone)


def _format_hint(column: Column) -> str | None:
    formats = [time_format for time_format, types in TIME_TYPES.items() if column.type in types]
    return f"format: {' or '.join(formats)} goes with {column.type}" if formats else None


def _event_id(report: Report, place: Place, stream: Stream) -> None:
    if stream.event_id is not None:
        _declared(report, place, stream, stream.event_id, "event id")


def _deduplicate(report: Report, place: Place, stream: Stream) -> None:
    if stream.deduplicate is not None and stream.event_id is None:
        report.add(
            place,
            "deduplicate needs eventId: where a record lies in Kafka, the id of events without one, never comes twice",
            "eventId: the column that is the same in both copies of an event",
        )


def _declared(report: Report, place: Place, stream: Stream, name: str, what: str) -> Column | None:
    column = stream.column(name)
    if column is None:
        names = [column.name for column in stream.columns]
        report.column(place, name, names, f"stream '{stream.name}'")
    elif not column.required:
        report.add(
            place, f"column '{name}' may be missing, but every event needs its {what}", "leave out required: false"
        )
    return column
