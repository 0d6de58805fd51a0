"""Rules with aggregates: velocity and window."""

from collections.abc import Sequence

from fraud_api.base import milliseconds
from fraud_api.problems import Place
from fraud_api.rules import Aggregate, AggregateFunction, Rule, Velocity, Window
from fraud_api.scopes import Columns
from fraud_api.understanding import aggregated
from fraud_api.validation.alerts import Row, without_own_places
from fraud_api.validation.conditions import check_condition
from fraud_api.validation.literals import check_time_zone
from fraud_api.validation.report import Report
from fraud_api.validation.sources import check_keys, check_source

_NOT_NUMBERS = ("STRING", "BOOLEAN", "DATE", "TIMESTAMP")
EDGES: Columns = {"window_start": "TIMESTAMP(3)", "window_end": "TIMESTAMP(3)"}


def check_velocity(report: Report, place: Place, rule: Rule, kind: Velocity) -> Row:
    """Check a trailing window; its row is the event with the aggregates."""
    columns, of = _common(report, place, kind)
    types, ranges = aggregated(kind.aggregates, columns)
    found = _joined(without_own_places(columns), types)
    _no_clash(report, place, kind.aggregates, columns, of)
    check_condition(report, place.field("having"), kind.having, found, f"{of} or aggregate", ranges)
    return Row(of, found, without_own_places(columns), found)


def check_window(report: Report, place: Place, rule: Rule, kind: Window) -> Row:
    """Check a window; its row is the key with the aggregates and the window's edges."""
    columns, of = _common(report, place, kind)
    by = kind.by or rule.entity.columns
    keys = None if columns is None else {name: columns[name] for name in by if name in columns}
    types, ranges = aggregated(kind.aggregates, columns)
    found = _joined(keys, {**types, **EDGES})
    _no_clash(report, place, kind.aggregates, keys, "the key")
    check_condition(report, place.field("having"), kind.having, found, "the key or aggregate", ranges)
    _shape(report, place, kind)
    return Row("the key" if kind.by else of, found, without_own_places(keys), found)


def _common(report: Report, place: Place, kind: Velocity | Window) -> tuple[Columns | None, str]:
    of = f"'{kind.source}'"
    columns = check_source(report, place.field("from"), kind.source)
    check_keys(report, place, kind.by, columns, of)
    if kind.where:
        check_condition(report, place.field("where"), kind.where, columns, of)
    for index, aggregate in enumerate(kind.aggregates):
        where = place.field("aggregates").item(index, aggregate.name)
        _aggregate(report, where, aggregate, columns, of)
    return columns, of


def _aggregate(report: Report, place: Place, aggregate: Aggregate, columns: Columns | None, of: str) -> None:
    if aggregate.where:
        check_condition(report, place.field("where"), aggregate.where, columns, of)
    if aggregate.column is None:
        return
    report.column(place.field("column"), aggregate.column, columns, of)
    sql_type = (columns or {}).get(aggregate.column) or ""
    numeric = aggregate.function in (AggregateFunction.SUM, AggregateFunction.AVG)
    if numeric and sql_type.startswith(_NOT_NUMBERS):
        message = f"{aggregate.function} needs numbers, but column '{aggregate.column}' is {sql_type}"
        report.add(place.field("column"), message)


def _joined(columns: Columns | None, more: Columns) -> Columns | None:
    return None if columns is None else {**columns, **more}


def _no_clash(report: Report, place: Place, aggregates: Sequence[Aggregate], columns: Columns | None, of: str) -> None:
    for index, aggregate in enumerate(aggregates):
        if aggregate.name in (without_own_places(columns) or {}):
            where = place.field("aggregates").item(index, aggregate.name).field("name")
            report.add(where, f"'{aggregate.name}' is a column of {of} already: find another name")


def _shape(report: Report, place: Place, kind: Window) -> None:
    if kind.hop:
        _multiple(report, place.field("hop"), kind.hop.size, "slide", kind.hop.slide)
    if kind.cumulate:
        _multiple(report, place.field("cumulate"), kind.cumulate.size, "step", kind.cumulate.step)
    if kind.calendar:
        check_time_zone(report, place.field("calendar").field("timeZone"), kind.calendar.time_zone)


def _multiple(report: Report, place: Place, size: str, name: str, part: str) -> None:
    if milliseconds(size) < milliseconds(part):
        report.add(place.field("size"), f"a window of {size} is shorter than its {name} of {part}")
    elif milliseconds(size) % milliseconds(part):
        report.add(place.field("size"), f"{size} is not a multiple of the {name} {part}")
