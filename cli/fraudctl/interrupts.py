"""Ctrl-C and its relatives: the first asks, the second ends everything at once."""

import os
import signal
import sys
from types import FrameType, TracebackType
from typing import Any

from fraudctl.runtime.processes import leave_to_guard

EXIT_CODE = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SHOW_CURSOR = "\x1b[?25h"


class Interrupted(Exception):
    """The user wants to end."""


class Interrupts:
    """While entered, signals are noted and no longer break in anywhere.

    Attributes:
        requested: whether one has come.
    """

    def __init__(self) -> None:
        """None has come."""
        self.requested = False
        self._before: dict[int, Any] = {}

    def check(self) -> None:
        """Raise Interrupted when a signal has come."""
        if self.requested:
            raise Interrupted

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.requested:
            leave_to_guard()
            if sys.stdout.isatty():
                os.write(sys.stdout.fileno(), _SHOW_CURSOR.encode())
            os._exit(EXIT_CODE)
        self.requested = True

    def __enter__(self) -> "Interrupts":
        """Take the signals over."""
        self._before = {number: signal.signal(number, self._on_signal) for number in _SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
