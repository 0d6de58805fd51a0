"""Times as Kubernetes writes them."""

from datetime import UTC, datetime


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def written(time: datetime) -> str:
    """A time as in a resource: ``2024-01-31T23:59:59Z``."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def micro(time: datetime) -> str:
    """A time with microseconds, as leases and events have it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read(text: str | None) -> datetime | None:
    """A time from a resource or a Helm release; None when there is none."""
    if not text:
        return None
    # Helm and Go write nanoseconds, which Python does not read
    head, dot, fraction = text.replace("Z", "+00:00").partition(".")
    if dot:
        digits = "".join(character for character in fraction if character.isdigit() or character in "+-:")
        zone = max(digits.find("+"), digits.find("-"))
        head = f"{head}.{digits[: zone if zone >= 0 else None][:6].ljust(6, '0')}{digits[zone:] if zone >= 0 else ''}"
    try:
        found = datetime.fromisoformat(head)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def from_millis(millis: int | None) -> datetime | None:
    """A time from Flink's milliseconds since 1970; None for none."""
    return datetime.fromtimestamp(millis / 1_000, UTC) if millis and millis > 0 else None
