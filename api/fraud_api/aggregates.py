"""What an aggregate is computed in and gives: types that hold what a window can hold.

Flink's SUM has the type of its column and wraps, its AVG of whole numbers cuts, and a DECIMAL total of more than 38
digits becomes null and begins anew. So columns are widened first; decimals without room to grow, and floating numbers
of a trailing window, are summed by functions of our own.
"""

import re
from dataclasses import dataclass

from fraud_api.rules import AggregateFunction

DIGITS = 38
HEADROOM = 9
"""Digits that a DECIMAL total has to itself: no sum of fewer than a billion values can overflow."""
PLACES_KEPT = 6
"""Decimal places that a total does not give up for digits before the point."""

_REAL = {AggregateFunction.SUM: "real_sum", AggregateFunction.AVG: "real_avg"}

_DECIMAL = re.compile(r"DECIMAL\(\s*([0-9]+)\s*(?:,\s*([0-9]+)\s*)?\)")


@dataclass(frozen=True)
class Computation:
    """How an aggregate is computed.

    Attributes:
        function: the SQL function.
        type: SQL type of the result, None where only Flink can tell.
        widened: the type that values are cast to before, None where they stay as they are.
        places: decimal places of the result, where the function is one of our own.
    """

    function: str
    type: str | None
    widened: str | None = None
    places: int | None = None

    def call(self, value: str) -> str:
        """SQL of the call over an SQL expression."""
        value = f"CAST({value} AS {self.widened})" if self.widened else value
        # the functions of our own give the type of a second argument
        told = "" if self.places is None else f", CAST(0 AS {self.type})"
        return f"{self.function}({value}{told})"


def computation(function: AggregateFunction, sql_type: str | None, trailing: bool = False) -> Computation:
    """How an aggregate over a column of a type is computed; all but ``Count``, which takes no column.

    Args:
        function: which.
        sql_type: the column's type, None where only Flink can tell.
        trailing: whether what is old is taken off again, as in a trailing window.
    """
    if trailing and sql_type in ("FLOAT", "DOUBLE") and function in _REAL:
        # a floating sum does not forget what was large
        return Computation(_REAL[function], "DOUBLE", "DOUBLE" if sql_type == "FLOAT" else None)
    match function:
        case AggregateFunction.COUNT:
            return Computation("COUNT", "BIGINT")
        case AggregateFunction.COUNT_DISTINCT:
            return Computation("COUNT", "BIGINT")
        case AggregateFunction.SUM:
            return _sum(sql_type)
        case AggregateFunction.AVG:
            return _avg(sql_type)
        case _:
            return Computation(function.value.upper(), sql_type)


def decimal(sql_type: str | None) -> tuple[int, int] | None:
    """Digits and decimal places of a DECIMAL type; None of any other."""
    found = _DECIMAL.fullmatch(sql_type or "")
    return (int(found[1]), int(found[2] or 0)) if found else None


def _sum(sql_type: str | None) -> Computation:
    match sql_type:
        case "TINYINT" | "SMALLINT" | "INT":
            return Computation("SUM", "BIGINT", "BIGINT")
        case "BIGINT":
            return Computation("SUM", f"DECIMAL({DIGITS}, 0)", "DECIMAL(19, 0)")
        case "FLOAT":
            return Computation("SUM", "DOUBLE", "DOUBLE")
        case "DOUBLE":
            return Computation("SUM", "DOUBLE")
    sizes = decimal(sql_type)
    if sizes is None:
        return Computation("SUM", None)
    digits, places = sizes
    if digits + HEADROOM <= DIGITS:
        return Computation("SUM", f"DECIMAL({DIGITS}, {places})")
    told = min(places, max(DIGITS - HEADROOM - (digits - places), min(places, PLACES_KEPT)))
    return Computation("wide_sum", f"DECIMAL({DIGITS}, {told})", places=told)


def _avg(sql_type: str | None) -> Computation:
    match sql_type:
        case "TINYINT" | "SMALLINT" | "INT" | "FLOAT":
            return Computation("AVG", "DOUBLE", "DOUBLE")
        case "BIGINT":
            return Computation("AVG", f"DECIMAL({DIGITS}, {PLACES_KEPT})", "DECIMAL(19, 0)")
        case "DOUBLE":
            return Computation("AVG", "DOUBLE")
    sizes = decimal(sql_type)
    if sizes is None:
        return Computation("AVG", None)
    digits, places = sizes
    if digits + HEADROOM <= DIGITS:
        return Computation("AVG", f"DECIMAL({DIGITS}, {max(places, PLACES_KEPT)})")
    told = DIGITS - (digits - places)
    return Computation("wide_avg", f"DECIMAL({DIGITS}, {told})", places=told)
