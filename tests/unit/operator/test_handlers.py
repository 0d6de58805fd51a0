"""What Kopf is told: which Deployments it is sent, and how long it bears with an API server that is busy."""

import asyncio
import logging
from collections.abc import Iterator

import kopf
import pytest
from harness.busy import BusyServer, busy_server
from kopf._cogs.clients import api, auth
from kopf._cogs.structs import references
from unit.operator.driver import SETTINGS

from fraud_operator.handlers import configure
from fraud_operator.names import DETECTOR_LABEL


def configured() -> kopf.OperatorSettings:
    settings = kopf.OperatorSettings()
    configure(settings, SETTINGS)
    return settings


def resource(group: str, plural: str) -> references.Resource:
    return references.Resource(group=group, version="v1", plural=plural, namespaced=True)


def test_the_api_server_sends_deployments_of_detectors_only() -> None:
    selectors = configured().watching.label_selectors
    assert selectors.collect(resource("apps", "deployments")) == [DETECTOR_LABEL]
    assert selectors.collect(resource("", "configmaps")) == []


def test_kopf_bears_with_a_busy_api_server_for_minutes_and_never_at_the_same_moments() -> None:
    backoffs = configured().networking.error_backoffs
    assert not isinstance(backoffs, (int, float))
    once, twice = list(backoffs), list(backoffs)
    assert once != twice
    assert 240 < sum(once) < 600
    assert min(once) >= 1


@pytest.fixture
def server() -> Iterator[BusyServer]:
    with busy_server() as server:
        yield server


def test_kopf_asks_again_when_it_was_told_to(server: BusyServer, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def ask() -> None:
        context = auth.APIContext(kopf.ConnectionInfo(server=server.url))
        monkeypatch.setattr(api.asyncio, "sleep", sleep)
        try:
            logger = logging.getLogger("kopf")
            response = await api.request("get", "/", settings=configured(), context=context, logger=logger)
            assert response.status == 200
        finally:
            await context.close()

    server.busy, server.retry_after = 10, "4"
    asyncio.run(ask())
    assert len(server.asked) == 11
    assert min(slept[:10]) >= 4
