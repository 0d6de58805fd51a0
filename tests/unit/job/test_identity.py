"""Whose state survives which edit, on plans that Flink made (tests/golden/plans)."""

import copy
from functools import cache
from typing import Any

import pytest
from golden.edits import EDITS, edited, plan_of

from fraud_job.compiler import compile_detector
from fraud_job.identity import Operator, UnboundedState, name_operators, sources

STATEFUL = {
    f"rule {name}" for name in ("spend", "steady", "fresh", "slow", "busy", "pair", "climb", "fall", "jump")
} | {
    "output per-card",
    "output per-minute",
}


def owners(name: str) -> dict[str, str]:
    return {insert.sink: insert.owner for insert in compile_detector(edited(name)).inserts}


def ttls(name: str) -> dict[str, int]:
    inserts = compile_detector(edited(name)).inserts
    return {insert.owner: insert.state_ttl_ms for insert in inserts if insert.state_ttl_ms}


def memories(name: str) -> dict[str, int]:
    inserts = compile_detector(edited(name)).inserts
    return {insert.owner: insert.memory_ms for insert in inserts if insert.memory_ms}


@cache
def operators(name: str) -> list[Operator]:
    return name_operators(plan_of(name), owners(name), ttls(name), memories(name))[1]


def state_ids(name: str) -> dict[str, set[int]]:
    """Ids of operators with state, by owner."""
    found: dict[str, set[int]] = {}
    for operator in operators(name):
        if operator.stateful:
            found.setdefault(operator.owner, set()).add(operator.id)
    return found


def other_ids(name: str) -> set[int]:
    """Ids of scans and sinks, which keep offsets and transactions."""
    return {one.id for one in operators(name) if one.type.partition("_")[0].endswith(("table-source-scan", "sink"))}


def test_every_stateful_owner_has_its_own_operators() -> None:
    found = state_ids("base")
    assert set(found) == STATEFUL
    assert len(found["rule spend"]) == 2, "the trailing window and the memory of firstOnly"
    every = [number for numbers in found.values() for number in numbers]
    assert len(every) == len(set(every))


@pytest.mark.parametrize("name", EDITS)
def test_no_two_operators_share_an_id(name: str) -> None:
    ids = [operator.id for operator in operators(name)]
    assert len(ids) == len(set(ids)) == len(plan_of(name)["nodes"])
    assert all(0 < number < 2**31 for number in ids)


@pytest.mark.parametrize("name", EDITS)
def test_streams_are_scanned_once_whatever_the_edit(name: str) -> None:
    assert sources(plan_of(name)) == 2
    assert {one.owner for one in operators(name) if one.type.startswith("stream-exec-table-source-scan")} == {
        "stream payments",
        "stream orders",
    }


@pytest.mark.parametrize("name", EDITS)
def test_state_is_never_shared(name: str) -> None:
    assert "shared" not in state_ids(name)


@pytest.mark.parametrize("name", ["reordered", "thresholds", "words", "ttl", "memories"])
def test_edits_that_keep_all_state(name: str) -> None:
    assert state_ids(name) == state_ids("base")
    assert other_ids(name) == other_ids("base")


@pytest.mark.parametrize("name", ["added-in-front", "added-between", "added-at-the-end"])
def test_a_new_rule_moves_nobody(name: str) -> None:
    found = state_ids(name)
    assert found.pop("rule extra").isdisjoint(number for numbers in found.values() for number in numbers)
    assert found == state_ids("base")
    assert other_ids(name) > other_ids("base")


def test_a_new_rule_gets_the_same_ids_wherever_it_stands() -> None:
    places = ("added-in-front", "added-between", "added-at-the-end")
    ids = [{operator.id for operator in operators(name) if operator.owner == "rule extra"} for name in places]
    assert ids[0] == ids[1] == ids[2]


def test_rules_with_one_definition_and_two_thresholds_share_no_state() -> None:
    found = state_ids("added-in-front")
    assert len(found["rule extra"]) == len(found["rule spend"]) == 2
    assert found["rule extra"].isdisjoint(found["rule spend"])


def test_a_removed_rule_moves_nobody() -> None:
    expected = state_ids("base")
    expected.pop("rule busy")
    assert state_ids("removed") == expected


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("window-size", "rule busy"),
        ("aggregate-added", "rule busy"),
        ("sequence-times", "rule climb"),
        ("sequence-strict", "rule climb"),
        ("join-bounds", "rule pair"),
        ("other-value", "rule fresh"),
        ("other-key", "rule slow"),
        # what a shorter time has forgotten does not come back with a longer one
        ("sequence-time", "rule climb"),
    ],
)
def test_a_new_definition_starts_empty_and_moves_nobody(name: str, changed: str) -> None:
    before, after = state_ids("base"), state_ids(name)
    assert after.pop(changed).isdisjoint(before.pop(changed))
    assert after == before
    assert other_ids(name) == other_ids("base")


def test_another_trailing_window_starts_empty_and_what_was_told_stays() -> None:
    before, after = state_ids("base"), state_ids("trailing-window")
    assert len(before.pop("rule spend") & after.pop("rule spend")) == 1, "the memory of firstOnly"
    assert after == before


def test_a_new_column_renews_only_what_keeps_whole_events() -> None:
    before, after = state_ids("base"), state_ids("column-added")
    changed = {owner for owner in before if before[owner] != after[owner]}
    # Flink carries every column through LAG, whether it is selected or not
    assert changed == {
        "rule spend",
        "rule steady",
        "rule fresh",
        "rule slow",
        "rule pair",
        "rule climb",
        "rule fall",
        "rule jump",
    }
    assert other_ids("column-added") == other_ids("base")


def test_naming_is_idempotent_and_leaves_its_input_alone() -> None:
    plan = plan_of("base")
    before = copy.deepcopy(plan)
    named, _ = name_operators(plan, owners("base"), ttls("base"), memories("base"))
    assert plan == before
    assert name_operators(named, owners("base"), ttls("base"), memories("base"))[0] == named


def test_edges_follow_their_nodes() -> None:
    named, _ = name_operators(plan_of("base"), owners("base"), ttls("base"), memories("base"))
    types = {node["id"]: node["type"] for node in named["nodes"]}
    old_types = {node["id"]: node["type"] for node in plan_of("base")["nodes"]}
    links = [(types[edge["source"]], types[edge["target"]]) for edge in named["edges"]]
    assert links == [(old_types[edge["source"]], old_types[edge["target"]]) for edge in plan_of("base")["edges"]]


def test_equal_numbers_give_way() -> None:
    """Twins of one owner: the same definition twice is two operators."""
    plan = plan_of("base")
    twins = [node for node in plan["nodes"] if "interval-join" in node["type"]]
    plan["nodes"].append(copy.deepcopy(twins[0]) | {"id": 999_999})
    plan["edges"] += [
        edge | {side: 999_999}
        for edge in list(plan["edges"])
        for side in ("source", "target")
        if edge[side] == twins[0]["id"]
    ]
    _, found = name_operators(plan, owners("base"), ttls("base"), memories("base"))
    joins = [operator for operator in found if "interval-join" in operator.type]
    assert len({operator.id for operator in joins}) == 2
    assert {operator.owner for operator in joins} == {"rule pair"}


def two_windows(swapped: bool = False, threshold: int = 5) -> dict[str, Any]:
    """A rule with two trailing windows that look alike, over events that differ."""

    def calc(number: int, least: int) -> dict[str, Any]:
        condition = {"kind": "CALL", "operands": [{"kind": "LITERAL", "value": least}]}
        return {"id": number, "type": "stream-exec-calc_1", "condition": condition, "outputType": "ROW"}

    def over(number: int) -> dict[str, Any]:
        constants = [{"kind": "LITERAL", "value": "60000"}]
        return {
            "id": number,
            "type": "stream-exec-over-aggregate_1",
            "overSpec": {"groups": [], "constants": constants},
        }

    scan = {"id": 1, "type": "stream-exec-table-source-scan_2", "scanTableSource": {"table": {"identifier": "`a`"}}}
    sink = {"id": 9, "type": "stream-exec-sink_1", "dynamicTableSink": {"table": {"identifier": "`rule own`"}}}
    union = {"id": 8, "type": "stream-exec-union_1"}
    least = [100, threshold] if swapped else [threshold, 100]
    nodes = [scan, calc(2, least[0]), calc(3, least[1]), over(4), over(5), union, sink]
    edges = [(1, 2), (1, 3), (2, 4), (3, 5), (4, 8), (5, 8), (8, 9)]
    return {"nodes": nodes, "edges": [{"source": source, "target": target} for source, target in edges]}


def windows_by_threshold(plan: dict[str, Any]) -> dict[int, int]:
    named, _ = name_operators(plan, {"rule own": "rule own"}, {})
    nodes = {node["id"]: node for node in named["nodes"]}
    links = [(nodes[edge["source"]], nodes[edge["target"]]) for edge in named["edges"]]
    return {
        source["condition"]["operands"][0]["value"]: target["id"]
        for source, target in links
        if "over" in target["type"]
    }


def test_windows_of_one_query_that_look_alike_do_not_change_places() -> None:
    found = windows_by_threshold(two_windows())
    assert len(set(found.values())) == 2
    assert windows_by_threshold(two_windows(swapped=True)) == found
    # another threshold in front of one of them is another one
    edited = windows_by_threshold(two_windows(threshold=6))
    assert edited[100] == found[100]
    assert edited[6] not in found.values()


@pytest.mark.parametrize(
    ("owner", "operator"),
    [("rule jump", "OverAggregate"), ("rule steady", "OverAggregate"), ("output per-card", "GroupAggregate")],
)
def test_state_without_end_is_refused(owner: str, operator: str) -> None:
    given = ttls("base")
    del given[owner]
    with pytest.raises(UnboundedState, match="give it a stateTtl or a window") as caught:
        name_operators(plan_of("base"), owners("base"), given, memories("base"))
    assert (caught.value.owner, caught.value.operator) == (owner, operator)


def test_what_remembers_between_rows_needs_a_memory() -> None:
    for owner in ("rule spend", "rule steady", "rule fresh", "rule slow"):
        given = {other: memory for other, memory in memories("base").items() if other != owner}
        with pytest.raises(UnboundedState) as caught:
            name_operators(plan_of("base"), owners("base"), ttls("base"), given)
        assert (caught.value.owner, caught.value.operator) == (owner, "ProcessTableFunction")


def test_a_function_that_remembers_is_found_again_by_its_new_id() -> None:
    named, _ = name_operators(plan_of("base"), owners("base"), ttls("base"), memories("base"))
    functions = [node for node in named["nodes"] if "process-table-function" in node["type"]]
    assert len(functions) == 5
    assert all(node["uid"] == f"{node['id']}_process" for node in functions)


def test_windows_need_no_time_to_live() -> None:
    assert set(ttls("base")) == {"rule steady", "rule jump", "output per-card"}


def test_times_to_live_reach_the_plan() -> None:
    named, found = name_operators(plan_of("ttl"), owners("ttl"), ttls("ttl"), memories("ttl"))
    owner = {operator.id: operator.owner for operator in found}
    told: dict[str, Any] = {}
    for node in named["nodes"]:
        for state in node.get("state", []):
            told[owner[node["id"]]] = state["ttl"]
        if "table.exec.state.ttl" in node.get("configuration", {}):
            told[owner[node["id"]]] = node["configuration"]["table.exec.state.ttl"]
    days = 86_400_000
    assert told == {
        "rule spend": f"{3_600_000 + 7 * days} ms",
        "rule steady": f"{60 * days} ms",
        "rule fresh": f"{60 * days} ms",
        "rule slow": f"{180 * days} ms",
        "rule jump": f"{7 * days} ms",
        "output per-card": f"{60 * days} ms",
    }


def test_plans_are_those_of_the_edits() -> None:
    """A compiler that plans other sinks needs `python tests/golden/renew.py --plans`."""
    for name in EDITS:
        sinks = [node["dynamicTableSink"] for node in plan_of(name)["nodes"] if "dynamicTableSink" in node]
        names = {sink["table"]["identifier"].rsplit("`.`", 1)[-1].strip("`") for sink in sinks}
        assert names == set(owners(name))
