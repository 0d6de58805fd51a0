"""Expressions that may fail for one event, rewritten so that they give NULL for it and the job goes on.

A division by zero, a CAST of ``n/a``, a pattern that is none: Flink answers each with an exception, which would end
the job, and again after every restart. Here an analyst's SQL gets a guard around what can fail, and only there:

- ``a / b`` becomes ``a / nonzero('rule x', '/ b', id, b)``;
- ``CAST(a AS INT)`` becomes ``attempt('rule x', 'CAST(a AS INT)', id, 'CAST(a0 AS INT)', CAST(NULL AS INT), a)``;
- ``REPEAT(a, n)`` becomes ``REPEAT(a, room('rule x', 'REPEAT(a, n)', id, n, CHAR_LENGTH(a)))``.

The guards are Java functions; they count by rule what they had to give up. What can fail was found by trying every
function with hostile values (docs/decisions/026-no-event-stops-a-detector.md); ``fraud_job.net`` refuses a plan in
which something that can fail stands unguarded.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import Token, TokenType

from fraud_api.sql import Reference, identifier, literal
from fraud_api.sql_tokens import Flink

FUNCTIONS: Mapping[str, str] = {
    "attempt": "Attempt",
    "nonzero": "NonZero",
    "room": "Room",
    "watch_key": "WatchKey",
    "writable": "Writable",
}
"""The guards and their Java classes."""

_LONGEST = 200
_FEW_DIGITS = 5
_DIGIT = "1000"
"""What a digit of a rounded number counts for, so that there is room for a thousand."""

_DIVISIONS = (TokenType.SLASH, TokenType.MOD, TokenType.DIV)
_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET)
_QUOTED = (TokenType.IDENTIFIER, TokenType.STRING)
_SAFE_PATTERN = re.compile(r"'([yMdHms:./, -]|''T''|''Z''|SSS)*'")
_NEVER_FAILS = ("STRING", "VARCHAR", "CHAR", "BYTES", "VARBINARY", "BINARY")

_NUMERIC = ("ABS", "AVG", "CEIL", "CHAR_LENGTH", "COUNT", "EXTRACT", "FLOOR", "LN", "POWER", "SQRT", "SUM")
"""Functions that give numbers, which become other numbers without fail."""

_NUMBERS = ("TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL", "NUMERIC")

_RESULTS: Mapping[str, str | None] = {
    "BTRIM": "STRING",
    "CAST": None,
    "DATE_FORMAT": "STRING",
    "ELEMENT": None,
    "FROM_BASE64": "STRING",
    "FROM_UNIXTIME": "STRING",
    "JSON_EXISTS": "BOOLEAN",
    "JSON_QUERY": "STRING",
    "JSON_VALUE": None,
    "MAP_FROM_ARRAYS": None,
    "OVERLAY": "STRING",
    "PARSE_JSON": None,
    "REGEXP": "BOOLEAN",
    "REGEXP_COUNT": "INT",
    "REGEXP_EXTRACT": "STRING",
    "REGEXP_EXTRACT_ALL": "ARRAY<STRING>",
    "REGEXP_INSTR": "INT",
    "REGEXP_REPLACE": "STRING",
    "REGEXP_SUBSTR": "STRING",
    "REPLACE": "STRING",
    "ROUND": None,
    "STR_TO_MAP": "MAP<STRING, STRING>",
    "TO_DATE": "DATE",
    "TO_TIMESTAMP_LTZ": "TIMESTAMP_LTZ(3)",
    "TRIM": "STRING",
    "TRUNCATE": None,
    "UNIX_TIMESTAMP": "BIGINT",
}
"""Functions that can fail with the type of what they give, None where it depends on the arguments."""

_SEPARATORS: Mapping[str, frozenset[str]] = {
    "CAST": frozenset({"AS"}),
    "TRIM": frozenset({"BOTH", "LEADING", "TRAILING", "FROM"}),
    "OVERLAY": frozenset({"PLACING", "FROM", "FOR"}),
}
"""Words between arguments, where these are not only separated by commas."""

_TAILS = frozenset({"RETURNING", "NULL", "ERROR", "EMPTY", "DEFAULT", "TRUE", "FALSE", "UNKNOWN", "WITH", "WITHOUT"})
"""Words that end the path of a JSON function."""


@dataclass(frozen=True)
class Told:
    """What there is to say of an expression that failed.

    Attributes:
        owner: ``rule NAME`` or ``output NAME``, which unknown results are counted for.
        written: what the analyst wrote at a span of the text, where the text is not the analyst's own.
        events: SQL of the id of the event that it failed for, by what columns are qualified with, ``""`` where they
            need not be; nothing where an expression is about no single event.
    """

    owner: str
    written: Callable[[int, int], str] | None = None
    events: Mapping[str, str] = field(default_factory=dict)


def guarded(
    text: str, told: Told, replacements: Iterable[tuple[Reference, str]], no_texts: Collection[str] = frozenset()
) -> str:
    """An analyst's SQL with references replaced and what can fail guarded.

    Args:
        text: a condition or a query that parses.
        told: what is told of an expression that fails.
        replacements: columns and parameters with their SQL.
        no_texts: columns that are numbers or times, which become other numbers and times without fail.
    """
    return _Guarding(text, told, replacements, no_texts).whole()


def written(query: str, owner: str, columns: Sequence[str], key: Sequence[str]) -> str:
    """A query without the rows that Kafka would refuse, and with them the job: whose key is null, or too large ones."""
    values = ", ".join(identifier(name) for name in [*key, *(name for name in columns if name not in key)])
    names = ", ".join(identifier(name) for name in columns)
    return f"SELECT * FROM ({query}) AS written({names}) WHERE writable({literal(owner)}, {len(key)}, {values})"


def watched(query: str, owner: str, columns: Sequence[str], key: Sequence[str]) -> str:
    """A query whose rows change, which tells of those whose key is null; Flink leaves these out.

    ``columns`` are not only those of the key.
    """
    bearer = next(name for name in columns if name not in key)
    told = f"watch_key({literal(owner)}, {len(key)}, {', '.join(map(identifier, [*key, bearer]))})"
    selected = [f"{told} AS {identifier(name)}" if name == bearer else identifier(name) for name in columns]
    names = ", ".join(map(identifier, columns))
    return f"SELECT {', '.join(selected)} FROM ({query}) AS written({names})"


@dataclass(frozen=True)
class _Part:
    """An argument: tokens ``first`` to ``last``, both included."""

    first: int
    last: int


class _Guarding:
    def __init__(
        self, text: str, told: Told, replacements: Iterable[tuple[Reference, str]], no_texts: Collection[str]
    ) -> None:
        self._text = text
        self._told = told
        self._no_texts = {*no_texts, "event_time"}
        self._tokens: list[Token] = Flink().tokenize(text)
        made = list(replacements)
        self._replaced = {reference.start: (reference.end, new) for reference, new in made}
        self._tables = {reference.start: reference.table for reference, _ in made}

    def whole(self) -> str:
        """The whole text; what stands around its tokens stays."""
        last = len(self._tokens) - 1
        if last < 0:
            return self._text
        return self._text[: self._start(0)] + self._render(_Part(0, last)) + self._text[self._end(last) :]

    # -- rendering

    def _render(self, part: _Part, guard: bool = True) -> str:
        pieces: list[str] = []
        at = part.first
        while at <= part.last:
            piece, following = self._piece(at, guard)
            pieces.append(piece)
            if following <= part.last:
                pieces.append(self._text[self._end(following - 1) : self._start(following)])
            at = following
        return "".join(pieces)

    def _piece(self, at: int, guard: bool) -> tuple[str, int]:
        """The SQL of what stands at a token, and the token behind it."""
        start = self._start(at)
        if start in self._replaced:
            end, new = self._replaced[start]
            following = at
            while following < len(self._tokens) and self._start(following) < end:
                following += 1
            return new, following
        if guard and self._tokens[at].token_type in _DIVISIONS:
            return self._division(at)
        if guard and self._is_call(at):
            found = self._call(at)
            if found is not None:
                return found, self._closing(at + 1) + 1
        return self._text[start : self._end(at)], at + 1

    def _division(self, at: int) -> tuple[str, int]:
        divisor = _Part(at + 1, self._operand(at + 1))
        operator = self._text[self._start(at) : self._start(divisor.first)]
        return operator + self._nonzero(divisor, _Part(at, divisor.last)), divisor.last + 1

    def _nonzero(self, divisor: _Part, written: _Part) -> str:
        token = self._tokens[divisor.first]
        if divisor.first == divisor.last and token.token_type is TokenType.NUMBER and float(token.text) != 0:
            return self._render(divisor)
        return f"nonzero({self._telling(written)}, {self._render(divisor)})"

    def _call(self, at: int) -> str | None:
        """A guarded call, or None where it can't fail."""
        name, call = self._name(at), _Part(at, self._closing(at + 1))
        parts = list(self._parts(name, call))
        if name == "MOD" and len(parts) == 2:
            return self._with_last(call, parts[1], self._nonzero(parts[1], call))
        if name in ("REPEAT", "LPAD", "RPAD") and len(parts) > 1:
            return self._with_room(name, call, parts)
        if name in _RESULTS and self._can_fail(name, call, parts):
            return self._attempt(name, call, parts)
        return None

    def _with_last(self, call: _Part, part: _Part, new: str) -> str:
        """A call with one argument replaced, the others guarded within."""
        before = self._render(_Part(call.first + 1, part.first - 1)) if part.first > call.first + 1 else ""
        blank = self._text[self._end(part.first - 1) : self._start(part.first)]
        after = self._render(_Part(part.last + 1, call.last))
        return f"{self._text[self._start(call.first) : self._end(call.first)]}{before}{blank}{new}{after}"

    def _with_room(self, name: str, call: _Part, parts: list[_Part]) -> str | None:
        if name != "REPEAT" and self._constant(parts[1]) and len(self._text_of(parts[1])) <= _FEW_DIGITS:
            return None
        size = f"CHAR_LENGTH({self._render(parts[0])})" if name == "REPEAT" else "1"
        return self._with_last(call, parts[1], self._room(call, parts[1], size))

    def _room(self, call: _Part, count: _Part, size: str) -> str:
        return f"room({self._telling(call)}, {self._render(count)}, {size})"

    def _attempt(self, name: str, call: _Part, parts: list[_Part]) -> str | None:
        variable = [part for part in parts if not self._constant(part)]
        if not variable:
            return None
        sql, at = "", self._start(call.first)
        for place, part in enumerate(variable):
            sql += f"{self._text[at : self._start(part.first)]}a{place}"
            at = self._end(part.last)
        sql += self._text[at : self._end(call.last)]
        arguments = [self._telling(call), literal(sql), self._type(name, call)]
        values = [self._render(part) for part in variable]
        if name in ("ROUND", "TRUNCATE") and len(parts) > 1 and parts[1] in variable:
            # a number of millions of digits does not fail, it takes hours
            values[-1] = self._room(call, parts[1], _DIGIT)
        return f"attempt({', '.join([*arguments, *values])})"

    def _type(self, name: str, call: _Part) -> str:
        """SQL of a NULL of the result's type."""
        found = _RESULTS[name]
        if name == "CAST":
            found = self._text[self._end(self._last_as(call)) : self._start(call.last)].strip()
        if found is not None:
            return f"CAST(NULL AS {found})"
        # never evaluated, and gone when the planner has seen its type
        return f"CASE WHEN FALSE THEN {self._render(call, guard=False)} END"

    def _telling(self, part: _Part) -> str:
        """The arguments by which a guard tells of a part: whose it is, how it was written, the event."""
        written = self._told.written or (lambda start, end: self._text[start:end])
        said = " ".join(written(self._start(part.first), self._end(part.last)).split())
        said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
        return f"{literal(self._told.owner)}, {literal(said)}, {self._event(part)}"

    def _event(self, part: _Part) -> str:
        """The id of the event whose columns a part reads."""
        events, places = self._told.events, map(self._start, range(part.first, part.last + 1))
        tables = {self._tables.get(place) for place in places}
        ids = [f"CAST({event} AS STRING)" for table, event in events.items() if table in tables]
        if not ids and "" in events:
            return f"CAST({events['']} AS STRING)"
        return f"CONCAT_WS('/', {', '.join(ids)})" if len(ids) > 1 else next(iter(ids), "CAST(NULL AS STRING)")

    # -- what can fail

    def _can_fail(self, name: str, call: _Part, parts: list[_Part]) -> bool:
        if name == "CAST":
            return self._cast_can_fail(call, parts[0])
        if name.startswith("JSON_"):
            words = {self._name(at) for at in range(call.first + 2, call.last)}
            return bool(words & {"RETURNING", "ERROR"})
        last = parts[-1] if parts else None
        number = last is not None and self._constant(last) and self._tokens[last.last].token_type is TokenType.NUMBER
        text = self._text_of(last) if last is not None else ""
        match name:
            case "ROUND" | "TO_TIMESTAMP_LTZ":
                return not (len(parts) == (1 if name == "ROUND" else 0) or (len(parts) == 2 and number))
            case "DATE_FORMAT" | "FROM_UNIXTIME" | "UNIX_TIMESTAMP":
                return len(parts) > 1 and not _SAFE_PATTERN.fullmatch(text)
            case "TRIM" | "BTRIM":
                characters = parts[0] if name == "TRIM" else parts[-1]
                return len(parts) > 1 and (not self._constant(characters) or self._text_of(characters) == "''")
            case "REPLACE":
                return last is not None and not self._constant(last)
            case "STR_TO_MAP":
                return len(parts) > 1
        return True

    def _cast_can_fail(self, call: _Part, value: _Part) -> bool:
        target, name = self._name(self._last_as(call) + 1), self._name(value.first)
        column = self._tokens[value.first].text if value.first == value.last else ""
        if target in _NEVER_FAILS or column in self._no_texts:
            return False
        is_number = name in _NUMERIC and self._is_call(value.first) and self._closing(value.first + 1) == value.last
        return not (is_number and target in _NUMBERS)

    # -- reading tokens

    def _start(self, at: int) -> int:
        return int(self._tokens[at].start)

    def _end(self, at: int) -> int:
        return int(self._tokens[at].end) + 1

    def _text_of(self, part: _Part) -> str:
        return self._text[self._start(part.first) : self._end(part.last)]

    def _name(self, at: int) -> str:
        """A word in capitals; nothing for what is quoted."""
        token = self._tokens[at]
        return "" if token.token_type in _QUOTED else token.text.upper()

    def _is(self, at: int, *kinds: TokenType) -> bool:
        return 0 <= at < len(self._tokens) and self._tokens[at].token_type in kinds

    def _named(self, at: int, *names: str) -> bool:
        return at < len(self._tokens) and self._name(at) in names

    def _is_call(self, at: int) -> bool:
        return bool(self._name(at)) and self._is(at + 1, TokenType.L_PAREN) and not self._is(at - 1, TokenType.DOT)

    def _closing(self, opening: int) -> int:
        depth = 0
        for at in range(opening, len(self._tokens)):
            depth += self._is(at, *_OPENING) - self._is(at, *_CLOSING)
            if depth == 0:
                return at
        return len(self._tokens) - 1

    def _last_as(self, call: _Part) -> int:
        return max(at for at in self._top(call) if self._name(at) == "AS")

    def _top(self, call: _Part) -> Iterator[int]:
        """Tokens of a call's own, none of what its arguments hold in parentheses."""
        at = call.first + 2
        while at < call.last:
            yield at
            at = self._closing(at) + 1 if self._is(at, *_OPENING) else at + 1

    def _parts(self, name: str, call: _Part) -> Iterator[_Part]:
        """The arguments of a call; of a CAST and a JSON function those that have values."""
        words = _SEPARATORS.get(name, frozenset())
        first = call.first + 2
        for at in self._top(call):
            ends = name == "CAST" and at == self._last_as(call)
            ends = ends or (name.startswith("JSON_") and at > first and self._name(at) in _TAILS)
            if ends or self._is(at, TokenType.COMMA) or (name != "CAST" and self._name(at) in words):
                if at > first:
                    yield _Part(first, at - 1)
                first = at + 1
            if ends:
                return
        if first < call.last:
            yield _Part(first, call.last - 1)

    def _constant(self, part: _Part) -> bool:
        """Whether an argument is a literal, which stays where it is."""
        sign = self._is(part.first, TokenType.DASH, TokenType.PLUS) and part.last > part.first
        first = part.first + sign
        return first == part.last and self._is(first, TokenType.STRING, TokenType.NUMBER, TokenType.NULL)

    def _operand(self, at: int) -> int:
        """The last token of what a division divides by: signs, one value, what belongs to it."""
        while self._is(at, TokenType.DASH, TokenType.PLUS, TokenType.COLON):
            at += 1
        at = self._value(at)
        while True:
            following = at + 1
            if self._is(following, TokenType.L_BRACKET):
                at = self._closing(following)
            elif self._is(following, TokenType.DOT) or self._named(following, "OVER", "FILTER"):
                at = self._value(following + 1)
            else:
                return at

    def _value(self, at: int) -> int:
        if self._is(at, TokenType.L_PAREN):
            return self._closing(at)
        if self._is(at, TokenType.CASE):
            return self._end_of_case(at)
        if self._is(at + 1, TokenType.L_PAREN) and not self._is(at, TokenType.NUMBER):
            return self._closing(at + 1)
        return at

    def _end_of_case(self, at: int) -> int:
        depth = 0
        for place in range(at, len(self._tokens)):
            depth += self._is(place, TokenType.CASE) - self._is(place, TokenType.END)
            if depth == 0:
                return place
        return len(self._tokens) - 1
