"""A steady rate by deadlines: what was sent so far decides until when to wait, so no error adds up."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")

SLICE_SECONDS = 0.01
LONGEST_SLEEP = 0.1
LONGEST_DEBT = 10.0
"""Seconds of delay that are made up for; after a longer standstill the schedule begins anew."""


class Pacer:
    """Says how much to send at once and waits between."""

    def __init__(self, rate: float | None, clock: Callable[[], float], sleep: Callable[[float], None]) -> None:
        """``rate`` is in events a second; None never waits."""
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._begin = clock()
        self._sent = 0

    def slices(self, items: Sequence[Item]) -> Iterator[Sequence[Item]]:
        """Cut into pieces of ten milliseconds each, so that the rate is even within a second too."""
        size = len(items) if self._rate is None else max(1, int(self._rate * SLICE_SECONDS))
        for begin in range(0, len(items), max(size, 1)):
            yield items[begin : begin + size]

    def wait(self, sent: int, tick: Callable[[], bool]) -> None:
        """Wait until ``sent`` more events are due, or ``tick`` says stop."""
        self._sent += sent
        if self._rate is None:
            return
        due = self._begin + self._sent / self._rate
        late = self._clock() - due
        if late > LONGEST_DEBT:
            self._begin += late
            return
        while (left := due - self._clock()) > 0 and not tick():
            self._sleep(min(left, LONGEST_SLEEP))
