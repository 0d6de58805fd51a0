"""Rows of a key one after the other: what process table functions in Java remember between them.

Flink hands such a function the rows of a key in the order of event time, those of one instant in the order that is
asked for, once the watermark has passed them: what comes of them depends on no order of arrival. How long something
is remembered is judged by event times alone; see docs/decisions/028-ordered-rules.md.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from fraud_api.base import milliseconds
from fraud_api.expressions import ColumnType
from fraud_api.rules import Edge
from fraud_api.sql import literal
from fraud_job import text
from fraud_job.hits import ID, IN_TURN, TIME
from fraud_job.scope import Scope

ONE_HIT: Mapping[str, str] = MappingProxyType({"": ID})

_IDLE = 7 * 86_400_000


def in_order(
    scope: Scope,
    function: str,
    rows: str,
    by: str,
    lengths: list[str | None],
    ties: Sequence[str] = IN_TURN,
    descending: bool = False,
) -> str:
    """A SELECT of what a function makes of rows: all of their columns, and its own.

    Args:
        scope: whose state it is.
        function: its name in SQL.
        rows: a SELECT with the time attribute ``_time``.
        by: columns of the key.
        lengths: durations that the function takes.
        ties: columns that tell the rows of one instant apart.
        descending: whether the last of them comes first.
    """
    order = ", ".join([TIME, *(f"{tie} DESC" if descending else tie for tie in ties)])
    sizes = "".join(f"CAST({milliseconds(length) if length else 0} AS BIGINT), " for length in lengths)
    name = literal(f"{scope.owner}_{function}".replace(" ", "_"))
    return f"SELECT * FROM TABLE({function}(({rows}) PARTITION BY ({by}) ORDER BY ({order}), {sizes}DEFAULT, {name}))"


def kept(memory: str) -> int:
    """How long state with a memory is kept after its last use, in milliseconds of the clock on the wall.

    Longer than its memory: a job that stands still must not forget what a later event still meets.
    """
    length = milliseconds(memory)
    return length + max(length, _IDLE)


def matching(
    scope: Scope,
    rows: str,
    condition: str,
    known: ColumnType,
    by: list[str],
    edge: Edge | None,
    names: Mapping[str, str],
    events: Mapping[str, str] = ONE_HIT,
    ties: Sequence[str] = IN_TURN,
) -> str:
    """The rows that meet a condition, or, of a rule with an edge, those at which it turns true for the key.

    Args:
        scope: whose condition it is.
        rows: a SELECT with the time attribute ``_time``.
        condition: the analyst's predicate.
        known: what is known of the columns that it may name.
        by: the key.
        edge: what turns it true and false, if anything.
        names: SQL of columns that are not called by their own name.
        events: SQL of the id of the event that a row is about.
        ties: columns that tell the rows of one instant apart.
    """
    meets = scope.condition(condition, known, names, events)
    if edge is None:
        return f"SELECT * FROM ({rows}) WHERE {meets}"
    resets = scope.condition(edge.reset_when, known, names, events) if edge.reset_when else f"NOT {meets}"
    judged = f"SELECT *, {meets} AS `_meets`, {resets} AS `_resets` FROM ({rows})"
    return in_order(scope, "on_edge", judged, text.columns(by), [edge.memory], ties, descending=True)
