"""The operator's loops over the stand-in world: what anybody may write into a cluster does not fell them."""

import asyncio
import socket
from dataclasses import replace
from typing import Any

import pytest
from harness.world import HOME, World
from unit.operator.driver import SETTINGS

from fraud_operator import __main__, program
from fraud_operator.clients.kubernetes import CONFIG_MAPS, DETECTORS
from fraud_operator.names import DETECTOR_LABEL, NAMESPACE_LABEL, RECORD_LABEL, Key
from fraud_operator.program import Program

MINE = Key("mine", "good")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(program, "Kubernetes", lambda: world.cluster)
    world.cluster.create(DETECTORS, MINE.namespace, {"metadata": {"name": MINE.name}})
    return world


def looked_at(made: Program, monkeypatch: pytest.MonkeyPatch, later: Key | None = None) -> list[Key]:
    """Runs the loops for a moment; which detectors they have looked at. The next look at ``later`` is far away."""
    looks: list[Key] = []
    monkeypatch.setattr(made, "_reconcile", looks.append)

    async def moment() -> None:
        if later is not None:
            made.queue.add(later, 1_000)
        task = asyncio.create_task(made.run())
        await asyncio.sleep(0.3)
        task.cancel()

    asyncio.run(moment())
    return looks


@pytest.mark.parametrize(
    "labels",
    [{}, {DETECTOR_LABEL: ""}, {DETECTOR_LABEL: "-"}, {DETECTOR_LABEL: "A_b.c"}, {DETECTOR_LABEL: "another"}],
    ids=str,
)
@pytest.mark.parametrize("namespace", ["theirs", HOME])
def test_a_forged_record_fells_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, labels: dict[str, str], namespace: str
) -> None:
    labels = {RECORD_LABEL: "true", NAMESPACE_LABEL: "theirs", **labels}
    world.cluster.create(CONFIG_MAPS, namespace, {"metadata": {"name": "forged", "labels": labels}})
    made = Program(SETTINGS)
    assert made.unready() == ["the API server has not listed detectors yet; the log says why"]
    assert looked_at(made, monkeypatch) == [MINE]
    assert not made.stopped.is_set()
    assert made.dead() == made.unready() == []


def test_a_record_without_its_detector_is_looked_at(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    key = Key("mine", "gone")
    labels = {RECORD_LABEL: "true", DETECTOR_LABEL: key.name, NAMESPACE_LABEL: key.namespace}
    world.cluster.create(CONFIG_MAPS, HOME, {"metadata": {"name": key.record, "labels": labels}})
    assert sorted(looked_at(Program(SETTINGS), monkeypatch)) == [key, MINE]
    elsewhere = replace(SETTINGS, namespaces=("other",))
    assert looked_at(Program(elsewhere), monkeypatch) == [], "it is another operator's"


@pytest.mark.parametrize("disturbed", [False, True])
def test_a_detector_that_rests_is_looked_at_where_the_census_tells_of_a_change(
    world: World, monkeypatch: pytest.MonkeyPatch, disturbed: bool
) -> None:
    made = Program(SETTINGS)
    monkeypatch.setattr(made._reconciler, "disturbed", lambda key: disturbed)
    assert looked_at(made, monkeypatch, later=MINE) == [MINE] * disturbed


def test_a_resync_shows_a_sign_of_life_with_each_of_its_requests(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Program(SETTINGS)
    signs: list[str] = []
    monkeypatch.setattr(made._pulse, "beat", lambda name, within: signs.append(name))
    before = world.cluster.requests.total()
    made._all_keys()
    assert signs == ["the resync"] * (world.cluster.requests.total() - before)


def test_a_loop_that_ends_ends_the_process(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Program(SETTINGS)

    def broken() -> list[Key]:
        raise ValueError("a bug")

    monkeypatch.setattr(made, "_all_keys", broken)
    asyncio.run(asyncio.wait_for(made.run(), 5))
    assert made.stopped.is_set()


def test_an_api_server_that_refuses_is_not_ready_and_not_dead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.cluster.forbidden.add(DETECTORS.plural)
    made = Program(SETTINGS)
    assert looked_at(made, monkeypatch) == []
    assert made.dead() == []
    assert made.unready()
    assert not made.stopped.is_set()


@pytest.mark.parametrize("variable", ["FRAUD_METRICS_PORT", "FRAUD_HEALTH_PORT"])
def test_a_taken_port_is_told_and_nothing_starts(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str
) -> None:
    def never(**_: Any) -> None:
        raise AssertionError("it started")

    monkeypatch.setattr(__main__.kopf, "run", never)
    with socket.socket() as taken, socket.socket() as other:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        other.bind(("0.0.0.0", 0))
        ports = {"FRAUD_METRICS_PORT": str(other.getsockname()[1]), "FRAUD_HEALTH_PORT": str(other.getsockname()[1])}
        other.close()
        port = str(taken.getsockname()[1])
        for name, value in {**ports, variable: port}.items():
            monkeypatch.setenv(name, value)
        assert __main__.main() == 1
    assert capsys.readouterr().err == f"{variable}: port {port} can't be listened on: Address already in use\n"
