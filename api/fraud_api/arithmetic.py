"""Arithmetic over exact numbers: what can wrap or become null, and the casts that keep it from doing so.

Flink adds and multiplies whole numbers in their own type and wraps silently; decimals of more than 38 digits become
null. What each part of an expression can reach follows from the types at its leaves. Where a part could wrap, leaves
are cast to BIGINT, or to DECIMAL where that is too small; where nothing helps there is a warning.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import TokenType, exp

from fraud_api import decimals
from fraud_api.aggregates import computation, decimal
from fraud_api.catalogue import FUNCTIONS
from fraud_api.decimals import Range
from fraud_api.expressions import ARITHMETIC, MANY, UNKNOWN, ColumnType, Expressions, Value, shown, value_of
from fraud_api.rules import AggregateFunction
from fraud_api.sql_tokens import tokens_of

_SYMBOLS: Mapping[type[exp.Expr], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_TIMES = ("DATE", "TIMESTAMP")
_WRAP_HINT = "CAST a part of it AS DOUBLE, or make sure that it can't be so large"
_TOTALS = {"SUM": AggregateFunction.SUM, "AVG": AggregateFunction.AVG}
_POSITIONS = (exp.Substring, exp.Overlay, exp.Interval, exp.Bracket, exp.Array)
"""What takes whole numbers only."""


Added = tuple[int, int]
"""A place in a text, and how many characters there were added to it."""


@dataclass(frozen=True)
class Cast:
    """A part of the text, ``text[start:end]``, that is to be cast to a type."""

    start: int
    end: int
    type: str


@dataclass
class _Trial:
    """An arithmetic expression with its leaves in one type."""

    level: str | None
    values: dict[int, Value] = field(default_factory=dict)
    wraps: list[tuple[exp.Expr, Value]] = field(default_factory=list)
    nulls: list[exp.Expr] = field(default_factory=list)
    casts: list[Cast] = field(default_factory=list)


class Arithmetic(Expressions):
    """Types of a fragment's expressions, with the casts that their arithmetic needs.

    Attributes:
        casts: parts of the text to be cast.
    """

    def __init__(self, text: str, column: ColumnType, parameters: Mapping[str, str | None]) -> None:
        super().__init__(column, parameters)
        self.casts: list[Cast] = []
        self._tokens = tokens_of(text)
        self._places = {token.start: place for place, token in enumerate(self._tokens)}

    def arithmetic(self, node: exp.Expr) -> Value:
        """What is known of a sum, product and so on, as part of the whole that it belongs to."""
        root = node
        while isinstance(root.parent, (*ARITHMETIC, exp.Paren)):
            root = root.parent
        leaves = list(_leaves(root))
        types = [self.type(leaf) for leaf in leaves]
        chosen = self._of_numbers(root) if all(map(decimals.is_number, types)) else self._of_others(root, leaves)
        self._known.update(chosen.values)
        self.casts += chosen.casts
        return self._known.get(id(node), UNKNOWN)

    def called(self, node: exp.Anonymous, name: str, arguments: list[exp.Expr]) -> Value | None:
        """What is known of MOD, ABS and of sums and averages over rows."""
        if name == "MOD":
            left, right = (self.type(argument) for argument in arguments)
            known = decimals.is_number(left) and decimals.is_number(right)
            return value_of(decimals.arithmetic("%", left, right)) if known and left and right else UNKNOWN
        if name == "ABS":
            return self._absolute(arguments[0])
        return self._total(node, name, arguments[0]) if name in _TOTALS else None

    def _absolute(self, argument: exp.Expr) -> Value:
        found = self.of(argument)
        if found.reach is None:
            return found
        return Value(found.type, (0, max(map(abs, found.reach))))

    def _of_numbers(self, root: exp.Expr) -> _Trial:
        trials: list[_Trial] = []
        for level in (None, "BIGINT", "DECIMAL"):
            if level == "DECIMAL" and not _may_be_decimal(root):
                break
            trial = _Trial(level)
            self._try(root, trial)
            trials.append(trial)
            if not trial.wraps and not (level and trial.nulls):
                break
        chosen = trials[-1] if not trials[-1].wraps and not (trials[-1].level and trials[-1].nulls) else trials[0]
        self._warn(chosen)
        return chosen

    def _warn(self, trial: _Trial) -> None:
        for node, value in trial.wraps[:1]:
            reach = max(map(abs, value.range or (0, 0)))
            what = f"{shown(node)} can reach {reach:.0e}, more than {value.type} holds"
            self.tell(f"{what}: it wraps silently", _WRAP_HINT, warning=True)
        for node in trial.nulls[:1]:
            what = f"{shown(node)} can need more digits than {trial.values[id(node)].type} has"
            self.tell(f"{what}: it is null then", _WRAP_HINT, warning=True)

    def _of_others(self, root: exp.Expr, leaves: Iterable[exp.Expr]) -> _Trial:
        """Times and intervals, and what Flink refuses to calculate with."""
        trial = _Trial(None)
        types = [self.type(leaf) for leaf in leaves]
        time = next((one for one in types if one and one.startswith(_TIMES)), None)
        if time is not None and any(map(decimals.is_number, types)) and "INTERVAL" not in types:
            self.tell(f"{shown(root)} adds a number to a time", "write + INTERVAL '1' DAY")
        elif time is None:
            self._no_numbers(root, leaves)
        if time is not None and types.count("INTERVAL") == len(types) - 1:
            trial.values[id(root)] = value_of(time)
        return trial

    def _no_numbers(self, root: exp.Expr, leaves: Iterable[exp.Expr]) -> None:
        for leaf in leaves:
            found = self.type(leaf)
            if found == "STRING":
                hint = "leave out the quotes" if leaf.is_string else f"write TRY_CAST({shown(leaf)} AS ...)"
                self.tell(f"{shown(leaf)} is a STRING and is taken for a number in {shown(root)}", hint)
            elif found == "BOOLEAN":
                self.tell(f"{shown(leaf)} is a BOOLEAN and is taken for a number in {shown(root)}")

    def _try(self, node: exp.Expr, trial: _Trial) -> Value:
        """Value of a part under a trial."""
        if isinstance(node, exp.Paren):
            made = self._try(node.this, trial)
        elif isinstance(node, exp.Neg):
            made = self._negative(node, trial)
        elif isinstance(node, ARITHMETIC):
            made = self._binary(node, trial)
        else:
            return self._leaf(node, trial)
        trial.values[id(node)] = made
        return made

    def _leaf(self, node: exp.Expr, trial: _Trial) -> Value:
        found = self.of(node)
        if trial.level is None or found.type not in decimals.WHOLE or isinstance(node, exp.Literal | exp.Placeholder):
            return found
        wanted = "BIGINT" if trial.level == "BIGINT" else _as_decimal(found.type)
        span = self._span(node)
        if wanted == found.type or span is None:
            return found
        trial.casts.append(Cast(*span, wanted))
        return Value(wanted, found.reach)

    def _negative(self, node: exp.Neg, trial: _Trial) -> Value:
        found = self._try(node.this, trial)
        reach = (-found.reach[1], -found.reach[0]) if found.reach else None
        return self._checked(node, Value(found.type, reach), trial)

    def _binary(self, node: exp.Expr, trial: _Trial) -> Value:
        left, right = self._try(node.this, trial), self._try(node.expression, trial)
        if left.type is None or right.type is None:
            return UNKNOWN
        symbol = _SYMBOLS[type(node)]
        found = decimals.arithmetic(symbol, left.type, right.type)
        if found is None and trial.level is None:
            self.tell(f"{shown(node)}: % takes no FLOAT or DOUBLE", "CAST it AS DECIMAL(38, 6)")
        if symbol == "/" and left.type in decimals.WHOLE and right.type in decimals.WHOLE and trial.level is None:
            message = f"{shown(node)} divides whole numbers, so that 7 / 2 is 3"
            self.tell(message, f"CAST({shown(node.this)} AS DOUBLE) keeps the rest", warning=True)
        reach = _reach(symbol, left, right) if left.reach and right.reach else None
        return self._checked(node, Value(found, reach), trial)

    def _checked(self, node: exp.Expr, value: Value, trial: _Trial) -> Value:
        if value.type is None or value.range is None or decimals.holds(value.type, value.range):
            return value
        if value.type in decimals.WHOLE:
            trial.wraps.append((node, value))
        elif decimal(value.type):
            trial.nulls.append(node)
        return Value(value.type)

    def _span(self, node: exp.Expr) -> tuple[int, int] | None:
        """Where a column or a call stands in the text."""
        if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
            first = node.args.get("table") or node.this
            return int(first.meta["start"]), int(node.this.meta["end"]) + 1
        if isinstance(node, exp.Anonymous):
            inside = self._inside(node)
            return None if inside is None else (int(node.meta["start"]), inside[1] + 1)
        return None

    def _inside(self, node: exp.Anonymous) -> tuple[int, int] | None:
        """Where a call's arguments begin, behind DISTINCT, and where its parenthesis closes."""
        place = self._places.get(node.meta.get("start", -1))
        if place is None or self._tokens[place + 1].token_type is not TokenType.L_PAREN:
            return None
        depth = 0
        for closing in range(place + 1, len(self._tokens)):
            kind = self._tokens[closing].token_type
            depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
            if depth == 0:
                first = self._tokens[place + 2]
                behind = place + 3 if first.text.upper() in ("DISTINCT", "ALL") else place + 2
                return self._tokens[behind].start, self._tokens[closing].start
        return None

    def _total(self, node: exp.Anonymous, name: str, argument: exp.Expr) -> Value:
        """A sum or average over rows, whose argument is cast where its type could not hold it."""
        found = self.of(argument)
        if found.type is None:
            message = f"the type of {shown(argument)} can't be told: {name} of whole numbers wraps or is cut"
            self.tell(message, f"CAST it to the type that {name} is to have", warning=True)
            return UNKNOWN
        made = computation(_TOTALS[name], found.type)
        many = (found.reach[0] * MANY, found.reach[1] * MANY) if found.reach else None
        if made.places is not None:
            self.tell(f"{shown(node)} can need more digits than a DECIMAL has: it is null then", warning=True)
            return value_of(f"DECIMAL(38, {(decimal(found.type) or (0, 0))[1]})")
        if made.widened is None or (name == "SUM" and many and decimals.holds(found.type, many)):
            return Value(made.type if made.widened is None else found.type, many if name == "SUM" else found.reach)
        inside = self._inside(node)
        if inside is not None:
            self.casts.append(Cast(*inside, made.widened))
        return Value(made.type, many if name == "SUM" else found.reach)


def _leaves(node: exp.Expr) -> Iterable[exp.Expr]:
    if isinstance(node, exp.Paren | exp.Neg):
        yield from _leaves(node.this)
    elif isinstance(node, ARITHMETIC):
        yield from _leaves(node.this)
        yield from _leaves(node.expression)
    else:
        yield node


def _as_decimal(sql_type: str) -> str:
    digits = (decimals.sizes(sql_type) or (19, 0))[0]
    return f"DECIMAL({digits}, 0)"


def _may_be_decimal(root: exp.Expr) -> bool:
    """Whether a whole number may become a DECIMAL: it is not divided, and nothing takes whole numbers only."""
    if any(isinstance(node, exp.Div | exp.Mod) for node in _nodes(root)) or isinstance(root.parent, _POSITIONS):
        return False
    call = root.parent
    signatures = FUNCTIONS.get(str(call.this).upper(), ()) if isinstance(call, exp.Anonymous) else ()
    return not any("whole" in signature.kinds for signature in signatures)


def _nodes(node: exp.Expr) -> Iterable[exp.Expr]:
    yield node
    if isinstance(node, exp.Paren | exp.Neg):
        yield from _nodes(node.this)
    elif isinstance(node, ARITHMETIC):
        yield from _nodes(node.this)
        yield from _nodes(node.expression)


def _reach(symbol: str, left: Value, right: Value) -> Range | None:
    """What a result can be, of what its sides can be."""
    (low, high), (least, most) = left.reach or (0, 0), right.reach or (0, 0)
    match symbol:
        case "+":
            return low + least, high + most
        case "-":
            return low - most, high - least
        case "*":
            products = [one * other for one in (low, high) for other in (least, most)]
            return min(products), max(products)
        case "/":
            if least > 0 and right.type in decimals.WHOLE:
                return min(low, 0), max(high, 0)
            # a divisor other than 0 is at least one of its last places
            largest: int = max(abs(low), abs(high)) * 10 ** (decimals.sizes(right.type) or (0, 0))[1]
            return -largest, largest
    # a remainder is no larger than what is divided, and smaller than what divides: of whole numbers by one at least
    divisor = max(abs(least), abs(most))
    largest = min(max(abs(low), abs(high)), max(0, divisor - (right.type in decimals.WHOLE)))
    return -largest, largest


def with_casts(text: str, casts: Iterable[Cast]) -> tuple[str, list[Added]]:
    """The text with the casts in it, inner ones within outer ones, and what was added where."""
    made = sorted(set(casts), key=lambda cast: (cast.start, -cast.end))
    pieces: list[tuple[int, int, str]] = []
    for order, cast in enumerate(made):
        pieces.append((cast.start, order, "CAST("))
        # what begins later ends first
        pieces.append((cast.end, -order - 1, f" AS {cast.type})"))
    found, added, at = "", list[Added](), 0
    for place, _, piece in sorted(pieces):
        found += text[at:place]
        added.append((len(found), len(piece)))
        found += piece
        at = place
    return found + text[at:], added
