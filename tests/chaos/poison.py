"""Ten kinds of records that are no events, made of one that is."""

import json
from collections.abc import Callable, Mapping
from typing import Any

Fields = Mapping[str, Any]

_TOO_LARGE = 2_000_000
"""Bytes; a stream takes a mebibyte unless it says otherwise."""


def _json(fields: Fields, **more: Any) -> bytes:
    return json.dumps({**fields, **more}).encode()


KINDS: dict[str, Callable[[Fields], bytes]] = {
    "not JSON": lambda good: f"transaction {good['transaction_id']} of today".encode(),
    "wrong type": lambda good: _json(good, amount=str(good["amount"])),
    "empty": lambda good: b"",
    "null bytes": lambda good: b"\0" * 16 + _json(good),
    "huge": lambda good: _json(good, note="x" * _TOO_LARGE),
    "another encoding": lambda good: _json(good).decode().encode("utf-16"),
    "no time": lambda good: _json({name: value for name, value in good.items() if name != "timestamp"}),
    "from the far future": lambda good: _json(good, timestamp="9999-12-31T23:59:59.999Z"),
    "not a number": lambda good: _json(good, amount=float("nan")),
    "nested": lambda good: json.dumps({"transaction": dict(good)}).encode(),
}


def poison(number: int) -> list[bytes]:
    """One record of each kind; each of them would raise an alert, were it what it seems to be."""
    good = {
        "transaction_id": number,
        "account_id": 1,
        "amount": 5_000.0,
        "merchant_id": 1,
        "timestamp": "2024-01-01T00:00:00.000Z",
    }
    return [spoil(good) for spoil in KINDS.values()]
