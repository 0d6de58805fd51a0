"""An embedded Kafka: one KRaft node in a process of its own, on the loopback interface only."""

import base64
import time
import uuid
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from fraudctl.errors import MachineError
from fraudctl.runtime.jars import kafka_classpath
from fraudctl.runtime.java import java
from fraudctl.runtime.ports import LOOPBACK, free_ports, is_open
from fraudctl.runtime.processes import Child, spawn, work_dir

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
_PORT_TRIES = 3
_NO_SPACE = "No space left on device"
_TAKEN = "Address already in use"


class EmbeddedKafka:
    """A broker that can be started, killed and started again over the same data and on the same port.

    Attributes:
        bootstrap: its address, known before it runs.
    """

    def __init__(
        self, directory: Path | None = None, port: int | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        """Data goes to ``directory`` (a temporary one by default); ``settings`` win over the defaults."""
        self._stack = ExitStack()
        self._directory = directory
        self._fixed_port = port
        self._overrides = dict(settings or {})
        self._child: Child | None = None
        self._choose_ports()

    def _choose_ports(self) -> None:
        free, self._controller = free_ports(2)
        self.port = self._fixed_port or free
        self.bootstrap = f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """Process id of the running broker."""
        assert self._child is not None
        return self._child.pid

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._child is not None and self._child.exit_code() is None

    @property
    def directory(self) -> Path:
        """Where data, settings and log are."""
        if self._directory is None:
            self._directory = self._stack.enter_context(work_dir("fraudctl-kafka-"))
        return self._directory

    @property
    def log(self) -> Path:
        """The broker's log."""
        return self.directory / "kafka.log"

    def start(self, timeout: float = 60.0) -> None:
        """Start it and wait until it answers. Raises MachineError with the broker's own reason."""
        if is_open(self.port):
            self._port_taken()
        if not (self.directory / "data" / "meta.properties").exists():
            self._format()
        self._child = spawn("Kafka", self._command("kafka.Kafka"), self.log)
        self._wait(time.monotonic() + timeout)

    def _port_taken(self) -> None:
        for _ in range(_PORT_TRIES if self._fixed_port is None and self._child is None else 0):
            self._choose_ports()
            if not is_open(self.port):
                return
        raise MachineError(f"port {self.port} is taken", "end what listens there, or choose another port")

    def _format(self) -> None:
        listeners = f"PLAINTEXT://{LOOPBACK}:{self.port}"
        settings = {
            **_SETTINGS,
            "listeners": f"{listeners},CONTROLLER://{LOOPBACK}:{self._controller}",
            "advertised.listeners": f"{listeners},CONTROLLER://{LOOPBACK}:{self._controller}",
            "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{self._controller}",
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
            raise self._failed("cannot format its storage")

    def _command(self, main: str, *arguments: str) -> list[str]:
        properties = str(self.directory / "server.properties")
        scratch = f"-Djava.io.tmpdir={self.directory}"  # for the native parts of its compression libraries
        return [java(), *_JAVA_OPTIONS, scratch, "-cp", kafka_classpath(), main, *arguments, properties]

    def _wait(self, deadline: float) -> None:
        while not self._answers():
            if not self.running:
                raise self._failed("did not start")
            if time.monotonic() > deadline:
                self.kill()
                raise self._failed("did not answer in time")
            time.sleep(0.05)

    def _answers(self) -> bool:
        if not is_open(self.port):
            return False
        # a client of its own for each try: a fresh one asks at once, an old one waits ever longer between tries
        admin = AdminClient({"bootstrap.servers": self.bootstrap, "log_level": 0, "error_cb": lambda error: None})
        try:
            return bool(admin.list_topics(timeout=1.0).brokers)
        except KafkaException:
            return False

    def _failed(self, what: str) -> MachineError:
        lines = (self._child.log_tail() if self._child else self.log.read_text(errors="replace")).splitlines()
        telling = [line for line in lines if _NO_SPACE in line or _TAKEN in line]
        telling += [line for line in lines if "ERROR" in line or "Exception" in line]
        reason = (telling or lines or ["no reason given"])[0].strip()
        return MachineError(f"the embedded Kafka {what}: {reason[:300]}", why_todo(reason))

    def stop(self) -> None:
        """End it in an orderly way; the data stays."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """End it as a power cut would; the data stays."""
        if self._child is not None:
            self._child.kill()

    def close(self) -> None:
        """End it at once; a temporary directory goes too."""
        self.kill()
        self._stack.close()

    def __enter__(self) -> "EmbeddedKafka":
        """Start it."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.close()


def _cluster_id() -> str:
    """A random id as Kafka writes them; a leading hyphen would be taken for an option."""
    text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    return text.replace("-", "0", 1) if text.startswith("-") else text


def why_todo(reason: str) -> str:
    """What to do about a reason from a log."""
    if _NO_SPACE in reason:
        return "free some space, or set TMPDIR to a place that has some"
    if _TAKEN in reason:
        return "try again"
    return "try again; if it stays so, look at what else runs on this machine"
