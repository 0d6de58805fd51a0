"""Elasticsearch and Kibana with TLS and logins: a node with security on and Kibana's stand-in, both on this machine."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import kibana, waiting
from harness.cluster import Applied, Cluster, in_cluster
from harness.detectors import manifest
from harness.elastic import START_SECONDS, Elastic
from harness.kafka import Broker
from harness.kibana import StandIn
from harness.secure import NODE, PASSWORD, USER, secure_node
from harness.secured import Authority
from oracle.detectors import expected, traffic

from fraud_api import FraudDetector, naming

pytestmark = pytest.mark.e2e

API_KEY = "a2V5LW9mLXRlc3Rz"


@pytest.fixture
def authority(cluster: Cluster, tmp_path: Path) -> Authority:
    return Authority.make(tmp_path, cluster.address_of_this_machine())


@pytest.fixture
def elastic(authority: Authority) -> Iterator[Elastic]:
    node = secure_node(authority)
    try:
        node.start(START_SECONDS)
        yield Elastic(node.url, {"username": USER, "password": PASSWORD, "ca.crt": authority.ca.read_text()})
    finally:
        node.close()


@pytest.fixture
def dashboards(authority: Authority) -> Iterator[StandIn]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.certificate(NODE), authority.key(NODE))
    with kibana.running(context, authority.address) as held:
        held.authorization = f"ApiKey {API_KEY}"
        yield held


def test_results_lie_behind_logins(
    namespace: str,
    apply: Callable[[FraudDetector], Applied],
    kafka: Broker,
    cluster: Cluster,
    authority: Authority,
    elastic: Elastic,
    dashboards: StandIn,
):
    where = elastic.url.replace("127.0.0.1", authority.address)
    detector = in_cluster(
        manifest("transactions"),
        namespace,
        elasticsearch={"url": where, "secretRef": {"name": "search"}},
        kibana={"url": dashboards.url, "secretRef": {"name": "kibana"}},
        deletionPolicy="Delete",
    )
    cluster.create_secret(namespace, "search", {"username": USER, "password": "wrong"})
    applied = apply(detector)
    applied.wait_condition("IndicesReady", "False", "SecretMissing")
    cluster.allow_operator(namespace, "search", "kibana")
    applied.wait_condition("IndicesReady", "False", "NotTrusted")
    applied.wait_condition("DashboardsReady", "False", "SecretMissing")

    ca = authority.ca.read_text()
    cluster.core.delete_namespaced_secret("search", namespace)
    cluster.create_secret(namespace, "search", {"username": USER, "password": PASSWORD, "ca.crt": ca})
    cluster.create_secret(namespace, "kibana", {"apiKey": API_KEY, "ca.crt": ca})
    applied.wait_condition("IndicesReady", "True")
    applied.wait_condition("DashboardsReady", "True")
    applied.wait_ready()
    assert dashboards.ids()

    records = traffic("transactions", seed=1).to_send
    kafka.produce(applied.detector, records)
    wanted = len(expected("transactions", records, namespace).alerts)
    elastic.wait_count(naming.alerts_topic(applied.detector), wanted, 180)

    # what somebody has deleted in Kibana comes back
    dashboards.spaces["default"].clear()
    waiting.until(dashboards.ids, applied.told, 180)
    cluster.delete(namespace, applied.name)
    cluster.wait_gone(namespace, applied.name)
    assert not dashboards.ids()
    assert not elastic.indices(f"{namespace}.*")
