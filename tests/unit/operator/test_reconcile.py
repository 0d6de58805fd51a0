import json
from collections import Counter

import pytest
from unit.operator.driver import (
    KEY,
    Driver,
    assert_each_told_once,
    edited,
    rule_of,
    started,
    told,
    transactions,
)

from fraud_operator.names import PAUSED


def _limit(values) -> str:
    return values["detector"]["spec"]["parameters"][0]["value"]


def _plan(operators: list[dict[str, object]]) -> str:
    return json.dumps({"operators": operators})


SPOILERS = [
    lambda spec: spec.pop("streams"),
    lambda spec: spec["rules"][0]["filter"].update(where="amount >"),
    lambda spec: spec["rules"][0]["filter"].update({"from": "nowhere"}),
    lambda spec: spec["streams"][0]["eventTime"].update(column="nothing"),
    lambda spec: spec["rules"][0].update(filter=None, sql=None),
    lambda spec: spec["outputs"][0].update(topic="queueing.transactions"),
    lambda spec: spec["parameters"].clear(),
    lambda spec: spec["rules"][0].update(severity="Mild"),
    lambda spec: spec["kafka"].update(topics={"partitions": 0}),
    lambda spec: spec.update(rules="none"),
]


def test_a_new_detector_runs() -> None:
    driver = started()
    status = driver.world.cluster.status(KEY)
    assert status["phase"] == "Running"
    assert status["observedGeneration"] == 1
    assert status["lastStableGeneration"] == 1
    assert (status["release"], status["helmRelease"]) == ("fd-transactions", "default.transactions")
    assert status["rules"] == {"enforced": 1, "shadow": 0}
    assert status["job"]["state"] == "RUNNING"
    assert driver.world.kafka.topics.keys() >= {"queueing.transactions", "default.transactions.alerts"}
    assert len(driver.world.helm.upgrades) == 1
    assert_each_told_once(driver)


def test_at_rest_nothing_is_written() -> None:
    driver = started()
    driver.run(KEY, 120)
    before = driver.world.changes
    driver.run(KEY, 600)
    assert driver.world.changes == before


def test_a_threshold_takes_the_state_along_and_asks_flink_nothing() -> None:
    driver = started()
    checks = driver.world.cluster.requests["jobs"]
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    flink = driver.world.flink(KEY.rest)
    assert {limit for _, limit in flink.told} == {900, 950}
    assert driver.world.cluster.status(KEY)["lastSavepoint"]["location"] in flink.saved
    assert driver.world.cluster.requests["jobs"] <= checks + 6  # drift looks at jobs too
    assert ("Planning", "Flink plans the changed detector") not in driver.world.cluster.events()[-20:-15]
    assert_each_told_once(driver)


def test_refused_sql_leaves_the_running_job_alone() -> None:
    driver = started()
    job = driver.world.cluster.status(KEY)["job"]["id"]
    said = '{"error": "Column amountt not found", "where": "rule large-amount"}'
    driver.world.cluster.checks = lambda detector: ("Failed", said)
    rules = [{**rule_of(), "filter": {"from": "transactions", "where": "amount + 1 > :limit"}}]
    driver.world.cluster.apply(edited(transactions(), rules=rules))
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "PlanRefused")
    assert "rule large-amount: Column amountt" in driver.world.cluster.condition(KEY)["message"]
    assert driver.world.cluster.condition(KEY, "JobRunning")["status"] == "True"
    assert driver.world.cluster.status(KEY)["phase"] == "Invalid"
    assert driver.world.cluster.status(KEY)["job"]["id"] == job
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert_each_told_once(driver)


def test_warnings_are_told_once_with_the_deployment() -> None:
    driver = Driver()
    driver.world.cluster.apply(edited(transactions(), rules=[rule_of("transaction_id / 2 > 5")]))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    doubts = [message for reason, message in driver.world.cluster.events() if reason == "Doubtful"]
    assert len(doubts) == 1
    assert "transaction_id / 2 divides whole numbers" in doubts[0]


def test_lost_state_is_told() -> None:
    driver = Driver()
    operators = [{"id": 1, "owner": "rule a", "stateful": True}, {"id": 2, "owner": "rule b", "stateful": True}]
    driver.world.cluster.checks = lambda detector: ("Complete", _plan(operators))
    driver.world.cluster.apply(transactions())
    driver.run(KEY)
    other = [{"id": 3, "owner": "rule a", "stateful": True}, {"id": 2, "owner": "rule b", "stateful": True}]
    driver.world.cluster.checks = lambda detector: ("Complete", _plan(other))
    driver.world.cluster.apply(edited(transactions(), rules=[rule_of("amount + 1 > :limit")]))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    lost = [message for reason, message in driver.world.cluster.events() if reason == "StateLost"]
    assert len(lost) == 1
    assert "rule a" in lost[0]
    assert "rule b" not in lost[0]


def test_a_check_that_says_nothing_is_tried_again() -> None:
    driver = started()
    driver.world.cluster.checks = lambda detector: ("Failed", "killed")
    driver.world.cluster.apply(edited(transactions(), rules=[rule_of("amount + 1 > :limit")]))
    driver.run(KEY, 40)
    assert driver.ready(KEY) == ("False", "CheckFailed")
    driver.world.cluster.checks = lambda detector: ("Complete", _plan([]))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")


def test_suspend_and_resume() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(suspend=True))
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "Suspended")
    assert driver.world.cluster.status(KEY)["phase"] == "Suspended"
    assert ("deployments", "default", "fd-transactions-jobmanager") in driver.world.cluster.objects
    before = len(told(driver))
    driver.run(KEY, 300)
    assert len(told(driver)) == before
    driver.world.cluster.apply(transactions(950, suspend=True))
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "Suspended")
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert_each_told_once(driver)


def test_a_nonce_restarts() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(restartNonce=1))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 2
    assert_each_told_once(driver)


@pytest.mark.parametrize(
    "beside",
    [
        {"generator": {"scenario": "transactions", "rate": 5}},
        {"generator": None},
        {"elasticsearch": {"url": "http://other:9200"}},
        {"elasticsearch": None},
    ],
)
def test_what_stands_beside_the_job_does_not_stop_it(beside: dict[str, object]) -> None:
    driver = started()
    job = dict(driver.world.cluster.status(KEY)["job"])
    driver.world.cluster.apply(transactions(**beside))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    status = driver.world.cluster.status(KEY)
    assert status["job"] == job
    assert status["lastStableGeneration"] == 2
    assert "lastSavepoint" not in status
    assert len(driver.world.helm.upgrades) == 2
    assert f"job {job['id']} goes on; what stands beside it was changed" in dict(driver.world.cluster.events()).values()
    driver.world.cluster.apply(transactions(950, **beside))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.cluster.status(KEY)["job"]["id"] != job["id"]
    assert_each_told_once(driver)


def test_a_release_that_fails_beside_the_job_is_taken_back_without_a_stop() -> None:
    driver = started()
    job = dict(driver.world.cluster.status(KEY)["job"])
    driver.world.helm.break_ = lambda values: "no" if not values["generator"]["enabled"] else None
    driver.world.cluster.apply(transactions(generator=None))
    driver.run(KEY, 300)
    assert driver.ready(KEY) == ("False", "RolledBack")
    assert driver.world.cluster.status(KEY)["job"] == job
    assert_each_told_once(driver)


@pytest.mark.parametrize("mode", ["Savepoint", "LastState"])
def test_a_job_that_does_not_run_is_followed_from_its_last_checkpoint(mode: str) -> None:
    flink = {"upgradeMode": mode}
    driver = started(flink=flink)
    driver.world.flink(KEY.rest).failure = "OutOfMemoryError: heap"
    driver.run(KEY, 60)
    assert driver.ready(KEY) == ("False", "Restarting")
    assert "OutOfMemoryError" in driver.world.cluster.condition(KEY)["message"]
    assert driver.world.cluster.status(KEY)["phase"] == "Degraded"
    bigger = {**flink, "taskManager": {"resources": {"memory": "2Gi"}}}
    driver.world.cluster.apply(transactions(flink=bigger))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert "/checkpoints/" in driver.world.cluster.status(KEY)["lastSavepoint"]["location"]
    assert_each_told_once(driver)


def test_stateless_starts_anew() -> None:
    driver = started(flink={"upgradeMode": "Stateless"})
    driver.world.cluster.apply(transactions(950, flink={"upgradeMode": "Stateless"}))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert max(Counter(told(driver)).values()) == 2


def test_what_does_not_start_is_taken_back() -> None:
    driver = started()
    flink = driver.world.flink(KEY.rest)
    flink.fails = lambda values: "bad" if "1000" in str(values["detector"]["spec"]["parameters"]) else None
    driver.world.cluster.apply(transactions(1000))
    driver.run(KEY, 900)
    assert driver.ready(KEY) == ("False", "RolledBack")
    assert driver.world.cluster.status(KEY)["phase"] == "Degraded"
    assert driver.world.cluster.condition(KEY, "JobRunning")["status"] == "True"
    assert driver.world.cluster.status(KEY)["lastStableGeneration"] == 1
    assert {limit for _, limit in flink.told} == {900}
    assert_each_told_once(driver)
    driver.run(KEY, 600)
    assert len(flink.jobs_seen) == 3
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert_each_told_once(driver)


def test_a_release_that_helm_can_not_make_is_taken_back() -> None:
    driver = started()
    driver.world.helm.break_ = lambda values: "quota exceeded" if _limit(values) == "1000" else None
    driver.world.cluster.apply(transactions(1000))
    driver.run(KEY, 200)
    assert driver.ready(KEY) == ("False", "RolledBack")
    assert "quota exceeded" in driver.world.cluster.condition(KEY)["message"]
    assert_each_told_once(driver)


def test_values_that_the_chart_refuses_stop_nothing() -> None:
    driver = started()
    driver.world.helm.refuse = lambda values: "podTemplate must not" if "evil" in str(values) else None
    flink = {"taskManager": {"podTemplate": {"spec": {"nodeSelector": {"evil": "x"}}}}}
    driver.world.cluster.apply(transactions(flink=flink))
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "ReleaseFailed")
    assert driver.world.cluster.condition(KEY, "JobRunning")["status"] == "True"
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1


def test_an_invalid_resource_disturbs_nothing() -> None:
    driver = started()
    body = driver.world.cluster.objects["frauddetectors", "default", "transactions"]
    body["spec"]["rules"][0]["filter"]["where"] = "amount > :limitt"
    body["metadata"]["generation"] += 1
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "InvalidSpec")
    assert "spec.rules[large-amount].filter.where" in driver.world.cluster.condition(KEY)["message"]
    assert driver.world.cluster.status(KEY)["phase"] == "Invalid"
    assert driver.world.cluster.condition(KEY, "JobRunning")["status"] == "True"
    assert driver.world.cluster.status(KEY)["observedGeneration"] == 2


def test_fifty_invalid_resources_disturb_no_good_one() -> None:
    driver = Driver()
    bad = []
    for number in range(50):
        body = transactions().model_copy(update={"metadata": transactions().metadata.model_copy()})
        key = driver.world.cluster.apply(
            body.model_copy(update={"metadata": body.metadata.model_copy(update={"name": f"bad-{number}"})})
        )
        spec = driver.world.cluster.objects["frauddetectors", key.namespace, key.name]["spec"]
        SPOILERS[number % len(SPOILERS)](spec)
        bad.append(key)
    driver.world.cluster.apply(transactions())
    for key in bad:
        driver.look(key)
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    for key in bad:
        assert driver.ready(key) == ("False", "InvalidSpec")
        assert "spec" in driver.world.cluster.condition(key)["message"]
        assert not driver.world.flink(key.rest).jobs_seen
    assert not any("bad" in topic for topic in driver.world.kafka.topics)


def test_without_kafka_nothing_is_changed() -> None:
    driver = started()
    driver.world.kafka.down = True
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "KafkaUnreachable")
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1
    driver.world.kafka.down = False
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")


def test_an_unreachable_job_manager_is_waited_for() -> None:
    driver = started()
    driver.world.flink(KEY.rest).down = True
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY, 400)
    assert driver.ready(KEY) == ("False", "StateUnreachable")
    assert driver.world.cluster.condition(KEY, "JobRunning")["status"] == "Unknown"
    driver.world.flink(KEY.rest).down = False
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert_each_told_once(driver)


def test_a_job_that_was_stopped_by_hand_starts_again() -> None:
    driver = started()
    flink = driver.world.flink(KEY.rest)
    flink.stop(flink.jobs_seen[0], "file:///state/savepoints/by-hand", "x")
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert_each_told_once(driver)


def test_drift_is_repaired() -> None:
    driver = started()
    place = ("deployments", "default", "fd-transactions-jobmanager")
    del driver.world.cluster.objects[place]
    driver.world.cluster.objects["configmaps", "default", "fd-transactions-detector"]["data"]["detector.json"] = "{}"
    driver.world.cluster.objects["configmaps", "default", "fd-transactions-detector"]["data"]["more"] = "theirs"
    driver.run(KEY, 200)
    assert place in driver.world.cluster.objects
    assert len(driver.world.helm.upgrades) == 2
    repaired = [message for reason, message in driver.world.cluster.events() if reason == "Repaired"]
    assert "Deployment fd-transactions-jobmanager is missing" in repaired[0]
    assert "ConfigMap fd-transactions-detector was changed" in repaired[0]
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1


def test_a_deleted_topic_comes_back() -> None:
    driver = started()
    driver.world.kafka.topics.pop("default.transactions.alerts")
    driver.run(KEY, 120)
    assert "default.transactions.alerts" in driver.world.kafka.topics


def test_paused_means_hands_off() -> None:
    driver = started()
    driver.world.cluster.apply(transactions(950), annotations={PAUSED: "true"})
    driver.run(KEY)
    assert driver.world.cluster.condition(KEY, "ReconciliationPaused")["status"] == "True"
    assert driver.world.cluster.condition(KEY, "ReconciliationPaused")["observedGeneration"] == 2
    assert driver.world.cluster.condition(KEY, "Ready")["observedGeneration"] == 1
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.cluster.status(KEY)["observedGeneration"] == 1
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1
    driver.world.cluster.apply(transactions(950), annotations={})
    driver.run(KEY)
    assert driver.world.cluster.condition(KEY, "ReconciliationPaused")["status"] == "False"
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 2


def test_counts_come_from_offsets() -> None:
    driver = started()
    driver.world.kafka.committed = 100
    driver.world.kafka.ends = {
        "default.transactions.alerts": 7,
        "default.transactions.late": 2,
        "default.transactions.transactions.dead-letters": 3,
    }
    driver.run(KEY, 70)
    assert driver.world.cluster.status(KEY)["records"] == {"in": 100, "alerts": 7, "deadLetters": 3, "late": 2}
