"""SQL fragments of a detector: parsed to be understood, kept as written, rewritten only at names.

sqlglot has no Flink dialect, so its tree is used for finding things (columns, tables, parameters) and never
for printing: what reaches Flink is the analyst's own text with some names replaced. Flink's planner, asked
through ``plan``, has the last word on everything else.
"""

import functools
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlglot import Token, TokenType, exp
from sqlglot.errors import ParseError
from sqlglot.parser import Parser

from fraud_api.dialects import foreign, guess
from fraud_api.sql_tokens import (
    Flink,
    SqlError,
    tokens_of,
    without_flink_syntax,
    without_json_clauses,
    without_patterns,
)

TIME_UNITS = frozenset({"MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})


_QUERIES = ("SELECT", "WITH", "(")
_IN_WORDS = {"Invalid expression / Unexpected token": "not understood", "Expecting )": "a parenthesis is not closed"}


@dataclass(frozen=True)
class Reference:
    """A name at a place: ``text[start:end]``, the qualifier in front of it included if there is one."""

    name: str
    start: int
    end: int
    table: str | None = None


@dataclass(frozen=True)
class Condition:
    """A boolean expression over columns."""

    text: str
    columns: tuple[Reference, ...]
    parameters: tuple[Reference, ...]
    tree: exp.Expression
    """Shared by all who parse the same text: to be looked at, never changed."""


@dataclass(frozen=True)
class Select:
    """One SELECT (or a UNION of them)."""

    text: str
    tree: exp.Query
    """Shared like a condition's."""
    tables: tuple[Reference, ...]
    columns: tuple[Reference, ...]
    parameters: tuple[Reference, ...]
    windowed: frozenset[str]
    """Tables that stand in a window function, which adds window_start, window_end and window_time."""
    matches: bool
    """Whether MATCH_RECOGNIZE decides what columns there are."""

    @property
    def sources(self) -> list[str]:
        """Names of the tables that it reads, each once."""
        return list(dict.fromkeys(reference.name for reference in self.tables))

    @property
    def names(self) -> list[str]:
        """Names of the columns it selects, ``*`` where it selects all."""
        return list(self.tree.named_selects)


@functools.lru_cache(maxsize=1024)
def parse_condition(text: str) -> Condition:
    """Parse a predicate.

    Raises:
        SqlError: it is not one boolean expression, or holds a subquery.
    """
    found = tokens_of(text)
    plain = without_json_clauses(found)
    _only_flinks(text, plain)
    tree = _parse(plain, text)
    if isinstance(tree, exp.Query):
        raise SqlError("a whole query", "write what stands behind its WHERE")
    if not isinstance(tree, exp.Condition):
        raise SqlError("not an expression", guess(text))
    if next(tree.find_all(exp.Query), None) is not None:
        raise SqlError("a condition takes no subquery")
    return Condition(_trimmed(text, found), *_names(tree, found, _offset(found)), tree)


@functools.lru_cache(maxsize=1024)
def parse_select(text: str) -> Select:
    """Parse a query.

    Raises:
        SqlError: it is not exactly one SELECT.
    """
    found = tokens_of(text)
    written = without_json_clauses(found)
    _only_flinks(text, without_patterns(written))
    plain, windowed, matches = without_flink_syntax(written)
    tree = _parse(plain, text)
    if not isinstance(tree, exp.Query):
        raise SqlError("not a SELECT")
    if any(table.args.get("db") for table in tree.find_all(exp.Table)):
        raise SqlError("streams and views go by their plain names, without a database")
    start = _offset(found)
    columns, parameters = _names(tree, found, start)
    # names of common table expressions are the query's own
    local = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables = tuple(
        _reference(table.this, start)
        for table in tree.find_all(exp.Table)
        if isinstance(table.this, exp.Identifier) and table.name not in local
    )
    return Select(_trimmed(text, found), tree, _ordered(tables), columns, parameters, frozenset(windowed), matches)


class _CallParser(Parser):
    """Leaves functions as they are written, but for those with a syntax of their own."""

    FUNCTIONS: ClassVar[dict[str, Any]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
        name: parser
        for name, parser in Parser.FUNCTION_PARSERS.items()
        if name in {"CAST", "TRY_CAST", "EXTRACT", "TRIM", "SUBSTRING", "POSITION", "OVERLAY", "JSON_OBJECT"}
        or name in {"CEIL", "FLOOR"}
    }


@functools.lru_cache(maxsize=2048)
def calls_of(text: str) -> exp.Expression:
    """A fragment as a tree in which every function is a call by its written name.

    Raises:
        SqlError: it does not parse.
    """
    found = tokens_of(text)
    plain = without_flink_syntax(without_json_clauses(found))[0]
    return _parse(plain, text, _CallParser)


def rewrite(text: str, replacements: Iterable[tuple[Reference, str]]) -> str:
    """The text with references replaced."""
    for reference, new in sorted(replacements, key=lambda pair: -pair[0].start):
        text = text[: reference.start] + new + text[reference.end :]
    return text


def identifier(name: str) -> str:
    """A name quoted for Flink SQL."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """A text quoted for Flink SQL."""
    return "'" + text.replace("'", "''") + "'"


def _only_flinks(text: str, found: Sequence[Token]) -> None:
    told = foreign(text, found)
    if told:
        raise SqlError(*told)


def _parse(found: Sequence[Token], text: str, parser: type[Parser] = Parser) -> exp.Expression:
    try:
        trees = parser(dialect=Flink()).parse(list(found), text)
    except ParseError as error:
        message = _parse_message(error)
        # in a query a comma stands between columns, of which one may be wrong
        comma = message.endswith("','") and not text.lstrip().upper().startswith(_QUERIES)
        raise SqlError(message, guess(text) or ("write AND or OR between conditions" if comma else None)) from None
    except RecursionError:
        raise SqlError("nested too deeply") from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Expression):
        raise SqlError("not one statement")
    return trees[0]


def _parse_message(error: ParseError) -> str:
    detail: dict[str, Any] = error.errors[0] if error.errors else {}
    near = str(detail.get("highlight") or "").strip()
    what = str(detail.get("description") or error).splitlines()[0].rstrip(". ")
    what = _IN_WORDS.get(what, "incomplete" if what.startswith("Required keyword") else what)
    what = what.split(" but got <Token", 1)[0]
    return f"{what} near {near!r}" if near else what


def _names(
    tree: exp.Expression, found: Sequence[Token], start: int
) -> tuple[tuple[Reference, ...], tuple[Reference, ...]]:
    columns = tuple(
        _column_reference(column, start)
        for column in tree.find_all(exp.Column)
        if isinstance(column.this, exp.Identifier) and not is_unit(column)
    )
    return _ordered(columns), _parameters(found, start)


def is_unit(column: exp.Column) -> bool:
    """Whether what parsed as a column is the unit of ``TIMESTAMPDIFF(SECOND, a, b)`` and its like."""
    return column.name.upper() in TIME_UNITS and not column.table and isinstance(column.parent, exp.Func)


def _parameters(found: Sequence[Token], start: int) -> tuple[Reference, ...]:
    pairs = itertools.pairwise(found)
    return tuple(
        Reference(name.text, colon.start - start, name.end + 1 - start)
        for colon, name in pairs
        if colon.token_type is TokenType.COLON and name.start == colon.end + 1
    )


def _reference(name: exp.Identifier, start: int) -> Reference:
    return Reference(name.name, name.meta["start"] - start, name.meta["end"] + 1 - start)


def _column_reference(column: exp.Column, start: int) -> Reference:
    last = _reference(column.this, start)
    qualifier = column.args.get("table")
    if not isinstance(qualifier, exp.Identifier):
        return last
    return Reference(last.name, qualifier.meta["start"] - start, last.end, qualifier.name)


def _ordered(references: Iterable[Reference]) -> tuple[Reference, ...]:
    return tuple(sorted(set(references), key=lambda reference: reference.start))


def _offset(found: Sequence[Token]) -> int:
    return int(found[0].start)


def _trimmed(text: str, found: Sequence[Token]) -> str:
    """The text from its first token to its last: comments around it would swallow what follows."""
    return text[found[0].start : found[-1].end + 1]
