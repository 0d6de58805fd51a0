"""The last look at a plan: nothing in it that can fail for one event may stand unguarded.

``fraud_job.guards`` rewrites what analysts write; what Flink adds by itself (a text compared with a number becomes a
CAST), and what can't be rewritten, only shows in the plan. It is refused, before a job is stopped for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]


class Unguarded(ValueError):
    """Something can fail for one event and with it the job.

    Attributes:
        owner: the rule or output.
    """

    def __init__(self, owner: str, what: str, hint: str) -> None:
        super().__init__(f"{what} can fail for one event and end the job; {hint}")
        self.owner = owner


_TYPE = 4
"""The place of the type among the arguments of ``attempt``."""

_ARGUMENTS = "write its arguments as literals"
_CHARSET = "write its character set as a literal that Java knows, such as 'UTF-8'"
_HINTS: Mapping[str, str] = {
    "BITMAP_FROM_BYTES": "count with COUNT(DISTINCT ...)",
    "DECODE": _CHARSET,
    "ENCODE": _CHARSET,
    "LIKE": "write pattern and escape character as literals",
    "SHA2": "write its length as 224, 256, 384 or 512",
    "SIMILAR TO": "write REGEXP(text, pattern)",
}


def check(plan: Node, owners: Iterable[str]) -> None:
    """Look at the nodes of a compiled plan; ``owners`` are theirs, in the plan's order.

    Raises:
        Unguarded: something in one of them can fail.
    """
    nodes = {node["id"]: node for node in plan["nodes"]}
    inputs = {edge["target"]: nodes[edge["source"]] for edge in plan["edges"]}
    for owner, node in zip(owners, plan["nodes"], strict=True):
        for call in _calls(node):
            if not _is_average(call, inputs.get(node["id"], {})):
                _check(owner, call)


def _check(owner: str, call: Node) -> None:
    name = _name(call)
    if name == "CAST":
        value, to = call["operands"][0], _type(call)
        if _is_text(_type(value)) and not _is_text(to) and not to.startswith(("VARBINARY", "BINARY")):
            raise Unguarded(owner, f"a text taken for {_shown(to)}", f"write CAST(... AS {_shown(to)})")
    elif name in ("/", "%", "MOD"):
        if not _type(call).startswith(("DOUBLE", "FLOAT")) and not _divides(call["operands"]):
            raise Unguarded(owner, f"a division ({name})", "write it with / or MOD in a condition or query")
    elif name.startswith("JSON_") and _strict(call):
        raise Unguarded(owner, f"{name} with a path that is no literal", "write the path as a literal")
    elif name in _FAILS and _FAILS[name](call["operands"]):
        raise Unguarded(owner, name, _HINTS.get(name, _ARGUMENTS))


def _divides(operands: list[Node]) -> bool:
    """Whether a divisor is guarded or never zero."""
    dividend, divisor = operands
    if divisor.get("systemName") == "nonzero":
        return True
    if divisor.get("kind") == "LITERAL":
        return float(divisor["value"]) != 0
    return _is_sum_of(dividend, divisor)


def _is_average(call: Node, aggregate: Node) -> bool:
    """Whether a call divides an aggregate's sum, which is null of nothing, by the count of the same values."""
    if _name(call) != "/":
        return False
    sums, counts = (_aggregated(operand, aggregate) for operand in call["operands"])
    if sums is None or counts is None or (_name(sums), _name(counts)) != ("SUM", "COUNT"):
        return False
    same = ("argList", "filterArg", "distinct")
    return bool(sums["argList"]) and all(sums[name] == counts[name] for name in same)


def _aggregated(operand: Node, aggregate: Node) -> Node | None:
    """The aggregation whose result an operand is; None where it is anything else."""
    while _name(operand) == "CAST":
        operand = operand["operands"][0]
    if operand.get("kind") != "INPUT_REF" or "aggCalls" not in aggregate:
        return None
    at = operand["inputIndex"] - len(aggregate.get("grouping", []))
    calls: list[Node] = aggregate["aggCalls"]
    return calls[at] if 0 <= at < len(calls) else None


def _is_sum_of(dividend: Node, count: Node) -> bool:
    """Whether this is an average as Flink takes it apart: a sum that is null where the count is no more than 0."""
    while _name(dividend) == "CAST":
        dividend = dividend["operands"][0]
    if _name(dividend) != "CASE":
        return False
    some = dividend["operands"][0]
    return _name(some) == ">" and some["operands"][0] == count and some["operands"][1].get("value") == 0


def _strict(call: Node) -> bool:
    """Whether a JSON function fails where it finds something else: ERROR ON ERROR, or another type than text."""
    asked = any(operand.get("value") == "ERROR" for operand in call["operands"])
    return asked or (_name(call) == "JSON_VALUE" and not _is_text(_type(call)))


def _variable(*places: int) -> Callable[[list[Node]], bool]:
    """Whether one of these operands is there and no literal."""
    return lambda operands: any(at < len(operands) and operands[at].get("kind") != "LITERAL" for at in places)


def _other_than(*values: object) -> Callable[[list[Node]], bool]:
    """Whether the second operand is none of these literals."""
    return lambda operands: len(operands) > 1 and _upper(operands[1].get("value")) not in values


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


def _without_room(operands: list[Node]) -> bool:
    """Whether nothing bounds a text's length."""
    return operands[1].get("kind") != "LITERAL" and operands[1].get("systemName") != "room"


_CHARSETS = ("US-ASCII", "ISO-8859-1", "UTF-8", "UTF-16BE", "UTF-16LE", "UTF-16")


def _always(_: list[Node]) -> bool:
    return True


_FAILS: Mapping[str, Callable[[list[Node]], bool]] = {
    "BITMAP_FROM_BYTES": _always,
    "BTRIM": _variable(1),
    "DATE_FORMAT": _variable(1),
    "DECODE": _other_than(*_CHARSETS),
    "ELEMENT": _always,
    "ENCODE": _other_than(*_CHARSETS),
    "FROM_BASE64": _always,
    "FROM_UNIXTIME": _variable(1),
    "LIKE": _variable(2),
    "LPAD": _without_room,
    "MAP_FROM_ARRAYS": _always,
    "OVERLAY": _always,
    "PARSE_JSON": _always,
    "REGEXP": _always,
    "REGEXP_COUNT": _always,
    "REGEXP_EXTRACT": _always,
    "REGEXP_EXTRACT_ALL": _always,
    "REGEXP_INSTR": _always,
    "REGEXP_REPLACE": _always,
    "REGEXP_SUBSTR": _always,
    "REPEAT": _without_room,
    "ROUND": _variable(1),
    "RPAD": _without_room,
    "SHA2": _other_than(224, 256, 384, 512),
    "SIMILAR TO": _always,
    "STR_TO_MAP": lambda operands: len(operands) > 1,
    "TO_DATE": _always,
    "TRIM": _variable(1),
    "TRUNCATE": _always,
    "UNIX_TIMESTAMP": _variable(1),
}
"""Functions that can fail, with whether they do so with these operands."""


def _calls(part: Any) -> Iterator[Node]:
    """All calls in a part of a plan."""
    if isinstance(part, Mapping):
        if part.get("kind") == "CALL":
            yield part
        if part.get("systemName") == "attempt":
            # what only tells the type is never evaluated, though the planner may have left it there
            part = {"operands": [*part["operands"][:_TYPE], *part["operands"][_TYPE + 1 :]]}
        for value in part.values():
            yield from _calls(value)
    elif isinstance(part, list):
        for value in part:
            yield from _calls(value)


def _name(call: Node) -> str:
    """``CAST`` of ``$CAST$1``; nothing for functions of our own."""
    return str(call.get("internalName", "")).removeprefix("$").rpartition("$")[0]


def _type(part: Node) -> str:
    found = part.get("type", "")
    return str(found.get("type", "")) if isinstance(found, Mapping) else str(found)


def _is_text(kind: str) -> bool:
    return kind.startswith(("VARCHAR", "CHAR", "STRING"))


def _shown(kind: str) -> str:
    return kind.removesuffix(" NOT NULL")
