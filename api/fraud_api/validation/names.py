"""Names given twice, and names that are taken."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from fraud_api.columns import EVENT_ID, EVENT_TIME, INTERNAL
from fraud_api.problems import Place
from fraud_api.rules import Aggregate, Rule
from fraud_api.scopes import WINDOW_COLUMNS
from fraud_api.streams import Stream
from fraud_api.validation.report import SPEC, Report

PANEL_SOURCES = ("alerts", "blocked")


class Named(Protocol):
    """Something in a list whose elements are told apart by name."""

    @property
    def name(self) -> str:
        """What it is called."""


def check(report: Report) -> None:
    """Check the names in all lists."""
    for place, elements in _lists(report):
        _unique(report, place, elements)
    _streams_and_views(report)
    for index, stream in enumerate(report.spec.streams):
        _stream_columns(report, SPEC.field("streams").item(index, stream.name).field("columns"), stream)
    for index, rule in enumerate(report.spec.rules):
        _rule_lists(report, report.rule_place(index, rule), rule)
    for index, output in enumerate(report.spec.outputs):
        place = SPEC.field("outputs").item(index, output.name)
        _unique(report, place.field("columns"), output.columns or [])
        if output.name in PANEL_SOURCES:
            report.add(place.field("name"), f"'{output.name}' is taken: panels call the detector's own topic so")


def _lists(report: Report) -> Iterable[tuple[Place, Sequence[Named]]]:
    spec = report.spec
    yield SPEC.field("streams"), spec.streams
    yield SPEC.field("views"), spec.views
    yield SPEC.field("parameters"), spec.parameters
    yield SPEC.field("rules"), spec.rules
    yield SPEC.field("outputs"), spec.outputs
    if spec.kibana:
        yield SPEC.field("kibana").field("panels"), spec.kibana.panels
    if spec.notifications:
        yield SPEC.field("notifications").field("email"), spec.notifications.email
        yield SPEC.field("notifications").field("webhooks"), spec.notifications.webhooks


def _unique(report: Report, place: Place, elements: Sequence[Named]) -> None:
    seen: set[str] = set()
    for index, element in enumerate(elements):
        if element.name in seen:
            where = place.item(index, element.name).field("name")
            report.add(where, f"the name '{element.name}' is given twice")
        seen.add(element.name)


def _streams_and_views(report: Report) -> None:
    streams = {stream.name for stream in report.spec.streams}
    for index, view in enumerate(report.spec.views):
        if view.name in streams:
            place = SPEC.field("views").item(index, view.name).field("name")
            report.add(place, f"a stream is called '{view.name}' already")


def _stream_columns(report: Report, place: Place, stream: Stream) -> None:
    _unique(report, place, stream.columns)
    for index, column in enumerate(stream.columns):
        message = reserved(column.name)
        if column.name == EVENT_TIME and stream.event_time.column != EVENT_TIME:
            message = f"'{EVENT_TIME}' is what SQL calls the event's time: only eventTime.column may have this name"
        if column.name == EVENT_ID and stream.event_id != EVENT_ID:
            message = f"'{EVENT_ID}' is what SQL calls the event's id: only the column of eventId may have this name"
        if message:
            hint = f"call it otherwise and write path: {column.place}"
            report.add(place.item(index, column.name).field("name"), message, hint)


def check_selected(report: Report, place: Place, columns: Iterable[str] | None) -> None:
    """Report columns of a query whose names the compiler needs itself."""
    for name in sorted(INTERNAL & set(columns or ())):
        report.add(place, reserved(name) or "", "give it another name with AS")


def _rule_lists(report: Report, place: Place, rule: Rule) -> None:
    kind = rule.velocity or rule.window
    if kind:
        where = place.field(rule.kind).field("aggregates")
        _unique(report, where, kind.aggregates)
        _aggregate_names(report, where, kind.aggregates)
    if rule.sequence:
        _unique(report, place.field("sequence").field("steps"), rule.sequence.steps)


def _aggregate_names(report: Report, place: Place, aggregates: Sequence[Aggregate]) -> None:
    for index, aggregate in enumerate(aggregates):
        message = reserved(aggregate.name)
        if aggregate.name in (EVENT_TIME, EVENT_ID):
            message = f"'{aggregate.name}' is taken"
        if message:
            report.add(place.item(index, aggregate.name).field("name"), message)


def reserved(name: str) -> str | None:
    """Why a column can't have this name; None when it can."""
    if name in INTERNAL:
        return f"'{name}' is taken: the compiler adds a column of this name"
    if name in WINDOW_COLUMNS:
        return f"'{name}' is taken: windows add a column of this name"
    return None
