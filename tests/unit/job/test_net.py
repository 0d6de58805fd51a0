"""What can fail and stands unguarded in a plan is refused."""

from typing import Any

import pytest

from fraud_job.net import Unguarded, check

TEXT = {"kind": "INPUT_REF", "inputIndex": 0, "type": "VARCHAR(2147483647)"}
NUMBER = {"kind": "INPUT_REF", "inputIndex": 1, "type": "INT"}
GUARDED = {"kind": "CALL", "systemName": "nonzero", "operands": [NUMBER], "type": "INT"}
ROOM = {"kind": "CALL", "systemName": "room", "operands": [NUMBER], "type": "INT"}


def literal(value: Any, kind: str = "CHAR(3) NOT NULL") -> dict[str, Any]:
    return {"kind": "LITERAL", "value": value, "type": kind}


def call(name: str, *operands: Any, kind: Any = "VARCHAR(2147483647)") -> dict[str, Any]:
    return {"kind": "CALL", "internalName": f"${name}$1", "operands": list(operands), "type": kind}


def attempt(*operands: Any) -> dict[str, Any]:
    said = [literal("rule r"), literal("ELEMENT(x)"), literal(None), literal("ELEMENT(a0)")]
    return {"kind": "CALL", "systemName": "attempt", "operands": [*said, *operands], "type": "INT"}


SOME = call(">", NUMBER, literal(0, "BIGINT NOT NULL"), kind="BOOLEAN NOT NULL")


def plan(found: Any, before: Any = None) -> dict[str, Any]:
    """A plan of two nodes, of which the second holds what is looked for."""
    first = {"id": 1, "type": "stream-exec-exchange_1", **(before or {})}
    second = {"id": 2, "type": "stream-exec-calc_1", "condition": {"operands": [found]}}
    return {"nodes": [first, second], "edges": [{"source": 1, "target": 2}]}


OWNERS = ("rule q", "rule r")


@pytest.mark.parametrize(
    "found",
    [
        call("CAST", NUMBER),
        call("CAST", NUMBER, kind="TINYINT"),
        call("CAST", TEXT, kind="VARBINARY(2147483647)"),
        call("CAST", NUMBER, kind={"type": "TIMESTAMP_WITH_LOCAL_TIME_ZONE", "kind": "ROWTIME"}),
        call("/", NUMBER, GUARDED, kind="INT"),
        call("/", NUMBER, literal(7, "INT NOT NULL"), kind="INT"),
        call("/", NUMBER, NUMBER, kind="DOUBLE"),
        call("/", call("CAST", call("CASE", SOME, NUMBER, kind="INT"), kind="INT"), NUMBER, kind="INT"),
        call("MOD", NUMBER, GUARDED, kind="INT"),
        call("DATE_FORMAT", NUMBER, literal("yyyy")),
        call("LIKE", TEXT, TEXT, kind="BOOLEAN"),
        call("TRIM", literal("BOTH"), literal("x"), TEXT),
        call("ENCODE", TEXT, literal("utf-8")),
        call("SHA2", TEXT, literal(256)),
        call("JSON_VALUE", TEXT, literal("$.a")),
        call("REPEAT", TEXT, ROOM),
        attempt(call("ELEMENT", TEXT), TEXT),
    ],
)
def test_what_cannot_fail_passes(found: Any) -> None:
    check(plan(found), OWNERS)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (call("CAST", TEXT, kind="INT"), "a text taken for INT .* write CAST"),
        (call("CAST", TEXT, kind={"type": "TIMESTAMP_WITH_LOCAL_TIME_ZONE"}), "a text taken for TIMESTAMP"),
        (call("CAST", literal("x"), kind="INT NOT NULL"), "a text taken for INT can"),
        (call(">", call("CAST", TEXT, kind="BIGINT"), NUMBER, kind="BOOLEAN"), "a text taken for BIGINT"),
        (call("/", NUMBER, NUMBER, kind="INT"), "a division"),
        (call("/", call("CASE", SOME, NUMBER, kind="INT"), GUARDED | {"systemName": "x"}, kind="INT"), "a division"),
        (call("/", NUMBER, literal(0, "INT NOT NULL"), kind="INT"), "a division"),
        (call("SIMILAR TO", TEXT, literal("a|b"), kind="BOOLEAN"), "SIMILAR TO .* write REGEXP"),
        (call("LIKE", TEXT, TEXT, TEXT, kind="BOOLEAN"), "LIKE"),
        (call("ENCODE", TEXT, TEXT), "ENCODE .* character set"),
        (call("DECODE", TEXT, literal("utf-99")), "DECODE"),
        (call("SHA2", TEXT, NUMBER), "SHA2"),
        (call("DATE_FORMAT", NUMBER, TEXT), "DATE_FORMAT"),
        (call("JSON_VALUE", TEXT, TEXT, kind="INT"), "JSON_VALUE"),
        (call("JSON_EXISTS", TEXT, literal("$.a"), literal("ERROR"), kind="BOOLEAN"), "JSON_EXISTS"),
        (call("REPEAT", TEXT, NUMBER), "REPEAT"),
        (attempt(TEXT, call("ELEMENT", TEXT)), "ELEMENT"),
    ],
)
def test_what_can_fail_is_refused(found: Any, words: str) -> None:
    with pytest.raises(Unguarded, match=words) as refused:
        check(plan(found), OWNERS)
    assert refused.value.owner == "rule r"


def aggregation(name: str, *arguments: int, **other: Any) -> dict[str, Any]:
    return {"internalName": f"${name}$1", "argList": list(arguments), "filterArg": -1, "distinct": False, **other}


def reference(at: int) -> dict[str, Any]:
    return {"kind": "INPUT_REF", "inputIndex": at, "type": "DECIMAL(38, 6)"}


AVERAGE = call("/", reference(2), reference(3), kind="DECIMAL(38, 6)")


def test_an_average_as_flink_takes_it_apart_passes() -> None:
    aggregates = [aggregation("SUM", 4), aggregation("COUNT", 4)]
    check(plan(AVERAGE, {"grouping": [0, 1], "aggCalls": aggregates}), OWNERS)


@pytest.mark.parametrize(
    "aggregates",
    [
        [aggregation("SUM", 4), aggregation("COUNT", 5)],
        [aggregation("SUM", 4), aggregation("COUNT", 4, filterArg=5)],
        [aggregation("SUM", 4), aggregation("COUNT", 4, distinct=True)],
        [aggregation("$SUM0", 4), aggregation("COUNT", 4)],  # 0 of nothing
        [aggregation("SUM"), aggregation("COUNT")],
        [aggregation("COUNT", 4), aggregation("SUM", 4)],
        [aggregation("SUM", 4)],
    ],
)
def test_what_only_resembles_an_average_is_refused(aggregates: list[Any]) -> None:
    with pytest.raises(Unguarded, match="a division"):
        check(plan(AVERAGE, {"grouping": [0, 1], "aggCalls": aggregates}), OWNERS)
