"""An API server that is too busy: asked again when it said so, never all at once, and counted."""

import math
from collections.abc import Callable, Iterator

import pytest
import urllib3
from harness.busy import BusyServer, busy_server

from fraud_operator.clients import kubernetes, patience
from fraud_operator.clients.kubernetes import CONFIG_MAPS, Kubernetes, KubernetesError
from fraud_operator.metrics import THROTTLED

CALLS: dict[str, Callable[[Kubernetes], object]] = {
    "GET": lambda cluster: cluster.get(CONFIG_MAPS, "ns", "x"),
    "POST": lambda cluster: cluster.create(CONFIG_MAPS, "ns", {"metadata": {"name": "x"}}),
    "PATCH": lambda cluster: cluster.patch(CONFIG_MAPS, "ns", "x", {"data": {"a": "b"}}),
    "DELETE": lambda cluster: cluster.delete(CONFIG_MAPS, "ns", "x"),
}


@pytest.fixture
def server() -> Iterator[BusyServer]:
    with busy_server() as server:
        yield server


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the client waits, without the waiting."""
    slept: list[float] = []
    monkeypatch.setattr(kubernetes.time, "sleep", slept.append)
    return slept


@pytest.fixture
def cluster(server: BusyServer, monkeypatch: pytest.MonkeyPatch, slept: list[float]) -> Kubernetes:
    monkeypatch.setattr(kubernetes, "_connect", lambda: (urllib3.PoolManager(), server.url, {}))
    return Kubernetes()


def throttled() -> float:
    return float(THROTTLED._value.get())


@pytest.mark.parametrize("method", CALLS)
def test_every_request_comes_again_as_it_was(
    server: BusyServer, cluster: Kubernetes, slept: list[float], method: str
) -> None:
    server.busy, before = 3, throttled()
    CALLS[method](cluster)
    assert [asked for asked, _ in server.asked] == [method] * 4
    assert len({body for _, body in server.asked}) == 1
    assert len(slept) == 3
    assert throttled() - before == 3


def test_no_wait_is_shorter_than_the_server_asks_for_and_they_grow(
    server: BusyServer, cluster: Kubernetes, slept: list[float]
) -> None:
    server.busy, server.retry_after = 4, "2"
    cluster.get(CONFIG_MAPS, "ns", "x")
    assert all(2 <= seconds <= 6 for seconds in slept)
    assert slept[3] >= 4, "twice as long each time"


def test_a_server_that_stays_busy_is_left_alone_before_any_loop_counts_as_dead(
    server: BusyServer, cluster: Kubernetes, slept: list[float]
) -> None:
    server.busy = 1_000
    with pytest.raises(KubernetesError, match="too busy") as found:
        cluster.get(CONFIG_MAPS, "ns", "x")
    assert found.value.throttled
    assert not found.value.forbidden
    assert found.value.again > 0
    assert sum(slept) <= patience.LONGEST_SECONDS
    assert len(server.asked) < 10


def test_who_is_asked_to_stay_away_for_long_does(server: BusyServer, cluster: Kubernetes, slept: list[float]) -> None:
    server.busy, server.retry_after = 1, "120"
    with pytest.raises(KubernetesError) as found:
        cluster.get(CONFIG_MAPS, "ns", "x")
    assert len(server.asked) == 1
    assert found.value.again >= 120
    assert slept == []


@pytest.mark.parametrize("said", [None, "soon", "-5", "Wed, 21 Oct 2037 07:28:00 GMT"])
def test_a_server_that_does_not_say_when_is_asked_again_ever_later(
    server: BusyServer, cluster: Kubernetes, slept: list[float], said: str | None
) -> None:
    server.busy, server.retry_after = 4, said
    cluster.get(CONFIG_MAPS, "ns", "x")
    assert 0.5 <= slept[0] < 1
    assert slept[3] >= 4


def test_a_server_that_goes_down_in_order_is_waited_for(server: BusyServer, cluster: Kubernetes) -> None:
    server.busy, server.status = 1, 503
    assert cluster.get(CONFIG_MAPS, "ns", "x") is not None
    server.busy, server.retry_after = 1, None
    with pytest.raises(KubernetesError) as found:
        cluster.get(CONFIG_MAPS, "ns", "x")
    assert not found.value.throttled, "it did not ask for another try"


def test_who_is_put_off_together_does_not_come_back_together() -> None:
    waits = {patience.wait(0, "1") for _ in range(100)}
    assert len(waits) > 90
    assert min(waits) >= 1
    assert math.ceil(max(waits)) == 2
