"""Predicates: one condition, over columns and parameters that exist."""

from collections.abc import Iterable, Mapping

from sqlglot import exp

from fraud_api.functions import WITHOUT_PARENTHESES, volatile_functions
from fraud_api.problems import Place, did_you_mean
from fraud_api.scopes import Columns
from fraud_api.sql import Condition, Reference, parse_condition
from fraud_api.sql_tokens import SqlError, keywords_of
from fraud_api.understanding import NO_RANGES, Ranges, condition, of_columns, of_sides, of_steps
from fraud_api.validation.literals import check_literals
from fraud_api.validation.report import Report

Sides = Mapping[str, Columns | None]
"""Columns by the name of their stream or view; None where they can't be told."""


def check_condition(
    report: Report, place: Place, text: str, columns: Columns | None, of: str, ranges: Ranges = NO_RANGES
) -> None:
    """Check a predicate over the columns of one thing, ``of`` which they are."""
    parsed = _parsed(report, place, text, columns or ())
    for reference in parsed.columns if parsed else ():
        if reference.table:
            shown = f"{reference.table}.{reference.name}"
            report.add(place, f"'{shown}': columns go by their plain names here", f"write {reference.name}")
        elif not _is_function(reference):
            report.column(place, reference.name, columns, of, compared=True)
    if parsed:
        report.tell(place, condition(parsed.text, of_columns(columns, ranges), report.parameters).told)


def check_step_condition(
    report: Report, place: Place, text: str, columns: Columns | None, earlier: Sides, of: str
) -> None:
    """Check a predicate over one event, by plain names, and over events of earlier steps, as ``step.column``."""
    parsed = _parsed(report, place, text, columns or ())
    for reference in parsed.columns if parsed else ():
        if reference.table:
            _earlier_column(report, place, reference, earlier)
        elif not _is_function(reference):
            report.column(place, reference.name, columns, of, compared=True)
    if parsed:
        report.tell(place, condition(parsed.text, of_steps(columns, earlier), report.parameters).told)


def _earlier_column(report: Report, place: Place, reference: Reference, earlier: Sides) -> None:
    step, name = str(reference.table), reference.name
    if step in earlier:
        report.column(place, name, earlier[step], f"step '{step}'")
    elif not earlier:
        report.add(
            place, f"'{step}.{name}': the first step has no step before it", f"write {name} for the event itself"
        )
    else:
        shown = f"steps before this one: {', '.join(earlier)}"
        report.add(place, f"'{step}' in '{step}.{name}' is no earlier step", did_you_mean(step, earlier) or shown)


def check_pair_condition(report: Report, place: Place, text: str, sides: Sides, absent: str | None) -> None:
    """Check a predicate over the columns of two sides, qualified or in one side only; ``absent`` has no values."""
    parsed = _parsed(report, place, text, [name for columns in sides.values() for name in columns or ()])
    for reference in parsed.columns if parsed else ():
        if _is_function(reference):
            continue
        if absent is not None and _side_of(reference, sides) == absent:
            report.add(place, f"'{reference.name}' is of '{absent}', which an unmatched event does not have")
        else:
            check_side_column(report, place, reference.name, reference.table, sides)
    if parsed:
        report.tell(place, condition(parsed.text, of_sides(sides), report.parameters).told)


def check_compared_condition(
    report: Report, place: Place, text: str, columns: Columns | None, of: str, groups: Sides
) -> None:
    """Check a predicate over the columns of one thing, by their plain names, and those of others, by their group's."""
    parsed = _parsed(report, place, text, columns or ())
    for reference in parsed.columns if parsed else ():
        if reference.table:
            check_side_column(report, place, reference.name, reference.table, groups)
        elif not _is_function(reference):
            report.column(place, reference.name, columns, of, compared=True)
    if parsed:
        report.tell(place, condition(parsed.text, of_steps(columns, groups), report.parameters).told)


def check_side_column(report: Report, place: Place, name: str, side: str | None, sides: Sides) -> None:
    """Check a column of one of several sides; without a side it must be in exactly one of them."""
    if side is not None:
        if side in sides:
            report.column(place, name, sides[side], f"'{side}'")
        else:
            report.add(place, f"unknown side '{side}' in '{side}.{name}'", did_you_mean(side, sides) or _sides(sides))
        return
    if any(columns is None for columns in sides.values()):
        return
    having = [one for one, columns in sides.items() if columns and name in columns]
    if len(having) > 1:
        report.add(
            place, f"'{name}' is a column of both sides", f"write {' or '.join(f'{one}.{name}' for one in having)}"
        )
    elif not having:
        every = {column for columns in sides.values() for column in columns or ()}
        report.column(place, name, every, " or ".join(f"'{one}'" for one in sides))


def check_volatile(report: Report, place: Place, text: str) -> None:
    """Report functions whose value changes when the same events are processed again."""
    for name in volatile_functions(text):
        message = f"{name} gives another value when the same events are processed again; alerts must not change"
        report.add(place, message, "event_time is the time to compare with" if "RAND" not in name else None)


def _parsed(report: Report, place: Place, text: str, names: Iterable[str] = ()) -> Condition | None:
    try:
        parsed = parse_condition(text)
    except SqlError as error:
        word = next((name for name in keywords_of(text) if name in set(names)), None)
        hint = f"column '{word}' has the name of a word of SQL: write `{word}`" if word else error.hint
        report.add(place, f"not a SQL condition: {error}", hint)
        return None
    for reference in parsed.parameters:
        report.parameter(place, reference.name)
    check_volatile(report, place, text)
    check_literals(report, place, parsed.tree)
    _no_aggregates(report, place, parsed)
    return parsed


def _no_aggregates(report: Report, place: Place, parsed: Condition) -> None:
    if next(parsed.tree.find_all(exp.AggFunc, exp.Window), None) is not None:
        message = "a condition looks at one row: it takes no aggregates"
        report.add(place, message, "velocity and window rules have aggregates, which having may use by name")


def _side_of(reference: Reference, sides: Sides) -> str | None:
    having = [side for side, columns in sides.items() if columns and reference.name in columns]
    return reference.table or (having[0] if len(having) == 1 else None)


def _is_function(reference: Reference) -> bool:
    return reference.table is None and reference.name.upper() in WITHOUT_PARENTHESES


def _sides(sides: Iterable[str]) -> str:
    return f"there are: {', '.join(sides)}"
