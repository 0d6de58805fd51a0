"""One kind cluster with operator and backends for the whole suite; a namespace for every test."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.cluster import BACKENDS_NAMESPACE, HOST_KAFKA, OPERATOR_NAMESPACE, ROOT, Applied, Cluster, resource
from harness.kafka import Broker

from fraud_api import FraudDetector

NAME = "fraud"
LAB = ROOT / "hack" / "lab" / "lab"
KEPT = Path(os.environ.get("FRAUD_E2E_LOGS", ROOT / "e2e-logs"))
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """The cluster `fraud`: made when it is not there, and then removed at the end."""
    path = subprocess.run([LAB, "env"], text=True, check=True, capture_output=True).stdout
    tools = path.split("=", 1)[1].split(":")[0]
    kind = f"{tools}/kind"
    there = shutil.which(kind) and subprocess.run(
        [kind, "get", "clusters"], text=True, check=False, capture_output=True
    )
    was_there = bool(there) and NAME in there.stdout.split()
    steps = ["cluster", "images", "backends", "operator"]
    done = subprocess.run([ROOT / "hack" / "up", *steps], check=False, env={**os.environ, "PYTHON": sys.executable})
    assert done.returncode == 0, "hack/up failed; its output says why"
    yield Cluster(f"{tools}/kubectl", f"kind-{NAME}")
    if not was_there:
        subprocess.run([LAB, "down"], check=True)


@pytest.fixture(scope="session")
def kafka(cluster: Cluster) -> Broker:
    """The demo Kafka, through its port on this machine."""
    return Broker(HOST_KAFKA)


@pytest.fixture
def new_namespace(cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Callable[[], str]]:
    """Makes namespaces that go with the test; what they held is kept when it failed."""
    made: list[str] = []

    def make() -> str:
        made.append(cluster.create_namespace())
        return made[-1]

    yield make
    if request.node.stash.get(FAILED, False):
        for name in (*made, OPERATOR_NAMESPACE, BACKENDS_NAMESPACE):
            keep(cluster, name, KEPT / request.node.name.replace("/", "_") / name)
    for name in made:
        cluster.delete_namespace(name)


@pytest.fixture
def namespace(new_namespace: Callable[[], str]) -> str:
    return new_namespace()


@pytest.fixture
def apply(cluster: Cluster) -> Callable[[FraudDetector], Applied]:
    """`kubectl apply` of a detector."""

    def run(detector: FraudDetector) -> Applied:
        cluster.apply(resource(detector))
        return Applied(cluster, detector)

    return run


@pytest.fixture
def operator(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster, with an operator that is well again when the test is over."""
    yield cluster
    cluster.wait_operator()


def keep(cluster: Cluster, namespace: str, directory: Path) -> None:
    """Resources, events and logs of a namespace as files."""
    directory.mkdir(parents=True, exist_ok=True)
    kinds = "frauddetectors,all,configmaps,pvc,networkpolicies,poddisruptionbudgets"
    for name, arguments in {
        "resources.yaml": ("get", kinds, "-o", "yaml"),
        "events.txt": ("get", "events", "--sort-by=.lastTimestamp"),
        "pods.txt": ("describe", "pods"),
    }.items():
        (directory / name).write_text(cluster.kubectl("-n", namespace, *arguments, check=False))
    for pod in cluster.core.list_namespaced_pod(namespace).items:
        name = pod.metadata.name
        for suffix, more in (("log", ()), ("previous.log", ("--previous",))):
            said = cluster.kubectl("-n", namespace, "logs", name, "--all-containers", *more, check=False)
            (directory / f"{name}.{suffix}").write_text(said)
