"""One kind cluster with operator and backends for the whole suite; a namespace for every test."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness.cluster import BACKENDS_NAMESPACE, HOST_KAFKA, OPERATOR_NAMESPACE, ROOT, Applied, Cluster, resource
from harness.kafka import Broker

from fraud_api import FraudDetector

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
    was_there = subprocess.run([ROOT / "hack" / "up", "exists"], check=False).returncode == 0
    done = subprocess.run([ROOT / "hack" / "up", "system"], text=True, check=False)
    assert done.returncode == 0, "hack/up system failed; its output says why"
    paths = subprocess.run([ROOT / "hack" / "up", "paths"], text=True, check=True, capture_output=True)
    kubeconfig, kubectl = (Path(line) for line in paths.stdout.split())
    yield Cluster(kubeconfig, kubectl)
    if not was_there and not os.environ.get("FRAUD_E2E_KEEP"):
        subprocess.run([ROOT / "hack" / "down"], check=True)


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
