"""Steps that were decided, done."""

from dataclasses import replace

from unit.operator.driver import KEY, rule_of, started, transactions

from fraud_operator import desired, record
from fraud_operator.record import Failed, Stable


def test_what_is_tried_before_a_stop_is_what_follows_it() -> None:
    driver = started()
    proven = driver.world.helm.upgrades[-1]
    driver.world.cluster.apply(transactions(rules=[rule_of("amount > 2 * :limit")]))
    driver.run(KEY)
    kept = record.load(driver.world.ports, KEY)
    assert kept
    failed = Failed(desired.identity(driver.world.helm.upgrades[-1]), 2, "its alerts are wrong")
    stable = Stable(1, proven["job"]["id"], proven)
    record.save(driver.world.ports, KEY, replace(kept, failed=failed, stable=stable), known=True)
    driver.run(KEY, 60)
    assert driver.ready(KEY) == ("False", "RolledBack")
    assert desired.identity(driver.world.helm.rehearsed[-1]) == desired.identity(proven)
