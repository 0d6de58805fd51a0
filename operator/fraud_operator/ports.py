"""Everybody that the operator talks to, in one hand."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fraud_operator import times
from fraud_operator.clients.flink import Jobs
from fraud_operator.clients.helm import Releases
from fraud_operator.clients.kafka import Brokers
from fraud_operator.clients.kubernetes import Cluster


@dataclass(frozen=True)
class Ports:
    """The outside world.

    Attributes:
        cluster: Kubernetes.
        helm: Helm.
        brokers: Kafka.
        flink: a JobManager by its address.
        clock: the time.
        sleep: waits for seconds.
    """

    cluster: Cluster
    helm: Releases
    brokers: Brokers
    flink: Callable[[str], Jobs]
    sleep: Callable[[float], None]
    clock: Callable[[], datetime] = times.now
