"""One broker and one warm Flink cluster for all tests that need them."""

from collections.abc import Iterator

import pytest
from harness.flink import Flink
from harness.kafka import Broker
from harness.lab import Lab

from fraudctl.runtime.cluster import FlinkCluster
from fraudctl.runtime.kafka import EmbeddedKafka


@pytest.fixture(scope="session")
def kafka() -> Iterator[Broker]:
    with EmbeddedKafka() as embedded:
        yield Broker(embedded.bootstrap)


@pytest.fixture(scope="session")
def flink_cluster() -> Iterator[FlinkCluster]:
    with FlinkCluster() as cluster:
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
