"""Smaller cases made from a case: fewer rules, records, columns, shorter expressions."""

import copy
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from differential.case import Case
from differential.expressions import COMPARISONS, Node, Select, parse
from differential.trailing import Trailing, parse_query

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONDITIONS = frozenset({"and", "or", "not", "is", "in", "between", "like", *COMPARISONS})
_NUMBERS = frozenset({"+", "-", "*", "/", "%", "minus"})
_RULE_OPTIONS = ("firstOnly", "mode", "edge")
_KIND_OPTIONS = ("where", "by", "contiguity", "warmUp")
Way = Callable[[Case], Iterator[Case]]


def alone(case: Case, owner: str) -> Iterator[Case]:
    """Without all rules and outputs but one, or, where it is about neither, with one rule."""
    spec = case.document["spec"]
    rules = [rule for rule in spec["rules"] if rule["name"] == owner]
    outputs = [output for output in spec.get("outputs", []) if output["name"] == owner]
    yield case.with_spec(rules=rules or spec["rules"][:1], outputs=outputs)


def nothing_unused(case: Case) -> Iterator[Case]:
    """Without views, parameters and columns whose names stand nowhere else."""
    spec = case.document["spec"]
    named = set(_NAME.findall(json.dumps([spec["rules"], spec.get("outputs", [])])))
    views = [view for view in spec.get("views", []) if view["name"] in named]
    named |= set(_NAME.findall(json.dumps(views)))
    parameters = [one for one in spec.get("parameters", []) if one["name"] in named]
    smaller = case.with_spec(views=views, parameters=parameters)
    for place, stream in enumerate(spec["streams"]):
        kept = named | {stream["eventTime"]["column"], stream.get("eventId")}
        for column in stream["columns"]:
            if column["name"] not in kept:
                smaller = _without_column(smaller, place, column["name"])
    if smaller.document != case.document:
        yield smaller


def fewer_records(case: Case) -> Iterator[Case]:
    """Without a stretch of records, long stretches first."""
    length = len(case.records) // 2
    while length:
        for start in range(0, len(case.records), length):
            yield case.with_records([*case.records[:start], *case.records[start + length :]])
        length //= 2


def fewer_rules(case: Case) -> Iterator[Case]:
    """Without some rules, many at once first."""
    yield from _fewer(case, "rules")


def fewer_parts(case: Case) -> Iterator[Case]:
    """Without a view, a parameter, a column, an aggregate, or an option of a rule."""
    for part in ("outputs", "views", "parameters"):
        yield from _fewer(case, part)
    for place, stream in enumerate(case.document["spec"]["streams"]):
        for column in stream["columns"]:
            yield _without_column(case, place, column["name"])
    for number, rule in enumerate(case.document["spec"]["rules"]):
        for path in _options(rule):
            yield _edited(case, lambda spec, n=number, p=path: _at(spec["rules"][n], p[:-1]).pop(p[-1]))
        yield _edited(case, lambda spec, n=number: spec["rules"][n].update(reason="found"))


def _options(rule: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Parts of a rule that it may do without."""
    kind = _kind(rule)
    yield from ((option,) for option in _RULE_OPTIONS if option in rule)
    yield from ((kind, option) for option in _KIND_OPTIONS if option in rule[kind])
    for part in ("aggregates", "steps"):
        yield from ((kind, part, place) for place in range(len(rule[kind].get(part, []))))


def shorter_expressions(case: Case) -> Iterator[Case]:
    """With a part of an expression in its place."""
    for place in _texts(case.document["spec"]):
        text = _at(case.document["spec"], place)
        if place[-1] == "query":
            candidates = [query.sql() for query in _shorter_query(text)]
        else:
            candidates = [node.sql() for node in _shorter(parse(text))]
        for shorter in candidates:
            yield _edited(case, lambda spec, p=place, s=shorter: _put(spec, p, s))


WAYS: Sequence[Way] = (
    fewer_rules,
    nothing_unused,
    fewer_records,
    nothing_unused,
    fewer_parts,
    shorter_expressions,
    fewer_records,
)


def _fewer(case: Case, part: str) -> Iterator[Case]:
    items = list(case.document["spec"].get(part, []))
    length = (len(items) + 1) // 2
    while length:
        for start in range(0, len(items), length):
            yield case.with_spec(**{part: [*items[:start], *items[start + length :]]})
        length = length // 2


def _edited(case: Case, edit: Callable[[dict[str, Any]], object]) -> Case:
    spec = copy.deepcopy(dict(case.document["spec"]))
    edit(spec)
    return case.with_spec(**spec)


def _without_column(case: Case, place: int, name: str) -> Case:
    stream = case.document["spec"]["streams"][place]
    columns = [column for column in stream["columns"] if column["name"] != name]
    smaller = _edited(case, lambda spec: spec["streams"][place].update(columns=columns))
    return smaller.with_records(
        [
            one._replace(value=_without_field(one.value, name)) if one.stream == stream["name"] else one
            for one in case.records
        ]
    )


def _without_field(value: str, name: str) -> str:
    try:
        document = json.loads(value, parse_float=_Written, parse_int=_Written)
    except ValueError:
        return value
    if not isinstance(document, dict) or name not in document:
        return value
    kept = {key: found for key, found in document.items() if key != name}
    return "{" + ", ".join(f"{json.dumps(key)}: {_json(found)}" for key, found in kept.items()) + "}"


class _Written(str):
    """A number as it was written."""

    __slots__ = ()


def _json(found: Any) -> str:
    return str(found) if isinstance(found, _Written) else json.dumps(found, ensure_ascii=False, default=str)


def _kind(rule: dict[str, Any]) -> str:
    kinds = ("filter", "velocity", "window", "join", "sequence", "sql", "firstSeen", "change")
    return next(kind for kind in kinds if kind in rule)


def _texts(spec: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Where expressions and queries stand."""
    for part in ("views", "outputs"):
        yield from ((part, number, "query") for number, one in enumerate(spec.get(part, [])) if "query" in one)
    for number, rule in enumerate(spec["rules"]):
        yield from _expressions(rule, ("rules", number))


def _expressions(part: Any, place: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, inner in items:
        if key in ("where", "having", "query", "resetWhen") and isinstance(inner, str):
            yield (*place, key)
        else:
            yield from _expressions(inner, (*place, key))


def _at(spec: Any, place: Sequence[Any]) -> Any:
    for key in place:
        spec = spec[key]
    return spec


def _put(spec: Any, place: Sequence[Any], text: str) -> None:
    _at(spec, place[:-1])[place[-1]] = text


def _shorter_query(text: str) -> Iterator[Select | Trailing]:
    query = parse_query(text)
    if isinstance(query, Select):
        yield from _shorter_select(query)
        return
    for where in [None, *(_shorter(query.select.where) if query.select.where else ())]:
        if where != query.select.where:
            yield replace(query, select=replace(query.select, where=where))


def _shorter_select(select: Select) -> Iterator[Select]:
    for place, (name, node) in enumerate(select.items):
        rest = select.items[:place], select.items[place + 1 :]
        yield replace(select, items=(*rest[0], *rest[1]))
        for shorter in _shorter(node):
            yield replace(select, items=(*rest[0], (name, shorter), *rest[1]))
    if select.where:
        yield replace(select, where=None)
        for shorter in _shorter(select.where):
            yield replace(select, where=shorter)


def _shorter(node: Node) -> Iterator[Node]:
    """The expression with one of its parts in the place of what the part stands in; large cuts first."""
    for inner in node.walk():
        if inner is not node and _sort(inner) == _sort(node):
            yield inner
    for place, arg in enumerate(node.args):
        for shorter in _shorter(arg):
            yield node.with_arg(place, shorter)


def _sort(node: Node) -> str:
    if node.op in _CONDITIONS or node.op == "constant":
        return "condition"
    if node.op in _NUMBERS or node.op == "number" or node.text in ("ABS", "COALESCE"):
        return "number"
    return _sort(node.args[1]) if node.op == "case" else node.op
