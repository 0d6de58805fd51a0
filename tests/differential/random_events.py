"""Records at random: ties, disorder, nulls, duplicates, values at the edges of their types, and bad records."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any

from differential.events import Record, iso

PARTITIONS = 2
_FORMATS = {1: "EpochMillis", 1000: "EpochMicros", 1_000_000: "EpochNanos"}
"""Formats of event times by how many of their units make a millisecond."""
_BAD = ("", "no json", "[1]", '{"id": ', "null", "7", '{"id": 5}', "\u00ff{}")


@dataclass(frozen=True)
class Field:
    """A column and what its values are taken from.

    Attributes:
        usual: values as JSON has them; None among them where it may be null.
        edges: rare values at the ends of the type.
        wrong: values that it can't hold.
    """

    name: str
    type: str
    usual: Sequence[Any]
    edges: Sequence[Any] = ()
    wrong: Sequence[Any] = ()
    required: bool = True
    options: Mapping[str, str] = field(default_factory=dict)
    """What the column says besides name and type."""

    def column(self) -> dict[str, Any]:
        """The column as the resource declares it."""
        return {"name": self.name, "type": self.type, **self.options} | ({} if self.required else {"required": False})

    def place(self, document: dict[str, Any], value: Any) -> None:
        """Put a value where the column says that it lies, in the way that it says."""
        *way, last = self.options.get("path", self.name).split(".")
        for name in way:
            document = document.setdefault(name, {})
        if "writtenAs" in self.options and isinstance(value, Decimal | int) and not isinstance(value, bool):
            value = format(value, "f") if isinstance(value, Decimal) else str(value)
        document[last] = value

    def literals(self) -> list[str]:
        """Its usual values as SQL has them."""
        found = [value for value in self.usual if value is not None]
        if self.type == "BOOLEAN":
            return ["TRUE", "FALSE"]
        if self.type == "STRING":
            return ["'" + value.replace("'", "''") + "'" for value in found]
        return [format(value, "f") if isinstance(value, Decimal) else str(value) for value in found]


@dataclass(frozen=True)
class Clock:
    """How event times are written.

    Attributes:
        units: how many make a millisecond; None for text.
    """

    units: int | None
    name: str = "time"

    def column(self) -> dict[str, str]:
        """The time's column as the resource declares it."""
        return {"name": self.name, "type": "STRING" if self.units is None else "BIGINT"}

    def declared(self) -> dict[str, str]:
        """What a stream's eventTime says of it."""
        return {"column": self.name} | ({"format": _FORMATS[self.units]} if self.units else {})

    def written(self, random: Random, time: int) -> Any:
        """A time in milliseconds; what is finer than that is cut off by whoever reads it."""
        return iso(time) if self.units is None else time * self.units + random.randrange(self.units)


@dataclass(frozen=True)
class Traffic:
    """How a stream's records are.

    Attributes:
        start: when it begins, in milliseconds since 1970.
        step: distance of the clock's ticks, in milliseconds: a coarse one makes ties.
        span: how many ticks events lie within.
        disorder: how many ticks an event may come late.
        scattered: whether a key's events go to any partition.
        partitions: how many partitions have records; the others stay empty.
    """

    start: int
    count: int
    step: int
    span: int
    disorder: int
    scattered: bool
    partitions: int
    edges: float
    wrong: float
    duplicates: float


def records(random: Random, stream: str, fields: Sequence[Field], clock: Clock, traffic: Traffic) -> list[Record]:
    """A stream's records, in the order in which they are produced."""
    ticks = sorted(random.randint(0, traffic.span) for _ in range(traffic.count))
    ends = [0] * PARTITIONS
    found: list[Record] = []
    for number, tick in enumerate(ticks):
        document = _document(random, fields, traffic)
        late = random.randint(0, traffic.disorder) if random.random() < 0.2 else 0
        moment = traffic.start + (tick - late) * traffic.step + random.choice([0, 0, 0, 0, 1, -1])
        document |= {"id": f"{stream}{number}", clock.name: clock.written(random, moment)}
        texts = [_text(document)]
        partition = _partition(random, document, traffic)
        if random.random() < traffic.duplicates:
            texts.append(random.choice([texts[0], *(one.value for one in found[-20:] if one.partition == partition)]))
        if random.random() < traffic.wrong / 2:
            texts.append(random.choice(_BAD))
        for text in texts:
            found.append(Record(stream, partition, ends[partition], text))
            ends[partition] += 1
    return found


def _document(random: Random, fields: Sequence[Field], traffic: Traffic) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for one in fields:
        value = _value(random, one, traffic.wrong / len(fields), traffic.edges)
        if value is not None or random.random() < 0.5:
            one.place(document, value)
    return document


def _value(random: Random, one: Field, wrong: float, edges: float) -> Any:
    chance = random.random()
    if one.wrong and chance < wrong:
        return random.choice(one.wrong)
    if one.edges and chance < wrong + edges:
        return random.choice(one.edges)
    return random.choice(one.usual)


def _partition(random: Random, document: Mapping[str, Any], traffic: Traffic) -> int:
    if traffic.scattered:
        return random.randrange(traffic.partitions)
    return sum(str(document.get("card")).encode()) % traffic.partitions


def _text(document: Any) -> str:
    """JSON with decimals as numbers."""
    if isinstance(document, Decimal):
        return format(document, "f")
    if not isinstance(document, dict):
        return json.dumps(document, ensure_ascii=False)
    return "{" + ", ".join(f"{json.dumps(name)}: {_text(value)}" for name, value in document.items()) + "}"
