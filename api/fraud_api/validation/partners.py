"""Outer joins in SQL, whose rows without a partner may come out after the watermark has passed them."""

from collections.abc import Iterable
from contextlib import suppress

from sqlglot import exp

from fraud_api.expressions import Told
from fraud_api.problems import Place
from fraud_api.rules import Rule
from fraud_api.sql import Select, parse_select
from fraud_api.sql_tokens import SqlError
from fraud_api.validation.report import SPEC, Report

_OUTER = frozenset({"LEFT", "RIGHT", "FULL"})


def check(report: Report) -> None:
    """Warn where rows of an outer join are then counted by time: Flink drops those behind the watermark in silence.

    Its interval join waits for the end of the first of a key's rows that arrived before it looks at earlier ones.
    """
    views: dict[str, Select] = {}
    for view in report.spec.views:
        with suppress(SqlError):
            views[view.name] = parse_select(view.query)
    for index, rule in enumerate(report.spec.rules):
        place = report.rule_place(index, rule).field(rule.kind)
        if rule.sql is None:
            if rule.filter is None or rule.edge or rule.first_only:
                _warn(report, place, _outer_in(views, _sources(rule)))
        else:
            _query(report, place.field("query"), rule.sql.query, views, rule.first_only is not None)
    for index, output in enumerate(report.spec.outputs):
        if output.query:
            _query(report, SPEC.field("outputs").item(index, output.name).field("query"), output.query, views, False)


def _query(report: Report, place: Place, text: str, views: dict[str, Select], by_time: bool) -> None:
    with suppress(SqlError):
        query = parse_select(text)
        above = [reference.name for reference in query.tables]
        if by_time and _outer(query):
            _warn(report, place, "this query")
        elif by_time or query.matches or query.windowed or query.tree.find(exp.Group, exp.Window):
            _warn(report, place, _outer_in(views, above))


def _sources(rule: Rule) -> list[str]:
    kind = rule.filter or rule.velocity or rule.window or rule.sequence or rule.first_seen or rule.change
    return [kind.source] if kind else [rule.join.left, rule.join.right] if rule.join else []


def _outer_in(views: dict[str, Select], names: Iterable[str]) -> str | None:
    """The first view among names, or below them, that has an outer join."""
    waiting, seen = list(names), set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in views:
            continue
        seen.add(name)
        if _outer(views[name]):
            return f"view '{name}'"
        waiting += [reference.name for reference in views[name].tables]
    return None


def _outer(query: Select) -> bool:
    return any(join.side in _OUTER for join in query.tree.find_all(exp.Join))


def _warn(report: Report, place: Place, whose: str | None) -> None:
    if whose:
        message = f"rows of {whose} that found no partner in its outer join may come late, and are not counted then"
        hint = "a join rule of type Unmatched tells of every one, with firstOnly too"
        report.tell(place, [Told(message, hint, warning=True)])
