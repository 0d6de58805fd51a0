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
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import TokenType

from fraud_api.sql import Reference, identifier, literal
from fraud_job.calls import Calls, Part

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
_SAFE_PATTERN = re.compile(r"'([yMdHms:./, -]|''T''|''Z''|SSS)*'")
_NEVER_FAILS = ("STRING", "VARCHAR", "CHAR", "BYTES", "VARBINARY", "BINARY")

_NUMERIC = ("ABS", "AVG", "CEIL", "CHAR_LENGTH", "COUNT", "EXTRACT", "FLOOR", "LN", "MOD", "POWER", "SQRT", "SUM")
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


class _Guarding(Calls):
    def __init__(
        self, text: str, told: Told, replacements: Iterable[tuple[Reference, str]], no_texts: Collection[str]
    ) -> None:
        super().__init__(text)
        self._told = told
        self._no_texts = {*no_texts, "event_time"}
        made = list(replacements)
        self._replaced = {reference.start: (reference.end, new) for reference, new in made}
        self._tables = {reference.start: reference.table for reference, _ in made}

    def whole(self) -> str:
        """The whole text; what stands around its tokens stays."""
        last = len(self.tokens) - 1
        if last < 0:
            return self.text
        return self.text[: self.start(0)] + self._render(Part(0, last)) + self.text[self.end(last) :]

    # -- rendering

    def _render(self, part: Part, guard: bool = True) -> str:
        pieces: list[str] = []
        at = part.first
        while at <= part.last:
            piece, following = self._piece(at, guard)
            pieces.append(piece)
            if following <= part.last:
                pieces.append(self.text[self.end(following - 1) : self.start(following)])
            at = following
        return "".join(pieces)

    def _piece(self, at: int, guard: bool) -> tuple[str, int]:
        """The SQL of what stands at a token, and the token behind it."""
        start = self.start(at)
        if start in self._replaced:
            end, new = self._replaced[start]
            following = at
            while following < len(self.tokens) and self.start(following) < end:
                following += 1
            return new, following
        if guard and self.tokens[at].token_type in _DIVISIONS:
            return self._division(at)
        if guard and self.is_call(at):
            found = self._call(at)
            if found is not None:
                return found, self.closing(at + 1) + 1
        return self.text[start : self.end(at)], at + 1

    def _division(self, at: int) -> tuple[str, int]:
        divisor = Part(at + 1, self.operand(at + 1))
        operator = self.text[self.start(at) : self.start(divisor.first)]
        return operator + self._nonzero(divisor, Part(at, divisor.last)), divisor.last + 1

    def _nonzero(self, divisor: Part, written: Part) -> str:
        token = self.tokens[divisor.first]
        if divisor.first == divisor.last and token.token_type is TokenType.NUMBER and float(token.text) != 0:
            return self._render(divisor)
        return f"nonzero({self._telling(written)}, {self._render(divisor)})"

    def _call(self, at: int) -> str | None:
        """A guarded call, or None where it can't fail."""
        name, call = self.name(at), Part(at, self.closing(at + 1))
        parts = list(self.parts(name, call))
        if name == "MOD" and len(parts) == 2:
            return self._with_last(call, parts[1], self._nonzero(parts[1], call))
        if name in ("REPEAT", "LPAD", "RPAD") and len(parts) > 1:
            return self._with_room(name, call, parts)
        if name in _RESULTS and self._can_fail(name, call, parts):
            return self._attempt(name, call, parts)
        return None

    def _with_last(self, call: Part, part: Part, new: str) -> str:
        """A call with one argument replaced, the others guarded within."""
        before = self._render(Part(call.first + 1, part.first - 1)) if part.first > call.first + 1 else ""
        blank = self.text[self.end(part.first - 1) : self.start(part.first)]
        after = self._render(Part(part.last + 1, call.last))
        return f"{self.text[self.start(call.first) : self.end(call.first)]}{before}{blank}{new}{after}"

    def _with_room(self, name: str, call: Part, parts: list[Part]) -> str | None:
        if name != "REPEAT" and self.constant(parts[1]) and len(self.text_of(parts[1])) <= _FEW_DIGITS:
            return None
        size = f"CHAR_LENGTH({self._render(parts[0])})" if name == "REPEAT" else "1"
        return self._with_last(call, parts[1], self._room(call, parts[1], size))

    def _room(self, call: Part, count: Part, size: str) -> str:
        return f"room({self._telling(call)}, {self._render(count)}, {size})"

    def _attempt(self, name: str, call: Part, parts: list[Part]) -> str | None:
        variable = [part for part in parts if not self.constant(part)]
        if not variable:
            return None
        sql, at = "", self.start(call.first)
        for place, part in enumerate(variable):
            sql += f"{self.text[at : self.start(part.first)]}a{place}"
            at = self.end(part.last)
        sql += self.text[at : self.end(call.last)]
        arguments = [self._telling(call), literal(sql), self._type(name, call)]
        values = [self._render(part) for part in variable]
        if name in ("ROUND", "TRUNCATE") and len(parts) > 1 and parts[1] in variable:
            # a number of millions of digits does not fail, it takes hours
            values[-1] = self._room(call, parts[1], _DIGIT)
        return f"attempt({', '.join([*arguments, *values])})"

    def _type(self, name: str, call: Part) -> str:
        """SQL of a NULL of the result's type."""
        found = _RESULTS[name]
        if name == "CAST":
            found = self.text[self.end(self.last_as(call)) : self.start(call.last)].strip()
        if found is not None:
            return f"CAST(NULL AS {found})"
        # never evaluated, and gone when the planner has seen its type
        return f"CASE WHEN FALSE THEN {self._render(call, guard=False)} END"

    def _telling(self, part: Part) -> str:
        """The arguments by which a guard tells of a part: whose it is, how it was written, the event."""
        written = self._told.written or (lambda start, end: self.text[start:end])
        said = " ".join(written(self.start(part.first), self.end(part.last)).split())
        said = said if len(said) <= _LONGEST else said[: _LONGEST - 1] + "…"
        return f"{literal(self._told.owner)}, {literal(said)}, {self._event(part)}"

    def _event(self, part: Part) -> str:
        """The id of the event whose columns a part reads."""
        events, places = self._told.events, map(self.start, range(part.first, part.last + 1))
        tables = {self._tables.get(place) for place in places}
        ids = [f"CAST({event} AS STRING)" for table, event in events.items() if table in tables]
        if not ids and "" in events:
            return f"CAST({events['']} AS STRING)"
        return f"CONCAT_WS('/', {', '.join(ids)})" if len(ids) > 1 else next(iter(ids), "CAST(NULL AS STRING)")

    # -- what can fail

    def _can_fail(self, name: str, call: Part, parts: list[Part]) -> bool:
        if name == "CAST":
            return self._cast_can_fail(call, parts[0])
        if name.startswith("JSON_"):
            words = {self.name(at) for at in range(call.first + 2, call.last)}
            return bool(words & {"RETURNING", "ERROR"})
        last = parts[-1] if parts else None
        number = last is not None and self.constant(last) and self.tokens[last.last].token_type is TokenType.NUMBER
        text = self.text_of(last) if last is not None else ""
        match name:
            case "ROUND" | "TO_TIMESTAMP_LTZ":
                return not (len(parts) == (1 if name == "ROUND" else 0) or (len(parts) == 2 and number))
            case "DATE_FORMAT" | "FROM_UNIXTIME" | "UNIX_TIMESTAMP":
                return len(parts) > 1 and not _SAFE_PATTERN.fullmatch(text)
            case "TRIM" | "BTRIM":
                characters = parts[0] if name == "TRIM" else parts[-1]
                return len(parts) > 1 and (not self.constant(characters) or self.text_of(characters) == "''")
            case "REPLACE":
                return last is not None and not self.constant(last)
            case "STR_TO_MAP":
                return len(parts) > 1
        return True

    def _cast_can_fail(self, call: Part, value: Part) -> bool:
        target, name = self.name(self.last_as(call) + 1), self.name(value.first)
        end, _ = self._replaced.get(self.start(value.first), (0, ""))
        is_column = value.first == value.last or end == self.end(value.last)
        column = self.tokens[value.last].text if is_column else ""
        if target in _NEVER_FAILS or column in self._no_texts:
            return False
        is_number = name in _NUMERIC and self.is_call(value.first) and self.closing(value.first + 1) == value.last
        return not (is_number and target in _NUMBERS)
