"""Imports every dashboard into a real Kibana and fills its Elasticsearch, for pictures. Not a part of `make test`:

KIBANA_URL=http://localhost:5601 ELASTICSEARCH_URL=http://localhost:9200 pytest tests/e2e/real_kibana.py
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch
from harness.detectors import MANIFESTS
from harness.filled import filled

from fraud_services.kibana.client import KibanaClient
from fraud_services.kibana.credentials import Credentials
from fraud_services.kibana.http import Http
from fraud_services.kibana.objects import owner, saved_objects
from fraud_services.kibana.verdict import Reason, Verdict

DECLARED = "the dashboard is as declared"


@pytest.fixture(scope="module")
def elasticsearch() -> Iterator[Elasticsearch]:
    with Elasticsearch(os.environ["ELASTICSEARCH_URL"]) as client:
        yield client


@pytest.fixture(scope="module")
def kibana() -> KibanaClient:
    client = KibanaClient(Http(os.environ["KIBANA_URL"], "default", Credentials()))
    assert client.wait(300).ready
    return client


@pytest.mark.parametrize("name", sorted(path.stem for path in MANIFESTS.glob("*.yaml")))
def test_a_real_kibana_takes_it(elasticsearch: Elasticsearch, kibana: KibanaClient, name: str) -> None:
    detector, _ = filled(elasticsearch, os.environ["ELASTICSEARCH_URL"], name)
    objects: list[Any] = saved_objects(detector)
    assert kibana.apply(owner(detector), objects) == Verdict(Reason.READY, DECLARED, changed=True)
    assert kibana.apply(owner(detector), objects) == Verdict(Reason.READY, DECLARED), (
        "Kibana's own changes are no drift"
    )
    assert kibana.remove(owner(detector)).changed
    assert kibana.apply(owner(detector), objects).changed
