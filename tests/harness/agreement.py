"""Whether what a job has written is what an oracle says; the differences in words where it is not."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from harness.kafka import Message
from oracle.expected import Alert, Row

SHOWN = 3
_VERSION = re.compile(r"[0-9a-f]{8}")


def differences(what: str, found: Iterable[str], wanted: Iterable[str]) -> list[str]:
    """What is missing and what is too much, each with some examples; rows that come twice count twice."""
    found_times, wanted_times = Counter(found), Counter(wanted)
    parts = [("missing", wanted_times - found_times), ("unexpected", found_times - wanted_times)]
    return [
        f"{what}: {more.total()} {which}, such as\n  " + "\n  ".join(sorted(more)[:SHOWN])
        for which, more in parts
        if more
    ]


def rows(what: str, messages: Iterable[Message], wanted: Iterable[Row]) -> list[str]:
    """Differences of an append output: row by row, in any order."""
    return differences(what, (canonical(message.json()) for message in messages), map(canonical, wanted))


def latest(what: str, messages: Iterable[Message], wanted: Iterable[Row], key: str) -> list[str]:
    """Differences of an upsert output: its final rows by key."""
    final: dict[bytes | None, Message] = {}
    places: dict[bytes | None, set[int]] = {}
    for message in messages:
        final[message.key] = message
        places.setdefault(message.key, set()).add(message.partition)
    told = [f"{what}: {one!r} lies in several partitions" for one, parts in places.items() if len(parts) > 1]
    told += [
        f"{what}: {one!r} is not the key of {last.value!r}" for one, last in final.items() if not _keyed(last, key)
    ]
    return told + rows(what, (message for message in final.values() if message.value is not None), wanted)


def _keyed(message: Message, key: str) -> bool:
    return message.value is None or json.loads(message.key or b"null") == {key: message.json()[key]}


def alerts(namespace: str, messages: Sequence[Message], wanted: Sequence[Alert]) -> list[str]:
    """Differences of alerts: which came, each only once, and everything that they say."""
    documents = [message.json() for message in messages]
    keys = {document["alert_id"]: message.key for document, message in zip(documents, messages, strict=True)}
    told = differences("alerts", map(_fixed, documents), (canonical(one.document(namespace)) for one in wanted))
    by_id = {one.alert_id(namespace): one for one in wanted}
    for document in documents:
        one = by_id.get(document["alert_id"])
        if one is not None:
            told += [f"{problem}: {canonical(document)}" for problem in _problems(document, keys, one)]
    return told


def _fixed(document: Mapping[str, Any]) -> str:
    varying = ("rule_version", "row", "evidence")
    fixed = {name: value for name, value in document.items() if name not in varying}
    return canonical(fixed | {"count": document["evidence"]["count"]})


def _problems(document: Row, keys: Mapping[str, bytes | None], wanted: Alert) -> list[str]:
    checks = {
        "wrong fields": set(document) == {*wanted.document(""), "rule_version", "row", "evidence"} - {"count"},
        "wrong key": keys[document["alert_id"]] == wanted.key.encode(),
        "wrong row": canonical(document["row"]) in map(canonical, wanted.rows),
        "wrong evidence": wanted.proven_by(document["evidence"]["ids"]),
        "wrong version": bool(_VERSION.fullmatch(document["rule_version"])),
    }
    return [problem for problem, right in checks.items() if not right]


def canonical(value: Any) -> str:
    """JSON with sorted names and one way to write a number; exact for up to 15 digits."""
    return json.dumps(_numbers(value), sort_keys=True, ensure_ascii=False)


def _numbers(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _numbers(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_numbers(part) for part in value]
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return float(value)
    return value
