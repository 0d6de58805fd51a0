"""What the operator asks of the API server, as the API server counts it; and a storm of 429 for the operator alone.

A FlowSchema of its own sorts out what comes from the operator's service account: its client, Kopf and Helm, and nobody
else. The API server counts by FlowSchema, so this holds for requests that the operator itself never hears of.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from harness.cluster import GROUP, OPERATOR_NAMESPACE, PLURAL, VERSION, Cluster, Resource

SCHEMA, STORM = "fraud-operator-counted", "fraud-operator-storm"
ACCOUNT = "fraud-operator"
_USUAL = "workload-low"
"""Where service accounts are sorted without a FlowSchema of their own: counting changes nothing."""
_PRECEDENCE = 8_000
"""Before that of all service accounts (9000)."""
_NOISES = 4
_NOISY = (
    f"/apis/{GROUP}/{VERSION}/{PLURAL}",
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
)
"""Long lists that the operator may ask for."""
_API = "flowcontrol.apiserver.k8s.io/v1"


def flow_schema(level: str) -> Resource:
    """What sorts the operator's requests into a priority level."""
    account = {"kind": "ServiceAccount", "serviceAccount": {"name": ACCOUNT, "namespace": OPERATOR_NAMESPACE}}
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "clusterScope": True, "namespaces": ["*"]}
    rule = {
        "subjects": [account],
        "resourceRules": [everything],
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
    }
    return {
        "apiVersion": _API,
        "kind": "FlowSchema",
        "metadata": {"name": SCHEMA},
        "spec": {
            "priorityLevelConfiguration": {"name": level},
            "matchingPrecedence": _PRECEDENCE,
            "distinguisherMethod": {"type": "ByUser"},
            "rules": [rule],
        },
    }


def storm_level() -> Resource:
    """A priority level without a share of anything, which refuses what it can't take at once.

    One request at a time gets through even so: the API server takes whatever comes to an idle level.
    """
    return {
        "apiVersion": _API,
        "kind": "PriorityLevelConfiguration",
        "metadata": {"name": STORM},
        "spec": {
            "type": "Limited",
            "limited": {
                "nominalConcurrencyShares": 0,
                "lendablePercent": 0,
                "borrowingLimitPercent": 0,
                "limitResponse": {"type": "Reject"},
            },
        },
    }


def total(metrics: str, name: str, **labels: str) -> float:
    """The sum of a metric's samples that have these labels."""
    found = 0.0
    for given, value in re.findall(rf"^{name}(?:\{{(.*)\}})? (\S+)$", metrics, re.MULTILINE):
        told = dict(re.findall(r'(\w+)="([^"]*)"', given))
        if labels.items() <= told.items():
            found += float(value)
    return found


def asked(metrics: str) -> float:
    """How often the operator has asked, whether it was answered or put off."""
    kinds = ("dispatched", "rejected")
    return sum(total(metrics, f"apiserver_flowcontrol_{kind}_requests_total", flow_schema=SCHEMA) for kind in kinds)


def requests(cluster: Cluster) -> float:
    """How often the operator has asked, since it is ``counted``."""
    return asked(cluster.kubectl("get", "--raw", "/metrics"))


def of_operator(cluster: Cluster, name: str, **labels: str) -> float:
    """A metric that the operator itself tells."""
    (pod,) = cluster.pods(OPERATOR_NAMESPACE, "operator")
    path = f"/api/v1/namespaces/{OPERATOR_NAMESPACE}/pods/{pod.metadata.name}:9090/proxy/metrics"
    return total(cluster.kubectl("get", "--raw", path), name, **labels)


@contextmanager
def counted(cluster: Cluster) -> Iterator[None]:
    """The API server counts the operator's requests apart from all others meanwhile."""
    cluster.apply(storm_level(), flow_schema(_USUAL))
    try:
        yield
    finally:
        for kind, name in (("flowschema", SCHEMA), ("prioritylevelconfiguration", STORM)):
            cluster.kubectl("delete", kind, name, "--ignore-not-found")


class Storm:
    """For so many seconds, or until the block ends, nearly everything that the ``counted`` operator asks is put off.

    What gets through one at a time is mostly taken by requests in the operator's name that ask for long lists.
    """

    def __init__(self, cluster: Cluster, seconds: float) -> None:
        self._cluster = cluster
        self._timer = threading.Timer(seconds, self._end)
        self._over = threading.Event()
        self._noises = [threading.Thread(target=self._noise, daemon=True) for _ in range(_NOISES)]

    def __enter__(self) -> Self:
        self._cluster.apply(flow_schema(STORM))
        for one in (self._timer, *self._noises):
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._end()

    def _end(self) -> None:
        self._over.set()
        self._cluster.apply(flow_schema(_USUAL))

    def _noise(self) -> None:
        api = self._cluster.core.api_client
        headers = {"Impersonate-User": f"system:serviceaccount:{OPERATOR_NAMESPACE}:{ACCOUNT}"}
        while not self._over.is_set():
            for path in _NOISY:
                answer = api.rest_client.pool_manager.request(
                    "GET", f"{api.configuration.host}{path}", headers=headers, retries=False
                )
                if answer.status != 200:  # put off like the operator
                    time.sleep(0.02)
