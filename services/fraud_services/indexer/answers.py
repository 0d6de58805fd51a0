"""What Elasticsearch's answer means for each document: taken, there already, refused, or to be sent again. Pure."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Any


class Fate(Enum):
    """What becomes of a document."""

    DONE = auto()
    """It is there."""
    KNOWN = auto()
    """It, or a newer one of its key, was there already."""
    AGAIN = auto()
    """Elasticsearch can't take it now."""
    UNSURE = auto()
    """Something broke inside Elasticsearch: it may be the document, it may be not."""
    REFUSED = auto()
    """It never will."""


_BUSY = frozenset({429, 502, 503, 504})
_NOT_ITS_FAULT = frozenset(
    {
        "cluster_block_exception",  # read-only, or the disk is full
        "index_closed_exception",
        "index_not_found_exception",  # its bucket was dropped in between
        "security_exception",
        "unavailable_shards_exception",
        "validation_exception",  # the cluster has as many shards as it may
    }
)


def fate(item: Mapping[str, Any]) -> tuple[Fate, str]:
    """What becomes of one item of a bulk request, and why."""
    (result,) = item.values()
    status, error = result["status"], result.get("error")
    if error is None:  # a document that was to be deleted and is not there has status 404 and no error
        return Fate.DONE, ""
    kind = error.get("type", "")
    reason = f"{kind}: {error.get('reason', '')}"
    if status == 409:
        return Fate.KNOWN, reason
    if status in _BUSY or kind in _NOT_ITS_FAULT:
        return Fate.AGAIN, reason
    return (Fate.UNSURE if status >= 500 else Fate.REFUSED), _with_cause(reason, error)


def _with_cause(reason: str, error: Mapping[str, Any]) -> str:
    cause = error.get("caused_by") or {}
    return f"{reason} ({cause['reason']})" if cause.get("reason") else reason
