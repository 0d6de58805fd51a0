"""How a run is shown: live on a terminal, plain lines elsewhere, JSON lines for programs."""

from collections.abc import Sequence
from typing import Protocol

from fraudctl.run.state import Facts, State, Summary
from fraudctl.run.tally import Alert


class View(Protocol):
    """What a run tells; called from one thread."""

    def started(self, facts: Facts) -> None:
        """Topics exist, traffic may flow."""

    def refresh(self, state: State, alerts: Sequence[Alert]) -> None:
        """The state of the moment, some times a second, and the alerts that are new since the last time."""

    def note(self, text: str) -> None:
        """Something worth a line happened."""

    def summary(self, summary: Summary) -> None:
        """The end."""

    def close(self) -> None:
        """Leave the terminal as it was."""
