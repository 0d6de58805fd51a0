"""A crowd of suspended detectors that are applied at once, while the API server is calm and in a storm of 429."""

import contextlib
import json
import os
import time
from collections import Counter

from harness import apiload, waiting
from harness.cluster import GROUP, KAFKA, OPERATOR_NAMESPACE, PLURAL, VERSION, Cluster, in_cluster, reasons, resource
from harness.detectors import manifest

CROWD = int(os.environ.get("BENCH_CROWD", "500"))
STORM_SECONDS = 120.0
REST_SECONDS = 300.0
_AT_ONCE = 100
"""Resources of one kubectl."""
_POLL_SECONDS = 2.0
_TOLD_SECONDS, _DOWN_SECONDS = 1_800.0, 2 * 3_600.0
_CALM_SECONDS = 180.0
"""Three resyncs: what was made is looked at once more before it rests."""
BLAMES = frozenset({"ReleaseFailed", "Forbidden", "OperatorError", "SecretMissing", "CheckFailed", "RolledBack"})
"""Reasons of Ready that a busy API server is no reason for."""

Figures = dict[str, list[float]]


def calm(cluster: Cluster, namespace: str, found: Figures) -> None:
    """Seconds until all have a condition, and until all are down; the operator's memory; requests a minute at rest."""
    _measure(cluster, namespace, found, "crowd", 0.0)


def in_storm(cluster: Cluster, namespace: str, found: Figures) -> None:
    """The same, but from the first moment on nearly everything that the operator asks is put off for two minutes."""
    _measure(cluster, namespace, found, "storm", STORM_SECONDS)


def _measure(cluster: Cluster, namespace: str, found: Figures, name: str, storm: float) -> None:
    def note(what: str, value: float) -> None:
        found.setdefault(what, []).append(value)

    _new_operator(cluster)
    watch = _Watch(cluster, namespace)
    with apiload.counted(cluster):
        with apiload.Storm(cluster, storm) if storm else contextlib.nullcontext():
            began = time.monotonic()
            _apply(cluster, namespace)
            waiting.until(lambda: watch.look().total() == CROWD, watch.state, _TOLD_SECONDS)
            note(f"{name}_told_s", time.monotonic() - began)
            waiting.until(lambda: watch.look()["Suspended"] == CROWD, watch.state, _DOWN_SECONDS)
            note(f"{name}_down_s", time.monotonic() - began)
        note(f"{name}_peak_mb", watch.most_bytes / 1e6)
        note(f"{name}_restarts", _restarts(cluster))
        if storm:
            note(f"{name}_throttled", _throttled(cluster))
            note(f"{name}_blamed", watch.blamed)
        time.sleep(_CALM_SECONDS)
        rest(cluster, found, name, REST_SECONDS)


def rest(cluster: Cluster, found: Figures, name: str, seconds: float) -> None:
    """The ``counted`` operator's requests a minute and its memory while nothing happens."""
    before = apiload.requests(cluster)
    time.sleep(seconds)
    found.setdefault(f"requests_a_minute_{name}", []).append((apiload.requests(cluster) - before) * 60 / seconds)
    found.setdefault(f"operator_mb_{name}", []).append(memory(cluster) / 1e6)


def memory(cluster: Cluster) -> float:
    """Bytes of the operator's process; Helm's, which come and go, are not in it."""
    return apiload.of_operator(cluster, "process_resident_memory_bytes")


class _Watch:
    """Looks at the crowd every other second, with the rights of an administrator, whom no storm concerns."""

    def __init__(self, cluster: Cluster, namespace: str) -> None:
        self._cluster = cluster
        self._path = f"/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}"
        self._told: Counter[str] = Counter()
        self.most_bytes = 0.0
        self.blamed = 0

    def look(self) -> Counter[str]:
        time.sleep(_POLL_SECONDS)
        self._told = reasons(json.loads(self._cluster.kubectl("get", "--raw", self._path))["items"])
        with contextlib.suppress(AssertionError, ValueError):  # while it starts anew, which is counted by itself
            self.most_bytes = max(self.most_bytes, memory(self._cluster))
        self.blamed = max(self.blamed, sum(self._told[reason] for reason in BLAMES))
        return self._told

    def state(self) -> str:
        return f"{CROWD} suspended detectors; so many of them say {dict(self._told)}"


def _apply(cluster: Cluster, namespace: str) -> None:
    kafka = {"bootstrapServers": KAFKA, "topics": {"partitions": 1}}
    one = in_cluster(manifest("transactions"), namespace, suspend=True, kafka=kafka)
    bodies = []
    for number in range(CROWD):
        metadata = one.metadata.model_copy(update={"name": f"suspended-{number}"})
        bodies.append(resource(one.model_copy(update={"metadata": metadata})))
    for first in range(0, CROWD, _AT_ONCE):
        cluster.apply(*bodies[first : first + _AT_ONCE])


def _new_operator(cluster: Cluster) -> None:
    """An operator that has not grown over what was measured before; it works once the killed one is missed."""
    cluster.kill_pod(OPERATOR_NAMESPACE, "operator")
    cluster.wait_operator()
    waiting.until(lambda: apiload.of_operator(cluster, "fraud_operator_working") == 1, "the new operator works")


def _restarts(cluster: Cluster) -> float:
    (pod,) = cluster.pods(OPERATOR_NAMESPACE, "operator")
    return float(sum(one.restart_count for one in pod.status.container_statuses or []))


def _throttled(cluster: Cluster) -> float:
    found = apiload.of_operator(cluster, "fraud_operator_throttled_total")
    assert found, "nothing of what the operator asked was put off: there was no storm"
    return found
