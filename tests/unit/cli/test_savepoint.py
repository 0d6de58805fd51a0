"""How far a job had read, by the savepoint that it left."""

import os
import struct
from pathlib import Path

from fraudctl.runtime.savepoint import positions


def split(topic: str, partition: int, offset: int) -> bytes:
    """As the Kafka connector writes it: topic, partition, offsets to begin and to end at."""
    name = topic.encode()
    return struct.pack(">H", len(name)) + name + struct.pack(">iqq", partition, offset, -(2**63))


def savepoint(directory: Path, name: str, content: bytes, modified: int) -> None:
    file = directory / name / "_metadata"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    os.utime(file, (modified, modified))


def test_the_newest_savepoint_counts_and_the_slowest_source(tmp_path: Path):
    savepoint(tmp_path, "savepoint-2", b"old" + split("pay", 0, 7), 1)
    content = (
        b"\x00\x03pay\x00"
        + split("pay", 0, 42)
        + b"xx"
        + split("pay", 1, -2)
        + split("pay", 0, 40)
        + split("pay", 0, -2)
    )
    savepoint(tmp_path, "savepoint-1", content + split("pays", 0, 9), 2)
    places = [("pay", 0), ("pay", 1), ("pays", 0), ("pay", 2), ("payment", 0)]
    assert positions(tmp_path, places) == {("pay", 0): 40, ("pay", 1): -1, ("pays", 0): 9}


def test_without_a_savepoint_nothing_is_told(tmp_path: Path):
    assert positions(tmp_path / "none", [("pay", 0)]) == {}
    savepoint(tmp_path, "cut", split("pay", 0, 1)[:10], 1)
    assert positions(tmp_path, [("pay", 0)]) == {}
