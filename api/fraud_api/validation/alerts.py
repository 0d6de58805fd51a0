"""What an alert says: its entity, its reason and the amount at stake, in terms of what the rule finds."""

from dataclasses import dataclass, field

from fraud_api.columns import EVENT_ID, EVENT_TIME
from fraud_api.problems import Place
from fraud_api.rules import Rule
from fraud_api.scopes import Columns
from fraud_api.templates import Placeholder, parse_template
from fraud_api.validation.conditions import Sides, check_side_column
from fraud_api.validation.report import Report

OWN_PLACES = (EVENT_TIME, EVENT_ID)
"""Columns that every alert carries in places of its own, outside of its row."""


@dataclass(frozen=True)
class Row:
    """What a rule finds.

    Attributes:
        of: what has these columns, in words.
        plain: columns by their plain names; None where they can't be told.
        entity: columns that can identify the entity.
        amounts: columns that can be the amount at stake.
        groups: columns of a join's sides or a sequence's steps.
        pair: whether a plain name may mean a column of either group.
    """

    of: str
    plain: Columns | None
    entity: Columns | None
    amounts: Columns | None
    groups: Sides = field(default_factory=dict)
    pair: bool = False


def without_own_places(columns: Columns | None) -> Columns | None:
    """Columns that stand in an alert's row."""
    if columns is None:
        return None
    return {name: sql_type for name, sql_type in columns.items() if name not in OWN_PLACES}


def check_alert(report: Report, place: Place, rule: Rule, row: Row) -> None:
    """Check a rule's entity, reason and amount."""
    entity = place.field("entity").field("columns")
    for index, name in enumerate(rule.entity.columns):
        _known(report, entity.item(index), name, row.entity, row.of)
    if rule.actions.block and rule.actions.block.amount:
        amount = place.field("actions").field("block").field("amount")
        _amount(report, amount, rule.actions.block.amount, row)
    _reason(report, place.field("reason"), rule.reason, row)


def _amount(report: Report, place: Place, written: str, row: Row) -> None:
    group, _, name = written.rpartition(".")
    if not group:
        _known(report, place, name, row.amounts, row.of)
    elif not row.groups:
        report.add(place, f"'{written}': columns go by their plain names here", f"write {name}")
    elif name in OWN_PLACES:
        report.add(place, f"'{name}' stands in every alert anyway: name another column")
    else:
        check_side_column(report, place, name, group, row.groups)


def _known(report: Report, place: Place, name: str, columns: Columns | None, of: str) -> None:
    if columns is not None and name in OWN_PLACES:
        report.add(place, f"'{name}' stands in every alert anyway: name another column")
    else:
        report.column(place, name, columns, of)


def _reason(report: Report, place: Place, text: str, row: Row) -> None:
    template = parse_template(text)
    for fault in template.faults:
        report.add(place, fault)
    for placeholder in template.placeholders:
        _placeholder(report, place, placeholder, row)


def _placeholder(report: Report, place: Place, piece: Placeholder, row: Row) -> None:
    if piece.parameter:
        report.parameter(place, piece.full_name)
    elif piece.name in OWN_PLACES:
        report.add(place, f"'{piece.name}' stands in every alert anyway: leave it out of the reason")
    elif piece.group and not row.groups:
        report.add(place, f"'{{{piece.full_name}}}': columns go by their plain names here")
    elif _of_key(piece, row):
        message = f"'{{{piece.full_name}}}': {piece.name} is a column of the key, one for all of its events"
        report.add(place, message, f"write {{{piece.name}}}")
    elif piece.group or row.pair:
        check_side_column(report, place, piece.name, piece.group, row.groups)
    else:
        report.column(place, piece.name, row.plain, row.of)


def _of_key(piece: Placeholder, row: Row) -> bool:
    """Whether a step's or the earlier event's column is asked for that is of the key, and so stands in the row once."""
    group = row.groups.get(piece.group or "")
    return not row.pair and group is not None and piece.name not in group and piece.name in (row.entity or {})
