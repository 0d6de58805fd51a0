"""Child processes that never outlive us, and temporary directories that never outlive us either.

Every child leads a session of its own, so that Ctrl-C in the terminal reaches only us and we decide in
which order things end. A guard process does the same when we are killed. (PR_SET_PDEATHSIG would not do:
it follows the thread that started the child, and it does not reach grandchildren.)
"""

import atexit
import os
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from fraudctl.errors import MachineError
from fraudctl.runtime import guard

_TAIL_BYTES = 65_536


class _Guard:
    """Our end of the guard process; started with the first thing to look after."""

    def __init__(self) -> None:
        self.mark = uuid.uuid4().hex
        self.owner = os.getpid()
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.RLock()  # a signal handler may come in between
        self._closing = False

    def start(self) -> subprocess.Popen[str]:
        """Start it unless it runs."""
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", guard.__file__, self.mark],
                stdin=subprocess.PIPE, text=True, start_new_session=True,
            )  # fmt: skip
        return self._process

    def tell(self, line: str) -> None:
        """Add or take back something to look after."""
        with self._lock, suppress(BrokenPipeError):
            pipe = self.start().stdin
            assert pipe is not None
            pipe.write(line + "\n")
            pipe.flush()

    def close(self) -> None:
        """Let it clean up and end. Only in the process that started it, not in a fork."""
        if self._process is not None and os.getpid() == self.owner and not self._closing:
            # a signal handler that comes in between must not wait for what we wait for already
            self._closing = True
            assert self._process.stdin is not None
            with suppress(BrokenPipeError):
                self._process.stdin.close()
            self._process.wait()
            self._process = None


class Child:
    """A running child process and the group it leads."""

    def __init__(self, name: str, process: subprocess.Popen[bytes], log: Path) -> None:
        """Take over a process that leads its own session."""
        self.name = name
        self.process = process
        self.log = log

    @property
    def pid(self) -> int:
        """Its process id, which is also its group's."""
        return self.process.pid

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self.process.poll()

    def stop(self, grace: float = 5.0) -> None:
        """Ask it to end (SIGTERM), kill its whole group after ``grace`` seconds; returns when it is gone."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(grace)
        self.kill()

    def kill(self) -> None:
        """Kill its whole group and reap it."""
        guard.kill_group(self.pid)
        self.process.wait()
        if self in _children:
            _children.discard(self)
            _guard.tell(f"-group {self.pid}")

    def log_tail(self) -> str:
        """The end of what it logged."""
        with suppress(OSError), self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - _TAIL_BYTES))
            return file.read().decode(errors="replace")
        return ""

    def last_line(self) -> str:
        """The last line with anything in it that it logged; empty when there is none."""
        lines = [line.strip() for line in self.log_tail().splitlines() if line.strip()]
        return lines[-1] if lines else ""


_guard = _Guard()
_children: set[Child] = set()
_closed = threading.Event()


def spawn(
    name: str,
    command: Sequence[str | os.PathLike[str]],
    log: Path,
    *,
    environ: Mapping[str, str] | None = None,
    pipe: bool = False,
) -> Child:
    """Start a child. Its output goes to ``log``; with ``pipe`` its standard output is ours to read.

    Raises MachineError when it cannot be started.
    """
    if _closed.is_set():
        raise MachineError(f"cannot start {name}: we are about to end")
    environ = {**os.environ, **(environ or {}), "FRAUDCTL_RUN": _guard.mark}
    _guard.start()
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command, env=environ, start_new_session=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipe else output, stderr=output,
            )  # fmt: skip
    except OSError as error:
        raise MachineError(f"cannot start {name}: {error.strerror or error}") from error
    child = Child(name, process, log)
    _children.add(child)
    _guard.tell(f"+group {child.pid}")
    return child


def nicely(niceness: int) -> list[str]:
    """What a command begins with that steps back so far where others need the processor."""
    return ["nice", "-n", str(niceness)] if niceness else []


@contextmanager
def work_dir(prefix: str = "fraudctl-") -> Iterator[Path]:
    """A temporary directory that goes away with us, whatever ends us."""
    # not tempfile.mkdtemp: the guard hears of it before it is there
    path = Path(tempfile.gettempdir(), f"{prefix}{uuid.uuid4().hex}")
    _guard.tell(f"+dir {path}")
    try:
        path.mkdir(mode=0o700)
    except OSError as error:
        raise MachineError(
            f"cannot make a temporary directory: {error.strerror or error}", "free some space or set TMPDIR"
        ) from error
    try:
        yield path
    finally:
        guard.remove(str(path))
        _guard.tell(f"-dir {path}")


def kill_all() -> None:
    """Kill every child for good: the end. The guard then takes what is left and the temporary directories."""
    _closed.set()
    for child in list(_children):
        child.kill()
    _guard.close()


def leave_to_guard() -> None:
    """Have the guard clean up and wait for it; for signal handlers, which must not wait for a child themselves.

    (What they have interrupted may be just such a wait, which holds the child's lock.)
    """
    with suppress(Exception):  # the pipe to the guard may be in use: it closes with us
        _guard.close()


def _at_exit() -> None:
    if os.getpid() == _guard.owner:
        with suppress(ValueError):  # not in the main thread
            signal.signal(signal.SIGINT, signal.SIG_IGN)
        kill_all()


atexit.register(_at_exit)
