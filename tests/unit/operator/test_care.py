"""Indices and dashboards: kept, told of, removed, and never in front of the job."""

import base64
import json
import logging
from typing import Any

import pytest
from unit.operator.driver import Driver, transactions

from fraud_operator.names import Key

KEY = Key("default", "transactions")
KIBANA = {"url": "http://kibana:5601"}
SEARCH = {"url": "https://search:9200", "secretRef": {"name": "search-login"}}
CANARY = "canary-of-tests"


def applied(driver: Driver | None = None, **spec: Any) -> Driver:
    driver = driver or Driver()
    driver.world.cluster.apply(transactions(**spec))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    return driver


def conditions(driver: Driver) -> dict[str, tuple[str, str]]:
    told = driver.world.cluster.status(KEY)["conditions"]
    return {one["type"]: (one["status"], one["reason"]) for one in told}


def secret(driver: Driver, **values: str) -> None:
    data = {name: base64_of(value) for name, value in values.items()}
    driver.world.cluster.objects["secrets", "default", "search-login"] = {
        "metadata": {"name": "search-login", "namespace": "default"},
        "data": data,
    }


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_conditions_say_how_it_is() -> None:
    driver = applied(kibana=KIBANA)
    assert conditions(driver)["IndicesReady"] == ("True", "Ready")
    assert conditions(driver)["DashboardsReady"] == ("True", "Ready")
    assert driver.world.elasticsearch.holds == driver.world.kibana.holds == {KEY}
    assert ("Indices", "Ready: as it should be") in driver.world.cluster.events()


def test_indices_that_nobody_fills_are_not_ready() -> None:
    driver = applied()
    labels = {"app.kubernetes.io/instance": "fd-transactions", "app.kubernetes.io/component": "indexer"}
    waiting = {"reason": "CrashLoopBackOff", "message": "back-off 10s"}
    driver.world.cluster.objects["pods", "default", "indexer"] = {
        "metadata": {"name": "indexer", "labels": labels},
        "status": {"containerStatuses": [{"state": {"waiting": waiting}}]},
    }
    driver.run(KEY, 70)
    assert conditions(driver)["IndicesReady"] == ("False", "IndexerFailing")
    assert "CrashLoopBackOff" in driver.world.cluster.condition(KEY, "IndicesReady")["message"]
    assert driver.ready(KEY) == ("True", "Running")
    del driver.world.cluster.objects["pods", "default", "indexer"]
    driver.run(KEY, 70)
    assert conditions(driver)["IndicesReady"] == ("True", "Ready")


def test_nothing_is_said_where_nothing_is_wanted() -> None:
    driver = applied(elasticsearch=None)
    always = {"Ready", "Reconciling", "Stalled", "TopicsReady", "JobRunning", "ReconciliationPaused"}
    assert conditions(driver).keys() == always
    assert not driver.world.elasticsearch.asked_with
    assert {"Indices", "Dashboards"}.isdisjoint(reason for reason, _ in driver.world.cluster.events())


def test_what_is_no_longer_wanted_is_no_longer_told() -> None:
    driver = applied(kibana=KIBANA)
    applied(driver)
    assert "DashboardsReady" not in conditions(driver)
    applied(driver, elasticsearch=None)
    assert "IndicesReady" not in conditions(driver)


def test_without_elasticsearch_the_job_runs_all_the_same_and_it_comes_back() -> None:
    driver = Driver()
    driver.world.elasticsearch.down = "nothing answers"
    applied(driver)
    assert conditions(driver)["IndicesReady"] == ("False", "NoAnswer")
    assert driver.world.cluster.condition(KEY, "IndicesReady")["message"] == "nothing answers"
    assert driver.world.cluster.status(KEY)["phase"] == "Running"
    driver.world.elasticsearch.down = ""
    driver.run(KEY, 15)
    assert conditions(driver)["IndicesReady"] == ("True", "Ready")
    driver.world.elasticsearch.down = "nothing answers"
    driver.run(KEY, 90)
    assert conditions(driver)["IndicesReady"] == ("False", "NoAnswer")
    assert driver.ready(KEY) == ("True", "Running")
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1


def test_an_elasticsearch_that_hangs_holds_nothing_up() -> None:
    driver = Driver()
    driver.world.held_up = []
    applied(driver)
    assert "IndicesReady" not in conditions(driver)
    assert len(driver.world.held_up) == 1
    driver.world.held_up.pop()()
    driver.run(KEY, 5)
    assert conditions(driver)["IndicesReady"] == ("True", "Ready")


def test_what_is_said_of_a_former_generation_is_not_said_of_this_one() -> None:
    driver = applied()
    driver.world.held_up = []
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.cluster.condition(KEY, "IndicesReady")["observedGeneration"] == 1
    driver.world.held_up.pop()()
    driver.run(KEY, 5)
    assert driver.world.cluster.condition(KEY, "IndicesReady")["observedGeneration"] == 2


def test_a_change_that_is_refused_moves_no_alias() -> None:
    driver = applied(kibana=KIBANA)
    driver.world.cluster.checks = lambda detector: ("Failed", '{"error": "no such column", "where": "rule x"}')
    fewer = transactions(kibana=KIBANA).model_dump(mode="json", by_alias=True, exclude_none=True)["spec"]["outputs"][:1]
    driver.world.cluster.apply(transactions(kibana=KIBANA, outputs=fewer))
    driver.run(KEY, 200)
    assert driver.ready(KEY) == ("False", "PlanRefused")
    assert len(driver.world.elasticsearch.asked_for[-1].spec.outputs) == 2
    assert len(driver.world.kibana.asked_for[-1].spec.outputs) == 1
    driver.world.cluster.checks = lambda detector: ("Complete", '{"operators": []}')
    applied(driver, limit=950, kibana=KIBANA, outputs=fewer)
    assert len(driver.world.elasticsearch.asked_for[-1].spec.outputs) == 1


def test_they_are_looked_after_on_every_resync() -> None:
    driver = applied(kibana=KIBANA)
    before = driver.world.changes
    driver.run(KEY, 600)
    assert driver.world.changes == before
    driver.world.elasticsearch.holds.clear()
    driver.world.kibana.holds.clear()
    driver.run(KEY, 130)
    assert driver.world.elasticsearch.holds == driver.world.kibana.holds == {KEY}


def test_a_mistake_of_ours_is_told_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    driver = Driver()
    driver.world.elasticsearch.breaks = CANARY
    applied(driver)
    assert conditions(driver)["IndicesReady"] == ("False", "OperatorError")
    assert CANARY not in json.dumps(driver.world.cluster.status(KEY))


def test_a_paused_detector_is_left_alone() -> None:
    driver = applied()
    asked = len(driver.world.elasticsearch.asked_with)
    driver.world.cluster.apply(transactions(), annotations={"frauddetector.io/paused": "true"})
    driver.run(KEY, 300)
    assert len(driver.world.elasticsearch.asked_with) == asked
    assert conditions(driver)["IndicesReady"] == ("True", "Ready")


# --- Secrets --------------------------------------------------------------------------------------


def test_the_secret_is_used_and_stands_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    driver = Driver()
    secret(driver, username="analyst", password=f"{CANARY}\n")
    applied(driver, elasticsearch=SEARCH)
    assert driver.world.elasticsearch.asked_with[-1] == {"username": "analyst", "password": CANARY}
    told = {place: one for place, one in driver.world.cluster.objects.items() if place[0] != "secrets"}
    for text in (json.dumps(list(told.values())), json.dumps(driver.world.helm.upgrades), caplog.text):
        assert CANARY not in text
        assert base64_of(CANARY)[:12] not in text


def test_a_missing_secret_is_named() -> None:
    driver = applied(elasticsearch=SEARCH)
    assert conditions(driver)["IndicesReady"] == ("False", "SecretMissing")
    assert "search-login" in driver.world.cluster.condition(KEY, "IndicesReady")["message"]
    secret(driver, apiKey="x")
    driver.run(KEY, 15)
    assert conditions(driver)["IndicesReady"] == ("True", "Ready")


def test_a_secret_that_may_not_be_read_is_named() -> None:
    driver = Driver()
    driver.world.cluster.forbidden.add("secrets")
    applied(driver, elasticsearch=SEARCH)
    assert "rbac.secretNames" in driver.world.cluster.condition(KEY, "IndicesReady")["message"]


# --- Removal --------------------------------------------------------------------------------------


def gone(driver: Driver) -> bool:
    return ("frauddetectors", "default", "transactions") not in driver.world.cluster.objects


def test_a_deleted_detector_leaves_its_indices() -> None:
    driver = applied(kibana=KIBANA)
    driver.world.cluster.remove(KEY)
    driver.run(KEY, 10)
    assert gone(driver)
    assert driver.world.elasticsearch.holds == driver.world.kibana.holds == {KEY}


def test_they_go_where_it_was_told_so() -> None:
    driver = applied(kibana=KIBANA, deletionPolicy="Delete")
    driver.world.cluster.remove(KEY)
    driver.run(KEY, 10)
    assert gone(driver)
    assert not driver.world.elasticsearch.holds | driver.world.kibana.holds


def test_an_indexer_that_still_writes_is_waited_for() -> None:
    driver = applied(deletionPolicy="Delete")
    labels = {"app.kubernetes.io/instance": "fd-transactions", "app.kubernetes.io/component": "indexer"}
    driver.world.cluster.objects["pods", "default", "indexer"] = {"metadata": {"name": "indexer", "labels": labels}}
    driver.world.cluster.remove(KEY)
    driver.run(KEY, 10)
    assert not gone(driver)
    assert "indexer" in driver.world.cluster.condition(KEY)["message"]
    del driver.world.cluster.objects["pods", "default", "indexer"]
    driver.run(KEY, 10)
    assert gone(driver)
    assert not driver.world.elasticsearch.holds


def test_a_deletion_does_not_wait_for_elasticsearch_for_ever() -> None:
    driver = applied(deletionPolicy="Delete")
    driver.world.elasticsearch.down = "nothing answers"
    driver.world.cluster.remove(KEY)
    driver.run(KEY, 60)
    assert driver.ready(KEY) == ("False", "Removing")
    assert driver.world.kafka.topics.keys() == {"queueing.transactions"}
    driver.run(KEY, 90)
    assert gone(driver)
    left = [message for reason, message in driver.world.cluster.events() if reason == "LeftBehind"]
    assert len(left) == 1
    assert "left behind: indices: nothing answers" in left[0]


def test_nothing_is_removed_while_it_is_still_made() -> None:
    driver = applied(deletionPolicy="Delete")
    driver.world.held_up = []
    driver.run(KEY, 70)
    (late,) = driver.world.held_up
    driver.world.cluster.remove(KEY)
    driver.run(KEY, 10)
    assert not gone(driver)
    late()
    driver.run(KEY, 10)
    assert gone(driver)
    assert not driver.world.elasticsearch.holds
