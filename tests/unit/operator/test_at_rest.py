"""A crowd of suspended detectors: few requests, and whatever changes is found within a resync all the same."""

import heapq
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from harness.world import HOME, World
from unit.operator.driver import KEY, PLACE, SETTINGS, Driver, edited, rule_of, started, transactions

from fraud_api import FraudDetector
from fraud_operator.clients.kubernetes import OWNED, KubernetesError
from fraud_operator.names import Key

CROWD = 50
RESYNC = SETTINGS.resync_seconds
DETECTOR = ("configmaps", "default", "fd-transactions-detector")
RELEASE = "sh.helm.release.v1.default.transactions.v1"


class Operator(Driver):
    """Looks when it is asked to, and takes a census each resync, as program.py has it."""

    def __init__(self, world: World | None = None) -> None:
        super().__init__(world)
        self.due: list[tuple[Any, Key]] = []
        self.census_at = self.world.time
        self.looks: Counter[Key] = Counter()

    def run_all(self, seconds: float) -> None:
        end = self.world.time + timedelta(seconds=seconds)
        while min([self.census_at, *(at for at, _ in self.due[:1])]) < end:
            if self.due and self.due[0][0] <= self.census_at:
                at, key = heapq.heappop(self.due)
                self.world.time = max(self.world.time, at)
                self._look_at(key)
            else:
                self.world.time = max(self.world.time, self.census_at)
                self._resync()
        self.world.time = end

    def _resync(self) -> None:
        self.census_at = self.world.time + timedelta(seconds=RESYNC)
        try:
            keys = self.reconciler.census(lambda: None)
        except KubernetesError:
            return
        waiting = {key for _, key in self.due}
        for key in keys:
            if key not in waiting:
                heapq.heappush(self.due, (self.world.time, key))
            elif self.reconciler.disturbed(key):
                self.due = [(self.world.time if one == key else at, one) for at, one in self.due]
                heapq.heapify(self.due)

    def _look_at(self, key: Key) -> None:
        self.looks[key] += 1
        wait = self.look(key)
        if wait is not None:
            heapq.heappush(self.due, (self.world.time + timedelta(seconds=wait), key))


def suspended(**spec: Any) -> FraudDetector:
    return transactions(**{"suspend": True, "elasticsearch": None, **spec})


def named(name: str, **spec: Any) -> FraudDetector:
    found = suspended(**spec)
    return found.model_copy(update={"metadata": found.metadata.model_copy(update={"name": name})})


def resting(**spec: Any) -> Operator:
    """A detector that has been suspended for an hour."""
    operator = Operator()
    operator.world.cluster.apply(suspended(**spec))
    operator.run_all(3_600)
    assert operator.ready(KEY) == ("False", "Suspended")
    operator.looks.clear()
    operator.world.cluster.requests.clear()
    return operator


def told(operator: Driver, reason: str) -> list[str]:
    return [message for one, message in operator.world.cluster.events() if one == reason]


def test_a_suspended_detector_is_looked_at_every_ten_to_twenty_minutes() -> None:
    operator = resting()
    changes = operator.world.changes
    operator.run_all(7_200)
    assert 7_200 / 1_200 <= operator.looks[KEY] <= 7_200 / 600
    assert operator.world.changes == changes, "and nothing is written"


def test_five_hundred_ask_less_than_a_thousand_times_a_minute() -> None:
    operator = Operator()
    keys = [operator.world.cluster.apply(named(f"suspended-{number}")) for number in range(CROWD)]
    operator.run_all(1_800)
    assert {operator.ready(key) for key in keys} == {("False", "Suspended")}
    operator.looks.clear()
    operator.world.cluster.requests.clear()
    minutes = 60
    operator.run_all(60 * minutes)
    requests = operator.world.cluster.requests
    censuses = minutes * (3 + len(OWNED))
    looks = operator.looks.total()
    assert requests.total() == censuses + 4 * looks, "resource, record, and Helm's list and record of the release"
    assert (requests.total() - censuses) / minutes * 500 / CROWD < 250
    assert requests["pods"] == 0


def test_a_crowd_that_is_made_is_not_listed_for_each_of_it() -> None:
    operator = Operator()
    for number in range(CROWD):
        operator.world.cluster.apply(named(f"suspended-{number}"))
        heapq.heappush(operator.due, (operator.world.time, Key("default", f"suspended-{number}")))
        operator.run_all(4)
    operator.run_all(1_800)
    censuses = (1_800 + 4 * CROWD) / RESYNC
    assert operator.world.cluster.requests["networkpolicies"] - censuses < CROWD / 2


def test_looks_at_a_crowd_do_not_come_together() -> None:
    operator = Operator()
    for number in range(CROWD):
        operator.world.cluster.apply(named(f"suspended-{number}"))
    operator.run_all(3_600)
    busiest = 0
    for _ in range(60):
        operator.looks.clear()
        operator.run_all(60)
        busiest = max(busiest, operator.looks.total())
    assert busiest <= CROWD / 4


def _forge(operator: Operator, change: Callable[[dict[str, Any]], object]) -> None:
    change(operator.world.cluster.objects[DETECTOR])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda one: one["data"].update({"detector.json": "{}"}), "ConfigMap fd-transactions-detector was changed"),
        (lambda one: one["metadata"].update(labels={}), "ConfigMap fd-transactions-detector is missing"),
    ],
)
def test_an_object_that_was_changed_by_hand_is_put_back_within_a_resync(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    operator = resting()
    _forge(operator, change)
    operator.run_all(RESYNC)
    assert told(operator, "Repaired") == [message]
    operator.run_all(3_600)
    assert len(told(operator, "Repaired")) == 1
    assert operator.looks[KEY] < 12, "and then it rests again"


def test_an_object_that_was_deleted_comes_back_within_a_resync() -> None:
    operator = resting()
    del operator.world.cluster.objects[DETECTOR]
    operator.run_all(RESYNC)
    assert DETECTOR in operator.world.cluster.objects


def test_what_helm_could_not_put_back_is_tried_again() -> None:
    operator = resting()
    operator.world.helm.refuse = lambda values: "no"
    del operator.world.cluster.objects[DETECTOR]
    operator.run_all(2 * RESYNC)
    operator.world.helm.refuse = lambda values: None
    operator.run_all(2 * RESYNC)
    assert DETECTOR in operator.world.cluster.objects


def test_a_list_from_before_a_census_says_nothing_of_what_the_census_has_seen() -> None:
    operator = resting()
    inventory, now = operator.reconciler._inventory, operator.world.time
    assert ("ConfigMap", DETECTOR[2]) in inventory.of(KEY, now, None)
    before = inventory.version(KEY, now)
    del operator.world.cluster.objects[DETECTOR]
    inventory.note(now, lambda: None)
    assert inventory.version(KEY, now) != before
    assert ("ConfigMap", DETECTOR[2]) not in inventory.of(KEY, now, None)


def test_a_change_while_a_look_is_under_way_is_found_within_a_resync(monkeypatch: pytest.MonkeyPatch) -> None:
    operator = resting()
    inventory = operator.reconciler._inventory
    listed = inventory.of

    def meanwhile(*arguments: Any) -> Any:
        found = listed(*arguments)
        _forge(operator, lambda one: one["data"].update({"detector.json": "{}"}))
        monkeypatch.setattr(inventory, "of", listed)
        return found

    # something else has changed, so that the next look compares; the ConfigMap does right after it was listed
    operator.world.cluster.objects["persistentvolumeclaims", "default", KEY.volume]["metadata"]["note"] = "new"
    monkeypatch.setattr(inventory, "of", meanwhile)
    operator.run_all(RESYNC)
    assert inventory.of is not meanwhile
    operator.run_all(RESYNC)
    assert told(operator, "Repaired") == ["ConfigMap fd-transactions-detector was changed"]


def test_whatever_a_label_says_one_detector_does_not_disturb_another() -> None:
    operator = resting()
    stranger = {"name": "x", "namespace": "default", "labels": {"app.kubernetes.io/name": "fraud-detector"}}
    operator.world.cluster.objects["configmaps", "default", "x"] = {"metadata": stranger}
    operator.run_all(RESYNC)
    assert operator.looks[KEY] <= 1


@pytest.mark.parametrize("place", [PLACE, ("configmaps", HOME, KEY.record), ("configmaps", HOME, RELEASE)])
def test_what_no_event_told_of_is_found_within_a_resync(place: tuple[str, str, str]) -> None:
    operator = resting()
    operator.world.cluster.objects[place]["metadata"]["annotations"] = {"changed": "by somebody"}
    operator.run_all(RESYNC)
    assert operator.looks[KEY] >= 1


def test_an_edit_whose_event_got_lost_is_acted_on_within_a_resync() -> None:
    operator = resting()
    operator.world.cluster.apply(suspended(suspend=False))
    operator.run_all(2 * RESYNC)
    assert operator.ready(KEY) == ("True", "Running")


def test_a_release_that_is_gone_is_made_again() -> None:
    operator = resting()
    del operator.world.cluster.objects["configmaps", HOME, RELEASE]
    operator.run_all(RESYNC)
    assert len(operator.world.helm.upgrades) == 2


def test_an_old_census_is_not_taken_for_how_it_is() -> None:
    operator = resting()
    operator.world.cluster.forbidden.add("networkpolicies")
    operator.run_all(RESYNC)
    assert operator.looks[KEY] == 0
    operator.run_all(3_600)
    assert operator.looks[KEY] > 30, "whoever knows nothing looks"
    operator.world.cluster.forbidden.clear()
    operator.run_all(3_600)
    operator.looks.clear()
    operator.run_all(3_600)
    assert operator.looks[KEY] <= 6


def test_a_detector_that_runs_is_looked_at_each_resync_and_its_objects_only_where_they_changed() -> None:
    operator = Operator()
    operator.world.cluster.apply(transactions(elasticsearch=None))
    operator.run_all(600)
    assert operator.ready(KEY) == ("True", "Running")
    operator.looks.clear()
    operator.world.cluster.requests.clear()
    operator.run_all(600)
    assert operator.looks[KEY] == 10
    assert operator.world.cluster.requests.total() == 10 * (3 + len(OWNED)) + 4 * 10
    operator.run_all((operator.census_at - operator.world.time).total_seconds() - 2)
    operator.due = [(operator.census_at - timedelta(seconds=1), KEY)]
    del operator.world.cluster.objects["deployments", "default", "fd-transactions-jobmanager"]
    operator.run_all(5)
    assert told(operator, "Repaired") == ["Deployment fd-transactions-jobmanager is missing"]


def test_indices_of_a_detector_at_rest_are_looked_after_as_seldom() -> None:
    search = {"url": "http://search:9200"}
    operator = resting(elasticsearch=search)
    asked = len(operator.world.elasticsearch.asked_with)
    operator.run_all(7_200)
    assert 6 <= len(operator.world.elasticsearch.asked_with) - asked <= 14
    assert operator.looks[KEY] <= 28
    operator.world.elasticsearch.holds.clear()
    operator.run_all(1_200)
    assert operator.world.elasticsearch.holds == {KEY}


def test_a_new_detector_that_is_suspended_runs_no_pod_until_it_is_resumed() -> None:
    operator = resting()
    operator.world.cluster.checks = lambda detector: ("Failed", '{"error": "no column x", "where": "rule a"}')
    assert operator.world.cluster.requests["jobs"] == 0
    assert not any(kind == "jobs" for kind, *_ in operator.world.cluster.objects)
    changed = edited(suspended(), rules=[rule_of("amount + 1 > :limit")])
    operator.world.cluster.apply(changed)
    operator.run_all(2 * RESYNC)
    assert operator.ready(KEY) == ("False", "Suspended")
    operator.world.cluster.apply(edited(changed, suspend=False))
    operator.run_all(2 * RESYNC)
    assert operator.ready(KEY) == ("False", "PlanRefused"), "what is bad is told before anything starts"
    assert not operator.world.flink(KEY.rest).jobs_seen


def test_sql_of_a_detector_that_runs_is_planned_even_if_the_same_edit_suspends_it() -> None:
    driver = started()
    driver.world.cluster.checks = lambda detector: ("Failed", '{"error": "no column x", "where": "rule a"}')
    driver.world.cluster.apply(edited(transactions(suspend=True), rules=[rule_of("amount + 1 > :limit")]))
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "PlanRefused")


def test_all_of_a_crowd_hear_where_they_stand_before_helm_is_at_work_for_any() -> None:
    driver = Driver()
    keys = [driver.world.cluster.apply(named(f"suspended-{number}")) for number in range(10)]
    for key in keys:
        assert driver.look(key) == 0.0
    assert driver.world.helm.upgrades == []
    assert {driver.ready(key) for key in keys} == {("False", "Deploying")}
    for key in keys:
        driver.look(key)
    assert len(driver.world.helm.upgrades) == 10
