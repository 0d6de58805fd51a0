"""Plain lines, for logs and pipes."""

import time
from collections.abc import Callable, Sequence

from fraudctl.run.state import Facts, State, Summary
from fraudctl.run.tally import Alert
from fraudctl.views.text import alert_line, status_line, summary_lines

_STATUS_SECONDS = 5.0
_ALERTS_A_SECOND = 10


class PlainView:
    """A status line every few seconds, each alert's reason unless there are too many to read."""

    def __init__(self, write: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        """Lines go to ``write``, without their ends."""
        self._write = write
        self._clock = clock
        self._phase = ""
        self._next_status = 0.0
        self._second = 0
        self._shown = 0
        self._hidden = 0

    def started(self, facts: Facts) -> None:
        """Say where Kafka is, for a second terminal."""
        self._write(f"{facts.detector}: Kafka is at {facts.kafka}; topics: {', '.join(facts.topics)}")

    def refresh(self, state: State, alerts: Sequence[Alert]) -> None:
        """Show new alerts, and the status when it is time or the phase is a new one."""
        for alert in alerts:
            self._show(alert)
        now = self._clock()
        if state.phase != self._phase or now >= self._next_status:
            self._phase, self._next_status = state.phase, now + _STATUS_SECONDS
            self._tell_hidden()
            self._write(status_line(state))

    def _show(self, alert: Alert) -> None:
        second = int(self._clock())
        if second != self._second:
            self._second, self._shown = second, 0
        if self._shown < _ALERTS_A_SECOND:
            self._shown += 1
            self._write(f"ALERT {alert_line(alert)}")
        else:
            self._hidden += 1

    def _tell_hidden(self) -> None:
        if self._hidden:
            self._write(f"... and {self._hidden:,} more alerts")
            self._hidden = 0

    def note(self, text: str) -> None:
        """One line."""
        self._write(text)

    def summary(self, summary: Summary) -> None:
        """Some lines."""
        self._tell_hidden()
        for line in summary_lines(summary):
            self._write(line)

    def close(self) -> None:
        """Nothing to do."""
