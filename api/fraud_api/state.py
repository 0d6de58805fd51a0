"""Whether a query's state has a bound in time, and whether its rows may change afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlglot import Token, TokenType, exp
from sqlglot.optimizer.scope import Scope

from fraud_api.scopes import scope_of
from fraud_api.sql import Select
from fraud_api.sql_tokens import Flink

WINDOW_EDGES = frozenset({"window_start", "window_end"})
_OTHER_AGGREGATES = frozenset(
    {"COLLECT", "LISTAGG", "JSON_ARRAYAGG", "JSON_OBJECTAGG", "VAR_POP", "VAR_SAMP", "STDDEV_POP", "STDDEV_SAMP"}
)


@dataclass(frozen=True)
class Growth:
    """Something in a query that keeps state for ever unless a time to live ends it."""

    what: str
    """In words, such as ``GROUP BY without a window``."""
    updates: bool = False
    """Whether it also changes rows that it has already written."""
    curable: bool = True
    """Whether a time to live helps."""


def growths(select: Select) -> list[Growth]:
    """Everything in a query that keeps state without a bound.

    Raises:
        SqlError: its tables can't be told apart.
    """
    found: dict[Growth, None] = dict.fromkeys(_unbounded_matches(select))
    for one in scope_of(select).traverse():
        found.update(dict.fromkeys(_of_scope(one)))
    return list(found)


def _unbounded_matches(select: Select) -> Iterator[Growth]:
    if not select.matches:
        return
    tokens = Flink().tokenize(select.text)
    for place, token in enumerate(tokens):
        if token.text.upper() == "MATCH_RECOGNIZE" and not _within(tokens, place):
            yield Growth("MATCH_RECOGNIZE without WITHIN", curable=False)


def _within(tokens: list[Token], start: int) -> bool:
    depth = 0
    for token in tokens[start:]:
        depth += (token.token_type is TokenType.L_PAREN) - (token.token_type is TokenType.R_PAREN)
        if token.text.upper() == "WITHIN" and token.token_type is not TokenType.IDENTIFIER:
            return True
        if depth == 0 and token.token_type is TokenType.R_PAREN:
            return False
    return False


def _of_scope(scope: Scope) -> Iterator[Growth]:
    expression = scope.expression
    if isinstance(expression, exp.SetOperation):
        if expression.args.get("distinct") or not isinstance(expression, exp.Union):
            name = type(expression).__name__.upper()
            yield Growth("UNION without ALL" if name == "UNION" else name)
    elif isinstance(expression, exp.Select):
        yield from _of_select(expression, scope)


def _of_select(select: exp.Select, scope: Scope) -> Iterator[Growth]:
    if scope.is_subquery:
        yield Growth("a subquery in a condition")
    if select.args.get("distinct") and not set(select.named_selects) >= WINDOW_EDGES:
        yield Growth("DISTINCT without a window")
    yield from _grouping(select, scope)
    yield from (
        Growth(f"{_over_name(over)} OVER without RANGE BETWEEN INTERVAL ... PRECEDING")
        for over in scope.find_all(exp.Window)
        if _unbounded_over(over, select)
    )
    yield from (
        Growth("a join without bounds on both event times", updates=_outer(join))
        for join in select.args.get("joins") or []
        if _unbounded_join(join, select)
    )


def _grouping(select: exp.Select, scope: Scope) -> Iterator[Growth]:
    group = select.args.get("group")
    names = {column.name for column in group.find_all(exp.Column)} if group else set()
    if names >= WINDOW_EDGES:
        return
    if group:
        yield Growth("GROUP BY without window_start and window_end", updates=True)
    elif any(_plain_aggregate(function, select) for function in scope.find_all(exp.AggFunc, exp.Anonymous)):
        yield Growth("an aggregate over everything", updates=True)


def _plain_aggregate(function: exp.Expr, select: exp.Select) -> bool:
    """Whether a function aggregates rows of the select itself, not OVER a window."""
    if isinstance(function, exp.Anonymous) and function.name.upper() not in _OTHER_AGGREGATES:
        return False
    return function.find_ancestor(exp.Window, exp.Select) is select


def _over_name(over: exp.Window) -> str:
    return over.this.key.upper() if isinstance(over.this, exp.Func) else "a function"


def _unbounded_over(over: exp.Window, select: exp.Select) -> bool:
    if any(over is window for window in select.args.get("windows") or []):
        return False  # a named window is judged where it is used
    window = _definition(over, select)
    names = {column.name for one in window.args.get("partition_by") or [] for column in one.find_all(exp.Column)}
    if names >= WINDOW_EDGES:
        return False
    frame = window.args.get("spec")
    if frame is None:
        return True
    return frame.args.get("kind") != "RANGE" or not isinstance(frame.args.get("start"), exp.Interval)


def _definition(over: exp.Window, select: exp.Select) -> exp.Expr:
    """The definition of a window that is called by name, or the window itself."""
    named: dict[str, exp.Expr] = {window.name: window for window in select.args.get("windows") or []}
    return named.get(over.alias, over)


def _outer(join: exp.Join) -> bool:
    return bool(join.side)


def _unbounded_join(join: exp.Join, select: exp.Select) -> bool:
    if isinstance(join.this, exp.Unnest | exp.Lateral):
        return False
    conditions = [condition for condition in (join.args.get("on"), select.args.get("where")) if condition]
    conjuncts = [part for condition in conditions for part in _conjuncts(condition)]
    return not (_joins_windows(conjuncts) or _bounds_times(conjuncts, join.alias_or_name))


def _conjuncts(condition: exp.Expr) -> list[exp.Expr]:
    condition = condition.this if isinstance(condition, exp.Where) else condition
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _joins_windows(conjuncts: list[exp.Expr]) -> bool:
    equal = [part for part in conjuncts if isinstance(part, exp.EQ)]
    pairs = {(part.left.name, part.right.name) for part in equal}
    return {(edge, edge) for edge in WINDOW_EDGES} <= pairs


def _bounds_times(conjuncts: list[exp.Expr], joined: str) -> bool:
    """Whether one time is held from below and above by another table's; ``=`` does both."""
    lower = upper = False
    for part in conjuncts:
        if isinstance(part, exp.Between):
            lower |= _relates_times(part.this, part.args["low"], joined)
            upper |= _relates_times(part.this, part.args["high"], joined)
        elif isinstance(part, exp.EQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
            if not _relates_times(part.left, part.right, joined):
                continue
            swapped = not _mentions(part.left, joined)
            greater = isinstance(part, exp.GT | exp.GTE)
            less = isinstance(part, exp.LT | exp.LTE)
            lower |= not (greater if swapped else less)
            upper |= not (less if swapped else greater)
    return lower and upper


def _relates_times(one: exp.Expr, other: exp.Expr, joined: str) -> bool:
    """Whether the times of the joined table and of another one meet in a comparison."""
    return _times(one) and _times(other) and _mentions(one, joined) != _mentions(other, joined)


def _times(expression: exp.Expr) -> bool:
    return any(column.name == "event_time" for column in expression.find_all(exp.Column))


def _mentions(expression: exp.Expr, table: str) -> bool:
    return any(column.table == table for column in expression.find_all(exp.Column))
