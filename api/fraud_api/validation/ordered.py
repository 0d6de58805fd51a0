"""Rules that look at a key's events one after the other: firstSeen, change, and edge, which others may have."""

from fraud_api.base import milliseconds
from fraud_api.expressions import Told
from fraud_api.problems import Place
from fraud_api.rules import Change, Edge, FirstSeen, Rule
from fraud_api.scopes import Columns
from fraud_api.validation.alerts import Row, without_own_places
from fraud_api.validation.conditions import check_compared_condition, check_condition
from fraud_api.validation.report import Report
from fraud_api.validation.sources import check_keys, check_source

PREVIOUS = "previous"
GAP = "gap"


def check_first_seen(report: Report, place: Place, rule: Rule, kind: FirstSeen) -> Row:
    """Check what a key is to be seen with for the first time; the row is the event."""
    columns, of = _common(report, place, kind)
    by = kind.by or rule.entity.columns
    for index, name in enumerate(kind.value):
        where = place.field("value").item(index)
        report.column(where, name, columns, of)
        if name in by:
            report.add(where, f"'{name}' is a column of the key, which never changes", "name what is new to the key")
    if kind.warm_up and milliseconds(kind.warm_up) > milliseconds(kind.memory):
        message = (
            f"warmUp is longer than memory: what is learnt is forgotten after {kind.memory}, before anything fires"
        )
        report.tell(place.field("warmUp"), [Told(message, "make memory at least as long as warmUp", warning=True)])
    found = without_own_places(columns)
    return Row(of, found, found, found)


def check_change(report: Report, place: Place, rule: Rule, kind: Change) -> Row:
    """Check a comparison with the event before; the row is the event, the one before below ``previous``."""
    columns, of = _common(report, place, kind)
    by = kind.by or rule.entity.columns
    own = without_own_places(columns)
    for name in (PREVIOUS, GAP):
        if own and name in own:
            message = f"{of} has a column '{name}', which is what this kind of rule calls something else"
            report.add(place.field("from"), message, "give it another name in a view")
    found = None if own is None else {**own, GAP: "DOUBLE"}
    before = None if own is None else {name: own[name] for name in own if name not in by}
    row = Row(of, found, own, own, {PREVIOUS: before})
    _compared(report, place.field("having"), kind.having, row)
    return row


def check_edge(report: Report, place: Place, rule: Rule, edge: Edge, row: Row) -> None:
    """Check what makes a rule ready to fire again: a condition over the same columns as its own."""
    if edge.reset_when is None:
        return
    if rule.change:
        _compared(report, place.field("resetWhen"), edge.reset_when, row)
    else:
        check_condition(report, place.field("resetWhen"), edge.reset_when, row.plain, row.of)


def _compared(report: Report, place: Place, text: str, row: Row) -> None:
    check_compared_condition(report, place, text, row.plain, row.of, row.groups)


def _common(report: Report, place: Place, kind: FirstSeen | Change) -> tuple[Columns | None, str]:
    of = f"'{kind.source}'"
    columns = check_source(report, place.field("from"), kind.source)
    check_keys(report, place, kind.by, columns, of)
    if kind.where:
        check_condition(report, place.field("where"), kind.where, columns, of)
    return columns, of
