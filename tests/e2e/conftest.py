"""One kind cluster with operator and backends for the whole suite; a namespace for every test."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from harness.clock import Clock
from harness.cluster import BACKENDS_NAMESPACE, OPERATOR_NAMESPACE, Applied, Cluster, resource
from harness.kind import KEPT, TEST_SECONDS, keep
from harness.kind import clock as clock
from harness.kind import cluster as cluster
from harness.kind import kafka as kafka

from fraud_api import FraudDetector

FAILED = pytest.StashKey[bool]()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the cluster comes last: of the time that a run has, it gets what the others leave."""
    items.sort(key=_on_cluster)
    for item in filter(_on_cluster, items):
        # the first of them waits for the cluster to be made
        item.add_marker(pytest.mark.timeout(func_only=True))


def _on_cluster(item: pytest.Item) -> bool:
    return item.get_closest_marker("e2e") is not None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", [])
    left_out = [report.nodeid for report in skipped if report.nodeid.startswith("tests/e2e/")]
    if left_out:
        terminalreporter.section("left out of this run")
        for name in left_out:
            terminalreporter.write_line(name)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(autouse=True)
def in_time(clock: Clock) -> None:
    if why := clock.forbids("a test", TEST_SECONDS):
        pytest.skip(why)


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
