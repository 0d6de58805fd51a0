"""Helm does what a release's record says with the operator's rights: one that somebody else wrote is never acted on."""

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from harness.world import HOME
from unit.operator.driver import KEY, Driver, delete, left, started, transactions

from fraud_operator import helm_record
from fraud_operator.clients.kubernetes import CONFIG_MAPS, Object
from fraud_operator.names import Key

VICTIM = ("deployments", "kube-system", "coredns")
STOLEN = {"kind": "Deployment", "metadata": {"name": VICTIM[2], "namespace": VICTIM[1]}}
PREY = {"kind": "Deployment", "metadata": {"name": "shop", "namespace": KEY.namespace}}
ROLE = {"kind": "ClusterRole", "metadata": {"name": "fd-transactions-admin"}}
HOOK = {"name": "x", "kind": "Job", "events": ["pre-delete"], "manifest": "kind: Job"}


def packed(found: object) -> str:
    return base64.b64encode(gzip.compress(json.dumps(found).encode())).decode()


def record_of(driver: Driver) -> Object:
    (one,) = driver.world.cluster.find(CONFIG_MAPS, HOME, f"owner=helm,name={KEY.release},status=deployed")
    return one


def forge(driver: Driver, change: Callable[[dict[str, Any]], object], version: str = "9") -> str:
    """Write another revision of the release; returns its name."""
    one = record_of(driver)
    found = helm_record.unpack(one["data"]["release"])
    found["version"] = int(version)
    change(found)
    name = f"sh.helm.release.v1.{KEY.release}.v{version}"
    labels = {**one["metadata"]["labels"], "version": version}
    body = {"metadata": {"name": name, "namespace": HOME, "labels": labels}, "data": {"release": packed(found)}}
    driver.world.cluster.objects["configmaps", HOME, name] = body
    return name


def add(one: object) -> Callable[[dict[str, Any]], object]:
    return lambda found: found.update(manifest=f"{found['manifest']}\n---\n{json.dumps(one)}")


FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "an object of another namespace": (add(STOLEN), "names Deployment kube-system/coredns"),
    "somebody else's object beside it": (add(PREY), "names Deployment default/shop"),
    "an object of no namespace": (add(ROLE), "names ClusterRole None/fd-transactions-admin"),
    "a hook": (lambda found: found.update(hooks=[HOOK]), "has 1 hooks"),
    "another spelling": (lambda found: found.update(Manifest="kind: Job"), "has Manifest"),
    "another release": (lambda found: found.update(name="other"), "is of the release fraud-system/other"),
    "another detector": (
        lambda found: found["config"]["detector"]["metadata"].update(namespace="other"),
        "is of the detector other/transactions",
    ),
    "no manifest": (add("kind"), "can't be read"),
    "no YAML": (lambda found: found.update(manifest="{"), "can't be read"),
    "no configuration": (lambda found: found.pop("config"), "can't be read"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_release_is_not_removed(name: str) -> None:
    change, why = FORGERIES[name]
    driver = started()
    driver.world.cluster.objects[VICTIM] = STOLEN
    forged = forge(driver, change)
    delete(driver)
    driver.run(KEY, 300)
    assert VICTIM in driver.world.cluster.objects
    assert ("deployments", "default", "fd-transactions-jobmanager") in left(driver)
    (told,) = {message for reason, message in driver.world.cluster.events() if reason == "LeftBehind"}
    assert f"ConfigMap {HOME}/{forged}, Helm's record of the release, {why}: somebody else has written it" in told
    del driver.world.cluster.objects["configmaps", HOME, forged]
    driver.run(KEY, 120)
    assert left(driver) == [VICTIM]


def test_a_forged_release_is_not_changed() -> None:
    driver = started()
    forge(driver, add(STOLEN), version="0")  # not the newest, but Helm would compare with it
    before = len(driver.world.helm.upgrades)
    driver.world.cluster.apply(transactions(suspend=True))
    driver.run(KEY, 60)
    assert len(driver.world.helm.upgrades) == before
    assert driver.ready(KEY) == ("False", "ReleaseFailed")
    assert "names Deployment kube-system/coredns" in driver.world.cluster.condition(KEY)["message"]


INJECTED = {
    "another namespace": (STOLEN, "names Deployment kube-system/coredns"),
    "somebody else's": (PREY, "names Deployment default/shop"),
    "a right": (ROLE, "names ClusterRole None/fd-transactions-admin"),
}
SPECS = {
    "the node's own namespaces": {"hostPID": True},
    "service account default": {"serviceAccountName": "default"},
    "a privileged container": {"containers": [{"name": "a", "securityContext": {"privileged": True}}]},
    "a path of the node": {"volumes": [{"name": "root", "hostPath": {"path": "/"}}]},
}
for words, spec in SPECS.items():
    made: Object = {
        "kind": "Deployment",
        "metadata": {"name": "fd-transactions-x", "namespace": KEY.namespace},
        "spec": {"template": {"spec": {"serviceAccountName": "fd-transactions-flink", **spec}}},
    }
    INJECTED[words] = (made, f"names Deployment default/fd-transactions-x with {words}")


@pytest.mark.parametrize("name", INJECTED)
def test_what_is_smuggled_into_the_rendered_objects_is_not_installed(name: str) -> None:
    injected, why = INJECTED[name]
    driver = Driver()
    driver.world.helm.injected.append(injected)
    driver.world.cluster.apply(transactions())
    driver.run(KEY, 60)
    assert driver.world.helm.upgrades == []
    assert driver.ready(KEY) == ("False", "ReleaseFailed")
    assert f"{why}: nothing was done" in driver.world.cluster.condition(KEY)["message"]


def test_hooks_are_not_installed() -> None:
    driver = Driver()
    driver.world.helm.hooks.append(HOOK)
    driver.world.cluster.apply(transactions())
    driver.run(KEY, 60)
    assert driver.world.helm.upgrades == []
    assert "has hooks: nothing was done" in driver.world.cluster.condition(KEY)["message"]


def test_what_is_written_beside_the_detector_is_not_read() -> None:
    driver = started()
    one = record_of(driver)
    name = f"sh.helm.release.v1.{KEY.instance}.v9"
    labels = {**one["metadata"]["labels"], "name": KEY.instance, "version": "9"}
    forged = helm_record.unpack(one["data"]["release"])
    forged["config"]["job"]["id"] = "f" * 32
    body = {"metadata": {"name": name, "namespace": "default", "labels": labels}, "data": {"release": packed(forged)}}
    driver.world.cluster.objects["configmaps", "default", name] = body
    driver.run(KEY, 120)
    assert driver.ready(KEY) == ("True", "Running")
    assert driver.world.cluster.status(KEY)["job"]["id"] != "f" * 32


@pytest.mark.parametrize(
    "data", [{}, {"release": "no base64"}, {"release": base64.b64encode(b"no gzip").decode()}, {"release": packed([])}]
)
def test_rubbish_is_told_and_not_raised(data: dict[str, str]) -> None:
    assert helm_record.wrong({"data": data}, HOME, KEY) == "can't be read"


def test_a_record_that_would_fill_the_memory_is_not_unpacked() -> None:
    bomb = base64.b64encode(gzip.compress(b'{"a": "' + b" " * (64 * 2**20) + b'"}')).decode()
    assert len(bomb) < 2**20
    with pytest.raises(ValueError):  # noqa: PT011 whatever JSON says of what is cut off
        helm_record.unpack(bomb)


def test_every_detector_has_a_release_of_its_own() -> None:
    keys = [Key("a", "b"), Key("a", "b" * 40), Key("a" * 63, "b" * 40), Key("a" * 63, "b" * 39), Key("a" * 62, "b")]
    names = [key.release for key in keys]
    assert len(set(names)) == len(keys)
    assert names[0] == "a.b"
    assert max(map(len, names)) <= 53
    assert Key("a" * 30, names[2].partition(".")[2] or "x").release not in names
    assert not any("." in name for name in names[2:4]), "no whole name is like a cut one"
