"""Liveness and readiness over real HTTP."""

import socket
import urllib.error
import urllib.request

import pytest

from fraud_operator import health
from fraud_operator.health import Pulse


class Hands:
    """A clock that tests move."""

    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_pulse_is_missed_after_its_time_and_not_before() -> None:
    clock = Hands()
    pulse = Pulse(clock)
    pulse.beat("the queue", 60)
    pulse.beat("a look", 10)
    clock.now += 10
    assert pulse.missed() == []
    clock.now += 1
    assert pulse.missed() == ["a look: nothing for 11 s"]
    pulse.end("a look")
    assert pulse.missed() == []
    clock.now += 50
    assert pulse.missed() == ["the queue: nothing for 61 s"]
    pulse.beat("the queue", 60)
    assert pulse.missed() == []


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_what_is_wrong_is_said_with_503() -> None:
    port = free_port()
    dead: list[str] = []
    unready = ["the API server does not answer"]
    health.serve(port, lambda: dead, lambda: unready)
    assert ask(port, "/healthz") == (200, "OK\n")
    assert ask(port, "/readyz") == (503, "the API server does not answer\n")
    dead.append("the queue: nothing for 61 s")
    unready.clear()
    assert ask(port, "/healthz") == (503, "the queue: nothing for 61 s\n")
    assert ask(port, "/readyz") == (200, "OK\n")
    assert ask(port, "/")[0] == 404


def test_a_client_that_sends_nothing_keeps_nobody_waiting() -> None:
    port = free_port()
    health.serve(port, list, list)
    with socket.create_connection(("127.0.0.1", port)):
        assert ask(port, "/healthz") == (200, "OK\n")


def test_a_taken_port_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            health.serve(taken.getsockname()[1], list, list)
