"""Which record of an input another record stems from, and whether it was seen before."""

from collections.abc import Sequence
from typing import NamedTuple

_CHUNK_BITS = 65_536

Headers = Sequence[tuple[str, bytes | None]]


class Origin(NamedTuple):
    """Where a refused or late record came from, as its headers say."""

    stream: str
    topic: str
    partition: int
    offset: int
    reason: str


def origin(headers: Headers | None) -> Origin | None:
    """The origin in a record's headers; None when there is none."""
    found = {name: (value or b"").decode(errors="replace") for name, value in headers or ()}
    try:
        place = int(found["partition"]), int(found["offset"])
    except (KeyError, ValueError):
        return None
    return Origin(found.get("stream", ""), found.get("topic", ""), *place, found.get("reason", ""))


class SeenOffsets:
    """A set of offsets at an eighth of a byte each: a job that starts again repeats what it wrote."""

    def __init__(self) -> None:
        """Begin with none."""
        self._chunks: dict[tuple[str, int, int], bytearray] = {}

    def add(self, topic: str, partition: int, offset: int) -> bool:
        """Add an offset; tells whether it is new."""
        number, bit = divmod(offset, _CHUNK_BITS)
        chunk = self._chunks.setdefault((topic, partition, number), bytearray(_CHUNK_BITS // 8))
        place, mask = bit // 8, 1 << (bit % 8)
        if chunk[place] & mask:
            return False
        chunk[place] |= mask
        return True
