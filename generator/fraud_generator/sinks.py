"""Where records go: what every sink offers, files, standard output, and nowhere."""

import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from io import BufferedWriter
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import orjson

from fraud_generator.errors import SettingsError, SinkError
from fraud_generator.model import Label, Record, Settings
from fraud_generator.scenarios.base import Scenario

Tick = Callable[[], bool]
"""Called while something waits: reports progress when due; True when the run must stop."""


class ReaderGoneError(SinkError):
    """Whoever read standard output has closed it."""


@dataclass(slots=True)
class Counts:
    """How far a sink has come, in records (labels are not counted)."""

    sent: int = 0
    """Handed over."""
    acknowledged: int = 0
    """Known to be stored."""
    failed: int = 0
    """Known to be lost."""
    connected: bool = True
    """False while a broker is away."""


class Sink(Protocol):
    """An open place for records; used by one run."""

    def write(self, records: Sequence[Record], labels: Sequence[Label], tick: Tick) -> None:
        """Take records and labels; may wait, calling ``tick``, and takes fewer when that says stop."""

    def counts(self) -> Counts:
        """How far it has come."""

    def finish(self, tick: Tick) -> None:
        """See everything stored; when ``tick`` says stop, only what is possible in a few seconds."""

    def close(self) -> None:
        """Let go of everything held. Never waits long."""


class Target(Protocol):
    """A place that can be opened, here or in another process (so it must pickle)."""

    def check(self, scenario: type[Scenario], settings: Settings, processes: int) -> None:
        """Refuse what cannot work. Raises SettingsError."""

    def open(self, scenario: type[Scenario], settings: Settings) -> Sink:
        """Open it for one run. Raises SettingsError or SinkError."""


@dataclass(frozen=True)
class FileTarget:
    """A directory with one ``<stream>.jsonl`` a stream and ``labels.jsonl``, or one file.

    A path that is a directory, or that has no suffix and does not exist, means a directory; a file needs
    a scenario of one stream. Existing files are replaced. A tombstone is written as the line ``null``.
    """

    path: Path
    labels: Path | None = None
    """Where labels go; by default into the directory, and nowhere beside a single file."""

    @property
    def is_directory(self) -> bool:
        """Whether the path means a directory."""
        return self.path.is_dir() or (not self.path.suffix and not self.path.exists())

    def check(self, scenario: type[Scenario], settings: Settings, processes: int) -> None:
        """One process, and a directory for several streams."""
        if processes > 1:
            raise SettingsError("several processes can only send to Kafka; leave --processes out for files")
        if not self.is_directory and len(scenario.streams) > 1:
            names = ", ".join(stream.name for stream in scenario.streams)
            raise SettingsError(f"{self.path}: {scenario.name} has the streams {names}; name a directory")

    def open(self, scenario: type[Scenario], settings: Settings) -> Sink:
        """Create what is missing and open the files."""
        names = [stream.name for stream in scenario.streams]
        labels = self.labels
        if self.is_directory:
            paths = {name: self.path / f"{name}.jsonl" for name in names}
            labels = labels or self.path / "labels.jsonl"
        else:
            paths = dict.fromkeys(names, self.path)
        return LinesSink({name: open_file(path) for name, path in paths.items()}, labels)


@dataclass(frozen=True)
class StdoutTarget:
    """Standard output, one JSON object a line, all streams in order of arrival."""

    labels: Path | None = None
    """A file for the labels; None drops them."""

    def check(self, scenario: type[Scenario], settings: Settings, processes: int) -> None:
        """One process only."""
        if processes > 1:
            raise SettingsError("several processes can only send to Kafka; leave --processes out here")

    def open(self, scenario: type[Scenario], settings: Settings) -> Sink:
        """Take over the standard output's bytes."""
        output = cast("BinaryIO", sys.stdout.buffer)
        return LinesSink({stream.name: output for stream in scenario.streams}, self.labels, keep_open=True)


@dataclass(frozen=True)
class NullTarget:
    """Nowhere: measures generation alone."""

    def check(self, scenario: type[Scenario], settings: Settings, processes: int) -> None:
        """Anything goes."""

    def open(self, scenario: type[Scenario], settings: Settings) -> Sink:
        """A sink that only counts."""
        return LinesSink({}, None)


def open_file(path: Path) -> BufferedWriter:
    """Open a file for writing, with its directory. Raises SinkError when that fails."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("wb")
    except OSError as error:
        raise SinkError(f"cannot write {path}: {error.strerror}") from error


class LabelFile:
    """Labels as JSON lines; without a path it drops them."""

    def __init__(self, path: Path | None) -> None:
        """Open the file. Raises SinkError when that fails."""
        self._file = open_file(path) if path else None

    def write(self, labels: Sequence[Label]) -> None:
        """Add labels. Raises OSError."""
        if self._file and labels:
            self._file.write(b"".join(orjson.dumps(label, option=orjson.OPT_APPEND_NEWLINE) for label in labels))
            self._file.flush()

    def close(self) -> None:
        """Close the file. Every write was flushed, so what fails here was told before."""
        if self._file:
            with suppress(OSError):
                self._file.close()


class LinesSink:
    """Writes values as lines; a stream without a file is only counted."""

    def __init__(self, files: dict[str, BinaryIO], labels: Path | None, keep_open: bool = False) -> None:
        """Take open files by stream, and a path for labels."""
        self._files = files
        self._labels = LabelFile(labels)
        self._keep_open = keep_open
        self._counts = Counts()

    def write(self, records: Sequence[Record], labels: Sequence[Label], tick: Tick) -> None:
        """Write and flush whole lines. Raises SinkError for a full disk or a closed pipe."""
        try:
            self._write(records)
            self._labels.write(labels)
        except BrokenPipeError as error:
            raise ReaderGoneError("the reader has closed the pipe") from error
        except OSError as error:
            raise SinkError(f"cannot write: {error.strerror}") from error
        self._counts.sent += len(records)
        self._counts.acknowledged = self._counts.sent

    def _write(self, records: Sequence[Record]) -> None:
        files = set(self._files.values())
        if len(files) == 1:
            self._lines(files.pop(), records)
            return
        for stream, file in self._files.items():
            self._lines(file, [record for record in records if record.stream == stream])

    def _lines(self, file: BinaryIO, records: Sequence[Record]) -> None:
        if records:
            lines = [b"null" if record.value is None else record.value for record in records]
            file.write(b"\n".join(lines) + b"\n")
            file.flush()

    def counts(self) -> Counts:
        """What was written is stored."""
        return self._counts

    def finish(self, tick: Tick) -> None:
        """Nothing waits: every write was flushed."""

    def close(self) -> None:
        """Close the files, but not standard output."""
        if not self._keep_open:
            for file in self._files.values():
                with suppress(OSError):
                    file.close()
        self._labels.close()
