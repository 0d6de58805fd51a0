"""A stand-in for Kibana, and a client of it."""

from collections.abc import Callable, Iterator

import pytest
from harness.kibana import StandIn, running

from fraud_services.kibana.client import KibanaClient
from fraud_services.kibana.credentials import Credentials
from fraud_services.kibana.http import Http

Connect = Callable[..., KibanaClient]


@pytest.fixture
def kibana() -> Iterator[StandIn]:
    with running() as held:
        yield held


@pytest.fixture
def connect(kibana: StandIn) -> Connect:
    def _connect(space: str = "default", authorization: str | None = None, url: str | None = None) -> KibanaClient:
        return KibanaClient(Http(url or kibana.url, space, Credentials(authorization)), sleep=lambda _: None)

    return _connect
