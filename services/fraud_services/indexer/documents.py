"""What becomes of a record: the two lines of a bulk request, or the reason why there is nothing to index. Pure."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from fraud_services.indices.model import TIMESTAMP, Index
from fraud_services.indices.names import bucket_label, bucket_start

LONGEST_ID = 512
"""Bytes of the longest ``_id`` that Elasticsearch takes."""


class Record(Protocol):
    """A record as confluent-kafka gives it."""

    def topic(self) -> str: ...  # noqa: D102
    def partition(self) -> int: ...  # noqa: D102
    def offset(self) -> int: ...  # noqa: D102
    def key(self) -> bytes | None: ...  # noqa: D102
    def value(self) -> bytes | None: ...  # noqa: D102
    def timestamp(self) -> tuple[int, int]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, eq=False)
class Action:
    """A line of a bulk request and the document below it.

    Attributes:
        record: where it comes from.
        index: the index that it goes to.
        body: both lines with their ends.
    """

    record: Record
    index: str
    body: bytes


class NotIndexable(ValueError):
    """A record that no index could take; the text is the reason."""


ToAction = Callable[[Record], Action]
"""Raises NotIndexable."""


def to_action(index: Index, version: int) -> ToAction:
    """What makes actions of a topic's records.

    A record's bytes go on as they came. What is appended is created under an id that the record always has, so that
    a second time changes nothing; what is upserted carries the record's offset as its version, so that an older
    record never replaces a newer one.
    """
    physical = index.physical(version)
    return _upsert(physical) if index.upsert else _append(index, physical)


def _upsert(physical: str) -> ToAction:
    def action(record: Record) -> Action:
        key, value = record.key(), record.value()
        if key is None:
            raise NotIndexable("no key: nothing says which document it replaces")
        what = "delete" if value is None else "index"
        head = (
            f'{{"{what}":{{"_index":"{physical}","_id":{_quoted(_id_of(key))},'
            f'"version":{record.offset()},"version_type":"external"}}}}\n'
        ).encode()
        return Action(record, physical, head if value is None else b"%b%b\n" % (head, _object(value)))

    return action


def _append(index: Index, physical: str) -> ToAction:
    name_of = _naming(index, physical)
    time_of, id_field, stamped = _timing(index), index.id_field, index.stamped

    def action(record: Record) -> Action:
        value = record.value()
        if value is None:
            raise NotIndexable("no value")
        document = _parsed(value)
        time = time_of(document, record)
        name = name_of(time)
        if id_field is None:
            identity = f'"{record.topic()}-{record.partition()}-{record.offset()}"'
        else:
            identity = _quoted(_text(document, id_field))
        body = _stamp(value, document, time) if stamped else _one_line(value)
        return Action(
            record, name, b'{"create":{"_index":"%b","_id":%b}}\n%b\n' % (name.encode(), identity.encode(), body)
        )

    return action


def _timing(index: Index) -> Callable[[Mapping[str, Any], Record], int]:
    if index.time is None:
        return lambda document, record: record.timestamp()[1]
    read = index.time.reader()

    def time_of(document: Mapping[str, Any], record: Record) -> int:
        try:
            return read(document)
        except ValueError as error:
            raise NotIndexable(str(error)) from None

    return time_of


def _naming(index: Index, physical: str) -> Callable[[int], str]:
    """The index for a time."""
    if index.data_stream:
        return lambda time: physical
    length = index.bucket_ms
    known: dict[int, str] = {}

    def name_of(time: int) -> str:
        start = bucket_start(time, length)
        name = known.get(start)
        if name is None:
            name = known[start] = f"{physical}.{bucket_label(start, length)}"
        return name

    return name_of


def _parsed(value: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise NotIndexable(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise NotIndexable("not a JSON object")
    return document


def _object(value: bytes) -> bytes:
    if not value.lstrip().startswith(b"{"):
        raise NotIndexable("not a JSON object")
    return _one_line(value)


def _one_line(value: bytes) -> bytes:
    """The same JSON without line ends, which a bulk request is cut up by; within texts JSON has none."""
    return value.replace(b"\n", b" ").replace(b"\r", b" ") if b"\n" in value else value


def _stamp(value: bytes, document: dict[str, Any], time: int) -> bytes:
    if TIMESTAMP in document:
        return orjson.dumps({**document, TIMESTAMP: time})
    rest = _one_line(value).lstrip()[1:]
    return b'{"%b":%d%b%b' % (TIMESTAMP.encode(), time, b"," if document else b"", rest)


def _text(document: Mapping[str, Any], field: str) -> str:
    value = document.get(field)
    if not isinstance(value, str) or not value:
        raise NotIndexable(f"no text in field '{field}', which identifies it")
    return value


def _id_of(key: bytes) -> str:
    """A key as an id: as it is, or its hash where it is too long or no text."""
    if 0 < len(key) <= LONGEST_ID:
        try:
            return key.decode()
        except UnicodeDecodeError:
            pass
    return hashlib.sha256(key).hexdigest()


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
