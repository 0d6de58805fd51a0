"""The oracle of each manifest, and the traffic that is put to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from oracle import accounts, ad_clicks, bank, payments, transactions
from oracle.events import Streams
from oracle.expected import Expected

from fraud_generator import Settings, generate

Sent = tuple[str, int, bytes | None, bytes | None]
"""Stream, partition, key and value of a record."""

ORACLES: dict[str, Callable[[Streams, str], Expected]] = {
    "transactions": lambda streams, _: transactions.expected(streams),
    "accounts": lambda streams, _: accounts.expected(streams),
    "bank": bank.expected,
    "payments": lambda streams, _: payments.expected(streams),
    "ad-clicks": lambda streams, _: ad_clicks.expected(streams),
}


@dataclass(frozen=True)
class Traffic:
    """What the generator made."""

    records: Sequence[Any]
    labels: Sequence[Any]

    @property
    def to_send(self) -> list[Sent]:
        """The records as a broker takes them."""
        return [(record.stream, record.partition, record.key, record.value) for record in self.records]

    def out_of_order(self) -> int:
        """Records that come behind a later one of their partition."""
        newest: dict[tuple[str, int], int] = {}
        behind = 0
        for record in self.records:
            place = record.stream, record.partition
            behind += record.event_time_ms < newest.get(place, 0)
            newest[place] = max(record.event_time_ms, newest.get(place, 0))
        return behind


def traffic(name: str, seed: int, **settings: Any) -> Traffic:
    """Everything that the generator makes of a seed."""
    batches = list(generate(name, Settings(seed=seed, **settings)))
    return Traffic(
        [record for batch in batches for record in batch.records],
        [label for batch in batches for label in batch.labels],
    )


def expected(name: str, records: Sequence[Sent], namespace: str) -> Expected:
    """What a manifest's detector must write of these records."""
    streams: dict[str, list[bytes]] = {}
    for stream, _, _, value in records:
        streams.setdefault(stream, []).append(value or b"")
    return ORACLES[name](streams, namespace)
