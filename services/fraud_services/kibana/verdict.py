"""What became of a dashboard, in terms of a resource's condition."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from fraud_services.kibana.http import KibanaError, NotTrusted, Unauthorized, Unavailable

_MOST_ERRORS = 5


class Reason(StrEnum):
    """How it stands with a detector's dashboard."""

    READY = "Ready"
    UNAVAILABLE = "Unavailable"
    NOT_TRUSTED = "NotTrusted"
    UNAUTHORIZED = "Unauthorized"
    REFUSED = "Refused"


@dataclass(frozen=True)
class Verdict:
    """How it stands, and why.

    Attributes:
        reason: one word, for programs. Unavailable may pass by itself; the others want somebody to act.
        message: one line for people; never with credentials in it.
        errors: what Kibana says of single objects.
        changed: whether anything was imported or removed.
    """

    reason: Reason
    message: str
    errors: tuple[str, ...] = ()
    changed: bool = False

    @property
    def ready(self) -> bool:
        """Whether everything in Kibana is as it was asked for."""
        return self.reason is Reason.READY


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
        return Verdict(Reason.UNAVAILABLE, str(error))
    except NotTrusted as error:
        return Verdict(Reason.NOT_TRUSTED, str(error))
    except Unauthorized as error:
        return Verdict(Reason.UNAUTHORIZED, str(error))
    except NotImported as error:
        return Verdict(Reason.REFUSED, str(error), error.errors)
    except KibanaError as error:
        return Verdict(Reason.REFUSED, str(error))
    return Verdict(Reason.READY, message, changed=changed)
