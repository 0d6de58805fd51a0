"""What a deleted detector leaves, and what it takes along."""

import pytest
from harness.world import HOME, World
from unit.operator.driver import KEY, Driver, delete, left, started, told, transactions

from fraud_operator import events, metrics
from fraud_operator.clients.kubernetes import KubernetesError
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


KEPT = [("configmaps", HOME, KEY.record), ("persistentvolumeclaims", "default", KEY.volume)]


def left_behind(driver: Driver) -> list[str]:
    return [message for reason, message in driver.world.cluster.events() if reason == "LeftBehind"]


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_a_resource_that_is_only_absent_takes_no_data_along(policy: str) -> None:
    driver = started(deletionPolicy=policy)
    topics = dict(driver.world.kafka.topics)
    del driver.world.cluster.objects["frauddetectors", "default", "transactions"]
    driver.restart()
    driver.run(KEY, 300)
    assert sorted(left(driver)) == sorted(KEPT), "its job does not run on without an owner"
    assert driver.world.kafka.topics == topics
    (message,) = left_behind(driver)
    assert "nobody saw it deleted" in message
    assert "fd-transactions-state, state file:///state/checkpoints/" in message


@pytest.mark.parametrize("late", [False, True])
def test_a_namespace_that_is_gone_leaves_no_record(late: bool) -> None:
    driver = started(deletionPolicy="Delete")
    topics = dict(driver.world.kafka.topics)
    objects = driver.world.cluster.objects
    del objects["frauddetectors", "default", "transactions"]
    driver.restart()
    if late:
        driver.run(KEY, 60)
    driver.world.cluster.gone.add("default")
    for place in [place for place in objects if place[1] == "default"]:
        del objects[place]
    driver.run(KEY, 120)
    assert left(driver) == []
    assert driver.world.kafka.topics == topics


def test_who_may_not_see_namespaces_forgets_nothing() -> None:
    driver = started()
    driver.world.cluster.forbidden.add("namespaces")
    del driver.world.cluster.objects["frauddetectors", "default", "transactions"]
    driver.restart()
    driver.run(KEY, 120)
    assert sorted(left(driver)) == sorted(KEPT)


def test_a_resource_that_comes_back_goes_on_from_its_state() -> None:
    driver = started()
    delete(driver, seen=False)
    driver.restart()
    driver.run(KEY, 30)
    assert sorted(left(driver)) == sorted(KEPT)
    driver.restart()
    driver.world.cluster.apply(transactions())
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.helm.upgrades[-1]["job"]["savepoint"].startswith("file:///state/checkpoints/")
    assert set(told(driver)) == set(range(max(told(driver)) + 1)), "nothing is missed"
    delete(driver)
    driver.run(KEY, 10)
    assert left(driver) == []


def test_a_backup_without_the_resource_loses_nothing_when_that_comes_back() -> None:
    driver = started()
    delete(driver, seen=False)
    driver.restart()
    driver.world.cluster.apply(transactions())
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 1, "the job goes on"


def test_a_deletion_that_was_seen_is_not_forgotten_with_the_operator() -> None:
    driver = started()
    driver.world.helm.stuck = "a webhook refuses deletions"
    delete(driver)
    driver.run(KEY, 5)
    driver.restart()
    driver.world.helm.stuck = ""
    driver.run(KEY, 30)
    assert left(driver) == []


def test_a_new_resource_of_an_old_name_starts_anew() -> None:
    driver = started()
    delete(driver)
    driver.world.cluster.apply(transactions())
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 2


def test_a_kind_that_is_not_served_for_a_while_deletes_nothing() -> None:
    driver = started(deletionPolicy="Delete")
    before, topics = left(driver), dict(driver.world.kafka.topics)
    driver.world.cluster.unserved.add("frauddetectors")
    for _ in range(5):
        with pytest.raises(KubernetesError, match="404 page not found"):
            driver.look(KEY)
        driver.world.sleep(300)
    assert left(driver) == before
    assert driver.world.kafka.topics == topics
    driver.world.cluster.unserved.clear()
    driver.run(KEY, 30)
    assert driver.ready(KEY) == ("True", "Running")


def test_a_finalizer_that_was_forced_off_is_asked_nothing_more() -> None:
    driver = started(deletionPolicy="Delete")
    uid = driver.world.cluster.objects["frauddetectors", "default", "transactions"]["metadata"]["uid"]
    del driver.world.cluster.objects["frauddetectors", "default", "transactions"]
    driver.reconciler.deleted(KEY, uid)
    driver.run(KEY, 200)
    assert left(driver) == []
    assert "default.transactions.alerts" in driver.world.kafka.topics
    assert "the finalizer was taken off before they could go" in left_behind(driver)[0]


@pytest.mark.parametrize("policy", ["Retain", "Delete"])
def test_a_release_that_can_not_be_removed_is_told_and_tried_until_it_goes(policy: str) -> None:
    driver = started(deletionPolicy=policy)
    driver.world.helm.stuck = "a webhook refuses deletions"
    delete(driver)
    driver.run(KEY, 600)
    assert ("deployments", "default", "fd-transactions-jobmanager") in left(driver), "its job runs on"
    assert ("frauddetectors", "default", "transactions") not in left(driver), "the resource is held up no longer"
    assert "default.transactions.alerts" in driver.world.kafka.topics, "what its job still writes to"
    reasons = {reason for reason, _ in driver.world.cluster.events()}
    assert "LeftBehind" in reasons
    assert "Removed" not in reasons
    assert metrics.LEFT_BEHIND._value.get() == 1
    driver.restart()
    driver.world.helm.stuck = ""
    driver.run(KEY, 120)
    assert left(driver) == []
    assert ("default.transactions.alerts" in driver.world.kafka.topics) == (policy == "Retain")
    assert "Removed" in {reason for reason, _ in driver.world.cluster.events()}
    assert metrics.LEFT_BEHIND._value.get() == 0


def test_a_finalizer_is_not_held_for_ever_by_missing_rights() -> None:
    driver = started(deletionPolicy="Delete")
    driver.world.cluster.forbidden.add("jobs")
    delete(driver)
    driver.run(KEY, 60)
    assert "jobs is forbidden" in str(driver.world.cluster.condition(KEY))
    driver.run(KEY, 120)
    assert ("frauddetectors", "default", "transactions") not in left(driver)
    driver.world.cluster.forbidden.clear()
    driver.run(KEY, 120)
    assert left(driver) == []
    assert driver.world.kafka.topics.keys() == {"queueing.transactions"}


def test_an_event_that_is_told_again_counts_up() -> None:
    world = World()
    for _ in range(3):
        events.tell(world.ports, KEY, "uid", world.time, "LeftBehind", "why", warning=True)
    (event,) = (one for (kind, *_), one in world.cluster.objects.items() if kind == "events")
    assert event["count"] == 3


def test_topics_go_only_when_nobody_can_make_them_again() -> None:
    driver = started(deletionPolicy="Delete")
    driver.world.helm.lingering = True
    delete(driver)
    driver.run(KEY, 30)
    assert "default.transactions.alerts" in driver.world.kafka.topics
    told = str(driver.world.cluster.condition(KEY))
    assert "pods that use them are still there: fd-transactions-jobmanager-0" in told
    driver.world.helm.lingering = False
    del driver.world.cluster.objects["pods", "default", "fd-transactions-jobmanager-0"]
    driver.run(KEY, 10)
    assert left(driver) == []
    assert driver.world.kafka.topics.keys() == {"queueing.transactions"}


def test_pods_that_stay_hold_up_nobody_and_their_topics_go_later() -> None:
    driver = started(deletionPolicy="Delete")
    driver.world.helm.lingering = True
    delete(driver)
    driver.run(KEY, 200)
    assert ("frauddetectors", "default", "transactions") not in left(driver)
    assert "LeftBehind" in {reason for reason, _ in driver.world.cluster.events()}
    driver.restart()
    driver.world.helm.lingering = False
    del driver.world.cluster.objects["pods", "default", "fd-transactions-jobmanager-0"]
    driver.run(KEY, 120)
    assert left(driver) == []
    assert driver.world.kafka.topics.keys() == {"queueing.transactions"}


def test_a_topic_that_somebody_made_by_hand_is_never_ours() -> None:
    driver = Driver()
    driver.world.kafka.races.add("default.transactions.alerts")
    driver.world.cluster.apply(transactions(deletionPolicy="Delete"))
    driver.run(KEY)
    theirs = driver.world.kafka.topics["default.transactions.alerts"]
    delete(driver)
    driver.run(KEY, 10)
    assert left(driver) == []
    assert driver.world.kafka.topics["default.transactions.alerts"] == theirs


def test_a_topic_that_was_made_anew_by_hand_is_no_longer_ours() -> None:
    driver = started(deletionPolicy="Delete")
    theirs = driver.world.kafka.another()
    driver.world.kafka.topics["default.transactions.alerts"] = theirs
    delete(driver)
    driver.run(KEY, 10)
    assert left(driver) == []
    assert driver.world.kafka.topics["default.transactions.alerts"] == theirs
    (message,) = [message for reason, message in driver.world.cluster.events() if reason == "Removed"]
    assert "default.transactions.alerts was made anew by somebody else and stays" in message
