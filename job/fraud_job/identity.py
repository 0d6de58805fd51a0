"""Which state belongs to whom: a compiled plan whose operators are named after rules and not after places.

Flink finds an operator's state again by its uid, and a compiled plan's uids begin with its node ids, which count
up in the order of translation: a rule put in front would take its neighbour's state. Here every node gets an id
made of its owner (the rule or output whose sink alone it feeds) and its own definition, literals left out. So
rules come, go and change places without moving anybody's state; an edited literal or parameter keeps it, and an
operator whose state could not be read any more gets a new id, hence starts empty instead of failing.
See docs/decisions/003-state-identity.md.
"""

import copy
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

Plan = dict[str, Any]
NOTHING: Mapping[str, int] = MappingProxyType({})

_STATELESS = ("calc", "exchange", "union", "drop-update-before", "correlate", "values", "expand", "watermark-assigner")
_NOT_MEANING = frozenset({"id", "uid", "description", "inputProperties", "state", "configuration"})


class UnboundedState(ValueError):
    """An operator keeps state for ever: its owner has neither a window nor a state TTL.

    Attributes:
        owner: the rule or output.
        operator: what kind of operator it is, as the planner describes it.
    """

    def __init__(self, owner: str, operator: str) -> None:
        super().__init__(f"{owner} keeps state without end ({operator}): give it a stateTtl or a window")
        self.owner = owner
        self.operator = operator


@dataclass(frozen=True)
class Operator:
    """A node of the plan after naming.

    Attributes:
        id: the number that its uid begins with.
        owner: ``rule NAME``, ``output NAME``, ``stream NAME``, or ``shared`` for what several feed from.
        type: Flink's name of the node, such as stream-exec-over-aggregate_1.
        description: the planner's words.
        stateful: whether it keeps state of events (sources and sinks keep offsets and transactions instead).
    """

    id: int
    owner: str
    type: str
    description: str
    stateful: bool


def name_operators(
    plan: Plan, owners: Mapping[str, str], ttls: Mapping[str, int], memories: Mapping[str, int] = NOTHING
) -> tuple[Plan, list[Operator]]:
    """Give every node its lasting id and every unbounded state its time to live.

    Args:
        plan: a compiled plan, as Flink's COMPILE PLAN writes it.
        owners: owner by sink table name.
        ttls: time to live in milliseconds by owner.
        memories: the same for what process table functions remember.

    Returns:
        The renamed plan and its operators.

    Raises:
        UnboundedState: a node that only a TTL can bound belongs to an owner without one.
    """
    plan = copy.deepcopy(plan)
    owned = _owners(plan, owners)
    inputs = _inputs(plan)
    nodes = {node["id"]: node for node in plan["nodes"]}
    meanings = _meanings(nodes, inputs, owned)
    seen: Counter[str] = Counter()
    renamed: dict[int, int] = {}
    operators = []
    for old, node in nodes.items():
        meaning = meanings[old]
        seen[meaning] += 1
        new = _number(f"{meaning}\n{seen[meaning]}", set(renamed.values()))
        renamed[old] = new
        _bound(node, owned[old], memories if _process(node) else ttls)
        operators.append(Operator(new, owned[old], node["type"], node.get("description", ""), _stateful(node)))
    for node in plan["nodes"]:
        node["id"] = renamed[node["id"]]
        if _process(node):
            # such an operator's uid is the one that the call gives, whatever the node's id
            node["uid"] = f"{node['id']}_process"
    for edge in plan["edges"]:
        edge["source"], edge["target"] = renamed[edge["source"]], renamed[edge["target"]]
    return plan, operators


def sources(plan: Plan) -> int:
    """How many scans the plan has."""
    return sum("table-source-scan" in node["type"] for node in plan["nodes"])


def _owners(plan: Plan, owners: Mapping[str, str]) -> dict[int, str]:
    inputs = _inputs(plan)
    feeds: dict[int, set[str]] = defaultdict(set)
    for node in plan["nodes"]:
        sink = _table(node, "dynamicTableSink")
        if sink is not None:
            pending = [node["id"]]
            while pending:
                at = pending.pop()
                feeds[at].add(owners[sink])
                pending += inputs[at]
    found = {}
    for node in plan["nodes"]:
        scanned = _table(node, "scanTableSource")
        fed = feeds[node["id"]]
        found[node["id"]] = f"stream {scanned}" if scanned else next(iter(fed)) if len(fed) == 1 else "shared"
    return found


def _inputs(plan: Plan) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for edge in plan["edges"]:
        found[edge["target"]].append(edge["source"])
    return found


def _table(node: Mapping[str, Any], side: str) -> str | None:
    """Last part of the identifier of a node's table, if it is a scan or a sink."""
    spec = node.get(side)
    if spec is None:
        return None
    identifier: str = spec["table"]["identifier"]
    return identifier.rsplit("`.`", 1)[-1].strip("`")


def _meanings(nodes: Mapping[int, Plan], inputs: Mapping[int, list[int]], owned: Mapping[int, str]) -> dict[int, str]:
    """What every node is; what differs in nothing but what is done before it gets that into its meaning.

    Two operators that look alike must not change places when the order of a query's parts does.
    """

    def told(number: int) -> str:
        return f"{owned[number]}\n{_meaning(nodes[number], [nodes[source] for source in inputs[number]])}"

    def before(number: int, literals: bool) -> str:
        return json.dumps([[_own(nodes[one], literals), before(one, literals)] for one in inputs[number]])

    found = {number: told(number) for number in nodes}
    for literals in (False, True):
        twins = Counter(found.values())
        found |= {
            number: f"{meaning}\n{before(number, literals)}"
            for number, meaning in found.items()
            if twins[meaning] > 1 and _stateful(nodes[number])
        }
    return found


def _own(node: Mapping[str, Any], literals: bool) -> str:
    scanned = _table(node, "scanTableSource")
    if scanned is not None:
        return scanned
    own = {key: value for key, value in node.items() if key not in _NOT_MEANING}
    return json.dumps(own if literals else _without_literals(own), sort_keys=True)


def _meaning(node: Mapping[str, Any], sources_of: list[Mapping[str, Any]]) -> str:
    """What decides whether saved state still fits: for scans and sinks the table, else the definition."""
    for side in ("dynamicTableSink", "scanTableSource"):
        table = _table(node, side)
        if table is not None:
            return f"{node['type']} {table}"
    own = {key: value for key, value in node.items() if key not in _NOT_MEANING}
    rows = [source.get("outputType") for source in sources_of] if _stateful(node) else []
    # the steps of a pattern are literals too, and saved partial matches name them
    pattern = node.get("matchSpec", {}).get("pattern")
    parts = [_without_literals(own), _without_literals(rows), pattern]
    return json.dumps(parts + _lengths(node), sort_keys=True)


def _lengths(node: Mapping[str, Any]) -> list[Any]:
    """How far a trailing window or a pattern looks back: what is already forgotten does not come back."""
    constants = [constant.get("value") for constant in node.get("overSpec", {}).get("constants", [])]
    interval = (node.get("matchSpec", {}).get("interval") or {}).get("value")
    return [found for found in (constants, interval) if found]


def _without_literals(part: Any) -> Any:
    if isinstance(part, dict):
        if part.get("kind") == "LITERAL" or _is_interval(part):
            return {"kind": "LITERAL"}
        return {key: _without_literals(value) for key, value in part.items()}
    if isinstance(part, list):
        return [_without_literals(value) for value in part]
    return part


def _is_interval(part: Mapping[str, Any]) -> bool:
    """Whether it is the length of a trailing window: its type tells the unit that it was written in."""
    return part.get("kind") == "INPUT_REF" and str(part.get("type")).startswith("INTERVAL")


def _number(meaning: str, taken: set[int]) -> int:
    number = int.from_bytes(hashlib.sha256(meaning.encode()).digest()[:4], "big") & 0x7FFFFFFF
    while number in taken or number == 0:
        number += 1
    return number


def _stateful(node: Mapping[str, Any]) -> bool:
    kind = node["type"].removeprefix("stream-exec-").rsplit("_", 1)[0]
    return kind not in (*_STATELESS, "table-source-scan", "sink") and not kind.startswith("local-")


def _process(node: Mapping[str, Any]) -> bool:
    return str(node["type"]).startswith("stream-exec-process-table-function")


def _bound(node: Plan, owner: str, ttls: Mapping[str, int]) -> None:
    states = node.get("state", [])
    unbounded = _unbounded_over(node) or _process(node)
    if not states and not unbounded:
        return
    if owner not in ttls:
        raise UnboundedState(owner, str(node.get("description", node["type"])).partition("(")[0])
    for state in states:
        state["ttl"] = f"{ttls[owner]} ms"
    if unbounded:
        # these list no state of their own: they take its time to live from the settings
        node["configuration"] = node.get("configuration", {}) | {"table.exec.state.ttl": f"{ttls[owner]} ms"}


def _unbounded_over(node: Mapping[str, Any]) -> bool:
    groups = node.get("overSpec", {}).get("groups", [])
    return any(group["lowerBound"]["kind"] == "UNBOUNDED_PRECEDING" for group in groups)
