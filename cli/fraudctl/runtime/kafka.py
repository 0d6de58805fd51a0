"""An embedded Kafka: one KRaft node in a process of its own, on the loopback interface only."""

import base64
import uuid
from collections.abc import Mapping
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from fraudctl.runtime.jars import kafka_classpath
from fraudctl.runtime.java import java
from fraudctl.runtime.ports import LOOPBACK, is_open
from fraudctl.runtime.processes import spawn
from fraudctl.runtime.server import Listener

LARGEST_RECORD_BYTES = 12 * 1024 * 1024
"""What broker, topics and clients let through: a record of 10 MB and its headers."""

_SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "num.partitions": "2",
    "message.max.bytes": str(LARGEST_RECORD_BYTES),
    "replica.fetch.max.bytes": str(LARGEST_RECORD_BYTES),
    # A mistyped topic is an error, not a new topic.
    "auto.create.topics.enable": "false",
    # Events of 2024 must not be deleted at once for being old.
    "log.message.timestamp.type": "LogAppendTime",
    "log.retention.ms": "-1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    # After a kill the broker waits this long for its former self to be forgotten.
    "broker.session.timeout.ms": "6000",
    "broker.heartbeat.interval.ms": "1000",
}
_JAVA_OPTIONS = (
    "-Xmx512m",
    "-Djava.awt.headless=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
)


class EmbeddedKafka(Listener):
    """A broker that can be started, killed and started again over the same data and on the same port."""

    name = "the embedded Kafka"
    prefix = "fraudctl-kafka-"

    def __init__(
        self, directory: Path | None = None, port: int | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        """Data goes to ``directory`` (a temporary one by default); ``settings`` win over the defaults."""
        super().__init__(directory, port)
        self._overrides = dict(settings or {})

    @property
    def bootstrap(self) -> str:
        """Its address, known before it runs."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        return self._children[0].pid

    @property
    def log(self) -> Path:
        """The broker's log."""
        return self.directory / "kafka.log"

    def _launch(self) -> None:
        self._secure_port()
        if not (self.directory / "data" / "meta.properties").exists():
            self._format()
        self._children = [spawn("Kafka", self._command("kafka.Kafka"), self.log)]

    def _format(self) -> None:
        listeners = f"PLAINTEXT://{LOOPBACK}:{self.port}"
        settings = {
            **_SETTINGS,
            "listeners": f"{listeners},CONTROLLER://{LOOPBACK}:{self._inner_port}",
            "advertised.listeners": f"{listeners},CONTROLLER://{LOOPBACK}:{self._inner_port}",
            "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{self._inner_port}",
            "log.dirs": str(self.directory / "data"),
            **self._overrides,
        }
        text = "".join(f"{name}={value}\n" for name, value in settings.items())
        (self.directory / "server.properties").write_text(text)
        command = self._command("kafka.tools.StorageTool", "format", "-t", _cluster_id(), "--standalone", "-c")
        child = spawn("Kafka's storage tool", command, self.log)
        code = child.process.wait()
        child.kill()
        if code:
            raise self._failed("cannot format its storage", child)

    def _command(self, main: str, *arguments: str) -> list[str]:
        properties = str(self.directory / "server.properties")
        scratch = f"-Djava.io.tmpdir={self.directory}"  # for the native parts of its compression libraries
        return [java(), *_JAVA_OPTIONS, scratch, "-cp", kafka_classpath(), main, *arguments, properties]

    def _answers(self) -> bool:
        if not is_open(self.port):
            return False
        # a client of its own for each try: a fresh one asks at once, an old one waits ever longer between tries
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, "error_cb": lambda error: None})
        try:
            return bool(admin.list_topics(timeout=1.0).brokers)
        except KafkaException:
            return False


def _cluster_id() -> str:
    """A random id as Kafka writes them; a leading hyphen would be taken for an option."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return text.replace("-", "0", 1) if text.startswith("-") else text
