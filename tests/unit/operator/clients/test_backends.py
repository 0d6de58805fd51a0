"""The operator's way to Elasticsearch and Kibana."""

from collections.abc import Iterator

import pytest
from harness.kibana import StandIn, running
from unit.operator.driver import transactions

from fraud_api import FraudDetector
from fraud_operator.clients.backends import Dashboards, Indices, address

CANARY = "canary-of-tests"


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("http://elasticsearch:9200", "http://elasticsearch.lab.svc:9200"),
        ("https://elasticsearch", "https://elasticsearch.lab.svc"),
        ("http://http:9200/http", "http://http.lab.svc:9200/http"),
        ("https://Search/path/", "https://search.lab.svc/path/"),
        ("http://elasticsearch.default.svc:9200", "http://elasticsearch.default.svc:9200"),
        ("https://10.0.0.1:9200/es", "https://10.0.0.1:9200/es"),
        ("http://[fd00::1]:9200", "http://[fd00::1]:9200"),
        ("http://localhost:9200", "http://localhost:9200"),
    ],
)
def test_a_bare_name_is_a_service_in_the_detectors_namespace(written: str, found: str) -> None:
    assert address(written, "lab") == found


@pytest.fixture
def kibana() -> Iterator[StandIn]:
    with running() as held:
        yield held


def shown(kibana: StandIn, **more: object) -> FraudDetector:
    return transactions(kibana={"url": kibana.url, **more})


def test_a_dashboard_comes_is_repaired_and_goes(kibana: StandIn) -> None:
    detector = shown(kibana)
    assert Dashboards().keep(detector, {}).ready
    made = kibana.ids()
    assert made
    imports = kibana.count("POST /api/saved_objects/_import")
    assert Dashboards().keep(detector, {}).ready
    assert kibana.count("POST /api/saved_objects/_import") == imports
    kibana.spaces["default"].clear()
    assert Dashboards().keep(detector, {}).ready
    assert kibana.ids() == made
    assert Dashboards().remove(detector, {}).ready
    assert not kibana.ids()


def test_kibana_says_why_it_does_not(kibana: StandIn) -> None:
    kibana.starting = 1
    assert Dashboards().keep(shown(kibana), {}).reason == "Unavailable"
    kibana.authorization = "ApiKey right"
    told = Dashboards().keep(shown(kibana), {"apiKey": CANARY})
    assert (told.ready, told.reason) == (False, "Unauthorized")
    assert CANARY not in told.message


@pytest.mark.parametrize("backend", [Indices(), Dashboards()], ids=["elasticsearch", "kibana"])
@pytest.mark.parametrize(
    ("secret", "told"),
    [({"token": CANARY}, "holds token"), ({"ca.crt": CANARY}, "ca.crt")],
    ids=["no login", "no certificate"],
)
def test_a_secret_that_means_nothing_is_told_without_its_values(
    backend: Indices | Dashboards, secret: dict[str, str], told: str
) -> None:
    nowhere = {"url": "https://127.0.0.1:9"}
    detector = transactions(elasticsearch=nowhere, kibana=nowhere)
    for view in (backend.keep(detector, secret), backend.remove(detector, secret)):
        assert (view.ready, view.reason) == (False, "Unauthorized")
        assert told in view.message
        assert CANARY not in view.message


def test_an_elasticsearch_that_is_not_there() -> None:
    detector = transactions(elasticsearch={"url": "http://127.0.0.1:9"})
    for view in (Indices().keep(detector, {}), Indices().remove(detector, {})):
        assert (view.ready, view.reason) == (False, "NoAnswer")
        assert "http://127.0.0.1:9" in view.message
