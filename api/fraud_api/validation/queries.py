"""Queries: one SELECT, over streams, views, columns and parameters that exist, with bounded state."""

from collections.abc import Collection, Iterable, Mapping

from sqlglot import exp

from fraud_api.problems import Place
from fraud_api.reserved import unquoted_words
from fraud_api.scopes import Parameters, Tables, output_columns, unknown_names
from fraud_api.sql import Select, parse_select
from fraud_api.sql_tokens import SqlError
from fraud_api.state import Growth, growths
from fraud_api.understanding import query as understood
from fraud_api.validation.conditions import check_volatile
from fraud_api.validation.literals import check_literals
from fraud_api.validation.report import Report
from fraud_api.validation.ties import check_ties


def check_query(report: Report, place: Place, text: str, tables: Tables, later: Collection[str] = ()) -> Select | None:
    """Check the names in a query over ``tables``; None when it is not one SELECT."""
    try:
        parsed = parse_select(text)
        unknown = unknown_names(parsed, tables)
    except SqlError as error:
        report.add(place, f"not one SQL SELECT: {error}", error.hint)
        return None
    for name in parsed.sources:
        _table(report, place, name, tables, later)
    for one in unknown:
        report.add(place, one.message, one.hint)
    for word in dict.fromkeys(unquoted_words(parsed.tree)):
        report.add(place, f"'{word}' is a word of SQL: as a name it stands in backticks", f"write `{word}`")
    for reference in parsed.parameters:
        report.parameter(place, reference.name)
    if any(interval.find(exp.Placeholder) for interval in parsed.tree.find_all(exp.Interval)):
        report.add(place, "a parameter can't be a duration", "editing it would change the job's state")
    check_volatile(report, place, text)
    check_ties(report, place, parsed)
    check_literals(report, place, parsed.tree)
    if not unknown:
        told = understood(parsed, tables, report.parameters).told
        lost = any(report.is_lost(name) for name in parsed.sources)
        report.tell(place, [one for one in told if not (one.warning and lost)])
    return parsed


def selected(parsed: Select, tables: Tables, parameters: Parameters) -> list[tuple[str | None, str | None]] | None:
    """Name and type of each selected column; None when that can't be told."""
    try:
        return output_columns(parsed, tables, parameters)
    except SqlError:
        return None


def state_growths(report: Report, text: str) -> list[Growth]:
    """What keeps state without a bound in a query and in the views that it reads."""
    parsed = _parsed_or_none(text)
    if parsed is None:
        return []
    found = dict.fromkeys(_growths(parsed))
    for view in views_below(parsed_views(report), parsed.sources).values():
        found.update(dict.fromkeys(_growths(view)))
    return list(found)


def parsed_views(report: Report) -> dict[str, Select]:
    """The views by name, without those that can't be read."""
    found = {view.name: _parsed_or_none(view.query) for view in report.spec.views}
    return {name: parsed for name, parsed in found.items() if parsed is not None}


def views_below(views: Mapping[str, Select], names: Iterable[str]) -> dict[str, Select]:
    """The views among names, and those that they read, and so on."""
    waiting, found = list(names), dict[str, Select]()
    while waiting:
        name = waiting.pop(0)
        if name in views and name not in found:
            found[name] = views[name]
            waiting += views[name].sources
    return found


def check_state(report: Report, place: Place, text: str, state_ttl: str | None) -> list[Growth]:
    """Report state that only a time to live would bound where there is none."""
    found = state_growths(report, text)
    for growth in found:
        if not growth.curable:
            report.add(place, f"{growth.what} keeps state for ever", "write PATTERN (...) WITHIN INTERVAL ...")
        elif state_ttl is None:
            message = f"{growth.what} keeps state for ever: stateTtl must say after what time it may be forgotten"
            report.add(place, message)
    return found


def _table(report: Report, place: Place, name: str, tables: Tables, later: Collection[str]) -> None:
    if name in tables:
        return
    if name in later:
        report.add(place, f"view '{name}' is not above this one: a view may use only streams and views above it")
    else:
        report.unknown(place, "stream or view", name, tables)


def _parsed_or_none(text: str) -> Select | None:
    try:
        return parse_select(text)
    except SqlError:
        return None


def _growths(parsed: Select) -> list[Growth]:
    try:
        return growths(parsed)
    except SqlError:
        return []
