"""An operator that is killed before and after every change that it makes."""

import pytest
from harness.world import World
from unit.operator.driver import (
    KEY,
    Driver,
    assert_each_told_once,
    delete,
    edited,
    left,
    rule_of,
    transactions,
)

STRIDE = 31


def story(driver: Driver) -> list[tuple[str, str]]:
    """Deploy, edit a threshold, index elsewhere, change a rule, suspend, resume, delete; how Ready was after each."""
    ready = []
    steps = [
        transactions(),
        transactions(950),
        transactions(950, elasticsearch={"url": "http://other:9200"}),
        edited(transactions(950), rules=[rule_of("amount + 1 > :limit")]),
        edited(transactions(950, suspend=True), rules=[rule_of("amount + 1 > :limit")]),
        edited(transactions(970), rules=[rule_of("amount + 1 > :limit")]),
    ]
    for step in steps:
        driver.world.cluster.apply(step)
        driver.run(KEY, 300)
        ready.append(driver.ready(KEY))
    delete(driver)
    driver.run(KEY, 90)
    return ready


@pytest.mark.parametrize("first", range(1, STRIDE + 1))
def test_an_operator_killed_anywhere_goes_on(first: int) -> None:
    """Killed at every STRIDE-th change; all runs together kill it at each of them, before and after it is made."""
    driver = Driver(World(kill_every=STRIDE, kill_at=first))
    ready = story(driver)
    assert driver.starts > 5
    assert ready == [("True", "Running")] * 4 + [("False", "Suspended"), ("True", "Running")]
    assert left(driver) == []
    assert_each_told_once(driver)
    assert len(driver.world.flink(KEY.rest).jobs_seen) == 4
