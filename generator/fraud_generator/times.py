"""Event times as text. Everything is UTC and milliseconds since the epoch."""

from datetime import UTC, datetime
from functools import lru_cache

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def to_ms(moment: datetime) -> int:
    """Milliseconds since the epoch of an aware datetime; parts of a millisecond are cut off."""
    return int(moment.timestamp()) * 1_000 + moment.microsecond // 1_000


# Neighbouring events share their second, so the expensive half of the text is made once.
@lru_cache(maxsize=4_096)
def second_text(second: int, separator: str = "T") -> str:
    """The date and time of an epoch second, without a fraction: ``2024-01-01T00:00:00``."""
    return datetime.fromtimestamp(second, UTC).strftime(f"%Y-%m-%d{separator}%H:%M:%S")


def iso(time_ms: int) -> str:
    """ISO 8601 with milliseconds and a Z: ``2024-01-01T00:00:00.000Z``."""
    return f"{second_text(time_ms // 1_000)}.{time_ms % 1_000:03d}Z"


def spaced(time_ms: int) -> str:
    """The form ``yyyy-MM-dd HH:mm:ss.SSS`` that the payments use."""
    return f"{second_text(time_ms // 1_000, ' ')}.{time_ms % 1_000:03d}"
