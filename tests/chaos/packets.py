"""Packets that the node lets nobody have: rules of its own packet filter, there for a while and then gone."""

import shlex
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from harness.cluster import BACKENDS_NAMESPACE, OPERATOR_NAMESPACE, Cluster
from harness.network import NOTHING, OPEN, Visitor

API_SERVER, API_SERVER_PORT = "kubernetes.default.svc", 443
_MARK = "fraud-chaos"
_NODE_PORT = "6443"
"""Where the API server listens on the node: kind's is kubeadm's."""
_ELASTICSEARCH_PORT = "9200"
Rule = tuple[str, ...]
"""A chain and what follows it."""


@contextmanager
def api_server_silent(cluster: Cluster) -> Iterator[None]:
    """What the operator and the API server tell each other is dropped meanwhile; nobody else's is."""
    (operator,) = cluster.pods(OPERATOR_NAMESPACE, "operator")
    address = operator.status.pod_ip
    to = ("INPUT", "--source", address, "--protocol", "tcp", "--destination-port", _NODE_PORT)
    back = ("OUTPUT", "--destination", address, "--protocol", "tcp", "--source-port", _NODE_PORT)
    asking = Visitor(cluster, OPERATOR_NAMESPACE, operator.metadata.name)
    with _filtered(node(cluster), *((*rule, "--jump", "DROP") for rule in (to, back))):
        assert asking.knock(API_SERVER, API_SERVER_PORT) == {API_SERVER_PORT: NOTHING}, "the API server still answers"
        yield
    assert asking.knock(API_SERVER, API_SERVER_PORT) == {API_SERVER_PORT: OPEN}, "the API server is still silent"


@contextmanager
def elasticsearch_closed(cluster: Cluster) -> Iterator[None]:
    """The demo Elasticsearch refuses every packet meanwhile, as a stopped one does; what it holds stays.

    Stopped in earnest the demo's would come back empty: its disk goes with its pod.
    """
    (pod,) = cluster.pods(BACKENDS_NAMESPACE, "elasticsearch")
    to = ("FORWARD", "--destination", pod.status.pod_ip, "--protocol", "tcp")
    closed = ("--destination-port", _ELASTICSEARCH_PORT, "--jump", "REJECT", "--reject-with", "tcp-reset")
    with _filtered(node(cluster), (*to, *closed)):
        yield


def node(cluster: Cluster) -> str:
    """The container that is the cluster's only node."""
    return cluster.kubectl("get", "nodes", "--output", "jsonpath={.items[0].metadata.name}")


def forget(cluster: Cluster) -> None:
    """Take away what a run that was killed has left."""
    name = node(cluster)
    for line in _iptables(name, "--list-rules").splitlines():
        if _MARK in line:
            _iptables(name, "--delete", *shlex.split(line)[1:])


@contextmanager
def _filtered(name: str, *rules: Rule) -> Iterator[None]:
    put: list[Rule] = []
    try:
        for chain, *rest in rules:
            marked = (chain, "--match", "comment", "--comment", _MARK, *rest)
            _iptables(name, "--insert", *marked)
            put.append(marked)
        yield
    finally:
        for rule in put:
            _iptables(name, "--delete", *rule)


def _iptables(name: str, *arguments: str) -> str:
    command = ["docker", "exec", name, "iptables", "--wait", *arguments]
    done = subprocess.run(command, text=True, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
    return done.stdout
