"""Drives the operator over stand-ins: looks at a detector as often as it asks for, while time and events go on."""

from functools import cache
from typing import Any

from harness.detectors import manifest
from harness.world import Killed, World

from fraud_api import FraudDetector
from fraud_api.crd import custom_resource_definition
from fraud_operator.names import Key
from fraud_operator.reconcile import Reconciler
from fraud_operator.settings import Image, Settings

KEY = Key("default", "transactions")
PLACE = ("frauddetectors", KEY.namespace, KEY.name)
SETTINGS = Settings(job_image=Image("fraud-job", "1"), tools_image=Image("fraud-tools", "1"))


def edited(detector: FraudDetector, **spec: Any) -> FraudDetector:
    """A copy with other fields of its spec, in the resource's own words."""
    document = detector.model_dump(mode="json", by_alias=True, exclude_none=True)
    document["spec"] |= spec
    return FraudDetector.model_validate(document)


def transactions(limit: float = 900, **spec: Any) -> FraudDetector:
    """``manifests/transactions.yaml`` with another limit."""
    parameters = [{"name": "limit", "type": "DOUBLE", "value": str(limit)}]
    return edited(_manifest(), parameters=parameters, **spec)


@cache
def _manifest() -> FraudDetector:
    return manifest("transactions")


class Driver:
    """An operator at work; ended by the world it is started anew, and knows nothing of before."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.starts = 0
        self.begun = self.world.time
        self.restart()

    def restart(self) -> None:
        self.starts += 1
        self.reconciler = Reconciler(self.world.ports, SETTINGS)

    def look(self, key: Key) -> float | None:
        """One look; an operator that is killed in it comes back."""
        try:
            return self.reconciler.reconcile(key)
        except Killed:
            self.restart()
            return 1.0

    def run(self, key: Key, seconds: float = 120) -> None:
        """Look whenever it is asked for, for so long."""
        end = self.world.time.timestamp() + seconds
        while self.world.time.timestamp() < end:
            wait = self.look(key)
            self.world.sleep(60.0 if wait is None else min(max(wait, 0.1), 60.0))
            self.flow(key)

    def flow(self, key: Key) -> None:
        """Events come in, one a second."""
        self.world.flink(key.rest).process(int((self.world.time - self.begun).total_seconds()))

    def ready(self, key: Key) -> tuple[str, str]:
        """Status and reason of Ready."""
        found = self.world.cluster.condition(key)
        return found["status"], found["reason"]


def rule_of(where: str = "amount > :limit") -> dict[str, object]:
    (rule,) = transactions().spec.rules
    found = rule.model_dump(mode="json", by_alias=True, exclude_none=True)
    return {**found, "filter": {"from": "transactions", "where": where}}


def started(**spec: object) -> Driver:
    driver = Driver()
    driver.world.cluster.apply(transactions(**spec))
    driver.run(KEY)
    assert driver.ready(KEY) == ("True", "Running")
    return driver


def told(driver: Driver) -> list[int]:
    """Events that the job has told of, in order."""
    return [event for event, _ in driver.world.flink(KEY.rest).told]


def assert_each_told_once(driver: Driver) -> None:
    found = told(driver)
    assert found == list(range(max(found) + 1))


def delete(driver: Driver, seen: bool = True) -> None:
    """kubectl delete, while the operator watches or does not."""
    uid = driver.world.cluster.objects["frauddetectors", KEY.namespace, KEY.name]["metadata"]["uid"]
    driver.world.cluster.remove(KEY)
    if seen and ("frauddetectors", KEY.namespace, KEY.name) not in driver.world.cluster.objects:
        driver.reconciler.deleted(KEY, uid)


def served(driver: Driver) -> dict[str, Any]:
    """The resource as the API server gives it: with the default that the CRD has for its status."""
    (version,) = custom_resource_definition()["spec"]["versions"]
    default = version["schema"]["openAPIV3Schema"]["properties"]["status"]["default"]
    return {"status": default, **driver.world.cluster.objects[PLACE]}


def left(driver: Driver) -> list[tuple[str, str, str]]:
    return [place for place in driver.world.cluster.objects if place[0] not in ("events", "pods")]
