"""The suite's Flink: detectors started on it, and a handle on each job."""

import gc
import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

from harness import waiting
from harness.kafka import Broker, Place

from fraud_api import FraudDetector, naming
from fraud_job.compiler import compile_detector
from fraud_job.runtime import settings as job_settings
from fraudctl.runtime.cluster import FlinkCluster
from fraudctl.runtime.ports import LOOPBACK
from fraudctl.runtime.rest import RestError
from fraudctl.runtime.sources import SourcePositions

FOR_TESTS = {
    "execution.checkpointing.interval": "500 ms",
    # a failure is a failure, not something to try again
    "restart-strategy.type": "none",
}
GO_ON = {
    "restart-strategy.type": "fixed-delay",
    "restart-strategy.fixed-delay.attempts": "100",
    "restart-strategy.fixed-delay.delay": "500 ms",
}
"""For jobs that a test makes fail."""
ENDED = frozenset({"FINISHED", "CANCELED", "FAILED"})


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Keep Python from collecting Java's objects in another thread.

    That thread would take this one's connection for it, and this one go on in another thread of the JVM, where Calcite
    does not find what it keeps by thread ("metadataHandlerProvider").
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class Job:
    """A detector that runs on the cluster.

    Attributes:
        id: Flink's id of it.
        detector: what it runs.
    """

    def __init__(self, job_id: str, detector: FraudDetector, cluster: FlinkCluster, broker: Broker) -> None:
        self.id = job_id
        self.detector = detector
        self._cluster = cluster
        self._rest = cluster.rest
        self._broker = broker
        topics = {stream.topic_name for stream in detector.spec.streams}
        self._positions = SourcePositions(SimpleNamespace(job_id=job_id, rest=cluster.rest), topics)

    @property
    def state(self) -> str:
        """RUNNING, RESTARTING, FINISHED, ... in Flink's words."""
        return self._rest.state(self.id)

    def get(self, path: str = "") -> Any:
        """What the REST interface says of it, such as ``/checkpoints``."""
        return self._rest.get(f"/jobs/{self.id}{path}")

    def failures(self) -> str:
        """Its state, that of its tasks and checkpoints, and its latest exceptions, for messages."""
        history = self.get("/exceptions?maxExceptions=3")["exceptionHistory"]["entries"]
        told = self.get()
        tasks = dict(Counter(vertex["status"] for vertex in told["vertices"]))
        head = f"job {self.id} is {told['state']}, tasks {tasks}, checkpoints {self.get('/checkpoints')['counts']}"
        return "\n".join([head, *(entry["stacktrace"] for entry in history)])

    def wait_state(self, wanted: str, seconds: float = waiting.SECONDS) -> None:
        """Wait for a state; an AssertionError with Flink's exceptions when it ends in another."""
        assert self._until_state({wanted} | ENDED, wanted, seconds) == wanted, self.failures()

    def wait_running(self, seconds: float = waiting.SECONDS) -> None:
        """Wait until all of its tasks run."""

        def running() -> bool:
            told = self.get()
            assert told["state"] not in ENDED, self.failures()
            # what has nothing to do, behind a condition that is never true, ends at once: a stop would come too early
            ending = [one for one in told["vertices"] if _ends(one["name"]) and one["status"] == "RUNNING"]
            if ending:
                self._ask_for_checkpoint()
            up = all(one["status"] in {"RUNNING", "FINISHED"} for one in told["vertices"])
            return up and not ending

        waiting.until(running, self.failures, seconds)

    def _ask_for_checkpoint(self) -> None:
        """One more, unless one is on its way: a part that has ended goes on until a checkpoint holds its end."""
        if not self.get("/checkpoints")["counts"]["in_progress"]:
            self._rest.post(f"/jobs/{self.id}/checkpoints", {"checkpointType": "CONFIGURED"})

    def unread(self) -> dict[Place, tuple[int, int]]:
        """Partitions of its streams that it has not read to their end: how far it is, the end."""
        ends = self._broker.ends({stream.topic_name for stream in self.detector.spec.streams})
        # committed offsets come up to ten seconds late
        read = self._broker.committed(naming.consumer_group(self.detector)) | self._positions.look()
        return {place: (read.get(place, 0), end) for place, end in ends.items() if read.get(place, 0) < end}

    def wait_seen(self, seconds: float = waiting.SECONDS) -> None:
        """Wait until its sources have read everything that lies in its streams' topics by now."""

        def seen() -> bool:
            assert self.state not in ENDED, self.failures()
            return not self.unread()

        waiting.until(seen, lambda: f"unread: {self.unread()}\n{self.failures()}", seconds)

    def wait_read(self, seconds: float = waiting.SECONDS) -> None:
        """Wait until a checkpoint covers everything that lies in its streams' topics by now."""
        self.wait_seen(seconds)
        self.wait_checkpoint(seconds)

    def wait_checkpoint(self, seconds: float = waiting.SECONDS) -> None:
        """Wait for a checkpoint that begins from now on."""
        begun = max((int(one["id"]) for one in self.get("/checkpoints")["history"]), default=0)

        def done() -> bool:
            assert self.state not in ENDED, self.failures()
            latest = self.get("/checkpoints")["latest"]["completed"]
            # the one behind the last known may have begun too, what REST tells is some moments old
            return latest is not None and int(latest["id"]) > begun + 1

        waiting.until(done, self.failures, seconds)

    def stop(self, drain: bool = True, seconds: float = waiting.SECONDS) -> str:
        """Stop with a savepoint, wait for the end, return the savepoint's URI.

        With ``drain`` every window and timer fires first; without, they go on from the savepoint.
        """
        self.wait_running(seconds)
        request = self._rest.stop(self.id, str(self._cluster.directory / "savepoints"), drain)
        return self._await_savepoint(request, seconds, ending=True)

    def savepoint(self, seconds: float = waiting.SECONDS) -> str:
        """Take a savepoint while the job goes on; returns its URI."""
        self.wait_running(seconds)
        body = {"target-directory": f"file://{self._cluster.directory}/savepoints", "cancel-job": False}
        request = self._rest.post(f"/jobs/{self.id}/savepoints", body)["request-id"]
        return self._await_savepoint(request, seconds, ending=False)

    def _await_savepoint(self, request: str, seconds: float, ending: bool) -> str:
        def done() -> dict[str, Any] | None:
            told = self.get(f"/savepoints/{request}")
            return told if told["status"]["id"] == "COMPLETED" else None

        operation = waiting.until(done, self.failures, seconds)["operation"]
        assert "location" in operation, f"{operation.get('failure-cause')}\n{self.failures()}"
        if ending:
            self.wait_state("FINISHED", seconds)
        return str(operation["location"])

    def cancel(self, seconds: float = waiting.SECONDS) -> None:
        """Cancel it and wait until it is gone; what its sinks still held is lost, as in a crash."""
        if self.state not in ENDED:
            self._rest.cancel(self.id)
        self._until_state(ENDED, "an end", seconds)

    def _until_state(self, wanted: frozenset[str] | set[str], what: str, seconds: float) -> str:
        def reached() -> str | None:
            state = self.state
            return state if state in wanted else None

        return waiting.until(reached, lambda: f"{what}\n{self.failures()}", seconds)


class Flink:
    """A warm cluster that tests share; each job is told apart by its detector's namespace."""

    def __init__(self, cluster: FlinkCluster, broker: Broker) -> None:
        self._cluster = cluster
        self._broker = broker
        self._jobs: list[Job] = []

    def start(
        self, detector: FraudDetector, savepoint: str | None = None, settings: Mapping[str, str] | None = None
    ) -> Job:
        """Compile a detector and submit it; its topics must be there. ``settings`` win over all others.

        Without a savepoint the consumer group begins anew, so that ``wait_read`` means this run.
        """
        self.set_up_client()
        if savepoint is None:
            self._broker.forget(naming.consumer_group(detector))
        wanted = self._settings(detector, savepoint) | dict(settings or {})
        with warnings.catch_warnings(), _nothing_collected():
            warnings.simplefilter("ignore")  # of what PyFlink brings along
            # only here: PyFlink's JVM takes its environment when it is first asked for
            from fraud_job.flink import plan, start

            client = start(plan(compile_detector(detector), wanted))
        job = Job(client.getJobID().toHexString(), detector, self._cluster, self._broker)
        self._jobs.append(job)
        return job

    def _settings(self, detector: FraudDetector, savepoint: str | None) -> dict[str, str]:
        remote = {
            "execution.target": "remote",
            "rest.address": LOOPBACK,
            "rest.port": str(self._cluster.rest.port),
            "execution.checkpointing.dir": f"file://{self._cluster.directory}/checkpoints",
        }
        if savepoint:
            remote["execution.state-recovery.path"] = savepoint
        return job_settings(detector) | FOR_TESTS | remote

    def set_up_client(self) -> None:
        os.environ["FLINK_HOME"] = str(self._cluster.home)
        os.environ["PYFLINK_CLIENT_EXECUTABLE"] = sys.executable
        for stray in ("FLINK_CONF_DIR", "FLINK_LIB_DIR", "FLINK_OPT_DIR", "FLINK_PLUGINS_DIR"):
            os.environ.pop(stray, None)

    def end(self, job: Job) -> None:
        """Make sure that a job is gone, whatever became of it."""
        if job in self._jobs:
            self._jobs.remove(job)
            with suppress(RestError):  # long gone, and forgotten by Flink
                job.cancel()

    @property
    def jobs(self) -> list[Job]:
        """Jobs that were started and not ended by ``end``."""
        return list(self._jobs)


def _ends(vertex: str) -> bool:
    return vertex.startswith("Source: Values")
