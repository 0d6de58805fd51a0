"""The part of SQL that the differential test speaks: trees that are written as text, and read back from it."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'(?:[^']|'')*')|(?P<number>\d+(?:\.\d+)?(?:E-?\d+)?)|(?P<quoted>`[^`]+`)"
    r"|(?P<name>:?[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><>|<=|>=|\|\||[-+*/%()=<>,.]))"
)
COMPARISONS = ("=", "<>", "<", "<=", ">", ">=")
_SUMS = ("+", "-", "||")
_PRODUCTS = ("*", "/", "%")
_TESTS = ("NULL", "TRUE", "FALSE")
_LEAVES: Mapping[str, Callable[[str], str]] = {
    "column": lambda text: ".".join(f"`{part}`" for part in text.split(".")),
    "parameter": lambda text: f":{text}",
    "string": lambda text: "'" + text.replace("'", "''") + "'",
    "number": str,
    "constant": str,
}


@dataclass(frozen=True)
class Node:
    """An expression.

    Attributes:
        op: ``column``, ``parameter``, ``number``, ``string``, ``constant``, ``call``, ``cast``, ``case``, or an
            operator by its sign or word.
        args: what it is made of; of ``case`` conditions and values in turn, the value otherwise last.
        text: a name, a literal's text, a function's or type's name, or what ``is`` asks for.
    """

    op: str
    args: tuple["Node", ...] = ()
    text: str = ""

    def sql(self) -> str:
        """The expression as SQL, in parentheses wherever it has parts."""
        if self.op in _LEAVES:
            return _LEAVES[self.op](self.text)
        inner = [arg.sql() for arg in self.args]
        match self.op:
            case "call":
                return f"{self.text}({', '.join(inner)})"
            case "cast" | "try_cast":
                return f"{self.op.upper()}({inner[0]} AS {self.text})"
            case "case":
                pairs = zip(inner[:-1:2], inner[1::2], strict=True)
                whens = " ".join(f"WHEN {condition} THEN {value}" for condition, value in pairs)
                return f"CASE {whens} ELSE {inner[-1]} END"
            case "not" | "minus":
                return f"({'NOT' if self.op == 'not' else '-'} {inner[0]})"
            case "is":
                return f"({inner[0]} IS {self.text})"
            case "in":
                return f"({inner[0]} IN ({', '.join(inner[1:])}))"
            case "between":
                return f"({inner[0]} BETWEEN {inner[1]} AND {inner[2]})"
        return f"({f' {self.op.upper()} '.join(inner)})"

    def walk(self) -> Iterator["Node"]:
        """It and everything in it."""
        yield self
        for arg in self.args:
            yield from arg.walk()

    def with_arg(self, place: int, arg: "Node") -> "Node":
        """A copy with another part."""
        return replace(self, args=(*self.args[:place], arg, *self.args[place + 1 :]))


@dataclass(frozen=True)
class Select:
    """``SELECT items FROM source [WHERE condition] [GROUP BY column]``."""

    items: tuple[tuple[str, Node], ...]
    source: str
    where: Node | None = None
    group: str = ""

    def sql(self) -> str:
        """The query as SQL."""
        items = ", ".join(f"{node.sql()} AS `{name}`" for name, node in self.items)
        condition = f" WHERE {self.where.sql()}" if self.where else ""
        group = f" GROUP BY `{self.group}`" if self.group else ""
        return f"SELECT {items} FROM `{self.source}`{condition}{group}"


@cache
def parse(text: str) -> Node:
    """Read an expression.

    Raises:
        ValueError: it holds something else than this module writes.
    """
    reader = _Reader(text)
    node = reader.disjunction()
    reader.end()
    return node


@cache
def parse_select(text: str) -> Select:
    """Read a simple query."""
    reader = _Reader(text)
    reader.expect("SELECT")
    items = [reader.item()]
    while reader.take(","):
        items.append(reader.item())
    reader.expect("FROM")
    source = reader.name()
    where = reader.disjunction() if reader.take("WHERE") else None
    group = ""
    if reader.take("GROUP"):
        reader.expect("BY")
        group = reader.name()
    reader.end()
    return Select(tuple(items), source, where, group)


class _Reader:
    """Recursive descent, loosest operators first."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(_tokens(text))
        self._at = 0

    def peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def next(self) -> str:
        token = self.peek()
        self._at += 1
        return token

    def take(self, *wanted: str) -> str:
        """The next token where it is one of these."""
        return self.next() if self.peek().upper() in wanted else ""

    def expect(self, wanted: str) -> None:
        if not self.take(wanted):
            raise ValueError(f"{wanted} expected before {self._tokens[self._at :]} in {self._text}")

    def end(self) -> None:
        if self.peek():
            raise ValueError(f"not understood: {self._tokens[self._at :]} in {self._text}")

    def name(self) -> str:
        return self.next().strip("`")

    def item(self) -> tuple[str, Node]:
        node = self.disjunction()
        return (self.name() if self.take("AS") else node.text.rpartition(".")[2]), node

    def disjunction(self) -> Node:
        node = self.conjunction()
        while self.take("OR"):
            node = Node("or", (node, self.conjunction()))
        return node

    def conjunction(self) -> Node:
        node = self.negation()
        while self.take("AND"):
            node = Node("and", (node, self.negation()))
        return node

    def negation(self) -> Node:
        return Node("not", (self.negation(),)) if self.take("NOT") else self.predicate()

    def predicate(self) -> Node:
        node = self.sum()
        while True:
            if sign := self.take(*COMPARISONS):
                node = Node(sign, (node, self.sum()))
            elif self.take("IS"):
                negated = "NOT " if self.take("NOT") else ""
                node = Node("is", (node,), negated + self.take(*_TESTS))
            elif self.take("BETWEEN"):
                low = self.sum()
                self.expect("AND")
                node = Node("between", (node, low, self.sum()))
            elif self.take("LIKE"):
                node = Node("like", (node, self.sum()))
            elif self.take("IN"):
                node = Node("in", (node, *self.arguments()))
            else:
                return node

    def sum(self) -> Node:
        node = self.product()
        while sign := self.take(*_SUMS):
            node = Node(sign, (node, self.product()))
        return node

    def product(self) -> Node:
        node = self.factor()
        while sign := self.take(*_PRODUCTS):
            node = Node(sign, (node, self.factor()))
        return node

    def factor(self) -> Node:
        if self.take("-"):
            return Node("minus", (self.factor(),))
        if self.take("("):
            node = self.disjunction()
            self.expect(")")
            return node
        return self.atom(self.next())

    def atom(self, token: str) -> Node:
        if token[0] == "'":
            return Node("string", text=token[1:-1].replace("''", "'"))
        if token[0].isdigit():
            return Node("number", text=token)
        if token[0] == ":":
            return Node("parameter", text=token[1:])
        word = token.upper()
        if word in _TESTS:
            return Node("constant", text=word)
        if word in ("CAST", "TRY_CAST"):
            return self.cast(word.lower())
        if word == "CASE":
            return self.case()
        if self.peek() == "(" and token[0] != "`":
            return Node("call", self.arguments(), word)
        parts = [token.strip("`")]
        while self.take("."):
            parts.append(self.name())
        return Node("column", text=".".join(parts))

    def arguments(self) -> tuple[Node, ...]:
        self.expect("(")
        found = [self.disjunction()]
        while self.take(","):
            found.append(self.disjunction())
        self.expect(")")
        return tuple(found)

    def cast(self, op: str) -> Node:
        self.expect("(")
        node = self.disjunction()
        self.expect("AS")
        name = self.next().upper()
        if self.take("("):
            numbers = [self.next()]
            while self.take(","):
                numbers.append(self.next())
            self.expect(")")
            name += f"({', '.join(numbers)})"
        self.expect(")")
        return Node(op, (node,), name)

    def case(self) -> Node:
        parts = []
        while self.take("WHEN"):
            parts.append(self.disjunction())
            self.expect("THEN")
            parts.append(self.disjunction())
        self.expect("ELSE")
        parts.append(self.disjunction())
        self.expect("END")
        return Node("case", tuple(parts))


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            raise ValueError(f"not understood at {at}: {text}")
        yield found[0].strip()
        at = found.end()
