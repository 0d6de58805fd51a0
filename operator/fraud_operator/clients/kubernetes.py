"""Kubernetes' API, as much of it as is needed: objects as plain data."""

import json
import threading
import time
import urllib.parse
from dataclasses import dataclass
from typing import Any, Protocol

import kopf
import urllib3

from fraud_api.crd import PLURAL
from fraud_api.resource import GROUP, VERSION
from fraud_operator.clients import patience
from fraud_operator.metrics import THROTTLED

Object = dict[str, Any]

_METADATA_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 30.0
# what the API server answers is looked at here; only a connection that did not come about is tried again below
_RETRIES = urllib3.Retry(total=2, read=0, redirect=0, respect_retry_after_header=False, backoff_factor=0.5)
_UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND, _CONFLICT = 401, 403, 404, 409


@dataclass(frozen=True)
class Resource:
    """A kind of object: where the API has it.

    Attributes:
        group_version: such as ``apps/v1``; ``v1`` for the core group.
        plural: such as ``deployments``.
    """

    group_version: str
    plural: str

    def path(self, namespace: str | None, name: str = "", subresource: str = "") -> str:
        """Path of an object, or of all of a namespace, or of all."""
        root = "/api" if "/" not in self.group_version else "/apis"
        parts = [root, self.group_version]
        parts += ["namespaces", namespace] if namespace else []
        return "/".join(part for part in [*parts, self.plural, name, subresource] if part)


DETECTORS = Resource(f"{GROUP}/{VERSION}", PLURAL)
CONFIG_MAPS = Resource("v1", "configmaps")
SECRETS = Resource("v1", "secrets")
NAMESPACES = Resource("v1", "namespaces")
PODS = Resource("v1", "pods")
EVENTS = Resource("v1", "events")
JOBS = Resource("batch/v1", "jobs")
VOLUME_CLAIMS = Resource("v1", "persistentvolumeclaims")
OWNED = {
    "ServiceAccount": Resource("v1", "serviceaccounts"),
    "ConfigMap": CONFIG_MAPS,
    "Service": Resource("v1", "services"),
    "PersistentVolumeClaim": VOLUME_CLAIMS,
    "Deployment": Resource("apps/v1", "deployments"),
    "Job": JOBS,
    "Role": Resource("rbac.authorization.k8s.io/v1", "roles"),
    "RoleBinding": Resource("rbac.authorization.k8s.io/v1", "rolebindings"),
    "NetworkPolicy": Resource("networking.k8s.io/v1", "networkpolicies"),
    "PodDisruptionBudget": Resource("policy/v1", "poddisruptionbudgets"),
}
"""What a detector's release is made of."""


class KubernetesError(Exception):
    """The API server refused a request, or did not answer.

    Attributes:
        status: its HTTP status; 0 when there was no answer.
        named: whether the answer names the object that was asked for.
        again: seconds after which a busy API server may be asked again; 0 where it was not too busy to answer.
    """

    def __init__(self, status: int, message: str, *, named: bool = False, again: float = 0.0) -> None:
        super().__init__(message)
        self.status = status
        self.named = named
        self.again = again

    @property
    def throttled(self) -> bool:
        """Whether nothing was refused, only put off: it says nothing of what was asked for."""
        return self.again > 0

    @property
    def forbidden(self) -> bool:
        """Whether rights are missing."""
        return self.status == _FORBIDDEN

    @property
    def missing(self) -> bool:
        """Whether the API server knows the kind and says that there is no such object.

        Where it does not serve the kind at all, as while a CRD is changed or restored, nothing is known of the object.
        """
        return self.status == _NOT_FOUND and self.named

    @property
    def conflict(self) -> bool:
        """Whether the object is there already, or was changed meanwhile."""
        return self.status == _CONFLICT


class Cluster(Protocol):
    """What is asked of Kubernetes."""

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """An object, None where it does not exist."""

    def find(
        self, resource: Resource, namespace: str | None, selector: str = "", *, metadata_only: bool = False
    ) -> list[Object]:
        """Objects of a namespace (of all for None) that a label selector matches."""

    def create(self, resource: Resource, namespace: str, body: Object) -> Object:
        """A new object."""

    def patch(self, resource: Resource, namespace: str, name: str, patch: Object, subresource: str = "") -> Object:
        """An object after a JSON merge patch."""

    def delete(self, resource: Resource, namespace: str, name: str) -> None:
        """An object deleted with what it owns; fine where it does not exist."""

    def log(self, namespace: str, pod: str) -> str:
        """What the only container of a pod has said."""


class Kubernetes:
    """The API server; every method raises KubernetesError when it refuses, does not answer or stays too busy."""

    def __init__(self) -> None:
        """Log in with the pod's service account, or with the kubeconfig of who runs it."""
        self._lock = threading.Lock()
        self._pool, self._server, self._headers = _connect()

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """An object, None where it does not exist."""
        try:
            return self._json("GET", resource.path(namespace, name))
        except KubernetesError as error:
            if error.missing:
                return None
            raise

    def find(
        self, resource: Resource, namespace: str | None, selector: str = "", *, metadata_only: bool = False
    ) -> list[Object]:
        """Objects of a namespace (of all for None) that a label selector matches."""
        query = f"?labelSelector={urllib.parse.quote(selector)}" if selector else ""
        accept = _METADATA_ONLY if metadata_only else "application/json"
        found = self._json("GET", resource.path(namespace) + query, accept=accept)
        items: list[Object] = found.get("items") or []
        return items

    def create(self, resource: Resource, namespace: str, body: Object) -> Object:
        """A new object."""
        return self._json("POST", resource.path(namespace), body)

    def patch(self, resource: Resource, namespace: str, name: str, patch: Object, subresource: str = "") -> Object:
        """An object after a JSON merge patch."""
        path = resource.path(namespace, name, subresource)
        return self._json("PATCH", path, patch, content="application/merge-patch+json")

    def delete(self, resource: Resource, namespace: str, name: str) -> None:
        """An object deleted with what it owns; fine where it does not exist."""
        try:
            self._json("DELETE", resource.path(namespace, name), {"propagationPolicy": "Background"})
        except KubernetesError as error:
            if not error.missing:
                raise

    def log(self, namespace: str, pod: str) -> str:
        """What the only container of a pod has said."""
        return self._ask("GET", PODS.path(namespace, pod, "log"), None, {}).decode(errors="replace")

    def _json(
        self,
        method: str,
        path: str,
        body: Object | None = None,
        accept: str = "application/json",
        content: str = "application/json",
    ) -> Object:
        answer: Object = json.loads(self._ask(method, path, body, {"Accept": accept, "Content-Type": content}))
        return answer

    def _ask(self, method: str, path: str, body: Object | None, headers: dict[str, str]) -> bytes:
        status, data = self._send(method, path, body, headers)
        if status == _UNAUTHORIZED:  # tokens of service accounts are exchanged within the hour
            with self._lock:
                self._pool, self._server, self._headers = _connect()
            status, data = self._send(method, path, body, headers)
        if status >= 300:
            message, named = _answer(data)
            message = message or f"{method} {path.partition('?')[0]}: HTTP {status}"
            raise KubernetesError(status, message, named=named)
        return data

    def _send(self, method: str, path: str, body: Object | None, headers: dict[str, str]) -> tuple[int, bytes]:
        """An answer. An API server that is busy is asked again when it said so, for as long as there is patience."""
        answer, tries, left = self._once(method, path, body, headers), 0, patience.LONGEST_SECONDS
        while patience.put_off(answer.status, answer.headers.get("Retry-After")):
            THROTTLED.inc()
            wait = patience.wait(tries, answer.headers.get("Retry-After"))
            tries, left = tries + 1, left - wait
            if left < 0:
                raise KubernetesError(answer.status, "the API server is too busy to answer", again=wait)
            time.sleep(wait)
            answer = self._once(method, path, body, headers)
        return answer.status, answer.data

    def _once(self, method: str, path: str, body: Object | None, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        data = None if body is None else json.dumps(body).encode()
        try:
            return self._pool.request(
                method, self._server + path, body=data, headers=headers | self._headers, retries=_RETRIES
            )
        except urllib3.exceptions.HTTPError as error:
            raise KubernetesError(0, f"the API server does not answer: {type(error).__name__}") from None


def login(**_: Any) -> kopf.ConnectionInfo | None:
    """Credentials of the pod's service account, or of the kubeconfig of who runs it."""
    settings = kopf.OperatorSettings()
    return kopf.login_with_service_account(settings=settings) or kopf.login_with_kubeconfig(settings=settings)


def _connect() -> tuple[urllib3.PoolManager, str, dict[str, str]]:
    info = login()
    if info is None:
        raise KubernetesError(0, "no way to log in to Kubernetes: no service account, no kubeconfig")
    pool = urllib3.PoolManager(
        maxsize=16,
        ssl_context=info.as_ssl_context(),
        timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=_READ_SECONDS),
    )
    return pool, info.server, info.as_http_headers()


def _answer(data: bytes) -> tuple[str, bool]:
    """What a refusal says, and whether it names an object; an API server that knows no such path says neither."""
    try:
        found = json.loads(data)
        return str(found.get("message") or ""), bool((found.get("details") or {}).get("name"))
    except (ValueError, AttributeError):
        return "", False
