"""SQL types of numbers: what Flink makes of two of them, and what they hold."""

from fraud_api.aggregates import DIGITS, decimal

WHOLE = ("TINYINT", "SMALLINT", "INT", "BIGINT")
APPROXIMATE = ("FLOAT", "DOUBLE")
_WHOLE_DIGITS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19}
_BITS = {"TINYINT": 8, "SMALLINT": 16, "INT": 32, "BIGINT": 64}
_LEAST_PLACES = 6
"""Decimal places that Flink does not give up for digits before the point."""

Range = tuple[int, int]
"""The least and the most that a value can be, in whole numbers around it."""


def sizes(sql_type: str | None) -> tuple[int, int] | None:
    """Digits and decimal places of an exact number; None of other types."""
    return (_WHOLE_DIGITS[sql_type], 0) if sql_type in WHOLE else decimal(sql_type)


def is_number(sql_type: str | None) -> bool:
    """Whether a type is one of the numbers."""
    return sql_type in APPROXIMATE or sizes(sql_type) is not None


def range_of(sql_type: str | None) -> Range | None:
    """What values of an exact type can be; None of other types."""
    if sql_type in WHOLE:
        half = 2 ** (_BITS[sql_type] - 1)
        return -half, half - 1
    found = decimal(sql_type)
    if found is None:
        return None
    most: int = 10 ** (found[0] - found[1])
    return -most, most


def holds(sql_type: str, values: Range) -> bool:
    """Whether a type holds all values of a range."""
    found = range_of(sql_type)
    return found is None or (found[0] <= values[0] and values[1] <= found[1])


def keeps(sql_type: str, other: str, values: Range | None) -> bool:
    """Whether an exact type keeps values of another as they are, of which the range may be known."""
    own, given = sizes(sql_type), sizes(other)
    if own is None or given is None or given[1] > own[1]:
        return False
    reach = values or range_of(other)
    return reach is not None and holds(sql_type, reach)


def becomes(sql_type: str, wanted: str) -> bool:
    """Whether Flink makes a value of one type one of another where it is written, without being told to."""
    if not is_number(sql_type) or not is_number(wanted):
        return _family(sql_type) == _family(wanted)
    if sql_type in WHOLE:
        return wanted not in WHOLE or WHOLE.index(sql_type) <= WHOLE.index(wanted)
    return wanted in APPROXIMATE[APPROXIMATE.index(sql_type) :] if sql_type in APPROXIMATE else wanted not in WHOLE


def _family(sql_type: str) -> str:
    if is_number(sql_type):
        return "number"
    return "time" if sql_type.startswith(("DATE", "TIMESTAMP")) else sql_type


def arithmetic(operator: str, left: str, right: str) -> str | None:
    """Type of ``left operator right`` in Flink, for numbers and one of ``+ - * / %``; None where it refuses."""
    if left in APPROXIMATE or right in APPROXIMATE:
        if operator == "%":
            return None
        both = {left, right}
        return "DOUBLE" if "DOUBLE" in both or decimal(left) or decimal(right) else "FLOAT"
    if left in WHOLE and right in WHOLE:
        return right if operator == "%" else max(left, right, key=WHOLE.index)
    one, other = sizes(left), sizes(right)
    return None if one is None or other is None else _decimal(operator, one, other)


def _decimal(operator: str, one: tuple[int, int], other: tuple[int, int]) -> str:
    (digits, places), (more_digits, more_places) = one, other
    match operator:
        case "*":
            return sized(digits + more_digits + 1, places + more_places)
        case "/":
            scale = max(_LEAST_PLACES, places + more_digits + 1)
            return sized(digits - places + more_places + scale, scale)
        case "%":
            scale = max(places, more_places)
            return sized(min(digits - places, more_digits - more_places) + scale, scale)
        case _:
            scale = max(places, more_places)
            return sized(max(digits - places, more_digits - more_places) + scale + 1, scale)


def sized(digits: int, places: int) -> str:
    """A DECIMAL of so many digits; of more than 38, places go first, down to six."""
    if digits > DIGITS:
        places = max(DIGITS - (digits - places), min(places, _LEAST_PLACES))
        digits = DIGITS
    return f"DECIMAL({digits}, {places})"


def common(types: list[str | None]) -> str | None:
    """The type that values of several types become together; None where it can't be told."""
    found: str | None = None
    for place, sql_type in enumerate(types):
        found = sql_type if place == 0 else _common(found, sql_type)
        if found is None:
            return None
    return found


def _common(one: str | None, other: str | None) -> str | None:
    if one is None or other is None or one == other:
        return one if one == other else None
    if not is_number(one) or not is_number(other):
        return None
    if "DOUBLE" in (one, other):
        return "DOUBLE"
    if one in WHOLE and other in WHOLE:
        return max(one, other, key=WHOLE.index)
    left, right = sizes(one), sizes(other)
    if left is None or right is None:
        return None
    places = max(left[1], right[1])
    return sized(max(left[0] - left[1], right[0] - right[1]) + places, places)


def literal(text: str) -> str | None:
    """Type of a number as it is written in SQL; None where Flink takes none such."""
    if "e" in text.lower():
        return "DOUBLE"
    whole, point, fraction = text.partition(".")
    if not point:
        value = int(whole)
        if value < 2**31:
            return "INT"
        return "BIGINT" if value < 2**63 else None
    digits = len(whole.lstrip("0") + fraction)
    return f"DECIMAL({max(digits, len(fraction) + 1)}, {len(fraction)})"
