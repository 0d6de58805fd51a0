"""The suite's Kubernetes cluster: detectors applied as a user would, and what the API server says of them."""

import json
import socket
import subprocess
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from harness import waiting
from kubernetes import client, config
from kubernetes.client.exceptions import ApiException

from fraud_api import FraudDetector

ROOT = Path(__file__).parents[2]
RBAC = "rbac.authorization.k8s.io"
GROUP, VERSION, PLURAL = "frauddetector.io", "v1alpha1", "frauddetectors"
OPERATOR_NAMESPACE = "fraud-system"
BACKENDS_NAMESPACE = "default"
KAFKA = f"kafka.{BACKENDS_NAMESPACE}.svc:9092"
HOST_KAFKA = "127.0.0.1:30092"
ELASTICSEARCH = f"http://elasticsearch.{BACKENDS_NAMESPACE}.svc:9200"
HOST_ELASTICSEARCH = "http://127.0.0.1:30920"
SMALL = {"resources": {"cpu": "100m", "memory": "1Gi"}}
"""The cluster's node has two cores; what a pod asks for is set aside for it."""
READY_SECONDS = 300.0

Resource = dict[str, Any]


class Cluster:
    """A cluster with the operator and the demo backends in it."""

    def __init__(self, kubectl: str, context: str) -> None:
        self._kubectl = [kubectl, "--context", context]
        self._helm = [
            str(Path(kubectl).with_name("helm")),
            "--kube-context",
            context,
            "--namespace",
            OPERATOR_NAMESPACE,
        ]
        api = config.new_client_from_config(context=context)
        self.core = client.CoreV1Api(api)
        self.apps = client.AppsV1Api(api)
        self._custom = client.CustomObjectsApi(api)

    def kubectl(self, *arguments: str, stdin: str | None = None, check: bool = True) -> str:
        """What kubectl prints; an AssertionError with its words when it fails."""
        done = subprocess.run([*self._kubectl, *arguments], input=stdin, text=True, capture_output=True, timeout=300)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout if done.returncode == 0 else done.stdout + done.stderr

    def helm(self, *arguments: str | Path) -> str:
        """What Helm prints in the operator's namespace; an AssertionError with its words when it fails."""
        done = subprocess.run([*self._helm, *arguments], text=True, capture_output=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def apply(self, *resources: Resource) -> str:
        """``kubectl apply`` of resources."""
        return self.kubectl(
            "apply", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": resources})
        )

    def allow_operator(self, namespace: str, *secrets: str) -> None:
        """Let the operator read Secrets of a namespace: what rbac.secretNames does for a whole cluster."""
        named = {"metadata": {"name": "secrets-reader", "namespace": namespace}}
        rule = {"apiGroups": [""], "resources": ["secrets"], "resourceNames": list(secrets), "verbs": ["get"]}
        account = {"kind": "ServiceAccount", "name": "fraud-operator", "namespace": OPERATOR_NAMESPACE}
        role = {"apiGroup": RBAC, "kind": "Role", "name": "secrets-reader"}
        self.apply(
            {"apiVersion": f"{RBAC}/v1", "kind": "Role", **named, "rules": [rule]},
            {"apiVersion": f"{RBAC}/v1", "kind": "RoleBinding", **named, "roleRef": role, "subjects": [account]},
        )

    def create_secret(self, namespace: str, name: str, values: Mapping[str, str]) -> None:
        """A Secret, written without ``kubectl apply``: its last-applied annotation would hold the values again."""
        body = client.V1Secret(metadata=client.V1ObjectMeta(name=name), string_data=dict(values))
        self.core.create_namespaced_secret(namespace, body)

    def address_of_this_machine(self) -> str:
        """This machine as pods reach it."""
        (node, *_) = self.core.list_node().items
        (address, *_) = (one.address for one in node.status.addresses if one.type == "InternalIP")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((address, 9))
            return str(probe.getsockname()[0])

    def create_namespace(self, name: str = "") -> str:
        """A new namespace in which only restricted pods may run, under a name of its own unless one is given."""
        name = name or f"e2e-{uuid.uuid4().hex[:8]}"
        labels = {"pod-security.kubernetes.io/enforce": "restricted"}
        self.core.create_namespace(client.V1Namespace(metadata=client.V1ObjectMeta(name=name, labels=labels)))
        return name

    def delete_namespace(self, name: str, seconds: float = 180.0) -> None:
        """Delete a namespace and wait until it is gone."""
        _unless_gone(lambda: self.core.delete_namespace(name))
        waiting.until(
            lambda: not _unless_gone(lambda: self.core.read_namespace(name)), f"namespace {name} goes", seconds
        )

    def get(self, namespace: str, name: str) -> Resource | None:
        """A FraudDetector; None when there is none."""
        return _unless_gone(lambda: self._custom.get_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, name))

    def patch(self, namespace: str, name: str, body: Resource) -> Resource:
        """Merge a change into a FraudDetector; returns it as it is then."""
        return self._custom.patch_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, name, body)

    def delete(self, namespace: str, name: str) -> None:
        """Ask for a FraudDetector to be deleted."""
        _unless_gone(lambda: self._custom.delete_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, name))

    def wait_gone(self, namespace: str, name: str, seconds: float = 180.0) -> None:
        """Wait until a FraudDetector is gone."""
        waiting.until(lambda: self.get(namespace, name) is None, f"{namespace}/{name} goes", seconds)

    def pods(self, namespace: str, component: str) -> list[Any]:
        """Pods of a component that are not on their way out."""
        found = self.core.list_namespaced_pod(
            namespace, label_selector=f"app.kubernetes.io/component={component}"
        ).items
        return [pod for pod in found if pod.metadata.deletion_timestamp is None]

    def kill_pod(self, namespace: str, component: str) -> str:
        """Kill a component's pod without notice; returns its name."""
        (pod, *_) = self.pods(namespace, component)
        _unless_gone(lambda: self.core.delete_namespaced_pod(pod.metadata.name, namespace, grace_period_seconds=0))
        return pod.metadata.name

    @property
    def tools_image(self) -> str:
        """The image of the operator's small programs; it has Python, and the node has it."""
        (operator,) = self.pods(OPERATOR_NAMESPACE, "operator")
        return next(one.value for one in operator.spec.containers[0].env if one.name == "FRAUD_TOOLS_IMAGE")

    def wait_operator(self, seconds: float = waiting.SECONDS) -> None:
        """Wait until the operator is ready."""
        self._wait_ready(OPERATOR_NAMESPACE, "operator", seconds)

    @contextmanager
    def two_operators(self) -> Iterator[None]:
        """Two operators stand side by side meanwhile."""
        (found,) = self.apps.list_namespaced_deployment(
            OPERATOR_NAMESPACE, label_selector="app.kubernetes.io/component=operator"
        ).items
        self._scale_operator(found.metadata.name, 2)
        try:
            yield
        finally:
            self._scale_operator(found.metadata.name, 1)

    def _scale_operator(self, name: str, replicas: int) -> None:
        body = {"spec": {"replicas": replicas}}
        self.apps.patch_namespaced_deployment_scale(name, OPERATOR_NAMESPACE, body)
        waiting.until(lambda: len(self.pods(OPERATOR_NAMESPACE, "operator")) == replicas, f"{replicas} operators")
        self.wait_operator()

    def wait_kafka(self) -> None:
        """Wait until the demo Kafka is ready."""
        self._wait_ready(BACKENDS_NAMESPACE, "kafka")

    def _wait_ready(self, namespace: str, component: str, seconds: float = waiting.SECONDS) -> None:
        def ready() -> bool:
            pods = self.pods(namespace, component)
            return any(pod.status.container_statuses for pod in pods) and all(
                one.ready for pod in pods for one in pod.status.container_statuses or []
            )

        waiting.until(ready, f"{component} is ready", seconds)

    def without_kafka(self) -> AbstractContextManager[None]:
        """The demo Kafka is away meanwhile."""
        return self._without("kafka")

    def without_elasticsearch(self) -> AbstractContextManager[None]:
        """The demo Elasticsearch is away meanwhile; it comes back empty."""
        return self._without("elasticsearch")

    @contextmanager
    def _without(self, backend: str) -> Iterator[None]:
        (found,) = self.apps.list_namespaced_stateful_set(
            BACKENDS_NAMESPACE, label_selector=f"app.kubernetes.io/component={backend}"
        ).items
        self._scale(found.metadata.name, 0)
        waiting.until(lambda: not self.pods(BACKENDS_NAMESPACE, backend), f"{backend} goes")
        try:
            yield
        finally:
            self._scale(found.metadata.name, 1)
            self._wait_ready(BACKENDS_NAMESPACE, backend)

    def _scale(self, name: str, replicas: int) -> None:
        body = {"spec": {"replicas": replicas}}
        self.apps.patch_namespaced_stateful_set_scale(name, BACKENDS_NAMESPACE, body)

    def events(self, namespace: str) -> list[tuple[str, str]]:
        """Reason and message of a namespace's events."""
        return [(event.reason, event.message) for event in self.core.list_namespaced_event(namespace).items]


class Applied:
    """A FraudDetector in the cluster."""

    def __init__(self, cluster: Cluster, detector: FraudDetector) -> None:
        self.cluster = cluster
        self.detector = detector
        self.namespace = detector.metadata.namespace
        self.name = detector.metadata.name

    @property
    def status(self) -> Mapping[str, Any]:
        """Its status; empty before the operator has seen it."""
        found = self.cluster.get(self.namespace, self.name)
        return (found or {}).get("status") or {}

    def condition(self, kind: str) -> Mapping[str, Any]:
        """One of its conditions, of the generation that is in force; empty when nothing was said yet."""
        found = self.cluster.get(self.namespace, self.name) or {"metadata": {}}
        said = [one for one in (found.get("status") or {}).get("conditions", []) if one["type"] == kind]
        current = [one for one in said if one["observedGeneration"] == found["metadata"].get("generation")]
        return current[0] if current else {}

    def wait_condition(
        self, kind: str, status: str, reason: str | None = None, seconds: float = READY_SECONDS
    ) -> Mapping[str, Any]:
        """Wait until a condition of the generation in force has a status (and a reason); returns it."""

        def met() -> Mapping[str, Any] | None:
            found = self.condition(kind)
            right = found.get("status") == status and reason in (None, found.get("reason"))
            return found if right else None

        return waiting.until(met, lambda: f"{kind}={status} {reason or ''}: {self.told()}", seconds)

    def wait_ready(self, seconds: float = READY_SECONDS) -> Mapping[str, Any]:
        """Wait until it is Ready; returns its status."""
        self.wait_condition("Ready", "True", seconds=seconds)
        return self.status

    def wait_phase(self, phase: str, seconds: float = READY_SECONDS) -> None:
        """Wait for a phase, said of the generation in force."""

        def met() -> bool:
            found = self.cluster.get(self.namespace, self.name) or {}
            status = found.get("status") or {}
            current = status.get("observedGeneration") == found.get("metadata", {}).get("generation")
            return current and status.get("phase") == phase

        waiting.until(met, lambda: f"phase {phase}: {self.told()}", seconds)

    def edit(self, change: Callable[[Resource], None]) -> None:
        """Change its spec and apply it again."""
        document = resource(self.detector)
        change(document["spec"])
        self.cluster.apply(document)
        self.detector = FraudDetector.model_validate(document)

    def told(self) -> str:
        """Its status and the namespace's last events, for messages."""
        events = "\n".join(f"{reason}: {message}" for reason, message in self.cluster.events(self.namespace)[-15:])
        return f"{json.dumps(self.status, indent=1)}\n{events}"


def reasons(bodies: Iterable[Resource]) -> Counter[str]:
    """How many FraudDetectors have a condition Ready of the generation in force, by its reason."""
    found: Counter[str] = Counter()
    for body in bodies:
        for one in (body.get("status") or {}).get("conditions") or []:
            if one["type"] == "Ready" and one["observedGeneration"] == body["metadata"]["generation"]:
                found[one["reason"]] += 1
    return found


def resource(detector: FraudDetector) -> Resource:
    """A detector as it is applied: only what was written, in the resource's own words."""
    return detector.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)


def in_cluster(detector: FraudDetector, namespace: str, **spec: Any) -> FraudDetector:
    """A copy for a namespace: topics of its own, the demo Kafka, small pods, no generator unless asked for."""
    document = resource(detector)
    document["metadata"]["namespace"] = namespace
    wanted = document["spec"]
    wanted["kafka"] = wanted.get("kafka", {}) | {"bootstrapServers": KAFKA}
    for part in (*wanted["streams"], *wanted.get("outputs", [])):
        part["topic"] = f"{namespace}.{part.get('topic') or part['name']}"
    if "topic" in wanted.get("blocking", {}):
        wanted["blocking"]["topic"] = f"{namespace}.{wanted['blocking']['topic']}"
    for name in ("generator", "elasticsearch", "kibana"):
        wanted.pop(name, None)
    wanted["flink"] = {
        "jobManager": SMALL,
        "taskManager": SMALL,
        "checkpoints": {"interval": "2s"},
        **wanted.get("flink", {}),
    }
    wanted |= spec
    return FraudDetector.model_validate(document)


def _unless_gone(ask: Callable[[], Any]) -> Any:
    """An answer of the API server; None for what is not there."""
    try:
        return ask()
    except ApiException as error:
        if error.status != 404:
            raise
        return None
