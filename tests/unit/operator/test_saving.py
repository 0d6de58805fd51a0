"""Savepoints: asked for, by schedule, listed, deleted when there are too many, and started from by name."""

import pytest
from unit.operator.driver import KEY, Driver, assert_each_told_once, rule_of, started, told, transactions

MINUTE = 60.0


def listed(driver: Driver) -> list[tuple[str, str]]:
    return [(one["trigger"], one["location"]) for one in driver.world.cluster.status(KEY).get("savepoints", [])]


def test_a_savepoint_is_taken_when_somebody_asks_and_the_job_goes_on() -> None:
    driver = started()
    job = driver.world.cluster.status(KEY)["job"]["id"]
    driver.world.cluster.apply(transactions(savepointNonce=1))
    driver.run(KEY, MINUTE)
    ((trigger, location),) = listed(driver)
    assert trigger == "Request"
    assert location.startswith(f"file:///state/savepoints/{job}/")
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.cluster.status(KEY)["job"]["id"] == job
    driver.run(KEY, 10 * MINUTE)
    assert len(listed(driver)) == 1, "once"
    driver.world.cluster.apply(transactions(savepointNonce=2))
    driver.run(KEY, MINUTE)
    assert len(listed(driver)) == 2
    assert listed(driver)[1] == (trigger, location), "the newest comes first"
    assert_each_told_once(driver)


def test_savepoints_are_taken_by_schedule_and_the_oldest_go() -> None:
    driver = started(savepoints={"every": "10m", "keep": 3})
    driver.run(KEY, 62 * MINUTE)
    found = listed(driver)
    assert [trigger for trigger, _ in found] == ["Schedule"] * 3
    flink = driver.world.flink(KEY.rest)
    saved = {location for location in flink.saved if "/savepoints/" in location}
    assert saved == {location for _, location in found}, "what is not listed is deleted"


def test_those_of_changes_are_listed_and_kept_while_they_are_needed() -> None:
    driver = started(savepoints={"keep": 1})
    for limit in (950, 1000, 1050):
        driver.world.cluster.apply(transactions(limit, savepoints={"keep": 1}))
        driver.run(KEY, MINUTE)
    first = listed(driver)[-1]
    assert first[0] == "Change"
    left = driver.world.flink(KEY.rest).saved
    assert first[1] in left, "the stable deployment has stopped with it, and may have to come back"
    driver.run(KEY, 12 * MINUTE)
    assert [trigger for trigger, _ in listed(driver)] == ["Change"]
    assert first[1] not in left


def test_one_that_can_not_be_deleted_stays_in_the_list_and_one_that_is_gone_does_not() -> None:
    driver = started(savepoints={"every": "1m", "keep": 1})
    driver.run(KEY, 90)
    flink = driver.world.flink(KEY.rest)
    ((_, gone),) = listed(driver)
    del flink.saved[gone]
    driver.run(KEY, 2 * MINUTE)
    assert gone not in [location for _, location in listed(driver)]
    flink.kept = "AccessDenied"
    driver.run(KEY, 3 * MINUTE)
    assert len(listed(driver)) > 2
    flink.kept = ""
    driver.run(KEY, 2 * MINUTE)
    assert len(listed(driver)) == 1


def test_a_savepoint_that_can_not_be_taken_is_told_and_tried_again() -> None:
    driver = started()
    driver.world.flink(KEY.rest).no_savepoints = "the bucket is gone"
    driver.world.cluster.apply(transactions(savepointNonce=1))
    driver.run(KEY, 3 * MINUTE)
    assert driver.ready(KEY) == ("True", "Running"), "what is detected does not depend on it"
    assert ("SavepointFailed", "no savepoint could be taken: the bucket is gone") in driver.world.cluster.events()
    assert listed(driver) == []
    driver.world.flink(KEY.rest).no_savepoints = ""
    driver.run(KEY, 2 * MINUTE)
    assert len(listed(driver)) == 1


def test_a_job_starts_from_what_is_asked_for_once() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(savepointNonce=1))
    driver.run(KEY, MINUTE)
    ((_, location),) = listed(driver)
    driver.run(KEY, 5 * MINUTE)
    before = max(told(driver))
    driver.world.cluster.apply(transactions(savepointNonce=1, restoreFrom=location))
    driver.run(KEY, 2 * MINUTE)
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.helm.upgrades[-1]["job"]["savepoint"] == location
    again = [event for event in told(driver) if told(driver).count(event) == 2]
    assert again, "events after it are read again"
    assert max(again) == before or max(again) > before - 60
    assert listed(driver)[0][0] == "Change", "and the state that was left is kept"
    driver.world.cluster.apply(transactions(950, savepointNonce=1, restoreFrom=location))
    driver.run(KEY, 2 * MINUTE)
    assert driver.world.helm.upgrades[-1]["job"]["savepoint"] != location, "not a second time"
    driver.world.cluster.apply(transactions(950, savepointNonce=1))
    driver.run(KEY, 2 * MINUTE)
    jobs = len(driver.world.flink(KEY.rest).jobs_seen)
    driver.run(KEY, 5 * MINUTE)
    assert len(driver.world.flink(KEY.rest).jobs_seen) == jobs == 3, "taking it out restarts nothing"


def test_a_new_detector_starts_from_what_is_asked_for() -> None:
    driver = Driver()
    driver.world.flink(KEY.rest).saved["file:///state/savepoints/old/savepoint-1"] = 0
    driver.world.cluster.apply(transactions(restoreFrom="file:///state/savepoints/old/savepoint-1"))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    (made,) = driver.world.helm.upgrades
    assert made["job"]["savepoint"] == made["job"]["restoredFrom"] == "file:///state/savepoints/old/savepoint-1"


def test_a_job_that_can_not_be_stopped_is_left_for_what_is_asked_for() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(savepointNonce=1))
    driver.run(KEY, MINUTE)
    ((_, location),) = listed(driver)
    driver.world.flink(KEY.rest).down = True
    driver.run(KEY, MINUTE)
    driver.world.cluster.apply(transactions(savepointNonce=1, restoreFrom=location))
    driver.run(KEY, MINUTE)
    assert driver.world.helm.upgrades[-1]["job"]["savepoint"] == location


def test_asked_for_beside_a_change_both_happen_at_once() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(savepointNonce=1))
    driver.run(KEY, MINUTE)
    ((_, location),) = listed(driver)
    rule = rule_of("amount > 2 * :limit")
    driver.world.cluster.apply(transactions(savepointNonce=1, restoreFrom=location, rules=[rule]))
    driver.run(KEY, 2 * MINUTE)
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 2
    assert driver.world.helm.upgrades[-1]["job"]["savepoint"] == location
    driver.world.flink(KEY.rest).fails = lambda values: "bad" if "2 * :limit" in str(values) else None
    driver.run(KEY, 3 * MINUTE)
    assert driver.ready(KEY) == ("False", "RolledBack")
    assert driver.world.helm.upgrades[-1]["job"]["savepoint"] not in ("", location), "back to what was left for it"


@pytest.mark.parametrize("kill_at", range(1, 30, 2))
def test_an_operator_that_is_killed_on_the_way_loses_no_savepoint(kill_at: int) -> None:
    driver = started(savepoints={"keep": 2})
    driver.world.changes, driver.world.kill_at, driver.world.kill_every = 0, kill_at, 5
    driver.world.cluster.apply(transactions(savepointNonce=1, savepoints={"keep": 2}))
    driver.run(KEY, 2 * MINUTE)
    driver.world.cluster.apply(transactions(950, savepointNonce=2, savepoints={"keep": 2}))
    driver.run(KEY, 3 * MINUTE)
    driver.world.kill_at = None
    driver.run(KEY, 14 * MINUTE)
    assert driver.ready(KEY) == ("True", "Running")
    found = {location for _, location in listed(driver)}
    assert len(found) == 2
    assert found == {location for location in driver.world.flink(KEY.rest).saved if "/savepoints/" in location}
    assert_each_told_once(driver)
