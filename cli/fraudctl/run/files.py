"""The files of ``--output DIR``: one JSON object a line."""

import base64
import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import orjson

from fraudctl.errors import MachineError, UserError
from fraudctl.run.origins import Origin


class OutputFiles:
    """Result files, opened at the start so that a file without lines says that there was nothing.

    Attributes:
        paths: the files, in the order in which they were opened.
    """

    def __init__(self, directory: Path) -> None:
        """Make the directory. Raises UserError when that can't be."""
        try:
            directory.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"cannot make the output directory {directory}: {error.strerror or error}") from error
        self._directory = directory
        self._open: dict[str, IO[bytes]] = {}
        self.paths: list[Path] = []

    def open(self, name: str) -> None:
        """Begin a file anew. Raises UserError when it can't be written."""
        path = self._directory / f"{name}.jsonl"
        try:
            self._open[name] = path.open("wb")
        except OSError as error:
            raise UserError(f"cannot write {path}: {error.strerror or error}") from error
        self.paths.append(path)

    def write(self, name: str, value: bytes) -> None:
        """Add one JSON text; line ends within it, between its tokens, become blanks.

        Raises MachineError when a disk is full.
        """
        if b"\n" in value or b"\r" in value:
            value = value.replace(b"\r", b" ").replace(b"\n", b" ")
        with _told(self._open[name].name):
            self._open[name].write(value + b"\n")

    def flush(self) -> None:
        """Let readers see what was written. Raises MachineError when a disk is full."""
        for file in self._open.values():
            with _told(file.name):
                file.flush()

    def __enter__(self) -> "OutputFiles":
        """Nothing to do."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close all of them. Raises MachineError when the rest can't be written, unless there is an error already."""
        failed: MachineError | None = None
        while self._open:
            file = self._open.popitem()[1]
            try:
                with _told(file.name):
                    file.close()
            except MachineError as not_written:
                failed = failed or not_written
        if failed and error is None:
            raise failed


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Name the file that can't be written."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        todo = "free some space, or choose another --output" if full else ""
        raise MachineError(f"cannot write {path}: {(error.strerror or str(error)).lower()}", todo) from error


def dead_letter(found: Origin | None, value: bytes | None) -> bytes:
    """A refused record as JSON: text where it is UTF-8, base64 where it is not."""
    shown: dict[str, Any] = found._asdict() if found else {}
    shown.pop("stream", None)
    try:
        shown["value"] = None if value is None else value.decode("utf-8")
    except UnicodeDecodeError:
        shown["value_base64"] = base64.b64encode(value or b"").decode()
    return orjson.dumps(shown)


def tombstone(key: bytes | None) -> bytes:
    """A row of an upsert output that is gone, as JSON."""
    try:
        named = orjson.loads(key or b"null")
    except orjson.JSONDecodeError:
        named = (key or b"").decode(errors="replace")
    return orjson.dumps({"deleted": True, "key": named})
