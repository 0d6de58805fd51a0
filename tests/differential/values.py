"""SQL values with their types: arithmetic without limits, rounded only where SQL says so."""

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Final

WIDTHS = {"TINYINT": 3, "SMALLINT": 5, "INT": 10, "BIGINT": 19}
"""Whole numbers, and how many digits they count as beside a DECIMAL."""
BOUNDS = {"TINYINT": 2**7, "SMALLINT": 2**15, "INT": 2**31, "BIGINT": 2**63}
_MOST_DIGITS = 38
_LEAST_PLACES = 6


class _Vague:
    """The value of what the documentation leaves open."""

    def __repr__(self) -> str:
        return "VAGUE"


VAGUE: Final = _Vague()


class Unpredictable(Exception):
    """What a rule must tell is left open, by a value that is."""


@dataclass(frozen=True)
class Type:
    """A SQL type, with digits and places where it is a DECIMAL."""

    name: str
    digits: int = 0
    places: int = 0

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers."""
        return self.name in WIDTHS

    @property
    def real(self) -> bool:
        """Whether it is binary floating point."""
        return self.name in ("FLOAT", "DOUBLE")

    @property
    def numeric(self) -> bool:
        """Whether it holds numbers."""
        return self.whole or self.real or self.name == "DECIMAL"

    def decimal(self) -> "Type":
        """A whole number's type as a DECIMAL."""
        return Type("DECIMAL", WIDTHS[self.name], 0) if self.whole else self


BOOLEAN = Type("BOOLEAN")
STRING = Type("STRING")
INT = Type("INT")
BIGINT = Type("BIGINT")
FLOAT = Type("FLOAT")
DOUBLE = Type("DOUBLE")
HUGE = Type("DECIMAL", _MOST_DIGITS, 0)
TIME = Type("TIMESTAMP_LTZ")


def type_of(written: str) -> Type:
    """The type that the resource or a CAST writes so."""
    name, numbers = written.partition("(")[0].strip(), [int(number) for number in re.findall(r"\d+", written)]
    if name == "DECIMAL":
        return Type(name, *(numbers + [10, 0][len(numbers) :]))
    return Type(name)


@dataclass(frozen=True)
class Value:
    """A value and its type.

    Attributes:
        type: what SQL knows of it.
        data: None for NULL, VAGUE where it is not known; int, Fraction (DECIMAL), float, str, bool, and for times
            and dates milliseconds and days since 1970.
        exact: False where SQL may round it in a place that nobody documents.
    """

    type: Type
    data: Any
    exact: bool = True

    @property
    def known(self) -> bool:
        """Whether there is a value."""
        return self.data is not None and self.data is not VAGUE

    @property
    def number(self) -> Fraction:
        """A number of any type, without loss."""
        return Fraction(self.data)


def null(of: Type) -> Value:
    """NULL of a type."""
    return Value(of, None)


def boolean(data: Any) -> Value:
    """A truth value: True, False, None or VAGUE."""
    return Value(BOOLEAN, data)


def rounded(number: Fraction, places: int) -> Fraction:
    """Half away from zero, as SQL rounds decimals."""
    scaled = abs(number) * 10**places
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Fraction(whole if number >= 0 else -whole, 10**places)


def fits(number: Fraction, of: Type) -> bool:
    """Whether a DECIMAL has the digits."""
    return abs(number) < 10 ** (of.digits - of.places)


def compare(left: Value, right: Value) -> int | _Vague | None:
    """Below, equal, above (-1, 0, 1), None where one is NULL."""
    if left.data is None or right.data is None:
        return None
    if left.data is VAGUE or right.data is VAGUE:
        return VAGUE
    if left.type.numeric and right.type.numeric:
        return _compare_numbers(left, right)
    one, other = (value.data.encode() if isinstance(value.data, str) else value.data for value in (left, right))
    return int(one > other) - int(one < other)


def _compare_numbers(left: Value, right: Value) -> int | _Vague:
    if left.type.real or right.type.real:
        # a DECIMAL beside a DOUBLE becomes one
        if inexact_as_real(left) or inexact_as_real(right):
            left, right = replace(left, exact=False), replace(right, exact=False)
        one, other = Fraction(float(left.number)), Fraction(float(right.number))
    else:
        one, other = left.number, right.number
    if not (left.exact and right.exact) and abs(one - other) <= max(abs(one), abs(other), 1) / 10**5:
        return VAGUE
    return int(one > other) - int(one < other)


def arithmetic(sign: str, left: Value, right: Value, wide: bool = False) -> Value:
    """``+ - * / %`` of two numbers; what has no answer is NULL, the unknown of its type.

    Whole numbers that outgrow their type are left open, or, where ``wide``, what a BIGINT holds of them is right.
    """
    result = _result(sign, left.type, right.type)
    exact = left.exact and right.exact
    if left.data is None or right.data is None:
        return null(result)
    if left.data is VAGUE or right.data is VAGUE:
        return Value(result, VAGUE)
    if sign in "/%" and not left.type.real and not right.type.real and right.data == 0:
        return null(result)
    if result.real:
        if inexact_as_real(left) or inexact_as_real(right):
            return Value(result, VAGUE)
        return _real(sign, float(left.number), float(right.number), result, exact)
    number = _computed(sign, left.number, right.number, whole=result.whole)
    if result.whole:
        return whole(int(number), result, wide, exact)
    data = rounded(number, result.places)
    return Value(result, data if fits(data, result) else VAGUE, exact and data == number)


def inexact_as_real(value: Value) -> bool:
    """Whether a DECIMAL has more digits than a DOUBLE holds for sure, so that its last one is open."""
    return value.type.name == "DECIMAL" and abs(value.number) * 10**value.type.places >= 2**53


def whole(number: int, of: Type, wide: bool = False, exact: bool = True) -> Value:
    """A whole number of a type, or of a BIGINT where that is ``wide`` enough."""
    for one in [of, BIGINT] if wide else [of]:
        if -BOUNDS[one.name] <= number < BOUNDS[one.name]:
            return Value(one, number, exact)
    return Value(of, VAGUE, exact)


def _computed(sign: str, left: Fraction, right: Fraction, whole: bool) -> Fraction:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return Fraction(_towards_zero(left / right)) if whole else left / right
        case _:
            return left - right * _towards_zero(left / right)


def _towards_zero(number: Fraction) -> int:
    return int(abs(number)) * (1 if number >= 0 else -1)


def _real(sign: str, left: float, right: float, result: Type, exact: bool) -> Value:
    if sign in "/%" and right == 0:
        return null(result)
    try:
        number = {"+": left + right, "-": left - right, "*": left * right}[sign] if sign in "+-*" else left / right
    except OverflowError:
        return Value(result, VAGUE)
    infinite = number in (float("inf"), float("-inf")) or number != number
    vague = infinite or sign == "%" or (result.name == "FLOAT" and not _same_as_float(number))
    return Value(result, VAGUE if vague else number, exact)


def _same_as_float(number: float) -> bool:
    """Whether a FLOAT holds for sure what a DOUBLE does."""
    return abs(number) < 2**24 and Fraction(number).limit_denominator(2**10) == Fraction(number)


def _result(sign: str, left: Type, right: Type) -> Type:
    if left.real or right.real:
        return _real_of([left, right])
    if left.whole and right.whole:
        return max(left, right, key=lambda one: WIDTHS[one.name])
    one, other = left.decimal(), right.decimal()
    before = (one.digits - one.places, other.digits - other.places)
    if sign in "+-":
        places = max(one.places, other.places)
        return _adjusted(max(before) + places + 1, places)
    if sign == "*":
        return _adjusted(one.digits + other.digits + 1, one.places + other.places)
    if sign == "/":
        places = max(_LEAST_PLACES, one.places + other.digits + 1)
        return _adjusted(before[0] + other.places + places, places)
    places = max(one.places, other.places)
    return _adjusted(min(before) + places, places)


def _adjusted(digits: int, places: int) -> Type:
    """Of too many digits those before the point are kept, and six behind it."""
    if digits <= _MOST_DIGITS:
        return Type("DECIMAL", digits, places)
    return Type("DECIMAL", _MOST_DIGITS, max(_MOST_DIGITS - (digits - places), min(places, _LEAST_PLACES)))


def _real_of(types: list[Type]) -> Type:
    """A FLOAT among whole numbers stays one; a DECIMAL makes it a DOUBLE; with a DOUBLE, a FLOAT's digits are sure."""
    return FLOAT if FLOAT in types and all(one.whole or one.real for one in types) else DOUBLE


def common(types: list[Type]) -> Type:
    """The type that holds values of all of these."""
    first = types[0]
    if all(one == first for one in types):
        return first
    if any(one.real for one in types):
        return _real_of(types)
    if all(one.whole for one in types):
        return max(types, key=lambda one: WIDTHS[one.name])
    decimals = [one.decimal() for one in types]
    places = max(one.places for one in decimals)
    return Type("DECIMAL", min(_MOST_DIGITS, max(one.digits - one.places for one in decimals) + places), places)
