"""Card transactions at speed; an amount above 900 is fraud.

Everything that can be rendered beforehand is: an event is five fragments of bytes put together.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from fraud_generator.model import Batch, EpisodeLabel, Record, Settings
from fraud_generator.scenarios.base import Event, Scenario, Stream
from fraud_generator.times import iso, second_text, to_ms

STREAM = "transactions"
BLOCK = 1_000
ACCOUNTS = 10_000
MERCHANTS = 1_000
ORDERS = 16
THRESHOLD_SHARE = 0.001
RESERVED_ID = 9_000_000_000_000
"""Ids of closing, late and poison records begin here; their account is 0."""

TEMPLATE = b'{"transaction_id":%d,"account_id":%b,"amount":%b,"merchant_id":%b,"timestamp":"%b"}'
MILLIS = [b".%03dZ" % millis for millis in range(1_000)]


class Transactions(Scenario):
    """One event a millisecond; shards take turns. ``fraud_share`` is the share of fraudulent events."""

    name = "transactions"
    summary = "card transactions at speed; amounts above 900"
    streams = (Stream(STREAM, "queueing.transactions", "transaction_id", "timestamp", "amount"),)
    patterns = ("large-amount",)
    default_count = 10_000
    default_share = 0.05
    max_share = 1.0
    bound = timedelta(seconds=5)
    default_disorder = timedelta(milliseconds=300)
    endless_by_default = True

    def __init__(self, settings: Settings) -> None:
        """Render accounts, amounts and merchants, and lay out some orders of arrival."""
        super().__init__(settings)
        keys = [b"%d" % self.own(index) for index in range(1, ACCOUNTS + 1)]
        self._accounts = [(self.partition(key), key) for key in keys]
        self._merchants = [b"%d" % merchant for merchant in range(1, MERCHANTS + 1)]
        self._normal = [_amount(cents) for cents in self.rng.choices(range(100, 90_000), k=20_000)]
        self._normal += [b"900.00"] * int(len(self._normal) * THRESHOLD_SHARE)
        self._fraud = [_amount(cents) for cents in self.rng.choices(range(90_001, 500_001), k=5_000)]
        self._orders = [_order(self.rng, self.disorder_ms / settings.shards) for _ in range(ORDERS)]

    def harmless(self, stream: str, tag: str, number: int, time_ms: int) -> Event:
        """A transaction of 1.00 on account 0; ids are told apart by tag and number."""
        kind = ("closing", "late", "poison").index(tag.split("-")[0])
        event_id = b"%d" % (RESERVED_ID + kind * 1_000_000_000_000 + self.own(number))
        value = TEMPLATE % (int(event_id), b"0", b"1.00", b"0", iso(time_ms).encode())
        return Event(time_ms, stream, "0", event_id.decode(), value)

    def batches(self) -> Iterator[Batch]:
        """Blocks of 1,000 events, each in an order of arrival of its own."""
        first, left = 0, self.count
        while left is None or left > 0:
            size = BLOCK if left is None else min(left, BLOCK)
            yield self._block(first, size)
            first += size
            left = None if left is None else left - size

    def _block(self, first: int, size: int) -> Batch:
        rng, step = self.rng, self.settings.shards
        order = rng.choice(self._orders)
        if size < BLOCK:
            order = [place for place in order if place < size]
        begin, number = to_ms(self.settings.start) + self.own(first), self.own(first) + 1
        times = range(begin, begin + size * step, step)
        self.end_ms = times[-1]
        amounts, frauds = self._amounts(size)
        stamps = _stamps(times)
        accounts, merchants = rng.choices(self._accounts, k=size), rng.choices(self._merchants, k=size)
        records = [
            Record(
                STREAM, partition, key,
                TEMPLATE % (number + place * step, key, amounts[place], merchant, stamps[place]),
                times[place],
            )
            for place, (partition, key), merchant in zip(order, accounts, merchants, strict=True)
        ]  # fmt: skip
        return _labelled(records, order, frauds, number, step)

    def _amounts(self, size: int) -> tuple[list[bytes], list[int]]:
        """Amounts for a block, and the places of those that are fraud."""
        rng, share, chance = self.rng, self.share, self.rng.random
        amounts = rng.choices(self._normal, k=size)
        frauds = [place for place in range(size) if chance() < share]
        for place in frauds:
            amounts[place] = rng.choice(self._fraud)
        return amounts, frauds


def _labelled(records: list[Record], order: list[int], frauds: list[int], number: int, step: int) -> Batch:
    """Give the fraudulent records their labels."""
    where = {place: index for index, place in enumerate(order)}
    batch = Batch(records)
    for index in sorted(where[place] for place in frauds):
        record = records[index]
        event_id, moment = str(number + order[index] * step), iso(record.event_time_ms)
        label = EpisodeLabel(
            episode=f"large-amount/{event_id}",
            pattern="large-amount",
            entity_type="account",
            entity=(record.key or b"").decode(),
            start=moment,
            end=moment,
            event_ids=[event_id],
        )
        records[index] = record._replace(label=label)
        batch.labels.append(label)
    return batch


def _stamps(times: range) -> list[bytes]:
    """The moments as text; neighbours share the text of their second."""
    seconds = {second: second_text(second).encode() for second in range(times[0] // 1_000, times[-1] // 1_000 + 1)}
    return [seconds[time // 1_000] + MILLIS[time % 1_000] for time in times]


def _amount(cents: int) -> bytes:
    return b"%d.%02d" % divmod(cents, 100)


def _order(rng: Random, reach: float) -> list[int]:
    """Places of a block in an order of arrival; nobody arrives behind one more than ``reach`` places ahead."""
    return sorted(range(BLOCK), key=lambda place: place + rng.random() * reach)
