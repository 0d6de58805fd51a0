"""Rules over single events, pairs and sequences of them, and rows of queries."""

from collections.abc import Iterator

from sqlglot import exp

from fraud_api.base import milliseconds
from fraud_api.columns import EVENT_ID, EVENT_TIME, named
from fraud_api.expressions import Told
from fraud_api.problems import Place
from fraud_api.rules import Filter, Join, JoinKey, JoinType, Rule, Sequence, Sql
from fraud_api.scopes import Columns, output_columns
from fraud_api.sql import Select, calls_of
from fraud_api.sql_tokens import SqlError
from fraud_api.validation.alerts import Row, without_own_places
from fraud_api.validation.conditions import Sides, check_condition, check_pair_condition, check_step_condition
from fraud_api.validation.names import check_selected
from fraud_api.validation.queries import check_query, check_state
from fraud_api.validation.report import Report
from fraud_api.validation.sources import check_keys, check_source

_TEXT = ("STRING",)
_NUMBERS = ("TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL")


def check_filter(report: Report, place: Place, rule: Rule, kind: Filter) -> Row:
    """Check a filter; its row is the event."""
    of = f"'{kind.source}'"
    columns = check_source(report, place.field("from"), kind.source, stateful=rule.edge is not None)
    check_condition(report, place.field("where"), kind.where, columns, of)
    found = without_own_places(columns)
    return Row(of, found, found, found)


def check_sequence(report: Report, place: Place, rule: Rule, kind: Sequence) -> Row:
    """Check a sequence; its row is the key with the last event of every step."""
    of = f"'{kind.source}'"
    columns = check_source(report, place.field("from"), kind.source)
    check_keys(report, place, kind.by, columns, of)
    if kind.where:
        check_condition(report, place.field("where"), kind.where, columns, of)
    earlier: dict[str, Columns | None] = {}
    for index, step in enumerate(kind.steps):
        where = place.field("steps").item(index, step.name).field("where")
        check_step_condition(report, where, step.where, columns, earlier, of)
        earlier[step.name] = columns
    by = kind.by or rule.entity.columns
    _tell_of_overlaps(report, place, kind, by)
    found = without_own_places(columns)
    keys = None if found is None else {name: found[name] for name in by if name in found}
    others = None if found is None else {name: found[name] for name in found if name not in by}
    return Row("the key" if kind.by else of, keys, keys, others, {step.name: others for step in kind.steps})


def _tell_of_overlaps(report: Report, place: Place, kind: Sequence, by: list[str]) -> None:
    """Warn where steps belong together by a column that is not of the key: of matches that overlap one is told."""
    for index, step in enumerate(kind.steps[1:], start=1):
        earlier = {one.name for one in kind.steps[:index]}
        name = next((name for name in _same_as_before(step.where, earlier) if name not in by), None)
        if name is not None:
            message = f"where matches of one key overlap, such as by two values of {name}, only the first is told"
            hint = f"by: [{', '.join([*by, name])}] gives each {name} matches of its own"
            where = place.field("steps").item(index, step.name).field("where")
            report.tell(where, [Told(message, hint, warning=True)])
            return


def _same_as_before(written: str, earlier: set[str]) -> Iterator[str]:
    """Columns that must have the value that they had in an earlier step."""
    try:
        condition = calls_of(written)
    except SqlError:
        return  # told already
    for part in condition.flatten() if isinstance(condition, exp.And) else [condition]:
        if isinstance(part, exp.EQ):
            sides = [side for side in (part.this, part.expression) if isinstance(side, exp.Column)]
            if len({side.name for side in sides}) == 1 and {side.table for side in sides} & earlier and len(sides) == 2:
                yield sides[0].name


def check_join(report: Report, place: Place, rule: Rule, kind: Join) -> Row:
    """Check a join; its row is the left event, with its partner if it has one."""
    left = check_source(report, place.field("left"), kind.left)
    right = check_source(report, place.field("right"), kind.right)
    for index, key in enumerate(kind.keys):
        _join_key(report, place.field("keys").item(index), key, {kind.left: left, kind.right: right}, kind)
    if milliseconds(kind.before) + milliseconds(kind.after) == 0:
        report.add(place, "before and after are both zero: no partner has any time to come")
    unmatched = kind.type is JoinType.UNMATCHED
    if kind.where:
        sides = {kind.left: left, kind.right: right}
        check_pair_condition(report, place.field("where"), kind.where, sides, kind.right if unmatched else None)
    return _pair_row(kind, without_own_places(left), without_own_places(right), unmatched)


def check_sql(report: Report, place: Place, rule: Rule, kind: Sql) -> Row:
    """Check a query; its row is the query's."""
    parsed = check_query(report, place.field("query"), kind.query, report.tables)
    columns = _selected(report, place.field("query"), parsed) if parsed else None
    for needed in (EVENT_TIME, EVENT_ID):
        if columns is not None and needed not in columns:
            report.add(place.field("query"), f"the query selects no {needed}, which every alert carries")
    if parsed:
        growing = check_state(report, place.field("query"), kind.query, kind.state_ttl)
        for what in [growth.what for growth in growing if growth.updates][:1]:
            report.add(place.field("query"), f"{what} changes rows it has already written: alerts can't be taken back")
    check_selected(report, place.field("query"), columns)
    for index, name in enumerate(kind.evidence or []):
        report.column(place.field("evidence").item(index), name, columns, "the query")
    found = without_own_places(columns)
    return Row("the query", found, found, found)


def _pair_row(kind: Join, left: Columns | None, right: Columns | None, unmatched: bool) -> Row:
    groups: Sides = {kind.left: left} if unmatched else {kind.left: left, kind.right: right}
    every = None if left is None or right is None else {**right, **left}
    return Row(f"'{kind.left}'", None, left, left if unmatched else every, groups, pair=True)


def _join_key(report: Report, place: Place, key: JoinKey, sides: Sides, kind: Join) -> None:
    left, right = sides[kind.left], sides[kind.right]
    report.column(place.field("left"), key.left, left, f"'{kind.left}'")
    report.column(place.field("right"), key.right, right, f"'{kind.right}'")
    types = ((left or {}).get(key.left) or "", (right or {}).get(key.right) or "")
    if any(one.startswith(_TEXT) and other.startswith(_NUMBERS) for one, other in (types, types[::-1])):
        report.add(place, f"'{key.left}' is {types[0]}, but '{key.right}' is {types[1]}", "cast one of them in a view")


def _selected(report: Report, place: Place, parsed: Select) -> Columns | None:
    if any(report.tables.get(reference.name) is None for reference in parsed.tables) and "*" in parsed.names:
        return None  # what * stands for is another's problem
    try:
        return named(output_columns(parsed, report.tables, report.parameters))
    except SqlError as error:
        report.add(place, str(error))
        return None
