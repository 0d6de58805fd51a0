"""The faults: how each strikes and is healed again, over what, and how long that takes."""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from chaos import packets
from chaos.loads import ACCOUNTS, LATE, TRANSACTIONS, Load
from chaos.place import Place
from chaos.poison import poison
from elasticsearch import Elasticsearch
from harness import waiting
from harness.cluster import HOST_ELASTICSEARCH, OPERATOR_NAMESPACE, Cluster, Resource, resource
from harness.elastic import Elastic

KILLS, KILL_SECONDS = 20, 30.0
STEPS = ("Planning", "SavingState", "Upgrading", "Starting", "Running")
"""Reasons of Ready on the way of a change; in each round the operator is killed at the next one."""
_POISONED = 10
_OPERATOR = "fraud-operator"
_BREAKER = "indices.breaker.total.limit"


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        name: one word.
        what: what happens, for people.
        strike: does it and heals it; tells the place when it begins and, unless that is at its own end, when it ends.
        round_seconds: what a round takes, until everything of it is counted.
        setup_seconds: what its detector takes to come up; more where others do so at the same time.
        load: what is struck.
        indexed: whether alerts are indexed, and what is not indexed counts as lost.
    """

    name: str
    what: str
    strike: Callable[[Place], None]
    round_seconds: float
    setup_seconds: float = 60.0
    load: Load = TRANSACTIONS
    indexed: bool = False


def taskmanager(at: Place) -> None:
    at.begins()
    for number in range(KILLS):
        if number:
            at.rest(KILL_SECONDS)
        at.kill("taskmanager")
    at.ends()
    at.falls()


def jobmanager(at: Place) -> None:
    at.begins()
    at.kill("jobmanager")
    at.ends()
    at.falls()


def broker(at: Place) -> None:
    with at.cluster.without_kafka():
        at.begins()
        at.rest(60)


def elasticsearch_down(at: Place) -> None:
    with packets.elasticsearch_closed(at.cluster):
        at.begins()
        at.rest(300)


def elasticsearch_429(at: Place) -> None:
    assert at.elastic
    with _refusing(at.elastic.client):
        at.begins()
        at.rest(30)


@contextmanager
def _refusing(client: Elasticsearch) -> Iterator[None]:
    """Elasticsearch may use no memory meanwhile: all but its health and its settings is answered with 429."""
    try:
        client.cluster.put_settings(transient={_BREAKER: "1b"})
        assert client.options(ignore_status=429).count(index="*").meta.status == 429, "it goes on taking requests"
        yield
    finally:
        _take_again(client)


def _take_again(client: Elasticsearch) -> None:
    client.cluster.put_settings(transient={_BREAKER: None})


def poisoned(at: Place) -> None:
    at.begins()
    for number in range(_POISONED):
        at.send_refused(poison(1_000_000 * at.round + number))
        at.rest(0.5)


def late(at: Place) -> None:
    at.begins()
    at.rest(20)


def operator(at: Place) -> None:
    step = STEPS[(at.round - 1) % len(STEPS)]
    interval = f"{2 + at.round}s"
    # a setting of the job: Flink has to plan it, and nothing that is detected changes
    at.edit(lambda spec: spec["flink"]["checkpoints"].update(interval=interval))
    # a step may be over before anybody has seen it
    at.wait(lambda: at.applied.condition("Ready").get("reason") in (step, "Running"), at.applied.told, pause=0.05)
    at.begins()
    at.cluster.kill_pod(OPERATOR_NAMESPACE, "operator")


def api_server(at: Place) -> None:
    with packets.api_server_silent(at.cluster):
        at.begins()
        # what is asked for meanwhile comes into force afterwards
        at.edit(lambda spec: spec.update(restartNonce=at.round))
        at.rest(300)


def namespace(at: Place) -> None:
    with _no_operator(at.cluster):
        at.begins()
        at.cluster.delete_namespace(at.namespace)
        at.cluster.create_namespace(at.namespace)
        at.cluster.apply(resource(at.applied.detector))


@contextmanager
def _no_operator(cluster: Cluster) -> Iterator[None]:
    """No operator is there meanwhile; behind it, one is on its way."""
    _scale_operator(cluster, 0)
    try:
        pods = cluster.core.list_namespaced_pod
        ours = "app.kubernetes.io/component=operator"
        waiting.until(lambda: not pods(OPERATOR_NAMESPACE, label_selector=ours).items, "the operator goes")
        yield
    finally:
        _scale_operator(cluster, 1)


def _scale_operator(cluster: Cluster, replicas: int) -> None:
    body = {"spec": {"replicas": replicas}}
    cluster.apps.patch_namespaced_deployment_scale(_OPERATOR, OPERATOR_NAMESPACE, body)


def upgrade(at: Place) -> None:
    before = at.applied.status.get("lastSavepoint")

    def rescaled(spec: Resource) -> None:
        spec["flink"]["parallelism"] = 1 + at.round % 2

    at.begins()
    at.edit(rescaled)
    at.wait(lambda: at.applied.status.get("lastSavepoint") != before, at.applied.told)


def heal_what_was_left(cluster: Cluster) -> None:
    """Heal what a run that was killed could not: `hack/up` has brought back the operator and the backends already."""
    packets.forget(cluster)
    _take_again(Elastic(HOST_ELASTICSEARCH).client)


TASKMANAGER = Fault(
    "taskmanager", "TaskManager killed every 30 s for ten minutes", taskmanager, 620, setup_seconds=90, load=ACCOUNTS
)
API_SERVER = Fault(
    "api-server", "API server silent to the operator for five minutes, and an edit meanwhile", api_server, 400,
    setup_seconds=90,
)  # fmt: skip
POISON = Fault("poison", "100 poison records of ten kinds", poisoned, 25)
ELASTICSEARCH_DOWN = Fault(
    "elasticsearch-down", "Elasticsearch down for five minutes", elasticsearch_down, 325, setup_seconds=90,
    indexed=True,
)  # fmt: skip
ELASTICSEARCH_429 = Fault(
    "elasticsearch-429", "Elasticsearch answers 429 for half a minute", elasticsearch_429, 55, indexed=True
)
JOBMANAGER = Fault("jobmanager", "JobManager killed", jobmanager, 55, setup_seconds=90, load=ACCOUNTS)
UPGRADE = Fault("upgrade", "upgrade with a savepoint, and rescaled", upgrade, 75, load=ACCOUNTS)
LATE_EVENTS = Fault(
    "late", "late and out-of-order events, one partition idle", late, 50, setup_seconds=90, load=LATE
)  # fmt: skip
BROKER = Fault("broker", "broker down for a minute", broker, 110)
OPERATOR = Fault("operator", "operator killed in a step of a change, in each round another", operator, 100)
NAMESPACE = Fault("namespace", "namespace deleted and made again with the operator gone", namespace, 130)

BLOCKS = (
    ((TASKMANAGER,), (API_SERVER, POISON)),
    ((ELASTICSEARCH_DOWN, ELASTICSEARCH_429), (JOBMANAGER, UPGRADE), (LATE_EVENTS,)),
    ((BROKER,),),
    ((OPERATOR,),),
    ((NAMESPACE,),),
)
"""What strikes when: see ``schedule``."""
FAULTS = tuple(fault for block in BLOCKS for lane in block for fault in lane)


def only(names: Collection[str]) -> Sequence[Sequence[Sequence[Fault]]]:
    """The blocks with no other faults than these; all where none is named.

    Raises:
        ValueError: there is no fault of that name.
    """
    unknown = set(names) - {fault.name for fault in FAULTS}
    if unknown:
        raise ValueError(f"no fault is called {', '.join(sorted(unknown))}; there are {_names()}")
    blocks = [[[fault for fault in lane if not names or fault.name in names] for lane in block] for block in BLOCKS]
    return [lanes for block in blocks if (lanes := [lane for lane in block if lane])]


def _names() -> str:
    return ", ".join(fault.name for fault in FAULTS)
