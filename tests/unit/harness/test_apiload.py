"""What is read from the API server's metrics, and what makes it count and refuse."""

from types import SimpleNamespace
from typing import Any

import pytest
from harness import apiload, waiting
from harness.cluster import reasons
from harness.figures import table

DISPATCHED, REJECTED = (f"apiserver_flowcontrol_{kind}_requests_total" for kind in ("dispatched", "rejected"))
OURS, USUAL, STORM = 'flow_schema="fraud-operator-counted"', 'priority_level="workload-low"', 'priority_level="storm"'
METRICS = f"""
# HELP {DISPATCHED} [BETA] Number of requests executed by API Priority and Fairness
# TYPE {DISPATCHED} counter
{DISPATCHED}{{flow_schema="service-accounts",{USUAL}}} 7000
{DISPATCHED}{{{OURS},{USUAL}}} 120
{DISPATCHED}{{{OURS},{STORM}}} 3
{REJECTED}{{{OURS},{STORM},reason="concurrency-limit"}} 1.5e+02
{REJECTED}{{flow_schema="catch-all",priority_level="catch-all",reason="queue-full"}} 9
process_resident_memory_bytes 9.4e+07
fraud_operator_throttled_total 12.0
"""


def test_the_operators_requests_are_those_of_its_flow_schema_at_whatever_level() -> None:
    assert apiload.asked(METRICS) == 120 + 3 + 150


def test_a_metric_is_summed_over_what_is_not_named() -> None:
    assert apiload.total(METRICS, DISPATCHED) == 7_123
    assert apiload.total(METRICS, DISPATCHED, priority_level="workload-low") == 7_120
    assert apiload.total(METRICS, "process_resident_memory_bytes") == 9.4e7
    assert apiload.total(METRICS, "fraud_operator_throttled_total") == 12
    assert apiload.total(METRICS, "nothing") == 0


def test_the_flow_schema_is_for_the_operators_account_alone_and_comes_before_that_of_all() -> None:
    spec = apiload.flow_schema(apiload.STORM)["spec"]
    assert spec["priorityLevelConfiguration"] == {"name": apiload.storm_level()["metadata"]["name"]}
    assert spec["matchingPrecedence"] < 9_000
    (rule,) = spec["rules"]
    account = {"name": "fraud-operator", "namespace": "fraud-system"}
    assert rule["subjects"] == [{"kind": "ServiceAccount", "serviceAccount": account}]


def test_a_storm_has_a_share_of_nothing_borrows_nothing_and_queues_nothing() -> None:
    limited = apiload.storm_level()["spec"]["limited"]
    assert limited["nominalConcurrencyShares"] == limited["borrowingLimitPercent"] == 0
    assert limited["limitResponse"] == {"type": "Reject"}


class Recorded:
    """What a cluster was told: which level the operator's requests are sorted into, and what was deleted."""

    def __init__(self) -> None:
        self.levels: list[str] = []
        self.deleted: list[str] = []
        self.noises: list[dict[str, str]] = []
        pool = SimpleNamespace(request=self.request)
        api = SimpleNamespace(rest_client=SimpleNamespace(pool_manager=pool), configuration=SimpleNamespace(host="x"))
        self.core = SimpleNamespace(api_client=api)

    def apply(self, *bodies: Any) -> None:
        found = [body["spec"]["priorityLevelConfiguration"]["name"] for body in bodies if body["kind"] == "FlowSchema"]
        self.levels += found

    def kubectl(self, verb: str, kind: str, *_: str) -> str:
        assert verb == "delete"
        self.deleted.append(kind)
        return ""

    def request(self, method: str, url: str, headers: dict[str, str], retries: bool) -> Any:
        self.noises.append(headers)
        return SimpleNamespace(status=429)


def test_a_storm_ends_by_itself() -> None:
    cluster: Any = Recorded()
    with apiload.counted(cluster), apiload.Storm(cluster, 0.05):
        waiting.until(lambda: len(cluster.levels) == 3, "it is over", 5)
        assert cluster.deleted == []
    assert cluster.levels[:3] == ["workload-low", apiload.STORM, "workload-low"]
    assert cluster.deleted == ["flowschema", "prioritylevelconfiguration"]


def test_a_measure_that_fails_leaves_no_storm_behind() -> None:
    cluster: Any = Recorded()

    def fail() -> None:
        with apiload.counted(cluster), apiload.Storm(cluster, 60):
            waiting.until(lambda: cluster.noises, "others ask in the operator's name", 5)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert cluster.noises[0] == {"Impersonate-User": "system:serviceaccount:fraud-system:fraud-operator"}
    assert cluster.levels[-1] == "workload-low"
    assert cluster.deleted == ["flowschema", "prioritylevelconfiguration"]


def body(generation: int, observed: int | None, reason: str = "Suspended") -> dict[str, object]:
    conditions = [{"type": "Ready", "reason": reason, "observedGeneration": observed}] if observed else []
    return {"metadata": {"generation": generation}, "status": {"observedGeneration": 0, "conditions": conditions}}


def test_a_detector_has_heard_once_a_condition_speaks_of_the_generation_in_force() -> None:
    found = reasons([body(1, 1), body(2, 1), body(2, 2, "Deploying"), body(1, None), {"metadata": {"generation": 1}}])
    assert found == {"Suspended": 1, "Deploying": 1}


def test_a_table_has_the_middle_and_how_far_the_others_are() -> None:
    rows = table({"told_s": [30.0, 1_200.5, 40.0], "mb": [1.0]}).splitlines()
    assert rows[2:] == ["| `told_s` | 40.00 | 30.00 | 1,200.50 | 3 |", "| `mb` | 1.00 | 1.00 | 1.00 | 1 |"]
