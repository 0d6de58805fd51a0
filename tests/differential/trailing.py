"""Queries that look at several events: a total over the time before each event, and a condition on it."""

import re
from dataclasses import dataclass, replace
from functools import cache

from differential.expressions import Node, Select, parse, parse_select

_SHAPE = re.compile(
    r"SELECT (?P<names>.*?) FROM \(SELECT (?P<items>.*), (?P<function>[A-Z]+)\((?P<column>`\w+`)\) OVER"
    r" \(PARTITION BY `(?P<by>\w+)` ORDER BY `event_time` RANGE BETWEEN INTERVAL '(?P<seconds>\d+)' SECOND\(\d+\)"
    r" PRECEDING AND CURRENT ROW\) AS `total` (?P<rest>FROM .*)\) WHERE (?P<having>.*)"
)
TOTAL = "total"


@dataclass(frozen=True)
class Trailing:
    """A total over what a key's events were in the time before each, both ends included.

    Attributes:
        select: what is looked at.
        function: COUNT, SUM or MAX.
        column: what it is of.
        by: the key.
        seconds: how long the time is.
        having: the condition on ``total``.
    """

    select: Select
    function: str
    column: str
    by: str
    seconds: int
    having: Node

    def sql(self) -> str:
        """The query as SQL."""
        names = ", ".join(f"`{name}`" for name in (*(name for name, _ in self.select.items), TOTAL))
        items, _, rest = self.select.sql().removeprefix("SELECT ").partition(f" FROM `{self.select.source}`")
        over = (
            f"PARTITION BY `{self.by}` ORDER BY `event_time`"
            f" RANGE BETWEEN INTERVAL '{self.seconds}' SECOND({len(str(self.seconds))}) PRECEDING AND CURRENT ROW"
        )
        inner = f"SELECT {items}, {self.function}(`{self.column}`) OVER ({over}) AS `{TOTAL}`"
        return f"SELECT {names} FROM ({inner} FROM `{self.select.source}`{rest}) WHERE {self.having.sql()}"


@cache
def parse_query(text: str) -> Select | Trailing:
    """Read a query of either form."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        return parse_select(text)
    select = parse_select(f"SELECT {found['items']} {found['rest']}")
    column = found["column"].strip("`")
    return Trailing(select, found["function"], column, found["by"], int(found["seconds"]), parse(found["having"]))


def looked_at(text: str) -> Select:
    """What a query of either form looks at: all columns that it reads stand there."""
    found = parse_query(text)
    if isinstance(found, Select):
        return found
    read = tuple((name, Node("column", text=name)) for name in (found.by, found.column))
    return replace(found.select, items=(*found.select.items, *read))
