"""Stand-ins for everybody that the operator talks to: Kubernetes, Helm, Flink, Kafka and more as far as it uses them.

They keep their promises at the border that the operator sees, on a clock that tests move, and can end the operator at
any call that changes something. Flink's stand-in counts events instead of judging them: every one that a job tells of
is noted, so that one lost or told twice over a change shows.
"""

import base64
import copy
import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from harness.world_services import Backend, Flink, Kafka

from fraud_api import FraudDetector
from fraud_operator import drift, helm_record, times
from fraud_operator.clients.helm import HelmError
from fraud_operator.clients.kubernetes import (
    CONFIG_MAPS,
    DETECTORS,
    EVENTS,
    JOBS,
    NAMESPACES,
    PODS,
    KubernetesError,
    Resource,
)
from fraud_operator.names import Key
from fraud_operator.ports import Ports

Object = dict[str, Any]
UP_SECONDS, CHECKPOINT_SECONDS = 10, 10
STORM_SECONDS = 120
HOME = "fraud-system"


class Killed(BaseException):
    """The operator's process has ended at this very point."""


@dataclass
class World:
    """All of them together."""

    time: datetime = datetime(2024, 5, 1, 12, tzinfo=UTC)
    changes: int = 0
    kill_at: int | None = None
    kill_every: int = 0

    def __post_init__(self) -> None:
        self.cluster = Cluster(self)
        self.helm = Helm(self)
        self.kafka = Kafka(self)
        self.elasticsearch, self.kibana = Backend(self), Backend(self)
        self.flinks: dict[str, Flink] = {}
        self.held_up: list[Callable[[], None]] | None = None
        self.ports = Ports(
            cluster=self.cluster,
            home=HOME,
            helm=self.helm,
            brokers=self.kafka,
            elasticsearch=self.elasticsearch,
            kibana=self.kibana,
            flink=self.flink,
            background=self.background,
            sleep=self.sleep,
            clock=lambda: self.time,
        )

    def flink(self, url: str) -> "Flink":
        return self.flinks.setdefault(url, Flink(self, url))

    def background(self, work: Callable[[], None]) -> None:
        """Work beside all else: done at once, or held up where ``held_up`` is a list."""
        if self.held_up is None:
            work()
        else:
            self.held_up.append(work)

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    @contextmanager
    def by_hand(self) -> Iterator[None]:
        """What a person does is no change of the operator's."""
        before, self.changes = self.changes, -1_000
        yield
        self.changes = before

    def change(self) -> None:
        """Called before and after whatever changes something; here the operator may end."""
        self.changes += 1
        if self.changes == self.kill_at:
            self.kill_at += self.kill_every
            raise Killed


@dataclass
class Cluster:
    """Kubernetes."""

    world: World
    objects: dict[tuple[str, str, str], Object] = field(default_factory=dict)
    requests: Counter[str] = field(default_factory=Counter)
    forbidden: set[str] = field(default_factory=set)
    unserved: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    """Namespaces that are no more."""
    asked: int = 0
    storm_at: int | None = None
    """The request at which the API server becomes too busy for any, for two minutes."""
    storm_until: datetime | None = None
    versions: int = 0
    checks: Callable[[Object], tuple[str, str]] = lambda detector: ("Complete", '{"operators": []}')

    def _ask(self, resource: Resource) -> None:
        self.requests[resource.plural] += 1
        self.asked += 1
        if self.busy():
            raise KubernetesError(429, "the API server is too busy to answer", again=5.0)
        if resource.plural in self.unserved:
            raise KubernetesError(404, "404 page not found")
        if resource.plural in self.forbidden:
            raise KubernetesError(403, f"{resource.plural} is forbidden")

    def busy(self) -> bool:
        """Whether it is in the middle of a storm, and puts off everybody."""
        if self.storm_at is not None and self.asked >= self.storm_at:
            self.storm_at, self.storm_until = None, self.world.time + timedelta(seconds=STORM_SECONDS)
        return self.storm_until is not None and self.world.time < self.storm_until

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        self._ask(resource)
        if resource is NAMESPACES:
            return None if name in self.gone else {"metadata": {"name": name}}
        return copy.deepcopy(self.objects.get((resource.plural, namespace, name)))

    def find(
        self, resource: Resource, namespace: str | None, selector: str = "", *, metadata_only: bool = False
    ) -> list[Object]:
        self._ask(resource)
        found = [
            one
            for (plural, space, _), one in self.objects.items()
            if plural == resource.plural and namespace in (None, space) and _selected(one, selector)
        ]
        return copy.deepcopy([{"metadata": _versioned(one)} for one in found] if metadata_only else found)

    def create(self, resource: Resource, namespace: str, body: Object) -> Object:
        self._ask(resource)
        place = (resource.plural, namespace, body["metadata"]["name"])
        if place in self.objects:
            raise KubernetesError(409, f"{place} already exists")
        self.world.change()
        made = copy.deepcopy(body)
        self.versions += 1
        defaults = {"uid": f"uid-{self.versions}", "generation": 1, "creationTimestamp": times.written(self.world.time)}
        made["metadata"] = {
            **defaults,
            "namespace": namespace,
            **made["metadata"],
            "resourceVersion": str(self.versions),
        }
        self.objects[place] = made
        if resource is JOBS:
            self._run_check(namespace, made)
        self.world.change()
        return copy.deepcopy(made)

    def patch(self, resource: Resource, namespace: str, name: str, patch: Object, subresource: str = "") -> Object:
        self._ask(resource)
        place = (resource.plural, namespace, name)
        if place not in self.objects:
            raise KubernetesError(404, f"{place} not found", named=True)
        one = self.objects[place]
        wanted = patch.get("metadata", {}).get("resourceVersion")
        if wanted not in (None, one["metadata"]["resourceVersion"]):
            raise KubernetesError(409, "the object has been modified")
        self.world.change()
        before = json.dumps(one.get("spec"))
        _merge(one, {"status": patch["status"]} if subresource == "status" else patch)
        self.versions += 1
        one["metadata"]["resourceVersion"] = str(self.versions)
        if json.dumps(one.get("spec")) != before:
            one["metadata"]["generation"] += 1
        if "deletionTimestamp" in one["metadata"] and not one["metadata"].get("finalizers"):
            del self.objects[place]
        self.world.change()
        return copy.deepcopy(one)

    def delete(self, resource: Resource, namespace: str, name: str) -> None:
        self._ask(resource)
        place = (resource.plural, namespace, name)
        if place not in self.objects:
            return
        self.world.change()
        if self.objects[place]["metadata"].get("finalizers"):
            self.objects[place]["metadata"]["deletionTimestamp"] = times.written(self.world.time)
        else:
            del self.objects[place]
        self.world.change()

    def log(self, namespace: str, pod: str) -> str:
        self._ask(PODS)
        return str(self.objects["pods", namespace, pod]["log"])

    def _run_check(self, namespace: str, job: Object) -> None:
        config = self.objects["configmaps", namespace, job["metadata"]["name"]]
        ended, said = self.checks(json.loads(config["data"]["detector.json"]))
        job["status"] = {"conditions": [{"type": ended, "status": "True", "message": "ended"}]}
        name = f"{job['metadata']['name']}-{self.versions}"
        labels = {"batch.kubernetes.io/controller-uid": job["metadata"]["uid"]}
        metadata = {"name": name, "labels": labels, "creationTimestamp": times.written(self.world.time)}
        phase = "Succeeded" if ended == "Complete" else "Failed"
        self.objects[PODS.plural, namespace, name] = {"metadata": metadata, "status": {"phase": phase}, "log": said}

    # --- What a person does -----------------------------------------------------------------------

    def apply(self, detector: FraudDetector, **metadata: Any) -> Key:
        """kubectl apply."""
        body: Object = detector.model_dump(mode="json", by_alias=True, exclude_none=True)
        key = Key(detector.metadata.namespace, detector.metadata.name)
        there = self.objects.get(("frauddetectors", key.namespace, key.name))
        if there is None:
            with self.world.by_hand():
                self.create(DETECTORS, key.namespace, body | {"metadata": {"name": key.name} | metadata})
        else:
            if there["spec"] != body["spec"]:
                there["metadata"]["generation"] += 1
            there["spec"] = body["spec"]
            there["metadata"] |= metadata
        return key

    def remove(self, key: Key) -> None:
        """kubectl delete."""
        with self.world.by_hand():
            self.delete(DETECTORS, key.namespace, key.name)

    def status(self, key: Key) -> Object:
        return self.objects["frauddetectors", key.namespace, key.name].get("status") or {}

    def condition(self, key: Key, kind: str = "Ready") -> Object:
        return next(one for one in self.status(key)["conditions"] if one["type"] == kind)

    def events(self) -> list[tuple[str, str]]:
        return [(one["reason"], one["message"]) for (kind, *_), one in self.objects.items() if kind == EVENTS.plural]


@dataclass
class Helm:
    """Helm: a release is its record, a Deployment and a ConfigMap, and a job in a JobManager."""

    world: World
    refuse: Callable[[Mapping[str, Any]], str | None] = lambda values: None
    break_: Callable[[Mapping[str, Any]], str | None] = lambda values: None
    upgrades: list[Mapping[str, Any]] = field(default_factory=list)
    rehearsed: list[Mapping[str, Any]] = field(default_factory=list)
    hooks: list[Object] = field(default_factory=list)
    injected: list[Object] = field(default_factory=list)
    """What a value has smuggled into what the chart renders."""
    stuck: str = ""
    """Why nothing can be uninstalled."""
    lingering: bool = False
    """Whether pods outlive their release."""

    def upgrade(self, release: str, values: dict[str, Any], *, adopt: bool = False) -> None:
        namespace, instance = values["namespaceOverride"], values["instanceOverride"]
        self._may(values)
        last = max(self._revisions(release), default=(0, ""))
        if last[1].startswith("pending"):
            raise HelmError("another operation (install/upgrade/rollback) is in progress")
        self.upgrades.append(_decided(values))
        broken = self.break_(values)
        self._record(release, last[0] + 1, "pending-upgrade" if last[0] else "pending-install", values)
        for one in _manifest(namespace, instance, values):
            plural = _PLURALS[one["kind"]]
            self.world.change()
            self.world.cluster.objects[plural, namespace, one["metadata"]["name"]] = one
            self.world.change()
        if not broken:
            self.world.flink(Key(namespace, instance.removeprefix("fd-")).rest).deploy(values)
        self._record(release, last[0] + 1, "failed" if broken else "deployed", values, broken or "")
        if broken:
            raise HelmError(broken)

    def rehearse(self, release: str, values: dict[str, Any], *, adopt: bool = False) -> dict[str, Any]:
        self._may(values)
        self.rehearsed.append(_decided(values))
        made = [*_manifest(values["namespaceOverride"], values["instanceOverride"], values), *self.injected]
        return {"manifest": "\n---\n".join(json.dumps(one) for one in made), "hooks": self.hooks}

    def _may(self, values: Mapping[str, Any]) -> None:
        why = BUSY if self.world.cluster.busy() else self.refuse(values)
        if why:
            raise HelmError(why)

    def uninstall(self, release: str) -> None:
        records = self._records(release)
        if self.stuck:
            raise HelmError(self.stuck)
        if not records:
            return
        self.world.change()
        last = helm_record.unpack(max(records, key=_revision)["data"]["release"])
        objects = self.world.cluster.objects
        for one in drift.objects(last["manifest"]):  # whatever it names, as Helm does
            if one["kind"] != "PersistentVolumeClaim":  # they stay, as the chart says
                objects.pop((_PLURALS[one["kind"]], one["metadata"]["namespace"], one["metadata"]["name"]), None)
        for one in records:
            del objects["configmaps", HOME, one["metadata"]["name"]]
        self._end(last["config"]["namespaceOverride"], last["config"]["instanceOverride"])
        self.world.change()

    def _end(self, namespace: str, instance: str) -> None:
        self.world.flink(Key(namespace, instance.removeprefix("fd-")).rest).deploy({"running": False})
        if self.lingering:
            labels = {"app.kubernetes.io/instance": instance}
            pod = {"metadata": {"name": f"{instance}-jobmanager-0", "labels": labels}, "status": {"phase": "Running"}}
            self.world.cluster.objects[PODS.plural, namespace, f"{instance}-jobmanager-0"] = pod

    def _revisions(self, release: str) -> Iterator[tuple[int, str]]:
        for one in self._records(release):
            yield _revision(one), one["metadata"]["labels"]["status"]

    def _records(self, release: str) -> list[Object]:
        try:
            return self.world.cluster.find(CONFIG_MAPS, HOME, f"owner=helm,name={release}")
        except KubernetesError:
            raise HelmError(BUSY) from None

    def _record(self, release: str, revision: int, status: str, values: Mapping[str, Any], said: str = "") -> None:
        self.world.change()
        made = _manifest(values["namespaceOverride"], values["instanceOverride"], values)
        manifest = "\n---\n".join(json.dumps(one) for one in made)
        body = {
            "name": release,
            "namespace": HOME,
            "version": revision,
            "config": _through_go(values),
            "manifest": manifest,
            "info": {"status": status, "last_deployed": self.world.time.isoformat(), "description": said},
        }
        name = f"sh.helm.release.v1.{release}.v{revision}"
        labels = {"owner": "helm", "name": release, "version": str(revision), "status": status}
        packed = base64.b64encode(gzip.compress(json.dumps(body).encode())).decode()
        self.world.cluster.objects["configmaps", HOME, name] = {
            "metadata": {"name": name, "namespace": HOME, "labels": labels},
            "data": {"release": packed},
        }
        self.world.change()


BUSY = (
    "query: failed to query with labels: the server has received too many requests and has asked us to try again later"
    " (get configmaps)"
)
"""What Helm says when the API server put it off again and again."""

_PLURALS = {"Deployment": "deployments", "ConfigMap": "configmaps", "PersistentVolumeClaim": "persistentvolumeclaims"}


def _manifest(namespace: str, release: str, values: Mapping[str, Any]) -> list[Object]:
    labels = {"app.kubernetes.io/name": "fraud-detector", "app.kubernetes.io/instance": release}

    def metadata(part: str) -> Object:
        return {"name": f"{release}-{part}", "namespace": namespace, "labels": labels}

    data = {"detector.json": json.dumps(values["detector"])}
    found: list[Object] = [{"kind": "ConfigMap", "metadata": metadata("detector"), "data": data}]
    found.append({"kind": "PersistentVolumeClaim", "metadata": metadata("state"), "spec": {}})
    if values["running"]:
        spec = {"replicas": 1, "template": {"args": [values["job"]["id"]]}}
        found.append({"kind": "Deployment", "metadata": metadata("jobmanager"), "spec": spec})
    return found


def _through_go(value: Any) -> Any:
    """Values as Helm records them: a number is a number, with a fraction or without."""
    if isinstance(value, Mapping):
        return {name: _through_go(one) for name, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_through_go(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _decided(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values without where the objects go."""
    return {name: value for name, value in values.items() if not name.endswith("Override")}


def _revision(record: Object) -> int:
    return int(record["metadata"]["labels"]["version"])


def _selected(one: Object, selector: str) -> bool:
    labels = one["metadata"].get("labels") or {}
    for part in filter(None, selector.split(",")):
        name, differs, value = part.partition("!=")
        if not differs:
            name, _, value = part.partition("=")
        if (labels.get(name) == value) == bool(differs):
            return False
    return True


def _versioned(one: Object) -> Object:
    """Metadata with a version that is another one after any change, also one that a test makes by hand."""
    return one["metadata"] | {"resourceVersion": hashlib.sha256(json.dumps(one).encode()).hexdigest()}


def _merge(into: Object, patch: Mapping[str, Any]) -> None:
    for name, value in patch.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, Mapping):
            _merge(into.setdefault(name, {}), value)
        else:
            into[name] = copy.deepcopy(value)
