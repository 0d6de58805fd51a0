"""What a deleted detector leaves, and what it takes along."""

from unit.operator.driver import KEY, delete, left, started, transactions

from fraud_operator.names import FINALIZER


def test_a_deleted_detector_leaves_its_topics() -> None:
    driver = started()
    assert "finalizers" not in driver.world.cluster.objects["frauddetectors", "default", "transactions"]["metadata"]
    delete(driver)
    driver.run(KEY, 10)
    assert left(driver) == []
    assert "default.transactions.alerts" in driver.world.kafka.topics


def test_topics_go_where_it_was_told_so_inputs_excepted() -> None:
    driver = started(deletionPolicy="Delete")
    body = driver.world.cluster.objects["frauddetectors", "default", "transactions"]
    assert body["metadata"]["finalizers"] == [FINALIZER]
    delete(driver)
    driver.run(KEY, 10)
    assert left(driver) == []
    assert driver.world.kafka.topics.keys() == {"queueing.transactions"}


def test_a_deletion_does_not_wait_for_kafka_for_ever() -> None:
    driver = started(deletionPolicy="Delete")
    driver.world.kafka.down = True
    delete(driver)
    driver.run(KEY, 60)
    assert driver.world.cluster.status(KEY)["phase"] == "Deleting"
    assert driver.ready(KEY) == ("False", "Removing")
    driver.run(KEY, 90)
    assert left(driver) == []
    assert "LeftBehind" in [reason for reason, _ in driver.world.cluster.events()]


def test_a_policy_that_is_taken_back_takes_the_finalizer_back() -> None:
    driver = started(deletionPolicy="Delete")
    driver.world.cluster.apply(transactions())
    driver.run(KEY, 10)
    assert driver.world.cluster.objects["frauddetectors", "default", "transactions"]["metadata"]["finalizers"] == []


def test_what_was_deleted_while_no_operator_ran_is_found() -> None:
    driver = started()
    delete(driver)
    driver.restart()
    driver.run(KEY, 10)
    assert left(driver) == []


def test_a_new_resource_of_an_old_name_starts_anew() -> None:
    driver = started()
    delete(driver)
    driver.world.cluster.apply(transactions())
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 2
