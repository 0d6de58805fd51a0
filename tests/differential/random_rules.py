"""Rules at random, over streams and views."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from differential.expressions import Node, Select, parse
from differential.random_events import Field
from differential.random_expressions import Expressions, Known, column
from differential.trailing import TOTAL, Trailing
from differential.values import BIGINT, Type

KINDS = (
    "filter", "velocity", "velocity", "window", "window", "join", "sequence", "sql", "first_seen", "change",
)  # fmt: skip
FUNCTIONS = ("Count", "CountDistinct", "Sum", "Sum", "Avg", "Min", "Max")
_NUMBERS = ("Sum", "Avg")
_TOTALS = ("0", "1", "5", "100", "250.5", "1000", "5000000000")
_KEYS = ("card", "shop", "zone", "cents")


@dataclass(frozen=True)
class Source:
    """A stream or view.

    Attributes:
        columns: what expressions may use, by name.
        computed: names of columns that a view works out.
        required: columns that are never null.
    """

    name: str
    columns: Mapping[str, Known]
    required: frozenset[str]
    computed: frozenset[str] = frozenset()

    @classmethod
    def of_stream(cls, name: str, fields: Sequence[Field]) -> "Source":
        """A stream with the columns of its records."""
        columns = {field.name: column(field.name, field.type, field.literals()) for field in fields}
        required = frozenset(field.name for field in fields if field.required)
        return cls(name, {"id": column("id", "STRING", ["'a1'"])} | columns, required)

    def view(self, random: Random, name: str, parameters: Mapping[str, Type]) -> tuple["Source", str]:
        """A view of it, with a number that it works out, and its query."""
        dropped = random.sample(["rate", "ratio", "sure", "note"], 2)
        kept = {key: known for key, known in self.columns.items() if key not in dropped}
        maker = Expressions(random, list(self.columns.values()), parameters)
        items = [(key, known.node) for key, known in kept.items()] + [("computed", maker.number())]
        items += [(key, Node("column", text=key)) for key in ("event_time", "event_id")]
        where = maker.condition() if random.random() < 0.5 else None
        computed = Known(Node("column", text="computed"), Type("DOUBLE"), ("0", "1", "10", "3"))
        view = Source(name, kept | {"computed": computed}, self.required, frozenset({"computed"}))
        return view, Select(tuple(items), self.name, where).sql()


@dataclass(frozen=True)
class Taste:
    """What rules are made of: names as often as they are wanted, and how likely options are."""

    kinds: Sequence[str] = KINDS
    functions: Sequence[str] = FUNCTIONS
    first_only: float = 0.2
    edge: float = 0.25


class Rules:
    """Makes rules.

    Attributes:
        tick: distance of the clock's ticks in milliseconds.
    """

    def __init__(
        self, random: Random, sources: Sequence[Source], parameters: Mapping[str, Type], tick: int, taste: Taste
    ) -> None:
        self._random = random
        self._taste = taste
        self._sources = sources
        self._parameters = parameters
        self.tick = tick

    def rule(self, name: str) -> dict[str, Any]:
        """A rule of any kind."""
        random = self._random
        make = {
            "filter": self._filter, "velocity": self._velocity, "window": self._window, "join": self._join,
            "sequence": self._sequence, "sql": self._sql, "first_seen": self._first_seen, "change": self._change,
        }  # fmt: skip
        rule = {"name": name, "severity": random.choice(["Low", "High"])} | make[random.choice(self._taste.kinds)]()
        if random.random() < 0.1:
            rule["mode"] = random.choice(["Shadow", "Disabled"])
        if random.random() < self._taste.first_only:
            rule["firstOnly"] = self._duration()
        return rule

    def _duration(self, most: int = 20) -> str:
        return written(self.tick * self._random.randint(1, most))

    def _expressions(self, source: Source, more: Sequence[Known] = ()) -> Expressions:
        return Expressions(self._random, [*source.columns.values(), *more], self._parameters)

    def _maybe(self, source: Source) -> dict[str, str]:
        return {"where": self._expressions(source).condition().sql()} if self._random.random() < 0.6 else {}

    def _entity(self, source: Source) -> tuple[dict[str, Any], list[str]]:
        """Whom it is about, and its columns."""
        usable = [name for name in _KEYS if name in source.columns]
        columns = [self._random.choice(usable)]
        if self._random.random() < 0.2:
            columns = [name for name in usable if name in source.required][:2]
        return {"entity": {"type": "card", "columns": columns}}, columns

    def _reason(self, names: Sequence[str]) -> dict[str, Any]:
        """What is said of a hit: why, and, now and then, what is at stake."""
        chosen = self._random.sample(list(names), min(len(names), 3))
        said = [self._random.choice(["found", "{{found}}"]), *(f"{{{name}}}" for name in chosen), "{:much}"]
        return {"reason": " ~ ".join(said)} | self._block(names)

    def _block(self, names: Sequence[str]) -> dict[str, Any]:
        if self._random.random() < 0.85:
            return {}
        amount = self._random.choice([name for name in names if name != "gap"])
        # a plain name means a step or side that is not said
        plain = amount.rpartition(".")[2] if self._random.random() < 0.5 else amount
        more = {"ttl": self._duration()} if self._random.random() < 0.5 else {}
        return {"actions": {"block": {"amount": plain} | more}}

    def _filter(self) -> dict[str, Any]:
        source = self._random.choice(self._sources)
        entity, _ = self._entity(source)
        condition = self._expressions(source).condition().sql()
        edge = self._edge(self._expressions(source).condition().sql())
        kind = {"filter": {"from": source.name, "where": condition}}
        return entity | self._reason([*source.columns]) | edge | kind

    def _aggregates(self, source: Source) -> tuple[list[dict[str, Any]], list[Known]]:
        made: list[dict[str, Any]] = [{"name": "n", "function": "Count"}]
        known = [Known(Node("column", text="n"), BIGINT, ("1", "2", "3", "4"))]
        for number in range(self._random.randint(1, 3)):
            function = self._random.choice(self._taste.functions)
            suited = [
                name for name, one in source.columns.items()
                if (one.type.numeric or function not in _NUMBERS) and one.type.name != "BOOLEAN"
                and (function not in ("Min", "Max") or one.type.numeric or one.type.name == "STRING")
            ]  # fmt: skip
            chosen = self._random.choice(suited)
            one = {"name": f"x{number}", "function": function, "column": chosen}
            if self._random.random() < 0.3:
                one["where"] = self._expressions(source).condition().sql()
            made.append(one)
            of = source.columns[chosen].type
            likely = ("0", "1", "2") if function.startswith("Count") else _TOTALS
            if function in ("Min", "Max"):
                likely = tuple(source.columns[chosen].likely) or ("'a'",)
            kind = BIGINT if function.startswith("Count") else of
            known.append(Known(Node("column", text=one["name"]), kind, likely))
        return made, known

    def _having(self, known: Sequence[Known]) -> str:
        """A condition over aggregates without arithmetic, whose types are the engine's own affair."""
        parts = []
        for one in self._random.sample(list(known), min(len(known), self._random.randint(1, 2))):
            sign = self._random.choice([">", ">=", ">=", "<", "="])
            parts.append(f"{one.node.sql()} {sign} {self._random.choice(list(one.likely))}")
        return self._random.choice([" AND ", " OR "]).join(parts)

    def _velocity(self) -> dict[str, Any]:
        source = self._random.choice(self._sources)
        entity, _ = self._entity(source)
        aggregates, known = self._aggregates(source)
        length = {self._random.choice(["within", "within", "memory"]): self._duration()}
        kind = {"from": source.name, **self._maybe(source), **self._by(source), **length, "aggregates": aggregates}
        names = [*source.columns, *(one["name"] for one in aggregates)]
        rule = {"velocity": kind | {"having": self._having(known)}}
        return entity | self._reason(names) | self._edge(self._having(known)) | rule

    def _by(self, source: Source) -> dict[str, list[str]]:
        if self._random.random() < 0.7:
            return {}
        return {"by": [self._random.choice([name for name in _KEYS if name in source.columns])]}

    def _edge(self, resets: str) -> dict[str, Any]:
        if self._random.random() >= self._taste.edge:
            return {}
        reset = {"resetWhen": resets} if self._random.random() < 0.6 else {}
        return {"edge": {"memory": self._duration()} | reset}

    def _first_seen(self) -> dict[str, Any]:
        source = self._random.choice(self._sources)
        entity, keys = self._entity(source)
        by = self._by(source)
        others = [name for name in ("card", "shop", "zone", "note") if name in source.columns]
        others = [name for name in others if name not in by.get("by", keys)]
        kind = {
            "from": source.name, **self._maybe(source), **by,
            "value": self._random.sample(others, min(len(others), self._random.randint(1, 2))),
            "memory": self._duration(),
        }  # fmt: skip
        if self._random.random() < 0.5:
            kind["warmUp"] = self._duration(5)
        return entity | self._reason([*source.columns]) | {"firstSeen": kind}

    def _change(self) -> dict[str, Any]:
        source = self._random.choice(self._sources)
        entity, keys = self._entity(source)
        by = self._by(source)
        others = {name: one for name, one in source.columns.items() if name not in by.get("by", keys)}
        gaps = [str(self.tick * number // 1000) for number in range(1, 6)]
        known = [
            Known(Node("column", text=f"previous.{name}"), one.type, one.likely) for name, one in others.items()
        ] + [Known(Node("column", text="gap"), Type("DOUBLE"), gaps)]  # fmt: skip
        maker = self._expressions(source, known)
        having = self._random.choice(
            [maker.condition(), Node("and", (maker.condition(), maker.condition())), self._compared(others)]
        )
        kind = {
            "from": source.name, **self._maybe(source), **by, "within": self._duration(), "having": having.sql()
        }  # fmt: skip
        names = [*source.columns, "gap", *(f"previous.{name}" for name in others)]
        return entity | self._reason(names) | self._edge(maker.condition().sql()) | {"change": kind}

    def _compared(self, columns: Mapping[str, Known], earlier: str = "previous") -> Node:
        """A column beside the same one of an earlier event."""
        name = self._random.choice([name for name, one in columns.items() if one.type.numeric])
        own, other = Node("column", text=name), Node("column", text=f"{earlier}.{name}")
        sign = self._random.choice([">", ">=", "<", "="])
        doubled = Node("*", (Node("number", text="2"), other))
        return Node(sign, (own, self._random.choice([other, doubled])))

    def _window(self) -> dict[str, Any]:
        source = self._random.choice(self._sources)
        entity, keys = self._entity(source)
        aggregates, known = self._aggregates(source)
        part = self.tick * self._random.randint(1, 10)
        whole = part * self._random.randint(1, 5)
        zone = self._random.choice(["Europe/Berlin", "America/New_York", "Asia/Kolkata"])
        shape = self._random.choice(
            [
                {"tumble": {"size": written(whole)}},
                {"hop": {"size": written(whole), "slide": written(part)}},
                {"cumulate": {"size": written(whole), "step": written(part)}},
                {"session": {"gap": written(part)}},
                {"calendar": {"unit": self._random.choice(["Day", "Week", "Month"]), "timeZone": zone}},
            ]
        )
        others = [name for name in _KEYS if name in source.columns and name not in keys]
        finer = others and self._random.random() < 0.3
        by = [*keys, self._random.choice(others)] if finer else keys
        more = {"by": by} if finer else {}
        kind = {"from": source.name, **self._maybe(source), **more, **shape, "aggregates": aggregates}
        names = [*by, *(one["name"] for one in aggregates), "window_start"]
        rule = {"window": kind | {"having": self._having(known)}}
        return entity | self._reason(names) | self._edge(self._having(known)) | rule

    def _join(self) -> dict[str, Any]:
        left, right = self._random.sample(list(self._sources), 2)
        key = self._random.choice([name for name in _KEYS if name in left.columns and name in right.columns])
        if left.columns[key].type != right.columns[key].type:
            key = "card"
        matched = self._random.random() < 0.5
        kind = {
            "left": left.name, "right": right.name, "keys": [{"left": key, "right": key}],
            "before": self._duration(10), "after": self._duration(10), "type": "Matched" if matched else "Unmatched",
        }  # fmt: skip
        sides = [left, right] if matched else [left]
        known = [
            Known(Node("column", text=f"{side.name}.{name}"), one.type, one.likely)
            for side in sides
            for name, one in side.columns.items()
        ]
        if self._random.random() < 0.6:
            kind["where"] = Expressions(self._random, known, self._parameters).condition().sql()
        return {"entity": {"type": "card", "columns": [key]}} | self._reason([one.node.text for one in known]) | {
            "join": kind
        }  # fmt: skip

    def _sequence(self) -> dict[str, Any]:
        source = self._random.choice(self._sources)
        entity, keys = self._entity(source)
        steps = [
            {"name": f"s{number}", "where": self._expressions(source).condition().sql()}
            for number in range(self._random.randint(2, 3))
        ]
        if self._random.random() < 0.3:
            steps[0]["times"] = 2
        if self._random.random() < 0.4:
            steps[1]["where"] = f"{self._compared(source.columns, 's0').sql()} AND {steps[1]['where']}"
        kind = {
            "from": source.name, **self._maybe(source), "steps": steps, "within": self._duration(),
            "contiguity": self._random.choice(["Relaxed", "Relaxed", "Strict"]),
        }  # fmt: skip
        names = [f"s{self._random.randrange(len(steps))}.{name}" for name in source.columns if name not in keys]
        return entity | self._reason(names) | {"sequence": kind}

    def _sql(self) -> dict[str, Any]:
        source = self._random.choice(self._sources)
        entity, keys = self._entity(source)
        maker = self._expressions(source)
        items = [(name, source.columns[name].node) for name in dict.fromkeys([*keys, "amount"])]
        items += [("made", maker.number()), ("told", Node("case", (maker.condition(), *_yes_no())))]
        items += [(name, Node("column", text=name)) for name in ("event_time", "event_id")]
        select = Select(tuple(items), source.name, maker.condition())
        query = self._trailing(select) if self._random.random() < 0.4 else select.sql()
        return entity | self._reason([*keys, "amount", "made"]) | {"sql": {"query": query}}

    def _trailing(self, select: Select) -> str:
        """A query that looks at the time before each event."""
        items = dict(select.items) | {name: Node("column", text=name) for name in ("card", "cents", "amount")}
        # a query's own sum of long decimals may be null
        function, column = self._random.choice([("COUNT", "amount"), ("SUM", "cents"), ("MAX", "amount")])
        seconds = self.tick * self._random.randint(1, 20) // 1000
        total = Known(Node("column", text=TOTAL), BIGINT, self._random.sample(_TOTALS, 2))
        wider = replace(select, items=tuple(items.items()))
        return Trailing(wider, function, column, "card", seconds, parse(self._having([total]))).sql()


def written(milliseconds: int) -> str:
    """A duration as the resource writes it."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds}s" + (f"{rest}ms" if rest else "")


def _yes_no() -> tuple[Node, Node]:
    return Node("string", text="yes"), Node("string", text="no")
