"""``join``: events of one stream with, or without, a partner in another."""

from fraud_api.columns import columns_of
from fraud_api.rules import Join, JoinType
from fraud_api.sql import identifier
from fraud_api.understanding import of_sides
from fraud_job.hits import TIME, Field, Hits, identity, ids, interval_between, where, whole
from fraud_job.scope import Scope

RIGHT_TIME = "`_right_time`"


def hits(rule: Join, scope: Scope) -> Hits:
    """Pairs within the bounds, or left events that found no partner by the time the bounds are over."""
    left = _side(rule.left, scope)
    if rule.type is JoinType.UNMATCHED:
        return _unmatched(rule, left, scope)
    right = _side(rule.right, scope)
    selected = [_selected(field) for field in left + right]
    selected += [f"{_column(rule.left, 'event_time')} AS {TIME}", _id(rule.left, "_left"), _id(rule.right, "_right")]
    # of a pair one time goes on as a time attribute
    selected += [f"CAST({_column(rule.right, 'event_time')} AS TIMESTAMP_LTZ(3)) AS {RIGHT_TIME}"]
    condition = f" WHERE {_condition(rule.where, rule, scope)}" if rule.where else ""
    return Hits(
        f"SELECT {', '.join(selected)} FROM {_keyed(rule, rule.left, scope)} JOIN {_keyed(rule, rule.right, scope)}"
        f" ON {_partners(rule)}{condition}",
        left + right,
        identity=identity(scope, [rule.left, rule.right], "CONCAT_WS('/', `_left`, `_right`)", left + right),
        count="2",
        evidence=ids("`_left`", "`_right`"),
        plain=rule.left,
        times=(TIME, RIGHT_TIME),
    )


def _unmatched(rule: Join, left: tuple[Field, ...], scope: Scope) -> Hits:
    selected = [_selected(field) for field in left]
    selected += [f"{_column(rule.left, 'event_time')} AS {TIME}", _id(rule.left, "_left")]
    conditions = [f"{_column(rule.right, 'event_time')} IS NULL"]
    conditions += [_condition(rule.where, rule, scope)] if rule.where else []
    return Hits(
        f"SELECT {', '.join(selected)} FROM {identifier(rule.left)} LEFT JOIN {_keyed(rule, rule.right, scope)}"
        f" ON {_partners(rule)} WHERE {' AND '.join(conditions)}",
        left,
        identity=identity(scope, [rule.left], "`_left`", left),
        count="1",
        evidence=ids("`_left`"),
    )


def _condition(written: str, rule: Join, scope: Scope) -> str:
    sides = {side: columns_of(scope.spec, side) for side in (rule.left, rule.right)}
    events = {side: _column(side, "event_id") for side in sides}
    return scope.condition(written, of_sides(sides), events=events)


def _keyed(rule: Join, side: str, scope: Scope) -> str:
    """A side without events whose key has a null: these are nobody's partner."""
    names = [key.left if side == rule.left else key.right for key in rule.keys]
    conditions = whole(scope, side, names)
    return (
        f"(SELECT * FROM {identifier(side)}{where(conditions)}) AS {identifier(side)}"
        if conditions
        else identifier(side)
    )


def _partners(rule: Join) -> str:
    pairs = [f"{_column(rule.left, key.left)} = {_column(rule.right, key.right)}" for key in rule.keys]
    bounds = interval_between(_column(rule.left, "event_time"), rule.before, rule.after)
    return " AND ".join([*pairs, f"{_column(rule.right, 'event_time')} {bounds}"])


def _side(name: str, scope: Scope) -> tuple[Field, ...]:
    return tuple(
        Field(column, identifier(f"{name}.{column}"), group=name)
        for column in scope.columns(name)
        if column not in ("event_time", "event_id")
    )


def _selected(field: Field) -> str:
    return f"{_column(field.group or '', field.name)} AS {field.column}"


def _column(side: str, name: str) -> str:
    return f"{identifier(side)}.{identifier(name)}"


def _id(side: str, name: str) -> str:
    return f"CAST({_column(side, 'event_id')} AS STRING) AS {identifier(name)}"
