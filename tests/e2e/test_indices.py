"""Results can be searched: what lies in Elasticsearch is what the oracles say, and no detection waits for it."""

from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from harness import waiting
from harness.cluster import ELASTICSEARCH, HOST_ELASTICSEARCH, Applied, Cluster, in_cluster
from harness.detectors import manifest
from harness.elastic import Elastic
from harness.kafka import Broker
from oracle.detectors import expected, traffic
from oracle.expected import Expected

from fraud_api import FraudDetector, naming
from fraud_services.indices import indices_of

pytestmark = pytest.mark.e2e

WHERE = {"url": ELASTICSEARCH}
INDEXED_SECONDS = 120.0
STILL_OPEN = Counter({"fraud-dashboard": 1})
"""Windows that only the end of all input would close, and here there is none: the last record's own."""


@pytest.fixture
def elastic(cluster: Cluster, namespace: str) -> Iterator[Elastic]:
    """The demo Elasticsearch, through its port on this machine; without the namespace's indices afterwards."""
    found = Elastic(HOST_ELASTICSEARCH)
    yield found
    found.clear(namespace)


def counts(wanted: Expected) -> dict[str, int]:
    """How many documents an oracle wants, by what they are."""
    outputs = {**wanted.unchanged, **wanted.appended, **wanted.latest}
    found = {"alerts": len(wanted.alerts)} | {name: len(rows) - STILL_OPEN[name] for name, rows in outputs.items()}
    return found | ({"blocked": len(wanted.blocked)} if wanted.blocked else {})


def assert_indexed(elastic: Elastic, detector: FraudDetector, wanted: Expected) -> None:
    """Every index comes to hold as many documents as the oracle wants."""
    indices = indices_of(detector)
    assert {index.what for index in indices} == counts(wanted).keys()
    for index in indices:
        elastic.wait_count(index.alias, counts(wanted)[index.what], INDEXED_SECONDS)


@pytest.mark.parametrize("name", ["bank", "transactions"])
def test_elasticsearch_holds_as_much_as_the_oracle_says(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker, elastic: Elastic, name: str
):
    applied = apply(in_cluster(manifest(name), namespace, elasticsearch=WHERE))
    applied.wait_ready()
    assert applied.wait_condition("IndicesReady", "True")["reason"] == "Ready"
    records = traffic(name, seed=1).to_send
    kafka.produce(applied.detector, records)
    assert_indexed(elastic, applied.detector, expected(name, records, namespace))
    assert kafka.count(naming.indexer_dead_letter_topic(applied.detector)) == 0


def test_without_elasticsearch_detection_goes_on(
    namespace: str, apply: Callable[[FraudDetector], Applied], kafka: Broker, elastic: Elastic, cluster: Cluster
):
    applied = apply(in_cluster(manifest("transactions"), namespace, elasticsearch=WHERE))
    applied.wait_ready()
    applied.wait_condition("IndicesReady", "True")
    records = traffic("transactions", seed=1).to_send
    wanted = expected("transactions", records, namespace)
    job = applied.status["job"]["id"]
    with cluster.without_elasticsearch():
        kafka.produce(applied.detector, records)
        alerts = naming.alerts_topic(applied.detector)
        waiting.until(lambda: kafka.count(alerts) == len(wanted.alerts), lambda: f"{kafka.count(alerts)} alerts")
        assert applied.wait_condition("IndicesReady", "False")["reason"] == "NoAnswer"
        assert applied.condition("Ready")["status"] == "True"
    applied.wait_condition("IndicesReady", "True")
    assert_indexed(elastic, applied.detector, wanted)
    assert applied.condition("Ready")["status"] == "True"
    assert applied.status["job"]["id"] == job


def test_indices_go_where_it_was_told_so(
    namespace: str, apply: Callable[[FraudDetector], Applied], elastic: Elastic, cluster: Cluster
):
    detector = in_cluster(manifest("transactions"), namespace, elasticsearch=WHERE, deletionPolicy="Delete")
    applied = apply(detector)
    applied.wait_condition("IndicesReady", "True")
    assert elastic.indices(f"{namespace}.*")
    cluster.delete(namespace, applied.name)
    cluster.wait_gone(namespace, applied.name)
    assert not elastic.indices(f"{namespace}.*")
