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

from sqlglot import Dialect, Token, TokenType, exp, tokens
from sqlglot.dialects.dialect import NormalizationStrategy
from sqlglot.errors import ParseError, TokenError
from sqlglot.parser import Parser

from fraud_api.dialects import foreign, grouped_digits, unclosed

WINDOW_FUNCTIONS = frozenset({"TUMBLE", "HOP", "SESSION", "CUMULATE"})
TIME_UNITS = frozenset({"MILLISECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"})


_JSON_READERS = frozenset({"JSON_VALUE", "JSON_QUERY", "JSON_EXISTS"})
_IN_WORDS = {"Invalid expression / Unexpected token": "not understood", "Expecting )": "a parenthesis is not closed"}
_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET)


class SqlError(ValueError):
    """A fragment that is not what it should be; the message says why in one line.

    Attributes:
        hint: what to do, None where the message says it.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class Flink(Dialect):
    """As much of Flink's lexical rules as finding names needs."""

    NORMALIZATION_STRATEGY = NormalizationStrategy.CASE_SENSITIVE

    class Tokenizer(tokens.Tokenizer):
        """Backticks quote names, single quotes text; two of them are one."""

        IDENTIFIERS: ClassVar[list[str | tuple[str, str]]] = ["`"]
        QUOTES: ClassVar[list[str | tuple[str, str]]] = ["'"]
        STRING_ESCAPES: ClassVar[list[str]] = ["'"]


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


@dataclass(frozen=True)
class Select:
    """One SELECT (or a UNION of them)."""

    text: str
    tree: exp.Query
    tables: tuple[Reference, ...]
    columns: tuple[Reference, ...]
    parameters: tuple[Reference, ...]
    windowed: frozenset[str]
    """Tables that stand in a window function, which adds window_start, window_end and window_time."""
    matches: bool
    """Whether MATCH_RECOGNIZE decides what columns there are."""

    @property
    def names(self) -> list[str]:
        """Names of the columns it selects, ``*`` where it selects all."""
        return list(self.tree.named_selects)


def parse_condition(text: str) -> Condition:
    """Parse a predicate.

    Raises:
        SqlError: it is not one boolean expression, or holds a subquery.
    """
    found = _tokenize(text)
    plain = _without_json_clauses(found)
    _only_flinks(text, plain)
    tree = _parse(plain, text)
    if isinstance(tree, exp.Query) or not isinstance(tree, exp.Condition):
        raise SqlError("not a condition")
    if next(tree.find_all(exp.Query), None) is not None:
        raise SqlError("a condition takes no subquery")
    return Condition(_trimmed(text, found), *_names(tree, found, _offset(found)), tree)


def parse_select(text: str) -> Select:
    """Parse a query.

    Raises:
        SqlError: it is not exactly one SELECT.
    """
    found = _tokenize(text)
    plain, windowed, matches = _without_flink_syntax(_without_json_clauses(found))
    _only_flinks(text, plain)
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
    found = _tokenize(text)
    plain = _without_flink_syntax(_without_json_clauses(found))[0]
    return _parse(plain, text, _CallParser)


def tokens_of(text: str) -> list[Token]:
    """The tokens of a fragment.

    Raises:
        SqlError: a quote is not closed, or it is not one statement.
    """
    return _tokenize(text)


def keywords_of(text: str) -> list[str]:
    """What a fragment has of words that sqlglot takes for words of SQL, even if it does not parse."""
    try:
        found = _tokenize(text)
    except SqlError:
        return []
    plain = (TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING, TokenType.NUMBER)
    return [token.text for token in found if token.token_type not in plain]


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


def _tokenize(text: str) -> list[Token]:
    try:
        found: list[Token] = Flink().tokenize(text)
    except TokenError as error:
        raise SqlError(*(unclosed(text) or (_first_line(error),))) from None
    while found and found[-1].token_type is TokenType.SEMICOLON:
        found.pop()
    if not found:
        raise SqlError("empty")
    if any(token.token_type is TokenType.SEMICOLON for token in found):
        raise SqlError("more than one statement")
    return found


def _only_flinks(text: str, found: Sequence[Token]) -> None:
    told = foreign(text, found)
    if told:
        raise SqlError(*told)


def _parse(found: Sequence[Token], text: str, parser: type[Parser] = Parser) -> exp.Expression:
    try:
        trees = parser(dialect=Flink()).parse(list(found), text)
    except ParseError as error:
        raise SqlError(_parse_message(error), grouped_digits(text)) from None
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


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _without_json_clauses(found: Sequence[Token]) -> list[Token]:
    """Tokens without what follows the path in JSON_VALUE(text, path RETURNING ... ON ERROR) and its like."""
    plain: list[Token] = []
    skipped_to = 0
    for at, token in enumerate(found):
        if at < skipped_to:
            continue
        plain.append(token)
        if token.text.upper() in _JSON_READERS and at + 1 < len(found):
            path, end = _json_path(found, at + 1)
            if path is not None:
                plain += _without_json_clauses(found[at + 1 : path + 1])
                skipped_to = end
    return plain


def _json_path(found: Sequence[Token], opening: int) -> tuple[int | None, int]:
    """Where the path of a call that reads JSON stands, a text behind the call's first comma, and where it closes."""
    if found[opening].token_type is not TokenType.L_PAREN:
        return None, opening
    end = closing(found, opening)
    depth = 0
    for at in range(opening, end - 1):
        kind = found[at].token_type
        depth += (kind in _OPENING) - (kind in _CLOSING)
        if depth == 1 and kind is TokenType.COMMA and found[at + 1].token_type is TokenType.STRING:
            return at + 1, end
    return None, opening


def _without_flink_syntax(found: Sequence[Token]) -> tuple[list[Token], set[str], bool]:
    """Tokens with each ``TABLE(TUMBLE(TABLE x, ...))`` put down to ``x`` and MATCH_RECOGNIZE left out."""
    plain: list[Token] = []
    windowed: set[str] = set()
    matches = False
    at = 0
    while at < len(found):
        if _window_function_at(found, at):
            end = closing(found, at + 1)
            table = _table_argument(found, at + 4, end)
            if table is None:
                raise SqlError(f"{found[at + 2].text.upper()} needs TABLE name as its first argument")
            plain.append(table)
            windowed.add(table.text)
            at = end + 1
        elif found[at].text.upper() == "MATCH_RECOGNIZE" and at + 1 < len(found):
            matches = True
            at = closing(found, at + 1) + 1
        else:
            plain.append(found[at])
            at += 1
    return plain, windowed, matches


def _window_function_at(found: Sequence[Token], at: int) -> bool:
    if at + 4 >= len(found) or found[at].token_type is not TokenType.TABLE:
        return False
    return (
        found[at + 1].token_type is TokenType.L_PAREN
        and found[at + 2].text.upper() in WINDOW_FUNCTIONS
        and found[at + 3].token_type is TokenType.L_PAREN
    )


def closing(found: Sequence[Token], opening: int) -> int:
    """Where the parenthesis that opens at a place closes.

    Raises:
        SqlError: it does not.
    """
    depth = 0
    for at in range(opening, len(found)):
        if found[at].token_type is TokenType.L_PAREN:
            depth += 1
        elif found[at].token_type is TokenType.R_PAREN:
            depth -= 1
            if depth == 0:
                return at
    raise SqlError("a parenthesis is not closed")


def _table_argument(found: Sequence[Token], start: int, end: int) -> Token | None:
    for at in range(start, end - 1):
        if found[at].token_type is TokenType.TABLE:
            return found[at + 1]
    return None


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
