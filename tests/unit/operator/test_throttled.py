"""A storm of 429 from the API server: everything waits, nothing is lost, and no detector counts as failed for it."""

import pytest
from harness.world import BUSY, STORM_SECONDS, World
from unit.operator.driver import (
    KEY,
    PLACE,
    SETTINGS,
    Driver,
    assert_each_told_once,
    delete,
    edited,
    left,
    rule_of,
    started,
    transactions,
)

from fraud_operator import metrics, record
from fraud_operator.clients.kubernetes import KubernetesError

BAD = {"ReleaseFailed", "Forbidden", "OperatorError", "JobFailed", "RolledBack", "SecretMissing", "CheckFailed"}
STORMS = range(2, 1_350, 61)
"""At which of the story's requests a storm begins: it makes some more."""


def story(driver: Driver) -> list[tuple[str, str]]:
    """Deploy, edit a threshold, change a rule, suspend, resume, delete; how Ready was after each."""
    ready = []
    steps = [
        transactions(deletionPolicy="Delete"),
        transactions(950, deletionPolicy="Delete"),
        edited(transactions(950, deletionPolicy="Delete"), rules=[rule_of("amount + 1 > :limit")]),
        edited(transactions(950, deletionPolicy="Delete", suspend=True), rules=[rule_of("amount + 1 > :limit")]),
        edited(transactions(970, deletionPolicy="Delete"), rules=[rule_of("amount + 1 > :limit")]),
    ]
    for step in steps:
        driver.world.cluster.apply(step)
        driver.run(KEY, 60 + 2 * STORM_SECONDS)
        ready.append(driver.ready(KEY))
    delete(driver)
    driver.run(KEY, 60 + 2 * STORM_SECONDS)
    return ready


def told(driver: Driver) -> set[str]:
    return {reason for reason, _ in driver.world.cluster.events()}


@pytest.mark.parametrize("first", STORMS)
def test_a_storm_at_any_time_changes_nothing_but_the_time(first: int) -> None:
    driver = Driver(World())
    driver.world.cluster.storm_at = first
    ready = story(driver)
    assert driver.world.cluster.storm_at is None, "there was no storm"
    assert ready == [("True", "Running")] * 3 + [("False", "Suspended"), ("True", "Running")]
    assert told(driver).isdisjoint(BAD)
    assert {"Deployed", "SavepointTaken", "Removed", "Running", "Suspended"} <= told(driver)
    assert left(driver) == []
    assert driver.world.kafka.topics.keys() == {"queueing.transactions"}, "all others are known as the operator's"
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 4
    assert_each_told_once(driver)


def test_a_look_in_a_storm_writes_nothing_and_comes_again_when_the_api_server_said_so() -> None:
    driver = started()
    before = driver.world.cluster.objects[PLACE]
    errors = metrics.RECONCILIATIONS.labels("error")._value.get()
    driver.world.cluster.storm_at = 0
    assert driver.look(KEY) == 5.0
    assert driver.world.cluster.objects[PLACE] == before
    assert metrics.RECONCILIATIONS.labels("error")._value.get() == errors


def test_topics_that_were_made_in_a_storm_are_the_operators() -> None:
    driver = Driver()
    driver.world.cluster.apply(transactions())
    driver.look(KEY)
    calm = record.load(driver.world.ports, KEY)
    assert calm is not None
    for first in range(3, 12):
        driver = Driver()
        driver.world.cluster.apply(transactions())
        driver.world.cluster.storm_at = first
        driver.run(KEY, 2 * STORM_SECONDS)
        found = record.load(driver.world.ports, KEY)
        assert found is not None
        assert found.topics == calm.topics


def test_an_event_that_was_put_off_is_told_after_the_storm(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = started()
    create = driver.world.cluster.create
    driver.world.held_up = []

    def busy(*_: object) -> None:
        raise KubernetesError(429, "the API server is too busy to answer", again=5.0)

    monkeypatch.setattr(driver.world.cluster, "create", busy)
    del driver.world.cluster.objects["deployments", "default", "fd-transactions-jobmanager"]
    driver.run(KEY, 70)
    assert "Repaired" not in told(driver)
    monkeypatch.setattr(driver.world.cluster, "create", create)
    for later in driver.world.held_up:
        later()
    assert "Repaired" in told(driver)


def test_a_release_that_helm_was_put_off_over_is_made_again_and_never_taken_back() -> None:
    driver = started()
    tries: list[str] = []

    def once(values: object) -> str | None:
        tries.append("try")
        return f"Upgrade failed: {BUSY}" if len(tries) == 1 else None

    driver.world.helm.break_ = once
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY, 120)
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 2 or len(tries) == 2
    assert told(driver).isdisjoint(BAD)
    assert_each_told_once(driver)


def test_indices_keep_what_was_said_of_them_while_their_secret_can_not_be_asked_for() -> None:
    search = {"url": "https://search:9200", "secretRef": {"name": "login"}}
    driver = Driver()
    place = ("secrets", "default", "login")
    driver.world.cluster.objects[place] = {"metadata": {"name": "login", "namespace": "default"}, "data": {}}
    driver.world.cluster.apply(transactions(elasticsearch=search))
    driver.run(KEY)
    assert driver.world.cluster.condition(KEY, "IndicesReady")["status"] == "True"
    driver.world.held_up = []
    driver.run(KEY, 70)
    driver.world.cluster.storm_at = 0
    driver.world.held_up.pop()()
    driver.world.sleep(STORM_SECONDS)
    driver.look(KEY)
    assert driver.world.cluster.condition(KEY, "IndicesReady")["status"] == "True"


def test_a_deletion_that_is_put_off_is_waited_for_and_counts_as_left_behind_by_nobody() -> None:
    driver = started(deletionPolicy="Delete")
    driver.world.helm.stuck = BUSY
    delete(driver)
    driver.run(KEY, 2 * SETTINGS.removal_seconds)
    assert driver.world.kafka.topics.keys() > {"queueing.transactions"}
    driver.world.helm.stuck = ""
    driver.run(KEY, 60)
    assert left(driver) == []
    assert "LeftBehind" not in told(driver)
    assert driver.world.kafka.topics.keys() == {"queueing.transactions"}
