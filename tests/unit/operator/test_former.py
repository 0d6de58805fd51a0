"""Detectors that a version before 0.2 deployed: it kept releases and records beside the detector."""

import json
from typing import Any

import pytest
from harness.world import HOME, World
from unit.operator.driver import KEY, Driver, assert_each_told_once, delete, left, rule_of, started, transactions
from unit.operator.test_forged import packed

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
    driver.restart()


def kept_beside(world: World) -> list[str]:
    return [one["metadata"]["name"] for one in world.cluster.find(CONFIG_MAPS, KEY.namespace, "owner=helm")]


def test_its_job_goes_on() -> None:
    driver = started()
    former(driver)
    driver.run(KEY, 120)
    assert driver.ready(KEY) == ("True", "Running")
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1
    assert_each_told_once(driver)


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
    labels = {"owner": "helm", "name": KEY.instance, "version": "no number", "status": "deployed"}
    for name, data in (("a", {"release": packed({"config": config})}), ("b", {"release": "x"}), ("c", {})):
        body = {"metadata": {"name": name, "namespace": "default", "labels": labels}, "data": data}
        driver.world.cluster.objects["configmaps", "default", name] = body
    driver.world.cluster.apply(transactions())
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")


def test_a_record_of_another_resource_is_not_believed() -> None:
    driver = started(deletionPolicy="Delete")
    former(driver)
    with driver.world.by_hand():
        body = driver.world.cluster.objects["frauddetectors", "default", "transactions"]
        body["metadata"]["uid"] = "another"
    driver.run(KEY, 30)
    delete(driver)
    driver.run(KEY, 60)
    assert "default.transactions.alerts" in driver.world.kafka.topics, "nobody knows that it made them"
