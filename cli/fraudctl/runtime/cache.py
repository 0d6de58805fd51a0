"""The cache of what is fetched and built: outside every checkout, whole or not at all."""

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fraudctl.errors import MachineError

_LOCK_POLL_SECONDS = 0.1


def cache_root() -> Path:
    """``$FRAUDCTL_CACHE``, or ``fraudctl`` in the user's cache directory."""
    asked = os.environ.get("FRAUDCTL_CACHE")
    if asked:
        return Path(asked).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache", "fraudctl")


def cached(name: str, make: Callable[[Path], None]) -> Path:
    """The cache's directory of that name, filled by ``make`` when it is not there yet.

    Two processes that want the same wait for each other; a half-filled directory is never seen.
    """
    path = cache_root() / name
    if path.is_dir():
        return path
    try:
        with _locked(path.with_name(f".{name}.lock")):
            if not path.is_dir():
                _fill(path, make)
    except OSError as error:
        raise MachineError(
            f"cannot write the cache {cache_root()}: {error.strerror or error}",
            "free some space, or set FRAUDCTL_CACHE to a directory that can be written",
        ) from error
    return path


def _fill(path: Path, make: Callable[[Path], None]) -> None:
    for leftover in path.parent.glob(f".{path.name}.new-*"):  # of a process that was killed; we hold the lock
        shutil.rmtree(leftover, ignore_errors=True)
    new = Path(tempfile.mkdtemp(prefix=f".{path.name}.new-", dir=path.parent))
    try:
        make(new)
        new.chmod(0o755)
        new.rename(path)
    finally:
        shutil.rmtree(new, ignore_errors=True)


@contextmanager
def _locked(lock: Path) -> Iterator[None]:
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("wb") as file:
        _acquire(file)
        yield


def _acquire(file: BinaryIO) -> None:
    # Polled, so that a Ctrl-C is heard while another process downloads.
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(_LOCK_POLL_SECONDS)
        else:
            return
