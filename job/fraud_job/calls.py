"""Calls, arguments and values in the tokens of an analyst's SQL, which is never written anew: only places in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlglot import Token, TokenType

from fraud_api.sql_tokens import Flink

_OPENING = (TokenType.L_PAREN, TokenType.L_BRACKET)
_CLOSING = (TokenType.R_PAREN, TokenType.R_BRACKET)
_QUOTED = (TokenType.IDENTIFIER, TokenType.STRING)

_SEPARATORS: Mapping[str, frozenset[str]] = {
    "CAST": frozenset({"AS"}),
    "TRIM": frozenset({"BOTH", "LEADING", "TRAILING", "FROM"}),
    "OVERLAY": frozenset({"PLACING", "FROM", "FOR"}),
}
"""Words between arguments, where these are not only separated by commas."""

_TAILS = frozenset({"RETURNING", "NULL", "ERROR", "EMPTY", "DEFAULT", "TRUE", "FALSE", "UNKNOWN", "WITH", "WITHOUT"})
"""Words that end the path of a JSON function."""


@dataclass(frozen=True)
class Part:
    """An argument: tokens ``first`` to ``last``, both included."""

    first: int
    last: int


class Calls:
    """A text and its tokens.

    Attributes:
        text: the SQL, which parses.
        tokens: its tokens; places are their numbers.
    """

    def __init__(self, text: str) -> None:
        """Read ``text``."""
        self.text = text
        self.tokens: list[Token] = Flink().tokenize(text)

    def start(self, at: int) -> int:
        """Where a token begins in the text."""
        return int(self.tokens[at].start)

    def end(self, at: int) -> int:
        """Where a token ends in the text, exclusive."""
        return int(self.tokens[at].end) + 1

    def text_of(self, part: Part) -> str:
        """An argument as it is written."""
        return self.text[self.start(part.first) : self.end(part.last)]

    def name(self, at: int) -> str:
        """A word in capitals; nothing for what is quoted."""
        token = self.tokens[at]
        return "" if token.token_type in _QUOTED else token.text.upper()

    def has(self, at: int, *kinds: TokenType) -> bool:
        """Whether there is a token of one of these kinds at a place."""
        return 0 <= at < len(self.tokens) and self.tokens[at].token_type in kinds

    def named(self, at: int, *names: str) -> bool:
        """Whether one of these words stands at a place, in capitals here."""
        return at < len(self.tokens) and self.name(at) in names

    def is_call(self, at: int) -> bool:
        """Whether a function is called at a place."""
        return bool(self.name(at)) and self.has(at + 1, TokenType.L_PAREN) and not self.has(at - 1, TokenType.DOT)

    def closing(self, opening: int) -> int:
        """The parenthesis or bracket that closes the one at a place."""
        depth = 0
        for at in range(opening, len(self.tokens)):
            depth += self.has(at, *_OPENING) - self.has(at, *_CLOSING)
            if depth == 0:
                return at
        return len(self.tokens) - 1

    def last_as(self, call: Part) -> int:
        """The AS of a CAST itself, not one in what it casts."""
        return max(at for at in self._top(call) if self.name(at) == "AS")

    def _top(self, call: Part) -> Iterator[int]:
        """Tokens of a call's own, none of what its arguments hold in parentheses."""
        at = call.first + 2
        while at < call.last:
            yield at
            at = self.closing(at) + 1 if self.has(at, *_OPENING) else at + 1

    def parts(self, name: str, call: Part) -> Iterator[Part]:
        """The arguments of a call; of a CAST and a JSON function those that have values."""
        words = _SEPARATORS.get(name, frozenset())
        first = call.first + 2
        for at in self._top(call):
            ends = name == "CAST" and at == self.last_as(call)
            ends = ends or (name.startswith("JSON_") and at > first and self.name(at) in _TAILS)
            if ends or self.has(at, TokenType.COMMA) or (name != "CAST" and self.name(at) in words):
                if at > first:
                    yield Part(first, at - 1)
                first = at + 1
            if ends:
                return
        if first < call.last:
            yield Part(first, call.last - 1)

    def constant(self, part: Part) -> bool:
        """Whether an argument is a literal, which stays where it is."""
        sign = self.has(part.first, TokenType.DASH, TokenType.PLUS) and part.last > part.first
        first = part.first + sign
        return first == part.last and self.has(first, TokenType.STRING, TokenType.NUMBER, TokenType.NULL)

    def operand(self, at: int) -> int:
        """The last token of what a division divides by: signs, one value, what belongs to it."""
        while self.has(at, TokenType.DASH, TokenType.PLUS, TokenType.COLON):
            at += 1
        at = self._value(at)
        while True:
            following = at + 1
            if self.has(following, TokenType.L_BRACKET):
                at = self.closing(following)
            elif self.has(following, TokenType.DOT) or self.named(following, "OVER", "FILTER"):
                at = self._value(following + 1)
            else:
                return at

    def _value(self, at: int) -> int:
        """The last token of the value that begins at a place."""
        if self.has(at, TokenType.L_PAREN):
            return self.closing(at)
        if self.has(at, TokenType.CASE):
            return self._end_of_case(at)
        if self.has(at + 1, TokenType.L_PAREN) and not self.has(at, TokenType.NUMBER):
            return self.closing(at + 1)
        return at

    def _end_of_case(self, at: int) -> int:
        depth = 0
        for place in range(at, len(self.tokens)):
            depth += self.has(place, TokenType.CASE) - self.has(place, TokenType.END)
            if depth == 0:
                return place
        return len(self.tokens) - 1
