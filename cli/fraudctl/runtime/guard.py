"""Ends what a fraudctl started, should that fraudctl be gone without having done so itself.

Runs as a process of its own, without fraudctl's imports, and reads what to look after from its
standard input, which ends when fraudctl ends, however that comes about (``kill -9`` included).
"""

import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path


def main(mark: str) -> None:
    """Read ``+group N``, ``-group N``, ``+dir PATH``, ``-dir PATH``; at the end of input, clean up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    held: dict[str, set[str]] = {"group": set(), "dir": set()}
    for line in sys.stdin:
        what, _, value = line.rstrip("\n").partition(" ")
        (held[what[1:]].add if what[0] == "+" else held[what[1:]].discard)(value)
    for group in held["group"]:
        kill_group(int(group))
    kill_marked(mark)
    for directory in held["dir"]:
        remove(directory)


def kill_group(group: int) -> None:
    """Kill a process group, if it is still there."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def kill_marked(mark: str) -> None:
    """Kill what carries the mark in its environment: a child that ended its parent's group, or came too late."""
    wanted = f"FRAUDCTL_RUN={mark}".encode()
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with suppress(OSError):
            if wanted in entry.read_bytes().split(b"\0"):
                os.kill(int(entry.parent.name), signal.SIGKILL)


def remove(directory: str) -> None:
    """Remove a directory, in which what was just killed may still write for a moment."""
    for _ in range(50):
        shutil.rmtree(directory, ignore_errors=True)
        if not os.path.exists(directory):
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main(sys.argv[1])
