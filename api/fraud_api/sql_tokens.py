"""Tokens of SQL fragments, and fragments without what only Flink has, which sqlglot could not read."""

import logging
from collections.abc import Sequence
from typing import ClassVar

from sqlglot import Dialect, Token, TokenType, tokens
from sqlglot.dialects.dialect import NormalizationStrategy
from sqlglot.errors import TokenError

from fraud_api.dialects import unclosed

# what sqlglot notes of a syntax that it does not know is told in our own words
logging.getLogger("sqlglot").setLevel(logging.ERROR)

WINDOW_FUNCTIONS = frozenset({"TUMBLE", "HOP", "SESSION", "CUMULATE"})
_JSON_READERS = frozenset({"JSON_VALUE", "JSON_QUERY", "JSON_EXISTS"})
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


def tokens_of(text: str) -> list[Token]:
    """The tokens of a fragment.

    Raises:
        SqlError: a quote is not closed, or it is not one statement.
    """
    try:
        found: list[Token] = Flink().tokenize(text)
    except TokenError as error:
        raise SqlError(*(unclosed(text) or (str(error).splitlines()[0],))) from None
    while found and found[-1].token_type is TokenType.SEMICOLON:
        found.pop()
    if not found:
        raise SqlError("empty")
    if any(token.token_type is TokenType.SEMICOLON for token in found):
        raise SqlError("more than one statement")
    return found


def keywords_of(text: str) -> list[str]:
    """What a fragment has of words that sqlglot takes for words of SQL, even if it does not parse."""
    try:
        found = tokens_of(text)
    except SqlError:
        return []
    plain = (TokenType.VAR, TokenType.IDENTIFIER, TokenType.STRING, TokenType.NUMBER)
    return [token.text for token in found if token.token_type not in plain]


def without_json_clauses(found: Sequence[Token]) -> list[Token]:
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
                plain += without_json_clauses(found[at + 1 : path + 1])
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


def without_flink_syntax(found: Sequence[Token]) -> tuple[list[Token], set[str], bool]:
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


def without_patterns(found: Sequence[Token]) -> list[Token]:
    """Tokens without what MATCH_RECOGNIZE looks for, which has signs of its own."""
    plain: list[Token] = []
    at = 0
    while at < len(found):
        opens = at + 1 < len(found) and found[at + 1].token_type is TokenType.L_PAREN
        if found[at].text.upper() == "PATTERN" and opens:
            at = closing(found, at + 1)
        plain.append(found[at])
        at += 1
    return plain


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
