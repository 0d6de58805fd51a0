"""What an expression of SQL gives for one row: three-valued logic, and unknown where it fails."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

from differential.expressions import COMPARISONS, Node
from differential.values import (
    BIGINT,
    BOUNDS,
    DOUBLE,
    INT,
    STRING,
    VAGUE,
    Type,
    Unpredictable,
    Value,
    arithmetic,
    boolean,
    common,
    compare,
    fits,
    inexact_as_real,
    null,
    rounded,
    type_of,
    whole,
)

Row = Mapping[str, Value]
ARITHMETIC = ("+", "-", "*", "/", "%")
WIDE = "wide"
_CALCULATES = (*ARITHMETIC, "minus")
_WIDENED = ("column", "parameter", "number", "call")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def holds(node: Node | None, row: Row, parameters: Row) -> bool:
    """Whether a condition is true, unknown being not.

    Raises:
        Unpredictable: it is left open.
    """
    data = True if node is None else value(node, row, parameters).data
    if data is VAGUE:
        raise Unpredictable
    return data is True


def value(node: Node, row: Row, parameters: Row) -> Value:
    """The value of a whole expression over a row's columns."""
    return evaluate(widened(node), row, parameters)


@cache
def widened(node: Node) -> Node:
    """A tree whose sums and products are marked where they are done in a type that holds them.

    That is where they are made of columns, parameters, literals and calls; other parts keep their type.
    """
    if node.op not in _CALCULATES:
        return replace(node, args=tuple(widened(arg) for arg in node.args))
    return _marked(node, all(leaf.op in _WIDENED for leaf in _leaves(node)))


def _marked(node: Node, wide: bool) -> Node:
    if node.op not in _CALCULATES:
        return widened(node)
    args = tuple(_marked(arg, wide) for arg in node.args)
    return replace(node, args=args, text=WIDE if wide else "")


def _leaves(node: Node) -> Iterator[Node]:
    for arg in node.args if node.op in _CALCULATES else ():
        yield from _leaves(arg)
    if node.op not in _CALCULATES:
        yield node


def evaluate(node: Node, row: Row, parameters: Row) -> Value:
    """The value of a part of an expression."""
    match node.op:
        case "column":
            return row[node.text]
        case "parameter":
            return parameters[node.text]
        case "string":
            return Value(STRING, node.text)
        case "number":
            return number(node.text)
        case "constant":
            return boolean({"TRUE": True, "FALSE": False, "NULL": None}[node.text])
        case "case":
            return _case(node, row, parameters)
    args = [evaluate(arg, row, parameters) for arg in node.args]
    if node.op in COMPARISONS:
        return boolean(_compared(node.op, *args))
    if node.op in ARITHMETIC:
        return arithmetic(node.op, *args, wide=node.text == WIDE)
    return _OPERATORS[node.op](node, args)


def number(text: str) -> Value:
    """A numeric literal: whole, DECIMAL, or DOUBLE where it has an exponent."""
    if "E" in text:
        return Value(DOUBLE, float(text))
    if "." not in text:
        return Value(INT if int(text) < BOUNDS["INT"] else BIGINT, int(text))
    whole, _, places = text.partition(".")
    return Value(Type("DECIMAL", len(whole.lstrip("0")) + len(places), len(places)), Fraction(text))


def _compared(sign: str, left: Value, right: Value) -> object:
    order = compare(left, right)
    if order is None or order is VAGUE:
        return order
    tests = {
        "=": order == 0, "<>": order != 0, "<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0,
    }  # fmt: skip
    return tests[sign]


def _and(values: list[object]) -> object:
    if False in values:
        return False
    return VAGUE if VAGUE in values else None if None in values else True


def _or(values: list[object]) -> object:
    return _not(_and([_not(value) for value in values]))


def _not(value: object) -> object:
    return not value if isinstance(value, bool) else value


def _case(node: Node, row: Row, parameters: Row) -> Value:
    values = [evaluate(arg, row, parameters) for arg in (*node.args[1:-1:2], node.args[-1])]
    of = common([value.type for value in values])
    for condition, value in zip(node.args[:-1:2], values, strict=False):
        found = evaluate(condition, row, parameters).data
        if found is VAGUE:
            return Value(of, VAGUE)
        if found is True:
            return converted(value, of)
    return converted(values[-1], of)


def _is(node: Node, args: list[Value]) -> Value:
    data = args[0].data
    if data is VAGUE:
        return boolean(VAGUE)
    wanted = {"NULL": None, "TRUE": True, "FALSE": False}[node.text.removeprefix("NOT ")]
    return boolean((data is wanted) != node.text.startswith("NOT "))


def _in(_: Node, args: list[Value]) -> Value:
    return boolean(_or([_compared("=", args[0], one) for one in args[1:]]))


def _between(_: Node, args: list[Value]) -> Value:
    return boolean(_and([_compared(">=", args[0], args[1]), _compared("<=", args[0], args[2])]))


def _like(_: Node, args: list[Value]) -> Value:
    if not all(arg.known for arg in args):
        return boolean(VAGUE if any(arg.data is VAGUE for arg in args) else None)
    parts = {"%": ".*", "_": "."}
    pattern = "".join(parts.get(letter, re.escape(letter)) for letter in args[1].data)
    return boolean(re.fullmatch(pattern, args[0].data, re.DOTALL) is not None)


def _call(node: Node, args: list[Value]) -> Value:
    if node.text == "COALESCE":
        of = common([arg.type for arg in args])
        return next((converted(arg, of) for arg in args if arg.data is not None), null(of))
    if node.text == "NULLIF":
        equal = _compared("=", *args)
        return Value(args[0].type, VAGUE) if equal is VAGUE else null(args[0].type) if equal else args[0]
    if node.text == "MOD":
        return arithmetic("%", *args)
    of, function = _FUNCTIONS[node.text]
    of = of or args[0].type
    if not all(arg.known for arg in args):
        return Value(of, VAGUE if any(arg.data is VAGUE for arg in args) else None)
    data = function(*(arg.data for arg in args))
    overflow = of.whole and abs(data) >= BOUNDS[of.name]
    return Value(of, VAGUE if overflow else data, args[0].exact)


def _concatenated(_: Node, args: list[Value]) -> Value:
    if not all(arg.known for arg in args):
        return Value(STRING, VAGUE if any(arg.data is VAGUE for arg in args) else None)
    return Value(STRING, "".join(arg.data for arg in args))


def _minus(node: Node, args: list[Value]) -> Value:
    (arg,) = args
    if not arg.known:
        return arg
    if arg.type.whole:
        return whole(-arg.data, arg.type, node.text == WIDE, arg.exact)
    return Value(arg.type, -arg.data, arg.exact)


def _cast(node: Node, args: list[Value]) -> Value:
    return converted(args[0], type_of(node.text))


def converted(value: Value, of: Type) -> Value:
    """A value as another type; NULL where it has no such value."""
    if value.type == of or not value.known:
        return Value(of, value.data, value.exact)
    if value.type == STRING:
        return _read(value.data.strip(), of)
    if of == STRING:
        return Value(of, str(value.data) if value.type.whole else VAGUE)
    if not value.type.numeric or not of.numeric:
        return Value(of, VAGUE)
    if of.real and inexact_as_real(value):
        return Value(of, VAGUE)
    return _as_number(value.number, of, value.exact)


def _read(text: str, of: Type) -> Value:
    if not of.numeric:
        return Value(of, VAGUE)
    if not _NUMBER.fullmatch(text):
        # what only resembles a number (1e3, .5, NaN) is for Flink to say
        return Value(of, VAGUE if re.search(r"\d|nan|inf", text.lower()) else None)
    if of.whole and "." in text:
        return Value(of, VAGUE)
    return _as_number(Fraction(Decimal(text)), of, True)


def _as_number(number: Fraction, of: Type, exact: bool) -> Value:
    if of.real:
        single = of.name == "FLOAT" and number.limit_denominator(2**10) != number
        return Value(of, VAGUE if single else float(number), exact)
    if of.whole:
        inside = -BOUNDS[of.name] <= number < BOUNDS[of.name]
        return Value(of, int(number) if inside and number.denominator == 1 else VAGUE if inside else None, exact)
    data = rounded(number, of.places)
    return Value(of, data, exact) if fits(data, of) else null(of)


_FUNCTIONS: Mapping[str, tuple[Type | None, Callable[..., object]]] = {
    "ABS": (None, abs),
    "UPPER": (STRING, str.upper),
    "LOWER": (STRING, str.lower),
    "CHAR_LENGTH": (INT, len),
}
_OPERATORS: Mapping[str, Callable[[Node, list[Value]], Value]] = {
    "and": lambda _, args: boolean(_and([arg.data for arg in args])),
    "or": lambda _, args: boolean(_or([arg.data for arg in args])),
    "not": lambda _, args: boolean(_not(args[0].data)),
    "is": _is,
    "in": _in,
    "between": _between,
    "like": _like,
    "call": _call,
    "||": _concatenated,
    "minus": _minus,
    "cast": _cast,
    "try_cast": _cast,
}
