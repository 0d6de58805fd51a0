"""Malformed and far-too-late records, put between the records of any scenario.

Faults are added, never put in the place of a good record: planted episodes stay whole, and a run of
``count`` events has that many good ones whatever else it has.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

import orjson

from fraud_generator.model import Batch, LateLabel, PoisonLabel, Record
from fraud_generator.scenarios.base import Event, Scenario, Stream
from fraud_generator.times import HOUR

OVERSIZED_BYTES = 5_000_000

Fields = dict[str, object]
Spoiler = Callable[[Fields, Stream], bytes | None]


def _not_json(fields: Fields, stream: Stream) -> bytes:
    return f"{stream.name}: this is not JSON {fields[stream.id_field]}".encode()


def _truncated(fields: Fields, stream: Stream) -> bytes:
    whole = orjson.dumps(fields)
    return whole[: len(whole) * 2 // 3]


def _wrong_type(fields: Fields, stream: Stream) -> bytes:
    return orjson.dumps({**fields, stream.number_field: {"value": fields[stream.number_field]}})


def _missing_field(fields: Fields, stream: Stream) -> bytes:
    return orjson.dumps({name: value for name, value in fields.items() if name != stream.text_field})


def _null_value(fields: Fields, stream: Stream) -> None:
    return None


def _oversized(fields: Fields, stream: Stream) -> bytes:
    """Wrong whatever the limits are: a number's place holds a list of five megabytes."""
    return orjson.dumps({**fields, stream.number_field: [0] * (OVERSIZED_BYTES // 2)})


def _broken_utf8(fields: Fields, stream: Stream) -> bytes:
    return orjson.dumps({**fields, stream.text_field: "BROKEN"}).replace(b"BROKEN", b"\xc3\x28\xff")


def _array(fields: Fields, stream: Stream) -> bytes:
    return orjson.dumps([fields])


def _duplicate_field(fields: Fields, stream: Stream) -> bytes:
    name = stream.number_field
    return orjson.dumps(fields)[:-1] + b"," + orjson.dumps({name: fields[name]})[1:]


def _bad_number(fields: Fields, stream: Stream) -> bytes:
    """In turns text instead of a number, and a number that no type can hold."""
    number = int(str(fields["number"]))
    rest = {name: value for name, value in fields.items() if name not in ("number", stream.number_field)}
    value = b'"12.5"' if number // len(SPOILERS) % 2 else b"1e999"
    return orjson.dumps(rest)[:-1] + b',"' + stream.number_field.encode() + b'":' + value + b"}"


SPOILERS: dict[str, Spoiler] = {
    "not-json": _not_json,
    "truncated": _truncated,
    "wrong-type": _wrong_type,
    "missing-field": _missing_field,
    "null-value": _null_value,
    "oversized": _oversized,
    "broken-utf8": _broken_utf8,
    "array": _array,
    "duplicate-field": _duplicate_field,
    "bad-number": _bad_number,
}
KINDS = tuple(SPOILERS)
"""The ten kinds of malformed records, in the order in which they come."""
ACCEPTABLE = frozenset({"duplicate-field"})
"""Kinds that a lenient reader may take for good records."""


def with_faults(batches: Iterable[Batch], scenario: Scenario) -> Iterator[Batch]:
    """Pass the batches on with the faults that the scenario's settings ask for."""
    settings = scenario.settings
    if not settings.poison and not settings.late:
        yield from batches
        return
    faults = _Faults(scenario)
    for batch in batches:
        yield faults.into(batch)


class _Faults:
    """Counts the good records and adds faults whenever their share falls behind."""

    def __init__(self, scenario: Scenario) -> None:
        settings = scenario.settings
        self._scenario = scenario
        self._good = self._poisoned = self._late = self._oversized = self._turn = 0
        good_share = 1 - settings.poison - settings.late
        self._poison_ratio = settings.poison / good_share
        self._late_ratio = settings.late / good_share
        self._delay = (scenario.bound + timedelta(hours=1)) // timedelta(milliseconds=1) + HOUR

    def into(self, batch: Batch) -> Batch:
        out = Batch(labels=batch.labels)
        for record in batch.records:
            out.records.append(record)
            self._good += 1
            # The small addend makes 95,000 good ones at 5% give 5,000 bad ones, not 4,999.
            while self._poisoned < int(self._good * self._poison_ratio + 1e-6):
                self._add(out, self._poison(record))
            while self._late < int(self._good * self._late_ratio + 1e-6):
                self._add(out, self._behind(record))
        return out

    def _add(self, batch: Batch, record: Record) -> None:
        batch.records.append(record)
        if record.label is not None:
            batch.labels.append(record.label)

    def _kind(self) -> str:
        kind = KINDS[self._turn % len(KINDS)]
        self._turn += 1
        if kind != "oversized":
            return kind
        self._oversized += 1
        return kind if self._oversized <= self._scenario.settings.oversized else self._kind()

    def _poison(self, good: Record) -> Record:
        number, kind = self._poisoned, self._kind()
        self._poisoned += 1
        among = self._scenario.tolerant() if kind in ACCEPTABLE else self._scenario.streams
        stream = among[number // len(KINDS) % len(among)]
        event = self._harmless(stream, "poison", number, good.event_time_ms)
        fields = orjson.loads(event.value)
        value = SPOILERS[kind](fields | {"number": number} if kind == "bad-number" else fields, stream)
        partition, tag = self._partition(number), self._tag("poison", number)
        label = PoisonLabel(poison=kind, stream=stream.name, partition=partition, event_id=tag)
        return Record(stream.name, partition, tag.encode(), value, good.event_time_ms, label)

    def _behind(self, good: Record) -> Record:
        number = self._late
        self._late += 1
        among = self._scenario.tolerant()
        stream = among[number % len(among)]
        event = self._harmless(stream, "late", number, good.event_time_ms - self._delay)
        partition = self._partition(number)
        label = LateLabel(late=True, stream=stream.name, partition=partition, event_id=event.event_id)
        return Record(stream.name, partition, event.key.encode(), event.value, event.time_ms, label)

    def _harmless(self, stream: Stream, what: str, number: int, time_ms: int) -> Event:
        return self._scenario.harmless(stream.name, self._tag(what, number), number, time_ms)

    def _tag(self, what: str, number: int) -> str:
        return f"{what}-{self._scenario.own(number)}"

    def _partition(self, number: int) -> int:
        owned = self._scenario.owned
        return owned[number % len(owned)]
