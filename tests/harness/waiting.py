"""Waiting for something with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

SECONDS = 180.0
"""Long enough for a machine that does other things too."""
_POLL_SECONDS = 0.05

T = TypeVar("T")


def until(
    probe: Callable[[], T], what: str | Callable[[], str], seconds: float = SECONDS, pause: float = _POLL_SECONDS
) -> T:
    """What ``probe`` says once it is true; an AssertionError that names ``what`` when it never is."""
    deadline = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > deadline:
            told = what() if callable(what) else what
            raise AssertionError(f"not within {seconds:g} s: {told}")
        time.sleep(pause)
