"""Functions whose value changes when the same events are processed again."""

from sqlglot import Token, TokenType

from fraud_api.sql_tokens import Flink

WITHOUT_PARENTHESES = frozenset({"LOCALTIME", "LOCALTIMESTAMP", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"})
WITH_PARENTHESES = frozenset(
    {
        "CURRENT_ROW_TIMESTAMP",
        "CURRENT_WATERMARK",
        "NOW",
        "PROCTIME",
        "RAND",
        "RAND_INTEGER",
        "UUID",
        *WITHOUT_PARENTHESES,
    }
)
"""Chance, the wall clock, and how far a source has come."""


def volatile_functions(text: str) -> list[str]:
    """Names of such functions in a fragment of SQL that parses, in order."""
    tokens = Flink().tokenize(text)
    found = [token.text.upper() for place, token in enumerate(tokens) if _volatile(tokens, place)]
    return list(dict.fromkeys(found))


def _volatile(tokens: list[Token], place: int) -> bool:
    name = tokens[place].text.upper()
    if tokens[place].token_type in (TokenType.IDENTIFIER, TokenType.STRING):
        return False
    if place > 0 and tokens[place - 1].token_type is TokenType.DOT:
        return False
    called = _is(tokens, place + 1, TokenType.L_PAREN)
    if name == "UNIX_TIMESTAMP":
        # with an argument it only converts
        return called and _is(tokens, place + 2, TokenType.R_PAREN)
    return name in WITHOUT_PARENTHESES or (called and name in WITH_PARENTHESES)


def _is(tokens: list[Token], place: int, kind: TokenType) -> bool:
    return place < len(tokens) and tokens[place].token_type is kind
