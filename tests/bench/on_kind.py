"""What the product takes on the kind cluster of `make up`: writes docs/benchmarks-kind.json and prints a table.

    .venv/bin/python tests/bench/on_kind.py [changes] [throughput] [at_rest] [crowd] [storm]

Every figure is taken several times (BENCH_ROUNDS, 3 by default): a round takes each measure once, in a namespace of its
own and beside nothing else, and the table has the median, the least and the most of all rounds. What is compared is
compared within a round. The file is written after each round; figures of measures that are not named stay in it.
`hack/up platform operator` makes the cluster without the sample, whose job would have its part of everything.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import crowd  # noqa: E402
from harness import apiload, waiting  # noqa: E402
from harness.cluster import HOST_KAFKA, OPERATOR_NAMESPACE, Applied, Cluster, in_cluster, resource  # noqa: E402
from harness.detectors import manifest  # noqa: E402
from harness.figures import table  # noqa: E402
from harness.kafka import Broker  # noqa: E402

from fraud_api import FraudDetector, naming  # noqa: E402
from fraud_generator import KafkaTarget, Settings, run  # noqa: E402

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "3"))
MANY = 50
REST_SECONDS = 120.0
EVENTS = 4_000_000
GONE_SECONDS = 1_800.0
"""So long a crowd may take to be removed."""
FILE = ROOT / "docs/benchmarks-kind.json"
Figures = crowd.Figures


def main() -> None:
    """Measure what was asked for, or everything, and write it."""
    names = sys.argv[1:] or list(MEASURES)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        sys.exit(f"no such measure: {', '.join(unknown)}; there are {', '.join(MEASURES)}")
    tools = subprocess.run([ROOT / "hack/lab/lab", "env"], text=True, check=True, capture_output=True).stdout
    cluster = Cluster(f"{tools.split('=', 1)[1].split(':')[0]}/kubectl", "kind-fraud")
    found: Figures = {}
    for _ in range(ROUNDS):
        for name in names:
            with _namespace(cluster) as namespace:
                MEASURES[name](cluster, namespace, found)
        _write(found)
        print(table(found), flush=True)


def _write(found: Figures) -> None:
    rounded = {name: [round(value, 2) for value in values] for name, values in found.items()}
    FILE.write_text(json.dumps(json.loads(FILE.read_text()) | rounded, indent=2) + "\n")


@contextmanager
def _namespace(cluster: Cluster) -> Iterator[str]:
    """A namespace; afterwards nothing is left of it anywhere, and nothing to do for the operator."""
    name = cluster.create_namespace()
    try:
        yield name
    finally:
        cluster.delete_namespace(name, GONE_SECONDS)
        waiting.until(lambda: _forgotten(cluster, name), f"the operator forgets {name}", GONE_SECONDS)
        Broker(HOST_KAFKA).delete_under(f"{name}.")


def _forgotten(cluster: Cluster, namespace: str) -> bool:
    time.sleep(2.0)
    selector = f"frauddetector.io/record=true,frauddetector.io/namespace={namespace}"
    return not cluster.kubectl("--namespace", OPERATOR_NAMESPACE, "get", "configmaps", "-l", selector, "-o", "name")


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
    with apiload.counted(cluster):
        for number in range(MANY):
            if number == 1:
                crowd.rest(cluster, found, "1", REST_SECONDS)
            detector = _copy(in_cluster(manifest("transactions"), namespace, suspend=True), f"suspended-{number}")
            cluster.apply(resource(detector))
            Applied(cluster, detector).wait_phase("Suspended")
        crowd.rest(cluster, found, str(MANY), REST_SECONDS)


MEASURES: dict[str, Callable[[Cluster, str, Figures], None]] = {
    "changes": _changes,
    "throughput": _throughput,
    "at_rest": _at_rest,
    "crowd": crowd.calm,
    "storm": crowd.in_storm,
}


if __name__ == "__main__":
    main()
