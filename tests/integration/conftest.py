"""One broker and one warm Flink cluster for all tests that need them."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import elastic as harness_elastic
from harness.elastic import Elastic
from harness.flink import Flink
from harness.kafka import Broker
from harness.lab import Lab
from harness.runs import Run, left_over
from harness.scores import Score, table

from fraudctl.runtime.cluster import FlinkCluster
from fraudctl.runtime.elasticsearch import EmbeddedElasticsearch
from fraudctl.runtime.kafka import EmbeddedKafka

PROMPT = {
    # what REST tells is at most this old, by default several seconds (milliseconds)
    "web.refresh-interval": "100",
    "rest.cache.checkpoint-statistics.timeout": "100 ms",
    "metrics.fetcher.update-interval": "200",
}
LOST_SOON = {"heartbeat.interval": "500 ms", "heartbeat.timeout": "5 s"}
SCORES = pytest.StashKey[list[Score]]()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(SCORES, [])
    if found:
        terminalreporter.section("planted episodes found")
        for line in table(found):
            terminalreporter.write_line(line)


@pytest.fixture
def record_scores(pytestconfig: pytest.Config) -> Callable[[list[Score]], None]:
    """Takes scores for the table at the end of the run."""
    return pytestconfig.stash.setdefault(SCORES, []).extend


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    with EmbeddedKafka() as embedded:
        yield Broker(embedded.bootstrap)


@pytest.fixture(scope="session")
def elasticsearch() -> Iterator[EmbeddedElasticsearch]:
    embedded = EmbeddedElasticsearch(settings=harness_elastic.SETTINGS)
    try:
        embedded.start(harness_elastic.START_SECONDS)
        yield embedded
    finally:
        embedded.close()


@pytest.fixture(scope="session")
def elastic(elasticsearch: EmbeddedElasticsearch) -> Elastic:
    return Elastic(elasticsearch.url)


@pytest.fixture(scope="session")
def flink_cluster() -> Iterator[FlinkCluster]:
    with FlinkCluster(settings=PROMPT) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def breakable() -> Iterator[FlinkCluster]:
    """A cluster of a module's own, to break."""
    with FlinkCluster(settings=PROMPT | LOST_SOON) as cluster:
        yield cluster


@pytest.fixture(scope="session")
def warm_flink(flink_cluster: FlinkCluster, kafka: Broker) -> Flink:
    return Flink(flink_cluster, kafka)


@pytest.fixture
def flink(warm_flink: Flink) -> Iterator[Flink]:
    """The shared cluster; a test's jobs end with it."""
    yield warm_flink
    for job in warm_flink.jobs:
        warm_flink.end(job)


@pytest.fixture
def lab(kafka: Broker, flink: Flink) -> Lab:
    return Lab(kafka, flink)


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Everything temporary of a run goes there."""
    directory = tmp_path / "scratch"
    directory.mkdir()
    return directory


@pytest.fixture
def fraudctl(scratch: Path, request: pytest.FixtureRequest) -> Iterator[Any]:
    """Starts the console script, without Elasticsearch unless the test is marked so; at the end nothing may be left."""
    runs: list[Run] = []
    indexed = request.node.get_closest_marker("elasticsearch") is not None

    def start(*arguments: str, stdin: bytes | None = None) -> Run:
        without = ("--no-elasticsearch",) if arguments[0] == "run" and not indexed else ()
        runs.append(Run(scratch, (*arguments, *without), stdin))
        return runs[-1]

    yield start
    for run in runs:
        if run.process.poll() is None:
            run.process.kill()
            run.end()
    deadline = time.monotonic() + 15
    while (found := left_over(scratch)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert found == []
