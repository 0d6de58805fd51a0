"""Detectors that a version before 0.2 deployed: it kept releases beside the detector, where anybody may write."""

import json
from dataclasses import replace
from typing import Any

import pytest
from harness.world import HOME, World
from unit.operator.driver import KEY, Driver, assert_each_told_once, delete, left, rule_of, started, transactions
from unit.operator.test_forged import packed

from fraud_operator import former as module
from fraud_operator import helm_record
from fraud_operator.clients.kubernetes import CONFIG_MAPS


def former(driver: Driver) -> None:
    """Put what this version has written where the former one would have."""
    objects = driver.world.cluster.objects
    for place in [place for place in objects if place[:2] == ("configmaps", HOME)]:
        one = objects.pop(place)
        labels = one["metadata"]["labels"]
        if labels.get("owner") == "helm":
            labels["name"] = KEY.instance
            found = helm_record.unpack(one["data"]["release"])
            for name in ("namespaceOverride", "instanceOverride"):
                del found["config"][name]
            one["data"]["release"] = packed(found)
            name = f"sh.helm.release.v1.{KEY.instance}.v{labels['version']}"
        else:
            name = f"{KEY.instance}-stable"
        one["metadata"] |= {"name": name, "namespace": KEY.namespace}
        objects["configmaps", KEY.namespace, name] = one
    adopt(driver)


def adopt(driver: Driver) -> None:
    """What adoptFormer does."""
    driver.world.ports = replace(driver.world.ports, adopt_former=True)
    driver.restart()


def kept_beside(world: World) -> list[str]:
    return [one["metadata"]["name"] for one in world.cluster.find(CONFIG_MAPS, KEY.namespace, "owner=helm")]


def test_its_job_goes_on() -> None:
    driver = started()
    former(driver)
    driver.run(KEY, 120)
    assert driver.ready(KEY) == ("True", "Running")
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 1
    assert_each_told_once(driver)


def test_without_being_told_so_nobody_reads_it() -> None:
    driver = started()
    former(driver)
    driver.world.ports = replace(driver.world.ports, adopt_former=False)
    driver.world.helm.refuse = lambda _: 'annotation validation error: invalid ownership metadata; "fd-transactions"'
    driver.restart()
    driver.run(KEY, 120)
    assert driver.ready(KEY) == ("False", "ReleaseFailed")
    assert "set adoptFormer in the operator's chart" in driver.world.cluster.condition(KEY)["message"]
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1, "its job runs on"


FORGED = [
    {"job": {"id": "../../victim", "clusterId": "fd-transactions-00000000"}},
    {"job": {"id": "f" * 32, "clusterId": "fd-other-00000000"}},
    {"job": {"id": "f" * 32, "clusterId": "fd-transactions-00000000", "savepoint": "-D evil"}},
]


@pytest.mark.parametrize("config", FORGED, ids=str)
def test_what_has_no_credible_form_is_not_read(config: Any) -> None:
    world = World()
    labels = {"owner": "helm", "name": KEY.instance, "version": "1", "status": "deployed"}
    body = {"metadata": {"name": "x", "labels": labels}, "data": {"release": packed({"config": config})}}
    world.cluster.create(CONFIG_MAPS, KEY.namespace, body)
    assert module.release(world.cluster, KEY) is None


def test_a_job_manager_of_somebody_else_is_not_stopped() -> None:
    driver = started()
    former(driver)
    driver.world.flink(KEY.rest).url = "http://fd-victim-jobmanager.victim.svc:8081"  # where its Service leads
    driver.world.cluster.apply(transactions(rules=[rule_of("amount > 2 * :limit")]))
    driver.run(KEY, 60)
    assert driver.world.flink(KEY.rest).stops == {}
    assert "another JobManager answers" in str(driver.world.cluster.status(KEY))


def test_what_a_forged_release_says_is_never_deployed() -> None:
    driver = started()
    former(driver)
    (one,) = driver.world.cluster.find(CONFIG_MAPS, KEY.namespace, "owner=helm")
    found = helm_record.unpack(one["data"]["release"])
    found["config"]["images"]["job"]["repository"] = "evil"
    place = ("configmaps", KEY.namespace, one["metadata"]["name"])
    driver.world.cluster.objects[place]["data"]["release"] = packed(found)
    driver.world.flink(KEY.rest).state = "FINISHED"
    driver.world.cluster.apply(transactions(rules=[rule_of("nonsense >")]))
    driver.run(KEY, 120)
    assert driver.ready(KEY) == ("False", "InvalidSpec")
    driver.world.cluster.apply(transactions())
    driver.run(KEY, 120)
    assert "evil" not in str(driver.world.helm.upgrades)


def test_a_change_takes_its_state_along_and_the_records_move() -> None:
    driver = started()
    former(driver)
    driver.world.cluster.apply(transactions(rules=[rule_of("amount > 2 * :limit")]))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert_each_told_once(driver)
    assert kept_beside(driver.world) == []
    assert ("configmaps", "default", f"{KEY.instance}-stable") not in left(driver)
    assert ("configmaps", HOME, KEY.record) in left(driver)


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_a_deletion_leaves_nothing_and_takes_nothing_that_is_not_its_own(policy: str) -> None:
    driver = started(deletionPolicy=policy)
    former(driver)
    other = ("deployments", "default", "shop")
    driver.world.cluster.objects[other] = {"metadata": {"name": "shop", "namespace": "default", "labels": {}}}
    driver.run(KEY, 5)
    delete(driver)
    driver.run(KEY, 30)
    assert left(driver) == [other]


@pytest.mark.parametrize("config", [None, [], {}, {"job": "x"}], ids=json.dumps)
def test_rubbish_beside_a_detector_holds_up_nothing(config: Any) -> None:
    driver = Driver()
    adopt(driver)
    labels = {"owner": "helm", "name": KEY.instance, "version": "no number", "status": "deployed"}
    for name, data in (("a", {"release": packed({"config": config})}), ("b", {"release": "x"}), ("c", {})):
        body = {"metadata": {"name": name, "namespace": "default", "labels": labels}, "data": data}
        driver.world.cluster.objects["configmaps", "default", name] = body
    driver.world.cluster.apply(transactions())
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")


def test_what_a_record_claims_is_not_believed() -> None:
    driver = started(deletionPolicy="Delete")
    former(driver)
    driver.run(KEY, 30)
    delete(driver)
    driver.run(KEY, 60)
    assert "default.transactions.alerts" in driver.world.kafka.topics, "nobody knows that it made them"
