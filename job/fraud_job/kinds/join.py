"""``join``: events of one stream with, or without, a partner in another."""

from fraud_api.base import milliseconds
from fraud_api.columns import columns_of
from fraud_api.rules import Join, JoinType
from fraud_api.sql import identifier
from fraud_api.understanding import of_sides
from fraud_job import text
from fraud_job.hits import EVENT_IN_TURN, ID, TIME, Field, Hits, identity, ids, interval_between, where, whole
from fraud_job.ordered import in_order
from fraud_job.scope import Scope

RIGHT_TIME = "`_right_time`"
_AT = "`_at`"


def hits(rule: Join, scope: Scope, in_time: bool) -> Hits:
    """Pairs within the bounds, or left events that found no partner by the time the bounds are over.

    Args:
        rule: what is joined.
        scope: whose state it is.
        in_time: whether what reads the hits drops those that the watermark has passed.
    """
    left = _side(rule.left, scope)
    if rule.type is JoinType.UNMATCHED:
        return _unmatched(rule, left, scope, in_time)
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


def _unmatched(rule: Join, left: tuple[Field, ...], scope: Scope, in_time: bool) -> Hits:
    selected = [_selected(field) for field in left]
    selected += [f"{_column(rule.left, 'event_time')} AS {TIME}", _id(rule.left, "_left")]
    conditions = [f"{_column(rule.right, 'event_time')} IS NULL"]
    conditions += [_condition(rule.where, rule, scope)] if rule.where else []
    joined = (
        _joined_in_time(rule, scope)
        if in_time
        else f"{identifier(rule.left)} LEFT JOIN {_keyed(rule, rule.right, scope)} ON {_partners(rule)}"
    )
    return Hits(
        f"SELECT {', '.join(selected)} FROM {joined} WHERE {' AND '.join(conditions)}",
        left,
        identity=identity(scope, [rule.left], "`_left`", left),
        count="1",
        evidence=ids("`_left`"),
    )


def _joined_in_time(rule: Join, scope: Scope) -> str:
    """The left join, made so that no event without a partner is behind the watermark when it comes out.

    Flink's interval join holds the watermark back by the longer of its bounds. That is too little twice: of a key's
    events it waits for the end of the first that *arrived* and only then looks at earlier ones, so the left side goes
    in by time; and a watermark exactly at the end of the wait, when the event is still kept, would meet the event's own
    time, so the lower bound is a millisecond longer than the upper and the true one is a condition of its own.
    """
    keys = text.columns([key.left for key in rule.keys])
    columns = [identifier(name) for name in scope.columns(rule.left) if name not in ("event_time", "event_id")]
    rows = f"SELECT {', '.join([*columns, *EVENT_IN_TURN])} FROM {identifier(rule.left)}"
    events = (
        f"SELECT *, {TIME} AS `event_time`, {ID} AS `event_id`, {_plain(TIME)} AS {_AT}"
        f" FROM ({in_order(scope, 'in_turn', rows, keys, [])})"
    )
    conditions = whole(scope, rule.right, [key.right for key in rule.keys])
    partners = f"SELECT *, {_plain('`event_time`')} AS {_AT} FROM {identifier(rule.right)}{where(conditions)}"
    left, right = identifier(rule.left), identifier(rule.right)
    on = _partners(rule)
    if milliseconds(rule.before) <= milliseconds(rule.after):
        held = f"{left}.`event_time` - {text.interval(rule.after)} - INTERVAL '0.001' SECOND(2, 3)"
        upper = f"{left}.`event_time` + {text.interval(rule.after)}"
        true = f"{right}.{_AT} >= {left}.{_AT} - {text.interval(rule.before)}"
        on = f"{_keys(rule)} AND {right}.`event_time` BETWEEN {held} AND {upper} AND {true}"
    return f"({events}) AS {left} LEFT JOIN ({partners}) AS {right} ON {on}"


def _plain(time: str) -> str:
    """A time that Flink compares as any other value."""
    return f"CAST({time} AS TIMESTAMP_LTZ(3))"


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
    bounds = interval_between(_column(rule.left, "event_time"), rule.before, rule.after)
    return f"{_keys(rule)} AND {_column(rule.right, 'event_time')} {bounds}"


def _keys(rule: Join) -> str:
    return " AND ".join(f"{_column(rule.left, key.left)} = {_column(rule.right, key.right)}" for key in rule.keys)


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
