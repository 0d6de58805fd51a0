"""Names of indices: ``<namespace>.<detector>.<what>`` for readers, versions and time buckets behind it.

``bank.fraud.alerts`` is the alias that people read. Behind it lie ``bank.fraud.alerts.v1.base``, always empty, and a
bucket for each stretch of event time, such as ``bank.fraud.alerts.v1.2024.01.31``; what is upserted has one index,
``bank.fraud.customer-risk.v1``. Names of namespaces, detectors and outputs have no dots in them, so that no pattern
catches another's index, and are lower-case, as Elasticsearch wants it.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from fraud_api import FraudDetector, naming

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY, _HOUR, _MINUTE = 86_400_000, 3_600_000, 60_000
_LABEL = re.compile(r".+\.v[1-9]\d*\.(\d{4})\.(\d\d)\.(\d\d)(?:\.(\d\d))?(?:\.(\d\d))?(?:\.(\d\d))?")


def alias(detector: FraudDetector, what: str) -> str:
    """What people read: alerts, blocked or an output by its name."""
    return f"{naming.prefix(detector)}.{what}"


def version_of(index: str, alias_name: str) -> int | None:
    """The version in an index's name; None when it is not one of the alias's."""
    match = re.fullmatch(re.escape(alias_name) + r"\.v([1-9]\d*)(\..+)?", index)
    return int(match.group(1)) if match else None


def bucket_start(time_ms: int, length_ms: int) -> int:
    """Start of the bucket that a time falls into; both in milliseconds since 1970."""
    return time_ms - time_ms % length_ms


def bucket_label(start_ms: int, length_ms: int) -> str:
    """A bucket's start as precisely as its length needs: ``2024.01.31`` for days, ``2024.01.31.13`` for hours."""
    start = _EPOCH + timedelta(milliseconds=start_ms)
    for unit, form in ((_DAY, "%Y.%m.%d"), (_HOUR, "%Y.%m.%d.%H"), (_MINUTE, "%Y.%m.%d.%H.%M")):
        if length_ms % unit == 0:
            return start.strftime(form).rjust(len("2024.01.31"), "0")
    return start.strftime("%Y.%m.%d.%H.%M.%S").rjust(len("2024.01.31.23.59.59"), "0")


def start_in(index: str) -> int | None:
    """Start of the bucket that an index's name tells of, in milliseconds since 1970; None for other indices."""
    match = _LABEL.fullmatch(index)
    if match is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    start = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    return round((start - _EPOCH) / timedelta(milliseconds=1))


def expired(buckets: Mapping[str, int], retention_ms: int, now_ms: int) -> list[str]:
    """Indices whose whole bucket is older than the retention.

    Age counts back from the newest bucket's end, or from now where that is later than now: a detector that is fed
    events of two years ago keeps the last of them.

    Args:
        buckets: length of each index's bucket in milliseconds, by the index's name.
        retention_ms: how long is kept, in milliseconds.
        now_ms: the time, in milliseconds since 1970.
    """
    ends = {name: start + length for name, length in buckets.items() if (start := start_in(name)) is not None}
    horizon = min(now_ms, max(ends.values(), default=now_ms)) - retention_ms
    return sorted(name for name, end in ends.items() if end <= horizon)
