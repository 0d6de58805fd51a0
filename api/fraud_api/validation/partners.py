"""Outer joins in SQL, whose rows without a partner may come out after the watermark has passed them."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from sqlglot import exp

from fraud_api.expressions import Told
from fraud_api.problems import Place
from fraud_api.sql import Select, parse_select
from fraud_api.sql_tokens import SqlError
from fraud_api.validation.queries import parsed_views, views_below
from fraud_api.validation.report import SPEC, Report

_OUTER = frozenset({"LEFT", "RIGHT", "FULL"})


def check(report: Report) -> None:
    """Warn where rows of an outer join are then counted by time: Flink drops those behind the watermark in silence.

    Its interval join waits for the end of the first of a key's rows that arrived before it looks at earlier ones.
    """
    views = parsed_views(report)
    for index, rule in enumerate(report.spec.rules):
        place = report.rule_place(index, rule).field(rule.kind)
        if rule.sql:
            _query(report, place.field("query"), rule.sql.query, views, rule.first_only is not None)
        elif rule.filter is None or rule.edge or rule.first_only:
            _warn(report, place, _outer_view(views, rule.sources))
    for index, output in enumerate(report.spec.outputs):
        if output.query:
            place = SPEC.field("outputs").item(index, output.name).field("query")
            _query(report, place, output.query, views, by_time=False)


def _query(report: Report, place: Place, text: str, views: Mapping[str, Select], by_time: bool) -> None:
    with suppress(SqlError):
        query = parse_select(text)
        if by_time or query.matches or query.windowed or query.tree.find(exp.Group, exp.Window):
            _warn(report, place, "this query" if _outer(query) else _outer_view(views, query.sources))


def _outer_view(views: Mapping[str, Select], names: Iterable[str]) -> str | None:
    """The first view among names, or below them, that has an outer join."""
    return next((f"view '{name}'" for name, view in views_below(views, names).items() if _outer(view)), None)


def _outer(query: Select) -> bool:
    return any(join.side in _OUTER for join in query.tree.find_all(exp.Join))


def _warn(report: Report, place: Place, whose: str | None) -> None:
    if whose:
        message = f"rows of {whose} that found no partner in its outer join may come late, and are not counted then"
        hint = "a join rule of type Unmatched tells of every one, with firstOnly too"
        report.tell(place, [Told(message, hint, warning=True)])
