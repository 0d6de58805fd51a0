"""Types that a fragment casts to: those that Flink does not have, and sizes that it does not keep.

sqlglot knows the types of all databases and makes one of another, so they are read from the tokens as written.
"""

from collections.abc import Iterator, Sequence

from sqlglot import Token, TokenType

from fraud_api import type_names
from fraud_api.expressions import Told
from fraud_api.sql_tokens import closing, tokens_of

_CASTS = ("CAST", "TRY_CAST")
_MADE_OF_TYPES = ("ARRAY", "MULTISET", "MAP")


def faulty_casts(text: str) -> list[Told]:
    """What is wrong with the types in a fragment that parses."""
    return [told for written in _written(tokens_of(text)) for told in _faults(written)]


def _written(found: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The type of each cast."""
    for at, token in enumerate(found[:-1]):
        called = found[at + 1].token_type is TokenType.L_PAREN and token.token_type is not TokenType.STRING
        if called and token.text.upper() in _CASTS:
            end = closing(found, at + 1)
            begin = _behind_as(found, at + 2, end)
            if begin is not None and begin < end:
                yield found[begin:end]


def _behind_as(found: Sequence[Token], start: int, end: int) -> int | None:
    depth = 0
    for at in range(start, end):
        kind = found[at].token_type
        depth += (kind is TokenType.L_PAREN) - (kind is TokenType.R_PAREN)
        if depth == 0 and kind is TokenType.ALIAS:
            return at + 1
    return None


def _faults(written: Sequence[Token]) -> Iterator[Told]:
    """What is wrong with a type, and with the types that it is made of; fields of a ROW have names of their own."""
    for at, token in enumerate(written):
        name = token.text.upper().split()[0]  # DOUBLE PRECISION is one token
        begins = at == 0 or _inside(written, at)
        if begins and name not in type_names.NAMES:
            yield Told(f"unknown type '{token.text}'", type_names.suggestion(token.text, sorted(type_names.NAMES)))
        wrong = type_names.fault(name, _numbers(written, at))
        if wrong:
            yield Told(wrong)


def _inside(written: Sequence[Token], at: int) -> bool:
    """Whether a token is the type behind ``ARRAY<`` and its like."""
    return (
        at > 1
        and written[at - 1].token_type is TokenType.LT
        and written[at - 2].text.upper() in _MADE_OF_TYPES
        and written[at].token_type is not TokenType.GT
    )


def _numbers(written: Sequence[Token], at: int) -> list[int]:
    if at + 1 >= len(written) or written[at + 1].token_type is not TokenType.L_PAREN:
        return []
    inside = written[at + 2 : closing(written, at + 1)]
    return [int(token.text) for token in inside if token.token_type is TokenType.NUMBER and token.text.isdigit()]
