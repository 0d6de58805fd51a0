"""Outputs at random: rows of queries, one row for each key, and parts of streams."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from differential.expressions import Node, Select
from differential.random_expressions import Expressions
from differential.random_rules import Source
from differential.values import Type

_KINDS = ("rows", "latest", "Flagged", "Clean")
_LATEST = ("COUNT", "SUM", "MAX")


def outputs(
    random: Random,
    sources: Sequence[Source],
    parameters: Mapping[str, Type],
    rules: Sequence[Mapping[str, Any]],
    likely: float,
) -> Iterator[dict[str, Any]]:
    """Some outputs of streams and views; each kind of them as likely as ``likely``."""
    for number, kind in enumerate(_KINDS):
        if random.random() >= likely:
            continue
        name = {"name": f"o{number}"}
        if kind == "rows":
            yield name | _rows(random, random.choice(sources), parameters)
        elif kind == "latest":
            yield name | _latest(random, random.choice(sources), parameters)
        elif flagging := _flagging(random, rules):
            yield name | _split(random, kind, flagging)


def _rows(random: Random, source: Source, parameters: Mapping[str, Type]) -> dict[str, Any]:
    """Some columns of the events that meet a condition."""
    known = [name for name in source.columns if name not in source.computed]
    kept = [name for name in known if random.random() < 0.5]
    maker = Expressions(random, list(source.columns.values()), parameters)
    told = Node("case", (maker.condition(), Node("string", text="yes"), Node("string", text="no")))
    items = [(name, Node("column", text=name)) for name in (*kept, "event_time", "event_id")] + [("told", told)]
    columns = [_column(name, source.columns[name].type) for name in kept]
    columns += [_column("event_time", Type("TIMESTAMP_LTZ")), _column("event_id", Type("STRING"))]
    query = Select(tuple(items), source.name, maker.condition() if random.random() < 0.7 else None)
    return {"query": query.sql(), "columns": [*columns, _column("told", Type("STRING"))]}


def _latest(random: Random, source: Source, parameters: Mapping[str, Type]) -> dict[str, Any]:
    """What is known of a card by now."""
    of = source.columns["cents"].type
    types = {"COUNT": "BIGINT", "SUM": "BIGINT" if of.name == "INT" else "DECIMAL(38, 0)", "MAX": of.name}
    cents = Node("column", text="cents")
    items = [("card", Node("column", text="card"))]
    items += [(name.lower(), Node("call", (cents,), name)) for name in _LATEST]
    maker = Expressions(random, list(source.columns.values()), parameters)
    where = maker.condition() if random.random() < 0.5 else None
    columns = [_column("card", Type("STRING"))] + [{"name": name.lower(), "type": types[name]} for name in _LATEST]
    query = Select(tuple(items), source.name, where, "card")
    return {"mode": "Upsert", "key": ["card"], "stateTtl": "30d", "query": query.sql(), "columns": columns}


def _flagging(random: Random, rules: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Enforced filters over one stream, or none."""
    found = [rule for rule in rules if "filter" in rule and "mode" not in rule]
    streams = {rule["filter"]["from"] for rule in found} & {"a", "b"}
    stream = random.choice(sorted(streams)) if streams else None
    return [rule for rule in found if rule["filter"]["from"] == stream]


def _split(random: Random, part: str, flagging: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    split: dict[str, Any] = {"from": flagging[0]["filter"]["from"], "part": part}
    if random.random() < 0.5:
        some = random.sample(list(flagging), random.randint(1, len(flagging)))
        split["rules"] = [rule["name"] for rule in some]
    return {"split": split}


def _column(name: str, of: Type) -> dict[str, str]:
    sizes = {"DECIMAL": f"({of.digits}, {of.places})", "TIMESTAMP_LTZ": "(3)"}
    return {"name": name, "type": of.name + sizes.get(of.name, "")}
