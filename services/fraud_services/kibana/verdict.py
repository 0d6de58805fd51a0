"""What became of a dashboard, in terms of a resource's condition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fraud_services.kibana.http import KibanaError, Unauthorized, Unavailable

_MOST_ERRORS = 5


class State(StrEnum):
    """How it stands with a detector's dashboard."""

    READY = "Ready"
    UNAVAILABLE = "Unavailable"
    UNAUTHORIZED = "Unauthorized"
    REFUSED = "Refused"


@dataclass(frozen=True)
class Verdict:
    """How it stands, and why.

    Attributes:
        state: also the condition's reason. Unavailable may pass by itself; the others want somebody to act.
        message: one line for people; never with credentials in it.
        errors: what Kibana says of single objects.
        changed: whether anything was imported or removed.
    """

    state: State
    message: str
    errors: tuple[str, ...] = ()
    changed: bool = False

    @property
    def ready(self) -> bool:
        """Whether everything in Kibana is as it was asked for."""
        return self.state is State.READY


class NotImported(KibanaError):
    """Kibana answered 200 and did not import everything."""

    def __init__(self, errors: Sequence[str]) -> None:
        """Keep what it says of each object."""
        more = f"; and {len(errors) - _MOST_ERRORS} more" if len(errors) > _MOST_ERRORS else ""
        super().__init__(f"Kibana did not import everything: {'; '.join(errors[:_MOST_ERRORS])}{more}")
        self.errors = tuple(errors)


def judged(message: str, act: Callable[[], bool]) -> Verdict:
    """Do something that tells whether it changed anything; ``message`` is what is so when it succeeds."""
    try:
        changed = act()
    except Unavailable as error:
        return Verdict(State.UNAVAILABLE, str(error))
    except Unauthorized as error:
        return Verdict(State.UNAUTHORIZED, str(error))
    except NotImported as error:
        return Verdict(State.REFUSED, str(error), error.errors)
    except KibanaError as error:
        return Verdict(State.REFUSED, str(error))
    return Verdict(State.READY, message, changed=changed)
