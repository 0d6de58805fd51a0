"""A standalone Flink cluster, for whoever runs many jobs: tests and benchmarks share a warm one."""

from collections.abc import Mapping
from pathlib import Path

from fraudctl.runtime.flink_home import flink_home, java_options
from fraudctl.runtime.java import COLLECTOR, java
from fraudctl.runtime.ports import LOOPBACK, free_ports
from fraudctl.runtime.processes import spawn
from fraudctl.runtime.rest import FlinkRest, RestError
from fraudctl.runtime.server import Server

_HEAP_MB = 768
_DIRECT_MB = 256
_METASPACE_MB = 384
_JOB_MANAGER = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
_TASK_MANAGER = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"


class FlinkCluster(Server):
    """One JobManager and one TaskManager with eight slots, on the loopback interface.

    Attributes:
        rest: its REST interface.
        home: the distribution it runs from, to be used as FLINK_HOME by clients.
    """

    name = "the Flink cluster"
    prefix = "fraudctl-flink-"

    def __init__(
        self, directory: Path | None = None, slots: int = 8, settings: Mapping[str, str] | None = None
    ) -> None:
        """Checkpoints and logs go to ``directory`` (a temporary one by default); ``settings`` win."""
        super().__init__(directory)
        self._slots = slots
        self._overrides = dict(settings or {})
        rest_port, self._rpc_port = free_ports(2)
        self.rest = FlinkRest(rest_port)
        self.home = flink_home()

    @property
    def address(self) -> str:
        """host:port of the REST interface."""
        return f"{LOOPBACK}:{self.rest.port}"

    def _launch(self) -> None:
        conf = self.directory / "conf"
        conf.mkdir(exist_ok=True)
        settings = {**self._settings(), **self._overrides}
        (conf / "config.yaml").write_text("".join(f"{name}: '{value}'\n" for name, value in settings.items()))
        self._children = []
        self._spawn("JobManager", _JOB_MANAGER, ["-Xmx512m"])
        self._spawn_task_manager()

    def replace_task_manager(self) -> None:
        """Kill the TaskManager as a crash would, and start another."""
        self._children.pop().kill()
        self._spawn_task_manager()

    def _spawn_task_manager(self) -> None:
        memory = [
            COLLECTOR,
            f"-Xmx{_HEAP_MB}m",
            f"-XX:MaxDirectMemorySize={_DIRECT_MB}m",
            f"-XX:MaxMetaspaceSize={_METASPACE_MB}m",
        ]
        self._spawn("TaskManager", _TASK_MANAGER, memory)

    def _settings(self) -> dict[str, str]:
        return {
            "jobmanager.rpc.address": LOOPBACK,
            "jobmanager.rpc.port": str(self._rpc_port),
            "jobmanager.bind-host": LOOPBACK,
            "jobmanager.memory.process.size": "1024m",
            "taskmanager.host": LOOPBACK,
            "taskmanager.bind-host": LOOPBACK,
            "taskmanager.numberOfTaskSlots": str(self._slots),
            # Flink's start script works these out from one size; without the script each must be given
            "taskmanager.cpu.cores": str(float(self._slots)),
            "taskmanager.memory.framework.heap.size": "128m",
            "taskmanager.memory.task.heap.size": f"{_HEAP_MB - 128}m",
            "taskmanager.memory.framework.off-heap.size": "64m",
            "taskmanager.memory.task.off-heap.size": "64m",
            "taskmanager.memory.network.min": "128m",
            "taskmanager.memory.network.max": "128m",
            "taskmanager.memory.managed.size": "128m",
            "taskmanager.memory.jvm-overhead.min": "128m",
            "taskmanager.memory.jvm-overhead.max": "128m",
            "taskmanager.memory.jvm-metaspace.size": f"{_METASPACE_MB}m",
            "rest.address": LOOPBACK,
            "rest.bind-address": LOOPBACK,
            "rest.port": str(self.rest.port),
            "execution.checkpointing.dir": f"file://{self.directory}/checkpoints",
            "execution.checkpointing.savepoint-dir": f"file://{self.directory}/savepoints",
            "web.upload.dir": str(self.directory),
            # Flink fetches no metrics while one of its questions is open, and a dead TaskManager never answers; by
            # default each waits ten minutes
            "web.timeout": "30 s",
            "io.tmp.dirs": str(self.directory),
            "classloader.check-leaked-classloader": "false",
        }

    def _spawn(self, name: str, main: str, memory: list[str]) -> None:
        log4j = self.home / "conf" / "log4j.properties"
        log = self.directory / f"{name.lower()}.log"
        command = [
            java(), *memory, *java_options(self.home), f"-Djava.io.tmpdir={self.directory}",
            f"-Dlog.file={log}", f"-Dlog4j.configurationFile=file:{log4j}",
            "-cp", f"{self.home}/lib/*", main, "--configDir", str(self.directory / "conf"),
        ]  # fmt: skip
        child = spawn(f"Flink's {name}", command, log.with_suffix(".out"), environ={"FLINK_HOME": str(self.home)})
        self._children.append(child)

    def _answers(self) -> bool:
        return self._offered() >= self._slots

    def _offered(self) -> int:
        try:
            return int(self.rest.get("/overview").get("slots-total", 0))
        except RestError:
            return 0
