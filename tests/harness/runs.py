"""The console script as a user starts it, and what is left of it."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

DONE, FAILED, MISTAKE, INTERRUPTED = 0, 1, 2, 130


class Run:
    """A running fraudctl, its lines as they come."""

    def __init__(self, scratch: Path, arguments: tuple[str, ...], stdin: bytes | None = None):
        environ = {name: value for name, value in os.environ.items() if name != "KAFKA_BROKER_URL"}
        self.process = subprocess.Popen(
            [Path(sys.executable).with_name("fraudctl"), *arguments],
            env={**environ, "TMPDIR": str(scratch)}, start_new_session=True,
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._threads = [
            self._collect(self.process.stdout, self.lines),
            self._collect(self.process.stderr, self.errors),
        ]
        if stdin is not None:
            self.process.stdin.write(stdin)
            self.process.stdin.close()

    @staticmethod
    def _collect(pipe: Any, into: list[str]) -> threading.Thread:
        thread = threading.Thread(target=lambda: into.extend(line.decode() for line in pipe), daemon=True)
        thread.start()
        return thread

    def events(self, name: str) -> list[dict[str, Any]]:
        found = [json.loads(line) for line in list(self.lines)]
        return [event for event in found if event["event"] == name]

    def await_event(self, name: str, timeout: float = 480.0) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while not self.events(name):
            assert self.process.poll() is None, self.errors
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return self.events(name)[0]

    def end(self, timeout: float = 300.0) -> int:
        code = self.process.wait(timeout)
        for thread in self._threads:
            thread.join(10)
        return code

    @property
    def summary(self) -> dict[str, Any]:
        [found] = self.events("summary")
        return found


def left_over(scratch: Path) -> list[str]:
    """Processes and files of a run that is over; our children carry the directory's name in their command lines."""
    found = [str(path) for path in scratch.iterdir()]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes()
        except OSError:
            continue
        if str(scratch).encode() in command:
            found.append(command.replace(b"\0", b" ").decode())
    return found


def objects(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]
