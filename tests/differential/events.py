"""Records as their stream declares them: events, late events, and what is refused."""

import json
import re
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple

from differential.values import BOUNDS, STRING, TIME, Type, Value, fits, null, rounded, type_of

from fraud_api.base import milliseconds
from fraud_api.streams import Column, OnInvalid, Stream, TimeFormat

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d(\.\d{1,9})?Z?")


class Record(NamedTuple):
    """A record as it lies in a topic, at its place in the partition."""

    stream: str
    partition: int
    offset: int
    value: str


class Refused(Exception):
    """A record is a dead letter; says why."""


class TooManyPlaces(ValueError):
    """A number has more places than its column.

    Attributes:
        number: the number.
    """

    def __init__(self, number: Fraction) -> None:
        super().__init__(str(number))
        self.number = number


Turn = tuple[int, int, str]


def turn(time: int, name: str) -> Turn:
    """What comes in which order: by time, then shorter ids first, then by id."""
    return time, len(name), name


@dataclass(frozen=True)
class Event:
    """An event, or what a view makes of it.

    Attributes:
        time: milliseconds since 1970.
        id: what names it in evidence.
        row: its columns, ``event_time`` and ``event_id`` among them.
        place: partition and offset, where two events of one instant are told apart by them.
    """

    time: int
    id: str
    row: Mapping[str, Value]
    place: tuple[int, int]

    @property
    def turn(self) -> Turn:
        """Its place in the order of events."""
        return turn(self.time, self.id)


@dataclass
class Stretch:
    """What a stream's records are.

    Attributes:
        events: all that are events, late ones among them.
        on_time: those that rules with state count.
        late: places of late events.
        refused: why, by places of dead letters.
    """

    events: list[Event] = field(default_factory=list)
    on_time: list[Event] = field(default_factory=list)
    late: set[tuple[int, int]] = field(default_factory=set)
    refused: dict[tuple[int, int], str] = field(default_factory=dict)


def stretch(stream: Stream, records: Iterable[Record], read: Container[str]) -> Stretch:
    """What becomes of a stream's records, given in the order of their partitions; ``read`` names columns in use."""
    found = Stretch()
    newest: dict[int, int] = {}
    passed: dict[str, int] = {}
    bound = milliseconds(stream.event_time.out_of_orderness)
    for record in records:
        place = (record.partition, record.offset)
        try:
            event = _event(stream, record, read)
        except Refused as refused:
            found.refused[place] = str(refused)
            continue
        latest = max(newest.get(record.partition, event.time), event.time)
        newest[record.partition] = latest
        if stream.deduplicate and _again(event, latest, milliseconds(stream.deduplicate), passed):
            continue
        found.events.append(event)
        # an event exactly as old as the bound is in time
        if event.time < latest - bound:
            found.late.add(place)
        else:
            found.on_time.append(event)
    return found


def _again(event: Event, newest: int, within: int, passed: dict[str, int]) -> bool:
    """Whether an event came before; one that is far behind is not compared."""
    if newest - event.time > within:
        return False
    first = passed.get(event.id)
    if first is not None and abs(event.time - first) <= within:
        return True
    passed[event.id] = event.time
    return False


def _event(stream: Stream, record: Record, read: Container[str]) -> Event:
    document = _document(record.value)
    fixed = (stream.event_id, stream.event_time.column)
    row = {one.name: _column(one, document, one.name in fixed or one.name in read) for one in stream.columns}
    time_column = stream.column(stream.event_time.column)
    time = _time(stream, _found(document, time_column) if time_column else None)
    place = (record.partition, record.offset)
    origin = f"{stream.topic_name}-{record.partition}-{record.offset}"
    identity = str(row[stream.event_id].data) if stream.event_id else origin
    row |= {"event_time": Value(TIME, time), "event_id": Value(STRING, identity)}
    return Event(time, identity, row, place)


def _document(text: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text, parse_float=Decimal)
    except ValueError:
        raise Refused("not JSON") from None
    if not isinstance(document, dict):
        raise Refused("not an object")
    return document


def _column(column: Column, document: Mapping[str, Any], read: bool) -> Value:
    """A column's value; one that nothing reads refuses nothing."""
    of = type_of(column.type)
    rule = column.on_invalid or (OnInvalid.REFUSE if read else OnInvalid.SET_NULL)
    lenient = rule is OnInvalid.SET_NULL
    try:
        found = _found(document, column)
        if found is None and (not column.required or (column.on_invalid is None and not read)):
            return null(of)
        return Value(of, _READERS[of.name](_in_its_way(column, found), of))
    except (TypeError, ValueError, InvalidOperation) as error:
        if lenient:
            return null(of)
        if rule is OnInvalid.ROUND and isinstance(error, TooManyPlaces):
            return _rounded(column, of, error.number)
        raise Refused(f"{column.name} is no {column.type}") from None


def _rounded(column: Column, of: Type, number: Fraction) -> Value:
    data = rounded(number, of.places)
    inside = fits(data, of) if of.name == "DECIMAL" else -BOUNDS[of.name] <= data < BOUNDS[of.name]
    if not inside:
        raise Refused(f"{column.name} is no {column.type}")
    return Value(of, int(data) if of.whole else data)


def _found(document: Mapping[str, Any], column: Column) -> Any:
    """What lies where the column says, None where the way there ends."""
    found: Any = document
    for name in (column.path or column.name).split("."):
        if found is None:
            return None
        if not isinstance(found, dict):
            raise TypeError
        found = found.get(name)
    return found


def _in_its_way(column: Column, found: Any) -> Any:
    """What stands between the quotes of a number that is written as text."""
    if column.written_as is None:
        return found
    if not isinstance(found, str) or not _NUMBER.fullmatch(found):
        raise TypeError
    return Decimal(found) if set(found) & set(".eE") else int(found)


def _whole(found: Any, of: Type) -> int:
    if isinstance(found, Decimal) and found % 1:
        raise TooManyPlaces(Fraction(found))
    if type(found) is not int or not -BOUNDS[of.name] <= found < BOUNDS[of.name]:
        raise ValueError
    return found


def _number(found: Any) -> Decimal:
    if isinstance(found, bool) or not isinstance(found, int | Decimal):
        raise TypeError
    return Decimal(found)


def _decimal(found: Any, of: Type) -> Fraction:
    number = Fraction(_number(found))
    if (number * 10**of.places).denominator != 1:
        raise TooManyPlaces(number)
    if not fits(number, of):
        raise ValueError
    return number


def _text(found: Any, _: Type) -> str:
    if not isinstance(found, str):
        raise TypeError
    return found


def _bool(found: Any, _: Type) -> bool:
    if not isinstance(found, bool):
        raise TypeError
    return found


def _date(found: Any, of: Type) -> int:
    return (date.fromisoformat(_text(found, of)) - date(1970, 1, 1)).days


def _instant(separators: str) -> Callable[[Any, Type], int]:
    return lambda found, of: instant(_text(found, of), separators)


_READERS: Mapping[str, Callable[[Any, Type], Any]] = {
    **dict.fromkeys(BOUNDS, _whole),
    "DECIMAL": _decimal,
    "FLOAT": lambda found, _: float(_number(found)),
    "DOUBLE": lambda found, _: float(_number(found)),
    "STRING": _text,
    "BOOLEAN": _bool,
    "DATE": _date,
    "TIMESTAMP": _instant(" T"),
    "TIMESTAMP_LTZ": _instant(" T"),
}


def _time(stream: Stream, found: Any) -> int:
    try:
        match stream.event_time.format:
            case TimeFormat.EPOCH_MILLIS:
                return int(found)
            case TimeFormat.EPOCH_MICROS:
                return int(found) // 1000
            case TimeFormat.EPOCH_NANOS:
                return int(found) // 1_000_000
            case TimeFormat.EPOCH_SECONDS:
                return int(Decimal(found) * 1000)
            case TimeFormat.SQL:
                return instant(found, " ")
            case _:
                return instant(found, "T")
    except (TypeError, ValueError, InvalidOperation):
        raise Refused("not a time of the declared format") from None


def instant(text: str, separators: str) -> int:
    """Milliseconds since 1970 of a time written in UTC.

    Raises:
        ValueError: it is no such time.
    """
    shape = _ISO.fullmatch(text)
    if shape is None or shape[1] not in separators:
        raise ValueError(text)
    time = datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC)
    return (time - _EPOCH) // timedelta(milliseconds=1)


def iso(time: int) -> str:
    """A time as alerts have it."""
    return (_EPOCH + timedelta(milliseconds=time)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{time % 1000:03}Z"
