"""What a rule reads: streams and views that carry what alerts need."""

from collections.abc import Sequence

from fraud_api.columns import EVENT_ID, EVENT_TIME, EVENT_TIME_TYPE
from fraud_api.problems import Place
from fraud_api.scopes import Columns
from fraud_api.validation.queries import state_growths
from fraud_api.validation.report import Report


def check_source(report: Report, place: Place, name: str, *, stateful: bool = True) -> Columns | None:
    """Columns of what a rule reads; None where they can't be told."""
    columns = report.table(place, name)
    if columns is None or any(stream.name == name for stream in report.spec.streams):
        return columns
    for needed in (EVENT_TIME, EVENT_ID):
        if needed not in columns:
            report.add(
                place, f"view '{name}' has no {needed}, which every alert carries", "add it to the view's SELECT"
            )
    if stateful and columns.get(EVENT_TIME, EVENT_TIME_TYPE) != EVENT_TIME_TYPE:
        message = f"view '{name}' computes {EVENT_TIME}: windows need it as it came from the stream"
        report.add(place, message, "select it unchanged")
    _bounded(report, place, name)
    return columns


def check_keys(report: Report, place: Place, by: Sequence[str] | None, columns: Columns | None, of: str) -> None:
    """Check the columns that a rule's key is made of."""
    for index, name in enumerate(by or []):
        report.column(place.field("by").item(index), name, columns, of)


def _bounded(report: Report, place: Place, name: str) -> None:
    query = next((view.query for view in report.spec.views if view.name == name), "")
    for growth in state_growths(report, query):
        message = f"view '{name}' keeps state for ever ({growth.what})"
        report.add(place, message, "only a sql rule or an output can read it, with stateTtl")
