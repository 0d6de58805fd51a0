"""What the embedded Kafka, Elasticsearch and Flink share: a directory, processes, a start waited for, an end."""

import time
from abc import ABC, abstractmethod
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from fraudctl.errors import MachineError
from fraudctl.runtime.ports import free_ports, is_open
from fraudctl.runtime.processes import Child, work_dir

_POLL_SECONDS = 0.05
_PORT_TRIES = 3
_RELEASE_SECONDS = 5.0
"""A killed process that others have started gives its port back when the system gets round to it."""
_NO_SPACE = "No space left on device"
_TAKEN = "Address already in use"
_TELLING = ("ERROR", "Exception")


class Server(ABC):
    """Processes over one directory, which can be killed and started again over the same data.

    Attributes:
        name: what messages call it.
        prefix: what the name of its temporary directory begins with.
        grace: how long it may take to end in an orderly way, in seconds.
    """

    name: ClassVar[str]
    prefix: ClassVar[str]
    grace: ClassVar[float] = 5.0

    def __init__(self, directory: Path | None) -> None:
        """Everything goes to ``directory``; without one to a temporary one, made when it is needed."""
        self._stack = ExitStack()
        self._directory = directory
        self._children: list[Child] = []

    @abstractmethod
    def _launch(self) -> None:
        """Start the processes. Raises MachineError when that can't be."""

    @abstractmethod
    def _answers(self) -> bool:
        """Whether it can be used."""

    @property
    def directory(self) -> Path:
        """Where data, settings and logs are."""
        if self._directory is None:
            self._directory = self._stack.enter_context(work_dir(self.prefix))
        return self._directory

    @property
    def running(self) -> bool:
        """Whether its processes are there."""
        return bool(self._children) and all(child.exit_code() is None for child in self._children)

    def start(self, timeout: float = 60.0) -> None:
        """Start it and wait until it answers. Raises MachineError with its own reason."""
        deadline = time.monotonic() + timeout
        self.kill()  # what is left of its former self
        self._launch()
        while not self._answers():
            for child in self._children:
                if child.exit_code() is not None:
                    raise self._failed("did not start", child)
            if time.monotonic() > deadline:
                self.kill()
                raise self._failed("did not answer in time", self._children[0])
            time.sleep(_POLL_SECONDS)

    def _failed(self, what: str, child: Child) -> MachineError:
        lines = child.log_tail().splitlines()
        telling = [line for line in lines if _NO_SPACE in line or _TAKEN in line]
        telling += [line for line in lines if any(word in line for word in _TELLING)]
        reason = (telling or lines or ["no reason given"])[0].strip()
        return MachineError(f"{self.name} {what}: {reason[:300]}", _todo(reason))

    def stop(self) -> None:
        """End it in an orderly way; the data stays."""
        for child in self._children:
            child.stop(self.grace)

    def kill(self) -> None:
        """End it as a power cut would; the data stays."""
        for child in self._children:
            child.kill()

    def close(self) -> None:
        """End it at once; a temporary directory goes too."""
        self.kill()
        self._children = []
        self._stack.close()

    def __enter__(self) -> Self:
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


class Listener(Server):
    """A server of one process, on a port that is the same after every start.

    Attributes:
        port: where it listens.
    """

    def __init__(self, directory: Path | None, port: int | None) -> None:
        """Listen on ``port``, or on a free one."""
        super().__init__(directory)
        self._fixed_port = port
        self._choose_ports()

    def _choose_ports(self) -> None:
        free, self._inner_port = free_ports(2)
        self.port = self._fixed_port or free

    def _secure_port(self) -> None:
        """See that nobody listens on the port: our former self may a moment longer; others are avoided."""
        deadline = time.monotonic() + _RELEASE_SECONDS
        tries = _PORT_TRIES if self._fixed_port is None else 0
        while is_open(self.port):
            if self._children and time.monotonic() < deadline:
                time.sleep(_POLL_SECONDS)
            elif not self._children and tries:
                tries -= 1
                self._choose_ports()
            else:
                raise MachineError(f"port {self.port} is taken", "end what listens there, or choose another port")


def _todo(reason: str) -> str:
    """What to do about a reason from a log."""
    if _NO_SPACE in reason:
        return "free some space, or set TMPDIR to a place that has some"
    if _TAKEN in reason:
        return "try again"
    return "try again; if it stays so, look at what else runs on this machine"
