"""What the product takes on the kind cluster of `make up`: writes docs/benchmarks-kind.json and prints it.

Every figure is taken several times; what is compared is compared in one run.
"""

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from harness import waiting  # noqa: E402
from harness.cluster import HOST_KAFKA, OPERATOR_NAMESPACE, Applied, Cluster, in_cluster, resource  # noqa: E402
from harness.detectors import manifest  # noqa: E402
from harness.kafka import Broker  # noqa: E402

from fraud_api import FraudDetector, naming  # noqa: E402
from fraud_generator import KafkaTarget, Settings, run  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MANY = 50
REST_SECONDS = 120.0
EVENTS = 4_000_000
Figures = dict[str, list[float]]


def main() -> None:
    """Measure everything and write it."""
    tools = subprocess.run([ROOT / "hack/lab/lab", "env"], text=True, check=True, capture_output=True).stdout
    cluster = Cluster(f"{tools.split('=', 1)[1].split(':')[0]}/kubectl", "kind-fraud")
    found: Figures = {}
    for _ in range(ROUNDS):
        for measure in (_changes, _throughput):
            with _namespace(cluster) as namespace:
                measure(cluster, namespace, found)
        _tell(found)
    with _namespace(cluster) as namespace:
        _at_rest(cluster, namespace, found)
    _tell(found)
    rounded = {name: [round(value, 2) for value in values] for name, values in found.items()}
    (ROOT / "docs/benchmarks-kind.json").write_text(json.dumps(rounded, indent=2) + "\n")


def _tell(found: Figures) -> None:
    for name, values in found.items():
        print(f"{name:32} {statistics.median(values):>12,.2f}   of {[round(value, 2) for value in values]}", flush=True)


@contextmanager
def _namespace(cluster: Cluster) -> Iterator[str]:
    name = cluster.create_namespace()
    try:
        yield name
    finally:
        cluster.delete_namespace(name)


@contextmanager
def _timed(found: Figures, name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    found.setdefault(name, []).append(time.monotonic() - began)


def _changes(cluster: Cluster, namespace: str, found: Figures) -> None:
    """Seconds from an apply, an edit, a kill to Ready."""
    applied = Applied(cluster, in_cluster(manifest("transactions"), namespace))
    with _timed(found, "apply_to_ready_s"):
        cluster.apply(resource(applied.detector))
        applied.wait_ready()
    with _timed(found, "edit_to_in_force_s"):
        applied.edit(lambda spec: spec["parameters"][0].update(value=1000))
        applied.wait_ready()
    for component in ("taskmanager", "jobmanager"):
        with _timed(found, f"{component}_recovery_s"):
            cluster.kill_pod(namespace, component)
            waiting.until(lambda: applied.condition("Ready").get("status") != "True", applied.told, 60)
            applied.wait_ready()


def _throughput(cluster: Cluster, namespace: str, found: Figures) -> None:
    """Events a second over a full topic of the demo Kafka: on kind, then by fraudctl run on this machine."""
    kafka = Broker(HOST_KAFKA)
    detector = in_cluster(manifest("transactions"), namespace, flink={"parallelism": 2})
    topic = detector.spec.streams[0].topic_name
    kafka.create_for(detector)
    run("transactions", Settings(count=EVENTS), KafkaTarget(HOST_KAFKA, {"transactions": topic}))
    events = kafka.count(topic)
    applied = Applied(cluster, detector)
    cluster.apply(resource(detector))
    on_kind = _rate(kafka, detector, events)
    cluster.delete(namespace, applied.name)
    waiting.until(lambda: not cluster.pods(namespace, "taskmanager"), "the TaskManager goes")
    local = _copy(detector, f"{detector.metadata.name}-local")
    with tempfile.TemporaryDirectory() as directory:
        file = Path(directory, "detector.yaml")
        file.write_text(json.dumps(resource(local)))
        command = [Path(sys.executable).with_name("fraudctl"), "run", file, "--kafka", HOST_KAFKA, "--json"]
        child = subprocess.Popen([*command, "--events", str(events)], stdout=subprocess.DEVNULL)
        by_fraudctl = _rate(kafka, local, events)
        child.wait(120)
    found.setdefault("events_per_s_on_kind", []).append(on_kind)
    found.setdefault("events_per_s_by_fraudctl", []).append(by_fraudctl)
    found.setdefault("kind_vs_fraudctl", []).append(on_kind / by_fraudctl)


def _copy(detector: FraudDetector, name: str) -> FraudDetector:
    metadata = detector.metadata.model_copy(update={"name": name})
    return detector.model_copy(update={"metadata": metadata})


def _rate(kafka: Broker, detector: FraudDetector, events: int) -> float:
    """Events a second between the first commit seen and nearly the last: a job that ends need not make that one."""
    enough = 0.95 * events

    def committed() -> int:
        return sum(kafka.committed(naming.consumer_group(detector)).values())

    first = waiting.until(committed, "the first commit", 300)
    began = time.monotonic()
    waiting.until(lambda: committed() >= enough, lambda: f"{committed()} of {events} read", 600)
    return (committed() - first) / (time.monotonic() - began)


def _at_rest(cluster: Cluster, namespace: str, found: Figures) -> None:
    """The operator's memory and requests with one and many detectors whose jobs are suspended."""
    for number in range(MANY):
        if number == 1:
            _rest(cluster, found, 1)
        detector = _copy(in_cluster(manifest("transactions"), namespace, suspend=True), f"suspended-{number}")
        cluster.apply(resource(detector))
        Applied(cluster, detector).wait_phase("Suspended")
    _rest(cluster, found, MANY)


def _rest(cluster: Cluster, found: Figures, detectors: int) -> None:
    before = _requests(cluster)
    time.sleep(REST_SECONDS)
    minutes = REST_SECONDS / 60
    found.setdefault(f"requests_a_minute_{detectors}", []).append((_requests(cluster) - before) / minutes)
    found.setdefault(f"operator_mb_{detectors}", []).append(_operator_bytes(cluster) / 1e6)


def _requests(cluster: Cluster) -> float:
    """Requests of service accounts outside kube-system so far: the operator's, where no job runs."""
    text = cluster.kubectl("get", "--raw", "/metrics")
    pattern = r'^apiserver_flowcontrol_dispatched_requests_total\{flow_schema="service-accounts".*\} (\S+)$'
    return sum(float(value) for value in re.findall(pattern, text, re.MULTILINE))


def _operator_bytes(cluster: Cluster) -> float:
    (pod,) = cluster.pods(OPERATOR_NAMESPACE, "operator")
    path = f"/api/v1/namespaces/{OPERATOR_NAMESPACE}/pods/{pod.metadata.name}:9090/proxy/metrics"
    [found] = re.findall(r"^process_resident_memory_bytes (\S+)$", cluster.kubectl("get", "--raw", path), re.MULTILINE)
    return float(found)


if __name__ == "__main__":
    main()
