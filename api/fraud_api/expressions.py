"""SQL types of expressions, and what is wrong with them before Flink sees them.

A fragment is read as a tree of calls (``fraud_api.sql.calls_of``); every node gets the type that Flink will give it,
None where only Flink can tell. On the way mistakes come up: functions that don't exist, arguments of a wrong kind,
texts against numbers, conditions that are none. Arithmetic is in ``fraud_api.arithmetic``.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from fraud_api import decimals
from fraud_api.aggregates import decimal
from fraud_api.catalogue import FUNCTIONS, IN_WORDS, Signature, fits
from fraud_api.dialects import function
from fraud_api.problems import did_you_mean
from fraud_api.sql_tokens import Flink
from fraud_api.sql_types import type_name

ColumnType = Callable[[exp.Column], "Value"]

LOGICAL = (exp.And, exp.Or, exp.Not)
COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ)
ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod, exp.Neg)
_PREDICATES = (exp.Like, exp.SimilarTo, exp.Escape, exp.Is, exp.Exists, exp.Boolean)
_SHOWN = 60
MANY = 10**9
"""How many values a sum is thought to have at most."""
_COUNTED: decimals.Range = (0, 10**12)
_RANGES: Mapping[str, decimals.Range] = {
    **dict.fromkeys(("COUNT", "APPROX_COUNT_DISTINCT", "ROW_NUMBER", "RANK", "DENSE_RANK", "NTILE"), _COUNTED),
    **dict.fromkeys(("YEAR", "QUARTER", "MONTH", "WEEK", "DAYOFYEAR", "DAYOFMONTH", "DAYOFWEEK"), (0, 9999)),
    **dict.fromkeys(("HOUR", "MINUTE", "SECOND", "LOCAL_HOUR", "LOCAL_WEEKDAY", "ASCII"), (0, 9999)),
    **dict.fromkeys(("CHAR_LENGTH", "CHARACTER_LENGTH", "POSITION", "LOCATE", "INSTR"), (0, 10**8)),
    **dict.fromkeys(("UNIX_TIMESTAMP",), (-(10**12), 10**12)),
    **dict.fromkeys(("CARDINALITY", "REGEXP_COUNT", "REGEXP_INSTR"), (0, 10**8)),
    "SIGN": (-1, 1),
}
"""Whole numbers that functions give, where these are far fewer than their types hold."""


@dataclass(frozen=True)
class Value:
    """What is known of an expression's values.

    Attributes:
        type: their SQL type, None where only Flink can tell.
        range: the least and the most that an exact number can be, None where its type alone tells.
    """

    type: str | None = None
    range: decimals.Range | None = None

    @property
    def reach(self) -> decimals.Range | None:
        """The least and the most it can be; None of what is no exact number."""
        return self.range or decimals.range_of(self.type)


UNKNOWN = Value()


@dataclass(frozen=True)
class Told:
    """Something to tell about an expression."""

    message: str
    hint: str | None = None
    warning: bool = False


def value_of(sql_type: str | None) -> Value:
    """A value of which the type alone is known."""
    return Value(sql_type)


def shown(node: exp.Expr) -> str:
    """An expression as messages name it."""
    text = node.name if isinstance(node, exp.Column) else node.sql(dialect=Flink)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


class Expressions(ABC):
    """Types of the expressions of one fragment, and what there is to tell about them.

    Attributes:
        told: mistakes and warnings, in the order they were found.
    """

    def __init__(self, column: ColumnType, parameters: Mapping[str, str | None]) -> None:
        """``column`` says what is known of a column, ``parameters`` the types of parameters."""
        self.told: list[Told] = []
        self._column = column
        self._parameters = parameters
        self._known: dict[int, Value] = {}

    def of(self, node: exp.Expr | None) -> Value:
        """What is known of an expression's values."""
        if node is None:
            return UNKNOWN
        if id(node) not in self._known:
            self._known[id(node)] = self._find(node)
        return self._known[id(node)]

    def type(self, node: exp.Expr | None) -> str | None:
        """SQL type of an expression."""
        return self.of(node).type

    def tell(self, message: str, hint: str | None = None, *, warning: bool = False) -> None:
        """Keep something to tell."""
        self.told.append(Told(message, hint, warning))

    def condition(self, node: exp.Expr) -> None:
        """Check that an expression is true or false."""
        found = self.type(node)
        if found is not None and found != "BOOLEAN":
            self.tell(f"not a condition: {shown(node)} is {found}")

    @abstractmethod
    def arithmetic(self, node: exp.Expr) -> Value:
        """What is known of a sum, product and so on."""

    @abstractmethod
    def called(self, node: exp.Anonymous, name: str, arguments: list[exp.Expr]) -> Value | None:
        """What is known of a call for reasons of its own; None where its signature tells."""

    def _find(self, node: exp.Expr) -> Value:
        if isinstance(node, ARITHMETIC):
            return self.arithmetic(node)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Placeholder):
            return value_of(self._parameters.get(node.name))
        if isinstance(node, exp.Literal):
            return self._literal(node)
        if isinstance(node, exp.Cast):
            return self._cast(node)
        if isinstance(node, exp.Anonymous):
            # SECOND(3) behind INTERVAL '100' says how many digits there are
            return UNKNOWN if isinstance(node.parent, exp.Interval | exp.IntervalSpan) else self._call(node)
        if isinstance(node, exp.Case):
            return self._case(node)
        if isinstance(node, exp.If):
            return self._if(node)
        if isinstance(node, exp.Paren | exp.Window | exp.IgnoreNulls | exp.RespectNulls | exp.Alias):
            return self.of(node.this)
        return value_of(self._other(node))

    def _other(self, node: exp.Expr) -> str | None:
        if isinstance(node, COMPARISONS):
            self._compared(node.this, [node.expression])
            self._with_null(node)
            return "BOOLEAN"
        if isinstance(node, exp.Between):
            self._compared(node.this, [node.args["low"], node.args["high"]])
            return "BOOLEAN"
        if isinstance(node, exp.In):
            self._compared(node.this, node.expressions)
            self._kept_whole(node)
            self._listed(node)
            return "BOOLEAN"
        if isinstance(node, LOGICAL):
            for side in (node.this, node.args.get("expression")):
                if side is not None:
                    self.condition(side)
            return "BOOLEAN"
        if isinstance(node, _PREDICATES):
            return "BOOLEAN"
        if isinstance(node, exp.DPipe):
            return "STRING" if self._joined(node) else None
        return self._special(node)

    def _special(self, node: exp.Expr) -> str | None:
        """Functions with a syntax of their own."""
        match node:
            case exp.Extract():
                return "BIGINT"
            case exp.Trim() | exp.Substring() | exp.Overlay() | exp.JSONObject():
                return "STRING"
            case exp.StrPosition():
                return "INT"
            case exp.Ceil() | exp.Floor():
                return self._without_places(self.type(node.this), 0)
            case exp.CurrentDate():
                return "DATE"
            case exp.CurrentTimestamp():
                return "TIMESTAMP_LTZ(3)"
            case exp.Interval():
                return "INTERVAL"
        return None

    def _literal(self, node: exp.Literal) -> Value:
        if node.is_string:
            return Value("STRING")
        found = decimals.literal(node.name)
        if found != "DOUBLE" and int(node.name.replace(".", "")) >= 2**63:
            message = (
                f"{shown(node)} is too large: Flink takes digits of at most 64 bits, those behind the point included"
            )
            self.tell(message, "make it a parameter of type DECIMAL, or give it an exponent")
        if found in decimals.WHOLE:
            return Value(found, (int(node.name), int(node.name)))
        return Value(found)

    def _cast(self, node: exp.Cast) -> Value:
        inner = self.of(node.this)
        found = type_name(node.to)
        if found is None or found in ("TIMESTAMP", "TIMESTAMP_LTZ"):
            return UNKNOWN if found is None else Value(found)
        reach = inner.reach
        # what a cast holds already does not become more by it
        return Value(found, reach if reach and decimals.holds(found, reach) else None)

    def _case(self, node: exp.Case) -> Value:
        for branch in node.args["ifs"]:
            if node.this is None:
                self.condition(branch.this)
            else:
                self._compared(node.this, [branch.this])
        branches = [branch.args["true"] for branch in node.args["ifs"]]
        return self._together([*branches, *([node.args["default"]] if node.args.get("default") else [])], "CASE")

    def _if(self, node: exp.If) -> Value:
        if isinstance(node.parent, exp.Case):
            return UNKNOWN
        self.condition(node.this)
        sides = [node.args.get("true"), node.args.get("false")]
        if any(side is None for side in sides):
            self.tell(f"IF takes 3 arguments: {shown(node)}")
        return self._together([side for side in sides if side is not None], "IF")

    def _together(self, nodes: list[exp.Expr], name: str) -> Value:
        """Several values of which one comes out."""
        nodes = [node for node in nodes if not isinstance(node, exp.Null)]
        values = [self.of(node) for node in nodes]
        types = {value.type for value in values}
        text = next((node for node, value in zip(nodes, values, strict=True) if value.type == "STRING"), None)
        number = next((one for one in types if decimals.is_number(one)), None)
        if text is not None and number is not None:
            self.tell(f"{name} mixes {shown(text)}, which is STRING, with {number}", "cast one of them")
        found = decimals.common([value.type for value in values])
        reaches = [value.reach for value in values]
        if found is None or None in reaches:
            return Value(found)
        known = [reach for reach in reaches if reach is not None]
        return Value(found, (min(low for low, _ in known), max(high for _, high in known)))

    def _compared(self, node: exp.Expr, others: Iterable[exp.Expr]) -> None:
        for other in others:
            self._comparable(node, other)

    def _inexact(self, exact: exp.Expr, other: exp.Expr) -> None:
        """Money is compared with what was worked out in binary, for the only reason that a parameter is DOUBLE."""
        if decimal(self.type(exact)) is None or self.type(other) != "DOUBLE":
            return
        leaves = [leaf for leaf in other.find_all(exp.Column, exp.Placeholder) if self.type(leaf) == "DOUBLE"]
        named = next((leaf for leaf in leaves if isinstance(leaf, exp.Placeholder)), None)
        measured = any(isinstance(leaf, exp.Column) for leaf in leaves)
        if named is None or measured or other.find(*ARITHMETIC) is None:
            return
        message = f"{shown(other)} is worked out in binary, as {shown(named)} is a DOUBLE, and compared with a DECIMAL"
        hint = "give the parameter type: DECIMAL"
        self.tell(f"{message}: where both should be equal it can be a little more or less", hint, warning=True)

    def _comparable(self, one: exp.Expr, other: exp.Expr) -> None:
        self._inexact(one, other)
        self._inexact(other, one)
        types = (self.type(one), self.type(other))
        for text, number, kinds in ((one, other, types), (other, one, types[::-1])):
            if kinds[0] == "STRING" and decimals.is_number(kinds[1]):
                hint = "leave out the quotes" if text.is_string else f"write TRY_CAST({shown(text)} AS {kinds[1]})"
                quoted = f"'{text.name}'" if isinstance(text, exp.Column) else shown(text)
                self.tell(f"{quoted} is a STRING and is compared with a number", hint)
            elif kinds[1] is not None and decimals.is_number(kinds[0]) and _is_apart(kinds[1]):
                twice = "write two comparisons with AND between them" if isinstance(number, COMPARISONS) else None
                self.tell(f"{shown(number)} is {kinds[1]} and is compared with {shown(text)}, a number", twice)

    def _with_null(self, node: exp.Expr) -> None:
        """A comparison with NULL is unknown, so that a condition is never true by it."""
        sides = (node.this, node.expression)
        null = next((side for side in sides if isinstance(side, exp.Null)), None)
        if null is None or isinstance(node, exp.NullSafeEQ | exp.NullSafeNEQ):
            return
        other = sides[0] if null is sides[1] else sides[1]
        asked = "IS NOT NULL" if isinstance(node, exp.NEQ) else "IS NULL"
        self.tell(f"{shown(node)} is never true", f"write {shown(other)} {asked}", warning=True)

    def _listed(self, node: exp.In) -> None:
        """IN takes a list; NULL in it equals nothing, and makes NOT IN unknown."""
        if node.args.get("query") or node.args.get("unnest"):
            return
        if not node.expressions:
            self.tell("IN takes a list of values in parentheses", f"write {shown(node.this)} IN ('a', 'b')")
        elif isinstance(node.parent, exp.Not) and any(isinstance(one, exp.Null) for one in node.expressions):
            self.tell(f"{shown(node.parent)} is never true", "leave NULL out of the list", warning=True)

    def _kept_whole(self, node: exp.In) -> None:
        """IN casts what it lists to the type of its left side, where it may wrap or lose its places."""
        left = self.type(node.this)
        if decimals.sizes(left) is None:
            return
        for one in node.expressions:
            found = self.of(one)
            if found.type and decimals.is_number(found.type) and not decimals.keeps(str(left), found.type, found.range):
                wider = decimals.common([left, found.type]) or "DOUBLE"
                message = f"{shown(one)} is {found.type}, and IN makes {left} of it, which may be another number"
                self.tell(message, f"write CAST({shown(node.this)} AS {wider}) IN (...)")
                return

    def _joined(self, node: exp.DPipe) -> bool:
        """Whether both sides of || are texts, or may be."""
        for side in (node.this, node.expression):
            found = self.type(side)
            if found is not None and found != "STRING":
                hint = f"write CAST({shown(side)} AS STRING), or OR where one of two conditions is enough"
                self.tell(f"|| joins texts, but {shown(side)} is {found}", hint)
                return False
        return True

    def _call(self, node: exp.Anonymous) -> Value:
        name = str(node.this).upper()
        signatures = FUNCTIONS.get(name)
        if signatures is None:
            known = [one.name for many in FUNCTIONS.values() for one in many]
            self.tell(f"unknown function '{node.this}'", function(name) or did_you_mean(str(node.this), known))
            return UNKNOWN
        arguments = _arguments(node)
        fitting = [one for one in signatures if one.takes(len(arguments))]
        if not fitting:
            written = " or ".join(one.written for one in signatures)
            self.tell(f"{name} can't take {len(arguments)} arguments", f"it is {written}")
            return UNKNOWN
        chosen = next((one for one in fitting if self._mismatch(one, arguments) is None), None)
        if chosen is None:
            self._blame(name, fitting[0], arguments)
            chosen = fitting[0]
        own = self.called(node, name, arguments)
        return own if own is not None else self._result(name, chosen, arguments)

    def _mismatch(self, signature: Signature, arguments: list[exp.Expr]) -> int | None:
        for place, argument in enumerate(arguments):
            if not fits(signature.kind(place), self.type(argument)):
                return place
        return None

    def _blame(self, name: str, signature: Signature, arguments: list[exp.Expr]) -> None:
        place = self._mismatch(signature, arguments)
        if place is None:
            return
        argument, kind = arguments[place], signature.kind(place)
        found = self.type(argument)
        wanted = {"text": "STRING", "instant": "TIMESTAMP_LTZ(3)"}.get(kind)
        hint = f"write CAST({shown(argument)} AS {wanted})" if wanted else None
        if found == "STRING" and kind in ("number", "exact", "whole"):
            hint = "leave out the quotes" if argument.is_string else f"write TRY_CAST({shown(argument)} AS ...)"
        self.tell(f"{name} needs {IN_WORDS[kind]}, but {shown(argument)} is {found}", hint)

    def _result(self, name: str, signature: Signature, arguments: list[exp.Expr]) -> Value:
        result = signature.result
        if result.startswith("="):
            first = self.of(arguments[int(result[1:]) - 1])
            return Value(first.type, _RANGES.get(name, first.range))
        if result.startswith("~"):
            return self._together(arguments[int(result[1:]) - 1 :], name)
        if name in ("ROUND", "TRUNCATE"):
            return self._rounded(arguments)
        if name in ("CEIL", "CEILING", "FLOOR"):
            return Value(self._without_places(self.type(arguments[0]), 0))
        return UNKNOWN if result == "?" else Value(result, _RANGES.get(name))

    def _rounded(self, arguments: list[exp.Expr]) -> Value:
        found = self.type(arguments[0])
        places = arguments[1] if len(arguments) > 1 else exp.Literal.number(0)
        if decimal(found) is None:
            return value_of(found)
        if not isinstance(places, exp.Literal) or places.is_string:
            return UNKNOWN
        return value_of(self._without_places(found, int(places.name), grown=1))

    @staticmethod
    def _without_places(sql_type: str | None, kept: int, grown: int | None = None) -> str | None:
        """A DECIMAL rounded to fewer places; CEIL and FLOOR keep its digits, ROUND makes it as short as it can be."""
        sizes = decimal(sql_type)
        if sizes is None:
            return sql_type if decimals.is_number(sql_type) or (sql_type or "").startswith(("TIME", "DATE")) else None
        digits, places = sizes
        if kept >= places:
            return sql_type
        digits = digits if grown is None else min(digits - places + kept + grown, 38)
        return f"DECIMAL({digits}, {kept})"


def _arguments(node: exp.Anonymous) -> list[exp.Expr]:
    """A call's arguments, those behind DISTINCT too."""
    found: list[exp.Expr] = []
    for argument in node.expressions:
        found += argument.expressions if isinstance(argument, exp.Distinct) else [argument]
    return found


def _is_apart(sql_type: str) -> bool:
    """Whether Flink compares a type with no number."""
    return sql_type == "BOOLEAN" or sql_type.startswith(("DATE", "TIMESTAMP"))
