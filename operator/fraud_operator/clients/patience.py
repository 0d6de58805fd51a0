"""What is owed to an API server that is busy: its time, and not everybody at once when that is over."""

import random

LONGEST_SECONDS = 30.0
"""So long one request is tried again; whoever asked then does something else first, and no loop counts as dead."""

_TOO_MANY, _UNAVAILABLE = 429, 503
_FIRST_SECONDS, _MOST_SECONDS = 0.5, 15.0


def put_off(status: int, retry_after: str | None) -> bool:
    """Whether an answer says "not now": nothing was done, and the very same request may come again."""
    return status == _TOO_MANY or (status == _UNAVAILABLE and retry_after is not None)


def wait(tries: int, retry_after: str | None = None) -> float:
    """Seconds until the next try: never fewer than the server asks for, more each time, and for each asker others."""
    asked = float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
    return spread(max(asked, min(_FIRST_SECONDS * 2**tries, _MOST_SECONDS)))


def spread(seconds: float) -> float:
    """Up to half as long again: what was put off together does not come back together."""
    return seconds * random.uniform(1.0, 1.5)  # noqa: S311
