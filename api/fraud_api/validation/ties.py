"""Comparisons of running aggregates that events of one instant slip through."""

from collections.abc import Iterator

from sqlglot import exp

from fraud_api.problems import Place
from fraud_api.sql import Select, parse_select
from fraud_api.sql_tokens import SqlError
from fraud_api.validation.report import Report

_NEIGHBOURS = (exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue)


def check_ties(report: Report, place: Place, parsed: Select) -> None:
    """Report LAG and its like over an aggregate that is the same at all events of one instant.

    Between two of them it never changes: whoever crosses a line within an instant has no event at which it does.
    """
    running = set(_running(report, parsed, set()))
    for function in parsed.tree.find_all(*_NEIGHBOURS):
        compared = [column.name for column in function.find_all(exp.Column) if column.name in running]
        if compared:
            name = function.sql_name()
            message = f"{name}({compared[0]}) misses whoever crosses a line within an instant: "
            message += f"events of one instant share one {compared[0]}"
            report.add(place, message, "a velocity rule with edge tells everybody once")
            return


def _running(report: Report, parsed: Select, seen: set[str]) -> Iterator[str]:
    """Names of aggregates over all events up to an instant, in a query and in the views that it reads."""
    for alias in parsed.tree.find_all(exp.Alias):
        if isinstance(alias.this, exp.Window) and _is_running(alias.this):
            yield alias.alias
    for view in report.spec.views:
        if view.name not in seen and any(reference.name == view.name for reference in parsed.tables):
            seen.add(view.name)
            try:
                yield from _running(report, parse_select(view.query), seen)
            except SqlError:
                continue


def _is_running(over: exp.Window) -> bool:
    frame = over.args.get("spec")
    rows = frame is not None and frame.args.get("kind") == "ROWS"
    return isinstance(over.this, exp.AggFunc) and not isinstance(over.this, _NEIGHBOURS) and not rows
