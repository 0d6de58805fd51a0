"""Traffic that sits on every edge: amounts at a limit, events of one instant, times a millisecond past a bound.

The generator keeps its distance from the edges, so that what it planted is beyond doubt; here nothing is planted.
Times lie on a coarse grid, keys are few and their events lie in any partition.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random

import orjson
from harness.kafka import Record

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
START = 1_704_067_200_000
"""2024-01-01T00:00:00Z."""

Fields = dict[str, object]
Made = Iterator[tuple[int, str, Fields]]
"""Time, stream and fields of events in any order."""


def rough(name: str, seed: int) -> list[Record]:
    """Records of a detector's streams in the order of arrival, out of order within its bound."""
    rng = Random(f"{name}/{seed}")
    make, bound = TRAFFIC[name]
    made = [(time + rng.randrange(bound * 9 // 10), stream, fields) for time, stream, fields in make(rng)]
    arrived = sorted(made, key=lambda event: event[0])
    return [(stream, rng.randrange(2), None, orjson.dumps(fields)) for _, stream, fields in arrived]


def _grid(rng: Random, span: int, step: int) -> int:
    return START + rng.randrange(span // step) * step


def _text(time: int, separator: str = "T", zone: str = "Z") -> str:
    moment = datetime.fromtimestamp(time // SECOND, UTC) + timedelta(milliseconds=time % SECOND)
    return moment.strftime(f"%Y-%m-%d{separator}%H:%M:%S") + f".{time % SECOND:03d}{zone}"


def _transactions(rng: Random) -> Made:
    amounts = (-1, 0.01, 899.99, 900, 900.0, 900.01, 901, 12345.6, 9007199254740992, 1234567.125)
    for number in range(2_000):
        time = _grid(rng, MINUTE, SECOND)
        yield time, "transactions", {
            "transaction_id": number, "account_id": rng.randrange(20), "amount": rng.choice(amounts),
            "merchant_id": rng.randrange(10), "timestamp": _text(time),
        }  # fmt: skip


def _accounts(rng: Random) -> Made:
    amounts = (500, 999.99, 1000, 1000.01, 1500, 0.5)
    for number in range(2_000):
        time = _grid(rng, 3 * HOUR, 30 * SECOND) - rng.choice((0, 0, 1))
        yield time, "account_transactions", {
            "txn_id": f"X{number:05d}", "account_id": f"A{rng.randrange(18)}", "txn_amount": rng.choice(amounts),
            "txn_type": "purchase", "txn_time": _text(time),
        }  # fmt: skip


def _bank(rng: Random) -> Made:
    amounts = (999.99, 1000, 1000.01, 2999.99, 3000, 3000.01, 12.34, 12.35)
    # many customers turn High at an instant of several transactions
    for number in range(3_000):
        time = _grid(rng, 30 * MINUTE, 20 * SECOND)
        customer = rng.randrange(300)
        yield time, "bank_transactions", {
            "transaction_id": f"T{number:05d}", "customer_id": f"C{customer}",
            "customer_name": f"Zoë \"{customer % 7}\" O'Neil", "amount": rng.choice(amounts), "merchant": "M",
            "country": rng.choice(("DE", "DE", "FR")), "home_country": "DE", "timestamp": time,
        }  # fmt: skip


def _payments(rng: Random) -> Made:
    amounts = (1250, 2500, 4999.99, 5000, 5000.01)
    edge = 15 * MINUTE
    offsets = (0, 1, -1, edge, -edge, edge + 1, -edge - 1, edge - 1, 5 * MINUTE, 40 * MINUTE)
    for number in range(1_600):
        order_id, time = f"O{number:05d}", _grid(rng, 3 * HOUR, 20 * SECOND) - rng.choice((0, 0, 1))
        yield time, "payment", {
            "createTime": _text(time, " ", ""), "orderId": order_id, "payAmount": rng.choice(amounts),
            "payPlatform": 1, "provinceId": rng.randrange(3),
        }  # fmt: skip
        for _ in range(rng.choice((0, 1, 1, 2))):
            ordered = time + rng.choice(offsets)
            yield ordered, "order", {
                "createTime": _text(ordered, " ", ""), "orderId": order_id, "category": "food",
                "merchantId": rng.randrange(9),
            }  # fmt: skip


def _ad_clicks(rng: Random) -> Made:
    for number in range(9_000):
        user = rng.randrange(12) if rng.random() < 0.6 else rng.randrange(12, 72)
        addresses, clicks_in = (7, 8, 9, 10)[user % 4], (2, 3, 4)[user % 3]
        address = 0 if rng.random() < 0.1 else rng.randrange(addresses)
        time = _grid(rng, 2 * HOUR, 15 * SECOND) - rng.choice((0, 0, SECOND))
        kind = "click" if rng.randrange(clicks_in) == 0 else "display"
        yield time, f"{kind}s", {
            "eventType": kind, "uid": f"u{user}", "timestamp": time // SECOND,
            "ip": f"10.0.0.{address}", "impressionId": f"{kind[0]}{number:05d}",
        }  # fmt: skip


TRAFFIC: dict[str, tuple[Callable[[Random], Made], int]] = {
    "transactions": (_transactions, 5 * SECOND),
    "accounts": (_accounts, 60 * SECOND),
    "bank": (_bank, 5 * SECOND),
    "payments": (_payments, 10 * SECOND),
    "ad-clicks": (_ad_clicks, 5 * SECOND),
}
"""Traffic by detector, with the bound of disorder that the detector declares."""


_TIMES = {
    "transactions": "timestamp",
    "accounts": "txn_time",
    "bank": "timestamp",
    "payments": "createTime",
    "ad-clicks": "timestamp",
}


def coarse(name: str, records: Iterable[Record]) -> list[Record]:
    """Records of a detector's streams as a clock of whole seconds would have dated them."""
    made = []
    for stream, partition, key, value in records:
        fields = orjson.loads(value)
        fields[_TIMES[name]] = _whole(fields[_TIMES[name]])
        made.append((stream, partition, key, orjson.dumps(fields)))
    return made


def _whole(time: str | int) -> str | int:
    if isinstance(time, str):
        return re.sub(r"\.\d+", "", time)
    # seconds since 1970 are whole already
    return time // SECOND * SECOND if time > START // 10 else time
