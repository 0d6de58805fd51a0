"""Smaller cases: what is cut out of them, and that what is left is a detector."""

import json

from differential.random_detectors import random_case
from differential.smaller import alone, fewer_records, nothing_unused


def test_a_rule_alone_keeps_only_what_it_names() -> None:
    case = random_case(1)
    rule = case.document["spec"]["rules"][2]
    (one,) = alone(case, rule["name"])
    assert one.document["spec"]["rules"] == [rule]
    assert one.document["spec"]["outputs"] == []
    (bare,) = nothing_unused(one)
    bare.detector()
    columns = {column["name"] for stream in bare.document["spec"]["streams"] for column in stream["columns"]}
    assert "fee" not in columns
    fields = {name for record in bare.records for name in _object(record.value)}
    assert "fee" not in fields
    assert list(nothing_unused(bare)) == []


def _object(text: str) -> dict[str, object]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def test_half_of_the_records_is_tried_first() -> None:
    case = random_case(1)
    first = next(fewer_records(case))
    assert len(first.records) == len(case.records) - len(case.records) // 2
