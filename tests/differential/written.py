"""What a detector wrote besides alerts: rows and records of outputs, the block list."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from differential.alerts import same, shown
from differential.events import instant, iso
from differential.outputs import Wanted
from differential.values import Value

from fraud_api.base import milliseconds
from fraud_api.outputs import Output, OutputMode
from fraud_api.rules import Rule

Row = Mapping[str, Any]


def output_differences(output: Output, wanted: Wanted, got: Sequence[bytes | None]) -> list[str]:
    """What is wrong with an output's records, given in the order of their partitions."""
    if wanted.open:
        return []
    if output.split:
        came = Counter((value or b"").decode() for value in got)
        return _unequal(Counter(wanted.texts), came)
    rows = [json.loads(value, parse_float=Decimal) for value in got if value]
    deleted = ["deletes a row"] if len(rows) < len(got) else []
    if output.mode is OutputMode.UPSERT:
        rows = list({tuple(row[name] for name in output.key or []): row for row in rows}.values())
    return deleted + _row_differences(wanted.rows, rows)


def _row_differences(wanted: Sequence[Mapping[str, Value]], got: Sequence[Row]) -> list[str]:
    left = list(got)
    found = []
    for row in wanted:
        place = next((place for place, one in enumerate(left) if _same_row(row, one)), None)
        if place is None:
            found.append(f"missing: { {name: shown(value) for name, value in row.items()} }")
        else:
            left.pop(place)
    return found + [f"not expected: {row}" for row in left]


def _same_row(wanted: Mapping[str, Value], got: Row) -> bool:
    return set(wanted) == set(got) and all(same(value, got[name]) for name, value in wanted.items())


def _unequal(wanted: Counter[str], got: Counter[str]) -> list[str]:
    missing = [f"missing: {text}" for text in (wanted - got).elements()]
    return missing + [f"not expected: {text}" for text in (got - wanted).elements()]


def block_differences(rule: Rule, ttl: str, alerts: Sequence[Row], blocked: Sequence[Row]) -> list[str]:
    """What is wrong with a rule's entries of the block list, beside its alerts that came."""
    if rule.actions.block is None:
        return []
    length = milliseconds(rule.actions.block.ttl or ttl)
    wanted = [_entry(rule, alert, length) for alert in alerts]
    left = list(blocked)
    found = []
    for entry in wanted:
        if entry in left:
            left.remove(entry)
        else:
            found.append(f"block list: missing: {entry}")
    return found + [f"block list: not expected: {entry}" for entry in left]


def _entry(rule: Rule, alert: Row, length: int) -> Row:
    block = rule.actions.block
    until = instant(alert["event_time"], "T") + length
    return {
        "who": alert["entity"]["id"],
        "entity_type": rule.entity.type,
        "why": alert["reason"],
        "when": alert["event_time"],
        "until": iso(until),
        "amount": _amount(rule, alert["row"], block.amount) if block and block.amount else None,
        "rule": rule.name,
        "alert_id": alert["alert_id"],
    }


def _amount(rule: Rule, row: Row, name: str) -> Any:
    """A plain name means the last step's column, and of a join the left side's where it has such a column."""
    group, _, plain = name.rpartition(".")
    if group:
        return row[group][plain]
    if plain in row and not isinstance(row[plain], dict):
        return row[plain]
    sides = [rule.join.left, rule.join.right] if rule.join else []
    steps = [step.name for step in reversed(rule.sequence.steps)] if rule.sequence else []
    return next(row[one][plain] for one in sides + steps if plain in row.get(one, {}))
