"""What ``--input`` says: which file goes to which stream."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fraud_api import FraudDetector
from fraud_api.problems import did_you_mean
from fraudctl.errors import UserError

_STDIN = "-"


@dataclass(frozen=True)
class Input:
    """JSON lines for a topic.

    Attributes:
        stream: the stream's name.
        topic: the stream's topic.
        file: a path, or - for standard input.
    """

    stream: str
    topic: str
    file: str

    @property
    def label(self) -> str:
        """What messages call it."""
        return "standard input" if self.file == _STDIN else self.file

    def open(self) -> BinaryIO:
        """Open it for reading bytes. Raises UserError when it can't be."""
        try:
            return sys.stdin.buffer if self.file == _STDIN else Path(self.file).open("rb")
        except OSError as error:
            raise UserError(f"cannot read {self.file}: {error.strerror or error}") from error


def parse_inputs(texts: Sequence[str], detector: FraudDetector) -> list[Input]:
    """The inputs that were asked for, checked. Raises UserError for what can't work."""
    inputs = [_parse(text, detector) for text in texts]
    if sum(each.file == _STDIN for each in inputs) > 1:
        raise UserError("--input - can be given once only: there is one standard input")
    for each in inputs:
        _check(each)
    return inputs


def _parse(text: str, detector: FraudDetector) -> Input:
    streams = {stream.name: stream.topic_name for stream in detector.spec.streams}
    name, equals, file = text.partition("=")
    if equals and file and name in streams:
        return Input(name, streams[name], file)
    # a path may have an = in it: then it is a file for the only stream
    if equals and not Path(text).exists():
        hint = did_you_mean(name, streams)
        raise UserError(f"--input {text}: there is no stream {name!r}", hint or f"the streams are {', '.join(streams)}")
    if len(streams) > 1:
        raise UserError(
            f"--input {text}: say for which stream, as in {next(iter(streams))}={text}",
            f"the streams are {', '.join(streams)}",
        )
    only = next(iter(streams))
    return Input(only, streams[only], text)


def _check(each: Input) -> None:
    if each.file == _STDIN:
        if sys.stdin is None or sys.stdin.isatty():
            raise UserError("--input - reads standard input, which is the terminal", "pipe JSON lines into it")
        return
    path = Path(each.file)
    if path.is_dir():
        raise UserError(f"cannot read {path}: it is a directory")
    if not path.exists():
        raise UserError(f"cannot read {path}: there is no such file")
    if not os.access(path, os.R_OK):
        raise UserError(f"cannot read {path}: permission denied")
    if path.is_file() and path.stat().st_size == 0:
        raise UserError(f"{path} is empty", "it should have one JSON object a line")
