"""Argo CD's health check, run by a Lua over what the operator says in all that a detector goes through."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from harness import lua
from unit.operator.driver import KEY, PLACE, Driver, delete, served, started, transactions

from fraud_operator.names import PAUSED

PATCH = Path(__file__).parents[3] / "docs" / "argocd-health.yaml"
((SETTING, SCRIPT),) = yaml.safe_load(PATCH.read_text())["data"].items()


def unseen() -> Driver:
    driver = Driver()
    driver.world.cluster.apply(transactions())
    return driver


def starting() -> Driver:
    driver = unseen()
    driver.run(KEY, 6)
    return driver


def without_kafka() -> Driver:
    driver = unseen()
    driver.world.kafka.down = True
    driver.run(KEY, 30)
    return driver


def edited(seconds: float = 0, **metadata: object) -> Driver:
    driver = started()
    driver.world.cluster.apply(transactions(950), **metadata)
    driver.run(KEY, seconds)
    return driver


def invalid() -> Driver:
    driver = started()
    driver.world.cluster.objects[PLACE]["spec"].pop("streams")
    driver.world.cluster.objects[PLACE]["metadata"]["generation"] += 1
    driver.run(KEY, 10)
    return driver


def rolled_back() -> Driver:
    driver = started()
    driver.world.helm.break_ = lambda values: "no quota" if "950" in str(values["detector"]["spec"]) else None
    driver.world.cluster.apply(transactions(950))
    driver.run(KEY, 200)
    assert driver.ready(KEY) == ("False", "RolledBack")
    return driver


def suspended() -> Driver:
    driver = started()
    driver.world.cluster.apply(transactions(suspend=True))
    driver.run(KEY)
    assert driver.ready(KEY) == ("False", "Suspended")
    return driver


def paused(driver: Driver) -> Driver:
    driver.world.cluster.objects[PLACE]["metadata"]["annotations"] = {PAUSED: "true"}
    driver.run(KEY)
    return driver


def deleted() -> Driver:
    driver = started(deletionPolicy="Delete")
    driver.world.kafka.down = True
    delete(driver)
    driver.run(KEY, 10)
    return driver


@pytest.mark.parametrize(
    ("made", "status", "message"),
    [
        (unseen, "Progressing", "not acted on this generation"),
        (starting, "Progressing", "waiting for the JobManager"),
        (without_kafka, "Progressing", "no broker answers"),
        (started, "Healthy", "all tasks run"),
        (edited, "Progressing", "not acted on this generation"),
        (lambda: edited(60), "Healthy", "on probation until"),
        (invalid, "Degraded", "'streams' is missing"),
        (rolled_back, "Degraded", "no quota"),
        (suspended, "Healthy", "suspended: nothing is detected"),
        (lambda: paused(started()), "Healthy", "all tasks run"),
        (lambda: paused(suspended()), "Healthy", "suspended"),
        (lambda: edited(60, annotations={PAUSED: "true"}), "Suspended", "changes wait"),
        (deleted, "Progressing", "being deleted"),
    ],
)
def test_the_health_of_a_detector(made: Callable[[], Driver], status: str, message: str) -> None:
    interpreter = lua.interpreter()
    told = lua.judge(interpreter, SCRIPT, served(made()))
    assert told["status"] == status
    assert message in told["message"]


def test_a_resource_without_a_status_is_in_progress() -> None:
    told = lua.judge(lua.interpreter(), SCRIPT, {"metadata": {"generation": 1}})
    assert told["status"] == "Progressing"


def test_the_setting_is_named_after_the_kind() -> None:
    assert SETTING == "resource.customizations.health.frauddetector.io_FraudDetector"


def test_the_guide_shows_it_as_it_is() -> None:
    guide = (PATCH.parent / "kubernetes.md").read_text()
    assert f"```yaml\n{PATCH.read_text()}```" in guide
