"""What a savepoint says of how far a job's Kafka sources had read.

The offsets that a job commits are those of the checkpoint before it stopped; its savepoint has those of the stop
itself, and all that lies before them is in the results.
"""

import struct
from collections.abc import Iterable, Mapping
from pathlib import Path

from fraudctl.broker import Place

_METADATA = "_metadata"


def positions(savepoints: Path, places: Iterable[Place]) -> Mapping[Place, int]:
    """The offset of the next record of each partition by the newest savepoint, where it tells.

    Of several sources of one topic the slowest counts. A partition that nothing was read from has a negative offset,
    and so has every one where the savepoint keeps what it began with.
    """
    files = sorted(savepoints.glob(f"*/{_METADATA}"), key=lambda file: file.stat().st_mtime)
    state = files[-1].read_bytes() if files else b""
    found = {place: _offsets(state, place) for place in places}
    return {
        place: min([offset for offset in offsets if offset >= 0], default=-1)
        for place, offsets in found.items()
        if offsets
    }


def _offsets(state: bytes, place: Place) -> list[int]:
    """Offsets behind a topic and partition, as the Kafka connector writes a split; small state lies in the file."""
    topic, partition = place[0].encode(), place[1]
    split = struct.pack(">H", len(topic)) + topic + struct.pack(">i", partition)
    found = []
    at = state.find(split)
    while at >= 0:
        begin = at + len(split)
        if begin + 8 <= len(state):
            found.append(struct.unpack_from(">q", state, begin)[0])
        at = state.find(split, begin)
    return found
