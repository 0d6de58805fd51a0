"""Stand-ins for Flink, Kafka, Elasticsearch and Kibana in the operator's world: see world.py."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from fraud_api import FraudDetector
from fraud_job.topics import Topic
from fraud_operator.clients.backends import View
from fraud_operator.clients.flink import FlinkError, JobView
from fraud_operator.clients.flink_health import Health
from fraud_operator.clients.kafka import KafkaUnreachable, Secret, TopicRefused
from fraud_operator.clients.kubernetes import PODS
from fraud_operator.names import Key
from fraud_operator.topics import Present
from fraud_services.indices import Reason as BackendReason

Object = dict[str, Any]
UP_SECONDS, CHECKPOINT_SECONDS = 10, 10
NOTHING: Mapping[str, str] = {}

if TYPE_CHECKING:
    from harness.world import World


@dataclass
class Flink:
    """A JobManager: the job of the last deployment, and its storage."""

    world: "World"
    url: str
    values: Mapping[str, Any] = field(default_factory=dict)
    since: datetime | None = None
    state: str = "RUNNING"
    failure: str = ""
    down: bool = False
    start: int = 0
    saved: dict[str, int] = field(default_factory=dict)
    told: list[tuple[int, float]] = field(default_factory=list)
    """Every event that was told of, with the threshold then in force."""
    position: int = 0
    last_savepoint: str = ""
    stops: dict[str, str] = field(default_factory=dict)
    fails: Callable[[Mapping[str, Any]], str | None] = lambda values: None
    no_savepoints: str = ""
    health_of: Callable[[Mapping[str, Any], int], Health] = lambda values, position: Health()
    restarts: int = 0
    kept: str = ""
    """Why nothing can be deleted."""
    jobs_seen: list[str] = field(default_factory=list)

    def deploy(self, values: Mapping[str, Any]) -> None:
        """What Kubernetes does with new pods: the same job goes on, another one starts from its savepoint."""
        if values.get("running") and values["job"]["id"] == self._id() and self.values.get("running"):
            self.values = values
            return
        self.values, self.since = values, self.world.time
        self.state, self.failure, self.last_savepoint = "RUNNING", "", ""
        if values.get("running"):
            assert values["job"]["id"] not in self.jobs_seen, "a job id was used twice"
            self.jobs_seen.append(values["job"]["id"])
            self.position = self.saved[values["job"]["savepoint"]] if values["job"]["savepoint"] else 0

    def _id(self) -> str:
        return str(self.values.get("job", {}).get("id", ""))

    def process(self, until: int) -> None:
        """Events come: a job that runs tells of every one that it has not told of."""
        if not self.values.get("running") or self.state != "RUNNING" or not self._up():
            return
        limit = next(iter(self.values["detector"]["spec"].get("parameters", [])), {"value": "0"})["value"]
        self.told += [(event, float(limit)) for event in range(self.position, until)]
        self.position = max(self.position, until)

    def _age(self) -> float:
        return (self.world.time - self.since).total_seconds() if self.since else 0.0

    def _up(self) -> bool:
        return self._age() >= UP_SECONDS and not self.fails(self.values)

    def job(self, job_id: str) -> JobView | None:
        if self.down or self._age() < UP_SECONDS / 2:
            raise FlinkError("Connection refused")
        if job_id != self._id():
            return None
        why = self.failure or self.fails(self.values) or ""
        up = self.state == "RUNNING" and not why and self._up()
        saved = int(max(0.0, self._age() - UP_SECONDS) / CHECKPOINT_SECONDS) if not self.fails(self.values) else 0
        checkpoint = f"file:///state/checkpoints/{job_id}/chk-{saved}" if saved else ""
        if checkpoint and self.state == "RUNNING":
            self.saved[checkpoint] = self.position
        return JobView(
            id=job_id,
            state="RESTARTING" if why and self.state == "RUNNING" else self.state,
            start_millis=int(self.since.timestamp() * 1000) if self.since else 0,
            tasks={"RUNNING": 3} if up else {"SCHEDULED": 3},
            restarts=5 if why else self.restarts,
            failed_millis=int(self.world.time.timestamp() * 1000) if why else 0,
            failure=why,
            checkpoints=saved,
            checkpoint_millis=int(self.world.time.timestamp() * 1000) if saved and not why else 0,
            checkpoint=checkpoint or self.values["job"]["savepoint"],
            savepoint=self.last_savepoint,
        )

    def place(self) -> tuple[str, str]:
        return self.url.split(".")[1], str(self.values["job"].get("clusterId"))

    def health(self, job_id: str) -> Health | None:
        return self.health_of(self.values, self.position) if job_id == self._id() else None

    def stop(self, job_id: str, directory: str, request: str) -> None:
        if self.no_savepoints:
            raise FlinkError(self.no_savepoints)
        if request in self.stops:
            return
        self.world.change()
        self.last_savepoint = self.stops[request] = f"{directory}/savepoint-{job_id[:6]}-1"
        self.saved[self.last_savepoint] = self.position
        self.state = "FINISHED"
        self.world.change()

    def save(self, job_id: str, directory: str, request: str) -> None:
        if self.no_savepoints:
            raise FlinkError(self.no_savepoints)
        if request not in self.stops:
            self.world.change()
            self.stops[request] = f"{directory}/savepoint-{job_id[:6]}-asked-{len(self.stops)}"
            self.saved[self.stops[request]] = self.position
            self.world.change()

    def stopped(self, job_id: str, request: str) -> str | None:
        return self.stops[request]

    def dispose(self, location: str) -> str:
        if location not in self.saved:
            raise FlinkError(f"Cannot find checkpoint or savepoint file/directory '{location}': does not exist")
        if self.kept:
            raise FlinkError(self.kept)
        self.world.change()
        del self.saved[location]
        self.world.change()
        return "request"

    def disposed(self, request: str) -> bool:
        return True

    def cancel(self, job_id: str) -> None:
        self.world.change()
        self.state = "CANCELED"
        self.world.change()


@dataclass
class Kafka:
    """A Kafka cluster."""

    world: "World"
    topics: dict[str, Present] = field(default_factory=dict)
    ends: dict[str, int] = field(default_factory=dict)
    committed: int = 0
    down: bool = False
    refuses: str = ""
    races: set[str] = field(default_factory=set)
    """Topics that somebody else makes a moment before the operator would."""
    made: int = 0
    opened_with: list[Secret | None] = field(default_factory=list)

    @contextmanager
    def open(self, detector: FraudDetector, secret: Secret | None) -> Iterator["Kafka"]:
        if self.down:
            raise KafkaUnreachable(f"no broker answers at {detector.spec.kafka.bootstrap_servers}")
        self.opened_with.append(secret)
        yield self

    def describe(self, names: Iterable[str]) -> dict[str, Present]:
        return {name: self.topics[name] for name in names if name in self.topics}

    def create(self, topic: Topic) -> str | None:
        if self.refuses:
            raise TopicRefused(f"topic {topic.name}: {self.refuses}")
        self.world.change()
        if topic.name in self.topics or topic.name in self.races:
            self.topics.setdefault(topic.name, self.another())
            return None
        made = self.topics[topic.name] = self.another(topic.partitions, topic.replication, topic.config)
        self.world.change()
        return made.id

    def another(self, partitions: int = 1, replication: int = 1, config: Mapping[str, str] = NOTHING) -> Present:
        """A new topic, with an id that no other ever had."""
        self.made += 1
        return Present(partitions, replication, dict(config), f"id-{self.made}")

    def grow(self, name: str, partitions: int) -> None:
        self.topics[name] = replace(self.topics[name], partitions=partitions)

    def configure(self, name: str, config: Mapping[str, str]) -> None:
        found = self.topics[name]
        self.topics[name] = replace(found, config={**found.config, **config})

    def delete(self, name: str) -> None:
        self.world.change()
        self.topics.pop(name, None)
        pods = [one for (plural, *_), one in self.world.cluster.objects.items() if plural == PODS.plural]
        if any(pod.get("status", {}).get("phase") == "Running" for pod in pods):
            # whoever still uses it makes a broker of the usual kind make it again
            self.topics[name] = self.another()
        self.world.change()

    def written(self, names: Iterable[str]) -> dict[str, int]:
        return {name: self.ends.get(name, 0) for name in names}

    def read(self, group: str, names: Iterable[str]) -> int:
        return self.committed


@dataclass
class Backend:
    """Elasticsearch, or Kibana: whose things it holds."""

    world: "World"
    holds: set[Key] = field(default_factory=set)
    down: str = ""
    breaks: str = ""
    asked_with: list[Mapping[str, str]] = field(default_factory=list)
    asked_for: list[FraudDetector] = field(default_factory=list)

    def keep(self, detector: FraudDetector, secret: Mapping[str, str]) -> View:
        return self._answer(detector, secret, self.holds.add, held=False)

    def remove(self, detector: FraudDetector, secret: Mapping[str, str]) -> View:
        return self._answer(detector, secret, self.holds.discard, held=True)

    def _answer(
        self, detector: FraudDetector, secret: Mapping[str, str], change: Callable[[Key], None], held: bool
    ) -> View:
        self.asked_with.append(secret)
        self.asked_for.append(detector)
        if self.breaks:
            raise RuntimeError(self.breaks)
        if self.down:
            return View(False, BackendReason.NO_ANSWER, self.down)
        key = Key(detector.metadata.namespace, detector.metadata.name)
        if (key in self.holds) is held:
            self.world.change()
            change(key)
            self.world.change()
        return View(True, BackendReason.READY, "as it should be")
