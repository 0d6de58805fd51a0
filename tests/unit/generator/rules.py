"""The rules of the five detectors, checked slowly and plainly over whole data."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import orjson

from fraud_generator import Batch, Settings, generate

MINUTE = 60_000
Row = dict[str, Any]


@dataclass(frozen=True)
class Found:
    pattern: str
    entity: str
    begin: int
    end: int


@dataclass
class Data:
    batches: list[Batch]

    @property
    def records(self) -> list[Any]:
        return [record for batch in self.batches for record in batch.records]

    @property
    def labels(self) -> list[Any]:
        return [label for batch in self.batches for label in batch.labels]

    def rows(self, stream: str) -> list[Row]:
        return [
            {**orjson.loads(record.value), "t": record.event_time_ms}
            for record in self.records
            if record.stream == stream
        ]

    def episodes(self, pattern: str) -> list[Found]:
        return [
            Found(pattern, label["entity"], _ms(label["start"]), _ms(label["end"]))
            for label in self.labels
            if label.get("pattern") == pattern
        ]


@lru_cache(maxsize=4)
def data(scenario: str, **settings: Any) -> Data:
    """The traffic; shared between tests, so leave it as it is."""
    return Data(list(generate(scenario, Settings(**settings))))


def _ms(text: str) -> int:
    return round(
        (datetime.fromisoformat(text) - datetime.fromisoformat("1970-01-01T00:00Z")) / timedelta(milliseconds=1)
    )


def _grouped(rows: Iterable[Row], *fields: str) -> dict[Any, list[Row]]:
    groups = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["t"]):
        groups[tuple(row[field] for field in fields)].append(row)
    return groups


def _trailing(rows: list[Row], span: int) -> Iterator[tuple[Row, list[Row]]]:
    first = 0
    for last, row in enumerate(rows):
        while rows[first]["t"] < row["t"] - span:
            first += 1
        yield row, rows[first : last + 1]


def _tumbling(rows: Iterable[Row], span: int) -> dict[int, list[Row]]:
    windows = defaultdict(list)
    for row in rows:
        windows[row["t"] // span * span].append(row)
    return windows


def ad_clicks(all_data: Data) -> Iterator[Found]:
    clicks, displays = all_data.rows("clicks"), all_data.rows("displays")
    for (ip,), rows in _grouped(clicks, "ip").items():
        for row, window in _trailing(rows, 10 * MINUTE):
            if len(window) > 40:
                yield Found("ip-click-flood", ip, row["t"], row["t"])
    for (uid,), rows in _grouped(clicks + displays, "uid").items():
        for begin, window in _tumbling(rows, 30 * MINUTE).items():
            clicked = sum(row["eventType"] == "click" for row in window)
            if clicked >= 10 and clicked / max(len(window) - clicked, 1) > 0.5:
                yield Found("user-click-rate", uid, begin, begin + 30 * MINUTE)
    for (uid,), rows in _grouped(clicks, "uid").items():
        for begin, window in _tumbling(rows, 60 * MINUTE).items():
            if len({row["ip"] for row in window}) > 8:
                yield Found("user-many-addresses", uid, begin, begin + 60 * MINUTE)


def payments(all_data: Data) -> Iterator[Found]:
    paid = all_data.rows("payment")
    ordered = {row["orderId"]: row["t"] for row in all_data.rows("order")}
    for row in paid:
        if abs(ordered.get(row["orderId"], 0) - row["t"]) > 15 * MINUTE:
            yield Found("payment-without-order", row["orderId"], row["t"], row["t"])
        if row["payAmount"] > 5_000:
            yield Found("large-payment", row["orderId"], row["t"], row["t"])
    for (province,), rows in _grouped(paid, "provinceId").items():
        for row, window in _trailing(rows, 10 * MINUTE):
            if sum(one["payAmount"] for one in window) > 100_000:
                yield Found("province-spend", str(province), row["t"], row["t"])


def transactions(all_data: Data) -> Iterator[Found]:
    for row in all_data.rows("transactions"):
        if row["amount"] > 900:
            yield Found("large-amount", str(row["account_id"]), row["t"], row["t"])


def frauds(all_data: Data) -> dict[str, list[Row]]:
    found = defaultdict(list)
    for row in sorted(all_data.rows("bank_transactions"), key=lambda row: row["t"]):
        abroad = row["country"] != row["home_country"]
        if row["amount"] > 3_000 or (abroad and row["amount"] > 1_000):
            found[row["customer_id"]].append(row)
    return found


def bank(all_data: Data) -> Iterator[Found]:
    for customer, rows in frauds(all_data).items():
        if len(rows) >= 3:
            yield Found("customer-turns-high", customer, rows[2]["t"], rows[2]["t"])


def accounts(all_data: Data) -> Iterator[Found]:
    for (account,), rows in _grouped(all_data.rows("account_transactions"), "account_id").items():
        for begin, window in _tumbling(rows, 5 * MINUTE).items():
            if sum(row["txn_amount"] for row in window) > 3_000:
                yield Found("account-spend", account, begin, begin + 5 * MINUTE)


RULES = {
    "ad-clicks": ad_clicks,
    "payments": payments,
    "transactions": transactions,
    "bank": bank,
    "accounts": accounts,
}


def overlap(one: Found, other: Found) -> bool:
    same = (one.pattern, one.entity) == (other.pattern, other.entity)
    return same and one.begin <= other.end and other.begin <= one.end
