"""A changed detector is watched; one that does worse than the one before gives way to it."""

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from unit.operator.driver import KEY, Driver, assert_each_told_once, rule_of, started, told, transactions

from fraud_api import naming
from fraud_operator import metrics, probation
from fraud_operator.clients.flink_health import Health
from fraud_operator.probation import Clocks, Left

NEW = rule_of("amount > 2 * :limit")
MINUTE = 60.0


def changed(driver: Driver, **spec: object) -> None:
    driver.world.cluster.apply(transactions(rules=[NEW], **spec))


def is_new(values: object) -> bool:
    return "2 * :limit" in str(values)


def rolled_back(driver: Driver) -> str:
    """Asserts that the last change was taken back, and that the one before runs; why it was."""
    assert driver.ready(KEY) == ("False", "RolledBack")
    status = driver.world.cluster.status(KEY)
    assert status["lastStableGeneration"] == 1
    assert driver.world.cluster.condition(KEY, "JobRunning")["status"] == "True"
    assert not is_new(driver.world.flink(KEY.rest).values)
    assert "RolledBack" in {reason for reason, _ in driver.world.cluster.events()}
    return str(driver.world.cluster.condition(KEY)["message"])


def busy(driver: Driver, *, dead: float = 0.0, late: float = 0.0, when: Callable[[object], bool] = is_new) -> None:
    """Kafka's counts from now on: ten events a second, of which the job that runs lets go these shares."""
    kafka, flink = driver.world.kafka, driver.world.flink(KEY.rest)
    (stream,) = transactions().spec.streams
    names = naming.dead_letter_topic(transactions(), stream), naming.late_topic(transactions())
    plain = driver.flow

    def flow(key: object) -> None:
        before = flink.position
        plain(KEY)
        read = 10 * (flink.position - before)
        kafka.committed += read
        for name, share in zip(names, (dead, late), strict=True):
            kafka.ends[name] = kafka.ends.get(name, 0) + round(read * share * when(flink.values))

    driver.flow = flow  # type: ignore[method-assign]


def test_a_changed_detector_is_stable_only_after_its_probation() -> None:
    driver = started()
    changed(driver)
    driver.run(KEY, 5 * MINUTE)
    assert driver.ready(KEY) == ("True", "Running")
    assert "on probation until 2024-05-01T12:1" in driver.world.cluster.condition(KEY)["message"]
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 1
    driver.run(KEY, 7 * MINUTE)
    assert "probation" not in driver.world.cluster.condition(KEY)["message"]
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 2
    said = dict(driver.world.cluster.events())
    assert said["Probation"] == "generation 2 runs, and is on probation for 10m"
    assert said["Stable"] == "generation 2 ran well for 10m"
    assert_each_told_once(driver)


def test_without_probation_it_is_stable_with_its_first_checkpoint() -> None:
    driver = started()
    changed(driver, probation={"duration": "0s"})
    driver.run(KEY, MINUTE)
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 2


def test_what_probation_asks_for_is_no_new_deployment() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(probation={"duration": "1h"}))
    driver.run(KEY)
    assert len(driver.world.helm.upgrades) == 1


def test_a_job_that_fails_again_and_again_gives_way_to_the_one_before_and_its_state() -> None:
    driver = started()
    before = metrics.ROLLBACKS.labels("ProbationFailed")._value.get()
    changed(driver)
    driver.run(KEY, 4 * MINUTE)
    flink = driver.world.flink(KEY.rest)
    bad = [event for event, _ in flink.told]
    first = driver.world.cluster.status(KEY)["lastSavepoint"]["location"]
    flink.fails = lambda values: "ArithmeticException: / by zero" if is_new(values) else None
    driver.run(KEY, 2 * MINUTE)
    why = rolled_back(driver)
    assert "5 restarts, the last because of ArithmeticException: / by zero: spec.probation.maxRestarts allows 3" in why
    assert driver.world.helm.upgrades[-1]["job"]["savepoint"] == first, "what the bad one has kept is not taken over"
    again = [event for event in told(driver)[len(bad) :] if event in bad]
    assert again, "what the bad one has read is read again"
    assert set(told(driver)) == set(range(max(told(driver)) + 1)), "and nothing is missed"
    assert metrics.ROLLBACKS.labels("ProbationFailed")._value.get() == before + 1
    driver.run(KEY, 15 * MINUTE)
    rolled_back(driver)
    assert len(flink.jobs_seen) == 3


@pytest.mark.parametrize("edit", ["invalid", "refused"])
def test_an_edit_that_comes_to_nothing_does_not_keep_a_bad_one(edit: str) -> None:
    driver = started()
    changed(driver)
    driver.run(KEY, 2 * MINUTE)
    where = "nonsense >" if edit == "invalid" else "amount > 3 * :limit"
    driver.world.cluster.checks = lambda _: ("Complete", '{"error": "no", "where": "rule"}')
    driver.world.cluster.apply(transactions(rules=[rule_of(where)]))
    driver.world.flink(KEY.rest).fails = lambda values: "bad" if is_new(values) else None
    driver.run(KEY, 4 * MINUTE)
    assert driver.ready(KEY) == ("False", "InvalidSpec" if edit == "invalid" else "PlanRefused")
    assert not is_new(driver.world.flink(KEY.rest).values)
    assert [reason for reason, _ in driver.world.cluster.events()].count("RolledBack") == 1
    assert set(told(driver)) == set(range(max(told(driver)) + 1))


def test_an_outage_of_kafka_is_nobodys_fault_and_probation_begins_anew() -> None:
    driver = started()
    changed(driver)
    driver.run(KEY, 5 * MINUTE)
    driver.world.kafka.down = True
    driver.run(KEY, MINUTE)
    driver.world.flink(KEY.rest).restarts = 9
    driver.run(KEY, 3 * MINUTE)
    driver.world.kafka.down = False
    driver.run(KEY, 5 * MINUTE)
    assert is_new(driver.world.flink(KEY.rest).values)
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 1
    driver.run(KEY, 7 * MINUTE)
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 2


def test_pods_that_crash_in_a_loop_give_way() -> None:
    driver = started()
    changed(driver)
    driver.run(KEY, 2 * MINUTE)
    driver.world.flink(KEY.rest).down = True
    for name, count in (("beside", 99), ("jobmanager", 4)):
        state = {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}}
        status = {"containerStatuses": [{"name": name, "restartCount": count, "state": state}]}
        labels = {"frauddetector.io/runs": "fd-transactions-flink", "app.kubernetes.io/component": "jobmanager"}
        driver.world.cluster.objects["pods", "default", name] = {
            "metadata": {"name": name, "namespace": "default", "labels": labels},
            "status": status,
        }
        driver.run(KEY, MINUTE)
        taken_back = "RolledBack" in {reason for reason, _ in driver.world.cluster.events()}
        assert taken_back is (name == "jobmanager"), "what a user has put beside it is the user's"
    assert "its pods have crashed 4 times" in dict(driver.world.cluster.events())["RolledBack"]


def test_a_stateless_change_is_on_probation_too() -> None:
    flink = {"upgradeMode": "Stateless"}
    driver = started(flink=flink)
    changed(driver, flink=flink)
    driver.run(KEY, 4 * MINUTE)
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 1


def test_restarts_that_are_allowed_are_let_pass() -> None:
    driver = started()
    changed(driver, probation={"maxRestarts": 7})
    driver.run(KEY, 2 * MINUTE)
    driver.world.flink(KEY.rest).restarts = 7
    driver.run(KEY, 12 * MINUTE)
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 2


def test_a_job_that_ends_on_probation_gives_way() -> None:
    driver = started()
    changed(driver)
    driver.run(KEY, 2 * MINUTE)
    flink = driver.world.flink(KEY.rest)
    flink.state, flink.failure = "FAILED", "the restart strategy gave up"
    driver.run(KEY, 2 * MINUTE)
    assert "the restart strategy gave up" in rolled_back(driver)


@pytest.mark.parametrize(("kind", "words"), [("dead", "became dead letters"), ("late", "were late")])
def test_a_share_that_rises_takes_a_change_back(kind: str, words: str) -> None:
    driver = started()
    busy(driver, **{kind: 0.2})
    driver.run(KEY, 5 * MINUTE)
    changed(driver)
    driver.run(KEY, 5 * MINUTE)
    why = rolled_back(driver)
    assert (
        f"of the events read {words}, with the generation before 0.0%: spec.probation.maxRise allows 5.0% more" in why
    )


def test_a_share_that_was_there_before_is_no_reason() -> None:
    driver = started()
    busy(driver, dead=0.2, when=lambda _: True)
    driver.run(KEY, 5 * MINUTE)
    changed(driver)
    driver.run(KEY, 12 * MINUTE)
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 2


def test_rules_that_can_not_decide_take_a_change_back() -> None:
    driver = started()
    driver.world.flink(KEY.rest).health_of = lambda values, _: Health(1_000, 300 if is_new(values) else 3)
    changed(driver)
    driver.run(KEY, 3 * MINUTE)
    assert "30.0% of the events read left a rule unknown, with the generation before 0.3%" in rolled_back(driver)


def test_event_time_that_stands_still_takes_a_change_back() -> None:
    driver = started()

    def health(values: object, position: int) -> Health:
        now = 1_700_000_000_000.0 + position * 1_000
        clock = 1_700_000_100_000.0 if is_new(values) else now - 5_000
        return Health(position, 0, now, {"window": (clock, position)})

    driver.world.flink(KEY.rest).health_of = health
    changed(driver)
    driver.run(KEY, 9 * MINUTE)
    assert "event time has stood still for" in rolled_back(driver)


def test_what_did_not_run_well_before_is_no_measure() -> None:
    driver = started()
    flink = driver.world.flink(KEY.rest)
    flink.fails = lambda values: "OutOfMemoryError: heap"
    driver.run(KEY, MINUTE)
    changed(driver)
    driver.run(KEY, 5 * MINUTE)
    assert is_new(flink.values), "what is deployed over a job that fails is not given up for it"


def test_an_edit_on_probation_starts_it_anew_and_falls_back_to_what_was_stable() -> None:
    driver = started()
    changed(driver)
    driver.run(KEY, 4 * MINUTE)
    first = driver.world.cluster.status(KEY)["lastSavepoint"]["location"]
    driver.world.cluster.apply(transactions(950, rules=[NEW]))
    driver.run(KEY, 8 * MINUTE)
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 1
    assert "on probation" in driver.world.cluster.condition(KEY)["message"]
    driver.world.flink(KEY.rest).fails = lambda values: "bad" if is_new(values) else None
    driver.run(KEY, 2 * MINUTE)
    rolled_back(driver)
    assert driver.world.helm.upgrades[-1]["job"]["savepoint"] == first


def test_an_operator_that_is_killed_on_the_way_comes_to_the_same_end() -> None:
    for kill_at in range(1, 40, 3):
        driver = started()
        driver.world.changes, driver.world.kill_at, driver.world.kill_every = 0, kill_at, 7
        changed(driver)
        driver.run(KEY, 3 * MINUTE)
        driver.world.flink(KEY.rest).fails = lambda values: "bad" if is_new(values) else None
        driver.run(KEY, 4 * MINUTE)
        driver.world.kill_at = None
        driver.run(KEY, 2 * MINUTE)
        rolled_back(driver)
        assert set(told(driver)) == set(range(max(told(driver)) + 1))


NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)


def test_few_events_say_nothing_about_a_share() -> None:
    left = Left("s", shares={"deadLetters": 0.0})
    few, enough = {"in": 99, "deadLetters": 99}, {"in": 100, "deadLetters": 100}
    nothing = {"in": 0, "deadLetters": 0}
    assert probation.rises(0.05, left, nothing, few, None) == ""
    assert "100.0% of the events" in probation.rises(0.05, left, nothing, enough, None)
    assert probation.rises(1.0, left, nothing, enough, None) == ""
    assert probation.rises(0.05, left, {}, {}, None) == "", "without Kafka nothing is known"
    assert probation.rises(0.05, Left("s"), nothing, enough, Health(100, 100)) == "", "what was before is not known"


def test_chance_is_no_reason() -> None:
    left, nothing = Left("s", shares={"deadLetters": 0.2}), {"in": 0, "deadLetters": 0}
    # of 100 events one in four; three standard deviations are thirteen
    assert probation.rises(0.05, left, nothing, {"in": 100, "deadLetters": 37}, None) == ""
    assert probation.rises(0.05, left, nothing, {"in": 100, "deadLetters": 39}, None) != ""
    assert probation.rises(0.05, left, nothing, {"in": 10_000, "deadLetters": 2_620}, None) == ""
    assert probation.rises(0.05, left, nothing, {"in": 10_000, "deadLetters": 2_640}, None) != ""


def test_dead_letters_are_not_counted_before_the_events_that_they_are_of() -> None:
    assert probation.settled({}, {"in": 5, "late": 1}) == {"in": 5, "late": 1}
    assert probation.settled({"in": 100, "late": 10}, {"in": 200, "late": 30}) == {"in": 200, "late": 10}


def standing(*looks: tuple[float, int, float]) -> tuple[float, float]:
    clocks = Clocks()
    found = (0.0, 0.0)
    for minute, (clock, records, newest) in enumerate(looks):
        found = clocks.standing("job", Health(0, 0, newest, {"a": (clock, records)}), NOW + timedelta(minutes=minute))
    return found


def test_a_clock_stands_still_only_while_newer_events_come() -> None:
    assert standing((5, 1, 10), (5, 2, 20), (5, 3, 30)) == (120.0, 25.0)
    assert standing((5, 1, 10), (5, 1, 20)) == (0.0, 0.0), "no event reached it"
    assert standing((5, 1, 10), (5, 2, 10)) == (0.0, 0.0), "what came is late"
    assert standing((5, 1, 10), (6, 2, 20)) == (0.0, 0.0)
    assert standing((-math.inf, 1, 10), (-math.inf, 2, 20)) == (60.0, math.inf)


@pytest.mark.parametrize(
    ("lag", "seconds", "behind", "stands"),
    [
        (5_000, 300, 400_000, True),
        (5_000, 299, 400_000, False),
        (5_000, 300, 315_000, False),  # twice what it was, the timeout, and what the streams allow
        (200_000, 300, 400_000, False),
        (math.inf, 300, math.inf, False),  # it stood still before
        (None, 300, 400_000, False),
    ],
)
def test_a_clock_is_held_against_the_one_before(lag: float | None, seconds: float, behind: float, stands: bool) -> None:
    found = probation.stands_still(300_000, 5_000, Left("s", True, {}, lag), seconds, behind)
    assert bool(found) is stands
