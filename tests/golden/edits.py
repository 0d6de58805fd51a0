"""Edits of one detector, and what Flink plans for each: fixtures for tests of what keeps its state.

A plan is kept as Flink compiled it, cut down to what naming its operators looks at.
"""

import copy
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from fraud_api import FraudDetector
from fraud_api.load import load_file
from fraud_job.compiler import compile_detector
from fraud_job.runtime import settings

PLANS = Path(__file__).parent / "plans"
Spec = dict[str, Any]
_CALC = ("calc", "exchange", "union", "expand", "drop-update-before")


def _rule(spec: Spec, name: str) -> Spec:
    found: Spec = next(rule for rule in spec["rules"] if rule["name"] == name)
    return found


def _twin(spec: Spec) -> Spec:
    """A rule that looks back like ``spend`` and differs in its threshold only."""
    return copy.deepcopy(_rule(spec, "spend")) | {"name": "extra", "reason": "{sum}"} | _having(spec, "sum > 77")


def _having(spec: Spec, condition: str) -> Spec:
    return {"velocity": _rule(spec, "spend")["velocity"] | {"having": condition}}


def _reordered(spec: Spec) -> None:
    for part in ("streams", "rules", "outputs"):
        spec[part].reverse()


def _added_in_front(spec: Spec) -> None:
    spec["rules"].insert(0, _twin(spec))


def _added_between(spec: Spec) -> None:
    spec["rules"].insert(3, _twin(spec))


def _added_at_the_end(spec: Spec) -> None:
    spec["rules"].append(_twin(spec))


def _removed(spec: Spec) -> None:
    spec["rules"] = [rule for rule in spec["rules"] if rule["name"] not in ("large", "busy")]


def _thresholds(spec: Spec) -> None:
    spec["parameters"][0]["value"] = "1234.5"
    _rule(spec, "large")["filter"]["where"] = "amount > 1"
    _rule(spec, "spend")["velocity"]["having"] = "sum > 20"
    _rule(spec, "steady")["edge"]["resetWhen"] = "sum < 20"
    _rule(spec, "slow")["change"]["having"] = "gap > 172800"
    _rule(spec, "busy")["window"]["having"] = "times > 1000000000000"
    _rule(spec, "busy")["window"]["aggregates"][0]["where"] = "amount > 100.25"
    _rule(spec, "pair")["join"]["where"] = "payments.amount > orders.amount * 3"
    _rule(spec, "climb")["sequence"]["steps"][0]["where"] = "amount < 50"
    _rule(spec, "fall")["sequence"]["steps"][1]["where"] = "amount < 50"
    _rule(spec, "jump")["sql"]["query"] = _rule(spec, "jump")["sql"]["query"].replace("* 10", "* 20")
    spec["outputs"][1]["query"] = spec["outputs"][1]["query"].replace("900", "800")


def _words(spec: Spec) -> None:
    """What people read and what happens after an alert."""
    for rule in spec["rules"]:
        rule |= {"description": "told anew", "severity": "Critical", "mode": "Shadow", "reason": "suspicious"}


def _window_size(spec: Spec) -> None:
    _rule(spec, "busy")["window"]["tumble"]["size"] = "10m"


def _trailing_window(spec: Spec) -> None:
    _rule(spec, "spend")["velocity"]["within"] = "2h"


def _sequence_time(spec: Spec) -> None:
    _rule(spec, "climb")["sequence"]["within"] = "1h"


def _sequence_times(spec: Spec) -> None:
    _rule(spec, "climb")["sequence"]["steps"][0]["times"] = 3


def _sequence_strict(spec: Spec) -> None:
    _rule(spec, "climb")["sequence"]["contiguity"] = "Strict"


def _join_bounds(spec: Spec) -> None:
    _rule(spec, "pair")["join"]["before"] = "2h"


def _memories(spec: Spec) -> None:
    _rule(spec, "spend")["firstOnly"] = "3h"
    _rule(spec, "steady")["edge"] = {"memory": "40d"}
    _rule(spec, "steady")["velocity"]["memory"] = "60d"
    _rule(spec, "fresh")["firstSeen"] |= {"memory": "60d", "warmUp": "2d"}
    _rule(spec, "slow")["change"]["within"] = "1d"


def _other_value(spec: Spec) -> None:
    _rule(spec, "fresh")["firstSeen"]["value"] = ["at"]


def _other_key(spec: Spec) -> None:
    _rule(spec, "slow")["change"]["by"] = ["at"]


def _aggregate_added(spec: Spec) -> None:
    _rule(spec, "busy")["window"]["aggregates"].append({"name": "sum", "function": "Sum", "column": "amount"})


def _column_added(spec: Spec) -> None:
    spec["streams"][0]["columns"].append({"name": "shop", "type": "STRING", "required": False})


def _ttl(spec: Spec) -> None:
    spec["outputs"][0]["stateTtl"] = "60d"


EDITS: dict[str, Callable[[Spec], None]] = {
    "base": lambda spec: None,
    "reordered": _reordered,
    "added-in-front": _added_in_front,
    "added-between": _added_between,
    "added-at-the-end": _added_at_the_end,
    "removed": _removed,
    "thresholds": _thresholds,
    "words": _words,
    "window-size": _window_size,
    "trailing-window": _trailing_window,
    "sequence-time": _sequence_time,
    "sequence-times": _sequence_times,
    "sequence-strict": _sequence_strict,
    "join-bounds": _join_bounds,
    "aggregate-added": _aggregate_added,
    "memories": _memories,
    "other-value": _other_value,
    "other-key": _other_key,
    "column-added": _column_added,
    "ttl": _ttl,
}


def edited(name: str) -> FraudDetector:
    """The detector after an edit."""
    (base,) = load_file(PLANS / "base.yaml")
    document = base.model_dump(mode="json", by_alias=True, exclude_none=True)
    EDITS[name](document["spec"])
    return FraudDetector.model_validate(document)


def plan_of(name: str) -> dict[str, Any]:
    """What Flink planned for the detector after an edit."""
    found: dict[str, Any] = json.loads((PLANS / f"{name}.json").read_text())
    return found


def renew_plans() -> None:
    """Have Flink plan every edit anew; needs Java."""
    for stray in PLANS.glob("*.json"):
        stray.unlink()
    for name, plan in zip(EDITS, _planned([edited(name) for name in EDITS]), strict=True):
        (PLANS / f"{name}.json").write_text(_written(_trimmed(plan)))


def _planned(detectors: list[FraudDetector]) -> Iterator[dict[str, Any]]:
    from fraudctl.runtime.flink_home import flink_home

    os.environ["FLINK_HOME"] = str(flink_home())
    os.environ["PYFLINK_CLIENT_EXECUTABLE"] = sys.executable
    from fraud_job import flink

    compiled: list[str] = []
    compile_plan = flink._compile
    flink._compile = lambda *arguments: compiled.append(compile_plan(*arguments)) or compiled[-1]  # type: ignore
    for detector in detectors:
        flink.plan(compile_detector(detector), settings(detector))
        yield json.loads(compiled[-1])


def _trimmed(plan: dict[str, Any]) -> dict[str, Any]:
    nodes = [_trimmed_node(node) for node in plan["nodes"]]
    edges = [{"source": edge["source"], "target": edge["target"]} for edge in plan["edges"]]
    return {"nodes": nodes, "edges": edges}


def _trimmed_node(node: dict[str, Any]) -> dict[str, Any]:
    kept = dict(node) | {"description": node["description"].partition("(")[0]}
    for side in ("scanTableSource", "dynamicTableSink"):
        if side in node:
            kept[side] = {"table": {"identifier": node[side]["table"]["identifier"]}}
    if any(kind in node["type"] for kind in _CALC):
        kept = {key: kept[key] for key in ("id", "type", "description", "outputType") if key in kept}
    kept.pop("inputProperties", None)
    return kept


def _written(plan: dict[str, Any]) -> str:
    """JSON with a node a line."""
    nodes = ",\n".join(json.dumps(node) for node in plan["nodes"])
    return f'{{"nodes": [\n{nodes}\n],\n"edges": {json.dumps(plan["edges"])}}}\n'
