"""Everybody that the operator talks to, in one hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fraud_operator import times
from fraud_operator.clients.backends import Backend
from fraud_operator.clients.flink import Jobs
from fraud_operator.clients.helm import Releases
from fraud_operator.clients.kafka import Brokers
from fraud_operator.clients.kubernetes import Cluster


@dataclass(frozen=True)
class Ports:
    """The outside world.

    Attributes:
        cluster: Kubernetes.
        home: the operator's own namespace: what it remembers, and Helm's records, are out of tenants' reach there.
        adopt_former: whether releases that a version before 0.2 kept beside the detector are taken over.
        helm: Helm.
        brokers: Kafka.
        elasticsearch: where indices are.
        kibana: where dashboards are.
        flink: a JobManager by its address.
        clock: the time.
        background: has work done beside everything else.
        sleep: waits for seconds.
    """

    cluster: Cluster
    home: str
    helm: Releases
    brokers: Brokers
    elasticsearch: Backend
    kibana: Backend
    flink: Callable[[str], Jobs]
    background: Callable[[Callable[[], None]], object]
    sleep: Callable[[float], None]
    clock: Callable[[], datetime] = times.now
    adopt_former: bool = False
