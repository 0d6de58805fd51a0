"""What kstatus, which Flux waits with, makes of the status in all that a detector goes through."""

from datetime import timedelta

import pytest
from harness import kstatus
from harness.kstatus import Status
from unit.operator.driver import KEY, PLACE, Driver, delete, edited, rule_of, served, started, transactions

from fraud_operator.names import PAUSED


def health(driver: Driver) -> Status:
    return kstatus.compute(served(driver))


def conditions(driver: Driver) -> dict[str, tuple[str, str]]:
    """Reconciling and Stalled: status and reason; never are both true."""
    found = {kind: driver.world.cluster.condition(KEY, kind) for kind in ("Reconciling", "Stalled")}
    told = {kind: (one["status"], one["reason"]) for kind, one in found.items()}
    assert [status for status, _ in told.values()].count("True") <= 1
    return told


AT_REST = {"Reconciling": ("False", "NotReconciling"), "Stalled": ("False", "NotStalled")}


def under_way(reason: str) -> dict[str, tuple[str, str]]:
    return {**AT_REST, "Reconciling": ("True", reason)}


def stalled(reason: str) -> dict[str, tuple[str, str]]:
    return {**AT_REST, "Stalled": ("True", reason)}


def passed_through(driver: Driver, seconds: float = 120) -> list[Status]:
    """What it is held for, look by look, each told once as long as it lasts."""
    found, end = [health(driver)], driver.world.time + timedelta(seconds=seconds)
    while driver.world.time < end:
        driver.run(KEY, 1)
        now = health(driver)
        conditions(driver)
        found += [now] * (now is not found[-1])
    return found


def test_a_detector_that_no_operator_has_seen_is_in_progress() -> None:
    driver = Driver()
    driver.world.cluster.apply(transactions())
    assert "status" not in driver.world.cluster.objects[PLACE]
    assert health(driver) is Status.IN_PROGRESS


def test_a_new_detector_is_current_when_it_runs_and_not_before() -> None:
    driver = Driver()
    driver.world.cluster.apply(transactions())
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.CURRENT]
    assert driver.ready(KEY) == ("True", "Running")
    assert conditions(driver) == AT_REST


def test_what_is_under_way_is_told_with_the_reason_of_ready() -> None:
    driver = Driver()
    driver.world.cluster.apply(transactions())
    driver.run(KEY, 6)
    assert driver.ready(KEY) == ("False", "Starting")
    assert conditions(driver) == under_way("Starting")
    ready, told = (driver.world.cluster.condition(KEY, kind) for kind in ("Ready", "Reconciling"))
    assert told["message"] == ready["message"]
    assert told["observedGeneration"] == 1


def test_an_edit_is_in_progress_until_it_runs() -> None:
    driver = started()
    assert health(driver) is Status.CURRENT
    driver.world.cluster.apply(transactions(950))
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.CURRENT]


def test_a_change_on_probation_is_current() -> None:
    driver = started(probation={"duration": "5m"})
    driver.run(KEY, 60)
    driver.world.cluster.apply(transactions(950, probation={"duration": "5m"}))
    driver.run(KEY, 60)
    assert "on probation" in driver.world.cluster.condition(KEY)["message"]
    assert (health(driver), conditions(driver)) == (Status.CURRENT, AT_REST)
    assert passed_through(driver, 400) == [Status.CURRENT]


def test_drift_that_is_repaired_is_current_throughout() -> None:
    driver = started()
    del driver.world.cluster.objects["deployments", "default", "fd-transactions-jobmanager"]
    assert passed_through(driver, 200) == [Status.CURRENT]
    assert len(driver.world.helm.upgrades) == 2


def test_an_invalid_resource_has_failed() -> None:
    driver = started()
    body = driver.world.cluster.objects[PLACE]
    body["spec"]["rules"][0]["filter"]["where"] = "amount > :limitt"
    body["metadata"]["generation"] += 1
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.FAILED]
    assert conditions(driver) == stalled("InvalidSpec")
    assert driver.world.cluster.condition(KEY, "JobRunning")["status"] == "True"
    driver.world.cluster.apply(transactions(950))
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.CURRENT]
    assert conditions(driver) == AT_REST


def test_a_plan_that_flink_refuses_has_failed() -> None:
    driver = started()
    driver.world.cluster.checks = lambda detector: ("Failed", '{"error": "no such column", "where": "rule a"}')
    driver.world.cluster.apply(edited(transactions(), rules=[rule_of("amount + 1 > :limit")]))
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.FAILED]
    assert conditions(driver) == stalled("PlanRefused")


def test_a_change_is_in_progress_until_it_is_taken_back() -> None:
    driver = started()
    flink = driver.world.flink(KEY.rest)
    flink.fails = lambda values: "bad" if "1000" in str(values["detector"]["spec"]["parameters"]) else None
    driver.world.cluster.apply(transactions(1000))
    assert passed_through(driver, 900) == [Status.IN_PROGRESS, Status.FAILED]
    assert conditions(driver) == stalled("RolledBack")


def test_a_first_deployment_that_never_runs_fails_after_its_time() -> None:
    driver = Driver()
    driver.world.flink(KEY.rest).fails = lambda values: "no such host: kafka"
    driver.world.cluster.apply(transactions())
    driver.run(KEY, 500)
    assert conditions(driver) == under_way("Restarting")
    driver.run(KEY, 300)
    assert (health(driver), conditions(driver)) == (Status.FAILED, stalled("Restarting"))
    driver.world.flink(KEY.rest).fails = lambda values: None
    assert passed_through(driver)[-1] is Status.CURRENT


def test_a_job_that_ran_and_restarts_is_in_progress() -> None:
    driver = started()
    driver.run(KEY, 700)
    driver.world.flink(KEY.rest).failure = "OutOfMemoryError: heap"
    driver.run(KEY, 60)
    assert (health(driver), conditions(driver)) == (Status.IN_PROGRESS, under_way("Restarting"))


def test_without_kafka_a_detector_is_in_progress() -> None:
    driver = Driver()
    driver.world.kafka.down = True
    driver.world.cluster.apply(transactions())
    assert passed_through(driver) == [Status.IN_PROGRESS]
    assert conditions(driver) == under_way("KafkaUnreachable")
    driver.world.kafka.down = False
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.CURRENT]


def test_a_secret_that_is_applied_later_is_waited_for() -> None:
    driver = Driver()
    security = {"protocol": "SASL_SSL", "secretRef": {"name": "later"}}
    driver.world.cluster.apply(transactions(kafka={"bootstrapServers": "kafka:9092", "security": security}))
    driver.run(KEY, 30)
    assert (health(driver), conditions(driver)) == (Status.IN_PROGRESS, under_way("SecretMissing"))


def test_refused_topics_have_failed() -> None:
    driver = Driver()
    driver.world.kafka.refuses = "replication factor 3 is larger than the number of brokers"
    driver.world.cluster.apply(transactions())
    driver.run(KEY, 30)
    assert (health(driver), conditions(driver)) == (Status.FAILED, stalled("TopicsRefused"))


def test_values_that_the_chart_refuses_have_failed() -> None:
    driver = started()
    driver.world.helm.refuse = lambda values: "podTemplate must not" if "evil" in str(values) else None
    flink = {"taskManager": {"podTemplate": {"spec": {"nodeSelector": {"evil": "x"}}}}}
    driver.world.cluster.apply(transactions(flink=flink))
    driver.run(KEY)
    assert (health(driver), conditions(driver)) == (Status.FAILED, stalled("ReleaseFailed"))


def test_a_job_manager_that_does_not_answer_is_waited_for() -> None:
    driver = started()
    driver.world.flink(KEY.rest).down = True
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY, 90)
    assert (health(driver), conditions(driver)) == (Status.IN_PROGRESS, under_way("StateUnreachable"))


@pytest.mark.parametrize("new", [True, False])
def test_missing_rights_of_the_operator_have_failed(new: bool) -> None:
    driver = Driver() if new else started()
    driver.world.cluster.forbidden.add("jobs")
    rules = [rule_of("amount + 1 > :limit")]
    driver.world.cluster.apply(transactions() if new else edited(transactions(), rules=rules))
    driver.run(KEY, 90)
    assert driver.ready(KEY) == ("False", "Forbidden")
    assert conditions(driver) == stalled("Forbidden")
    assert passed_through(driver) == [Status.FAILED], "and does not change with every try"
    driver.world.cluster.forbidden.clear()
    assert passed_through(driver)[-1] is Status.CURRENT


def test_a_mistake_of_the_operators_has_failed() -> None:
    driver = Driver()
    driver.world.cluster.apply(transactions())
    driver.world.helm.refuse = lambda values: str(1 / 0)
    driver.run(KEY, 60)
    assert driver.ready(KEY) == ("False", "OperatorError")
    assert (health(driver), conditions(driver)) == (Status.FAILED, stalled("OperatorError"))


def test_who_waits_for_a_suspended_detector_is_told_at_once() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(suspend=True))
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.FAILED]
    assert driver.ready(KEY) == ("False", "Suspended")
    assert conditions(driver) == stalled("Suspended")
    driver.world.cluster.apply(transactions())
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.CURRENT]


def test_a_paused_detector_is_what_its_job_is() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(), annotations={PAUSED: "true"})
    driver.run(KEY)
    assert (health(driver), conditions(driver)) == (Status.CURRENT, AT_REST)


def test_a_change_that_waits_for_the_end_of_a_pause_is_in_progress() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(950), annotations={PAUSED: "true"})
    driver.run(KEY)
    assert (health(driver), conditions(driver)) == (Status.IN_PROGRESS, AT_REST)
    driver.world.cluster.apply(transactions(950), annotations={})
    assert passed_through(driver) == [Status.IN_PROGRESS, Status.CURRENT]


def test_trouble_does_not_pass_a_change_for_observed_while_paused() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(950), annotations={PAUSED: "true"})
    driver.world.cluster.forbidden.add("pods")
    driver.world.flink(KEY.rest).down = True
    driver.run(KEY)
    assert (driver.ready(KEY), health(driver)) == (("False", "Forbidden"), Status.IN_PROGRESS)
    driver.world.cluster.forbidden.clear()
    driver.world.flink(KEY.rest).down = False
    driver.run(KEY)
    assert (driver.ready(KEY), health(driver)) == (("True", "Running"), Status.IN_PROGRESS)


def test_what_nobody_mends_while_paused_has_failed() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(), annotations={PAUSED: "true"})
    flink = driver.world.flink(KEY.rest)
    flink.stop(flink.jobs_seen[0], "file:///state/savepoints/by-hand", "x")
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "JobFailed")
    assert (health(driver), conditions(driver)) == (Status.FAILED, stalled("Paused"))


def test_a_deleted_detector_is_terminating() -> None:
    driver = started(deletionPolicy="Delete")
    driver.world.kafka.down = True
    delete(driver)
    driver.run(KEY, 30)
    assert driver.ready(KEY) == ("False", "Removing")
    assert (health(driver), conditions(driver)) == (Status.TERMINATING, under_way("Removing"))
