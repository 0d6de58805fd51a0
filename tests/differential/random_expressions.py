"""Expressions at random, well typed, over columns whose likely values are known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from differential.expressions import COMPARISONS, Node
from differential.values import Type, type_of

DEEPEST = 2


@dataclass(frozen=True)
class Known:
    """A column or parameter that expressions may use.

    Attributes:
        node: how it is written.
        type: its SQL type.
        likely: literals that are worth comparing it with.
    """

    node: Node
    type: Type
    likely: Sequence[str] = ()


def column(name: str, written: str, likely: Sequence[str] = ()) -> Known:
    """A column of a type as the resource writes it."""
    return Known(Node("column", text=name), type_of(written), likely)


def literal(text: str) -> Node:
    """A number, a quoted text, TRUE or FALSE."""
    if text.startswith("'"):
        return Node("string", text=text[1:-1].replace("''", "'"))
    if text in ("TRUE", "FALSE"):
        return Node("constant", text=text)
    number = Node("number", text=text.removeprefix("-"))
    return Node("minus", (number,)) if text.startswith("-") else number


class Expressions:
    """Makes expressions over what is known."""

    def __init__(self, random: Random, known: Sequence[Known], parameters: Mapping[str, Type]) -> None:
        self._random = random
        self._known = [one for one in known if one.type.name not in ("DATE", "TIMESTAMP", "TIMESTAMP_LTZ")]
        self._parameters = [Known(Node("parameter", text=name), of) for name, of in parameters.items()]

    def condition(self, depth: int = 0) -> Node:
        """A condition that is true now and then."""
        makers = [self._comparison] * 4 + [self._in, self._between, self._null, self._text_test]
        if depth < DEEPEST:
            makers += [self._both, self._both, self._not, self._truth, self._case_condition]
        return self._random.choice(makers)(depth + 1)

    def number(self, depth: int = 0) -> Node:
        """A number."""
        makers = [self._plain_number] * 3
        if depth < DEEPEST:
            makers += [self._sum, self._sum, self._quotient, self._absolute, self._coalesced, self._case, self._read]
        return self._random.choice(makers)(depth + 1)

    def _pick(self, suits: str) -> Known | None:
        tests = {
            "number": lambda of: of.numeric, "text": lambda of: of.name == "STRING",
            "truth": lambda of: of.name == "BOOLEAN",
        }  # fmt: skip
        found = [one for one in self._known if tests[suits](one.type)]
        return self._random.choice(found) if found else None

    def _beside(self, known: Known) -> Node:
        """Something of the same sort to compare a column with."""
        alike = [one.node for one in self._parameters if one.type.name == known.type.name or (
            one.type.numeric and known.type.numeric)]  # fmt: skip
        if alike and self._random.random() < 0.3:
            return self._random.choice(alike)
        return literal(self._random.choice(known.likely))

    def _comparison(self, depth: int) -> Node:
        if self._random.random() < 0.3 and depth <= DEEPEST:
            return Node(self._random.choice(COMPARISONS[2:]), (self.number(depth), self.number(depth)))
        known = self._random.choice([one for one in self._known if one.likely])
        signs = ("=", "<>") if known.type.name == "BOOLEAN" else COMPARISONS
        return Node(self._random.choice(signs), (known.node, self._beside(known)))

    def _in(self, depth: int) -> Node:
        known = self._random.choice([one for one in self._known if one.likely and one.type.name != "BOOLEAN"])
        count = min(len(known.likely), self._random.randint(1, 3))
        return Node("in", (known.node, *map(literal, self._random.sample(list(known.likely), count))))

    def _between(self, depth: int) -> Node:
        known = self._pick("number")
        if known is None or not known.likely:
            return self._null(depth)
        low, high = sorted(self._random.choices(list(known.likely), k=2), key=float)
        if low == high:
            # Flink refuses a detector with ABS(x) where x is between 1.5 and 1.5: it can't compile its own plan
            return Node("=", (known.node, literal(low)))
        return Node("between", (known.node, literal(low), literal(high)))

    def _null(self, _: int) -> Node:
        known = self._random.choice(self._known)
        return Node("is", (known.node,), self._random.choice(["NULL", "NOT NULL"]))

    def _text_test(self, depth: int) -> Node:
        known = self._pick("text")
        if known is None:
            return self._null(depth)
        patterns = ("%1%", "_%", "s_", "%a", "n/a")
        return self._random.choice(
            [
                Node("like", (known.node, Node("string", text=self._random.choice(patterns)))),
                Node("=", (Node("call", (known.node,), self._random.choice(["UPPER", "LOWER"])), self._beside(known))),
                Node(">", (Node("call", (known.node,), "CHAR_LENGTH"), literal(str(self._random.randint(0, 4))))),
            ]
        )

    def _both(self, depth: int) -> Node:
        op = self._random.choice(["and", "or"])
        return Node(op, (self.condition(depth), self.condition(depth)))

    def _not(self, depth: int) -> Node:
        return Node("not", (self.condition(depth),))

    def _truth(self, depth: int) -> Node:
        return Node("is", (self.condition(depth),), self._random.choice(["TRUE", "NOT TRUE", "FALSE", "NOT FALSE"]))

    def _case_condition(self, depth: int) -> Node:
        return Node("case", (self.condition(depth), self.condition(depth), self.condition(depth)))

    def _plain_number(self, depth: int) -> Node:
        known = self._pick("number")
        if known is None or self._random.random() < 0.2:
            return literal(self._random.choice(["1", "2", "0", "10", "1.5", "0.25", "100"]))
        return known.node

    def _sum(self, depth: int) -> Node:
        return Node(self._random.choice("+-*"), (self.number(depth), self.number(depth)))

    def _quotient(self, depth: int) -> Node:
        exact = [one.node for one in self._known if one.type.numeric and not one.type.real]
        if len(exact) > 1 and self._random.random() < 0.3:
            return Node("%", (self._random.choice(exact), self._random.choice(exact)))
        return Node("/", (self.number(depth), self.number(depth)))

    def _absolute(self, depth: int) -> Node:
        return Node("call", (self.number(depth),), "ABS")

    def _coalesced(self, depth: int) -> Node:
        known = self._pick("number")
        if known is None:
            return self._plain_number(depth)
        return Node("call", (known.node, literal("0")), "COALESCE")

    def _case(self, depth: int) -> Node:
        return Node("case", (self.condition(depth), self.number(depth), self.number(depth)))

    def _read(self, depth: int) -> Node:
        """A number that is written as text."""
        known = self._pick("text")
        if known is None:
            return self._plain_number(depth)
        op = self._random.choice(["cast", "cast", "try_cast"])
        return Node(op, (known.node,), self._random.choice(["INT", "BIGINT", "DECIMAL(12, 2)", "DOUBLE"]))
