"""What can fail gets a guard, what can't stays as it was written."""

import pytest

from fraud_api.sql import Reference
from fraud_job.guards import Told, guarded, watched, written

EVENT = "CAST(`event_id` AS STRING)"
RULE = Told("rule r", events={"": "`event_id`"})


def sql(text: str) -> str:
    return guarded(text, RULE, [])


def cast(argument: str, to: str, written: str | None = None) -> str:
    said = written or f"CAST({argument} AS {to})"
    return f"attempt('rule r', '{said}', {EVENT}, 'CAST(a0 AS {to})', CAST(NULL AS {to}), {argument})"


def nonzero(divisor: str, written: str) -> str:
    return f"nonzero('rule r', '{written}', {EVENT}, {divisor})"


@pytest.mark.parametrize(
    "text",
    [
        "amount > 100 AND country <> 'DE'",
        "a + b * c - d",
        "a / 100.0 > b % 7",
        "CAST(a AS STRING) = 'x'",
        "CAST(event_time AS DATE) > DATE '2024-01-01'",
        "CAST(AVG(a) AS DECIMAL(12, 2)) > CAST(COUNT(*) AS DOUBLE)",
        "TRY_CAST(a AS INT) > 5",
        "'CAST(a AS INT) / b' = c",
        "`cast` (a) + 1",
        "ROUND(a, 2) > 1",
        "TRIM(a) = TRIM(BOTH 'x' FROM b)",
        "DATE_FORMAT(event_time, 'yyyy-MM-dd HH:mm') = a",
        "JSON_VALUE(a, '$.b') = 'c'",
        "LPAD(a, 10, '0') = b",
        "COUNT(*) > 1 -- a / b",
        "a /* CAST(b AS INT) / c */ > 1",
        "REPLACE(a, 'x', '') = b",
    ],
)
def test_what_cannot_fail_stays(text: str) -> None:
    assert sql(text) == text


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("CAST(fee AS INT) > 5", cast("fee", "INT") + " > 5"),
        ("cast( fee as DECIMAL(10, 2) ) > 5", None),
        ("CAST(SUM(a) || b AS INT)", cast("SUM(a) || b", "INT")),
        ("a / b / c", f"a / {nonzero('b', '/ b')} / {nonzero('c', '/ c')}"),
        ("a / -b", f"a / {nonzero('-b', '/ -b')}"),
        ("a / 0", f"a / {nonzero('0', '/ 0')}"),
        ("a/(b + c/d)*2", f"a/{nonzero('(b + c/' + nonzero('d', '/d') + ')', '/(b + c/d)')}*2"),
        ("a * b / c + d", f"a * b / {nonzero('c', '/ c')} + d"),
        ("a / t.b > 1", f"a / {nonzero('t.b', '/ t.b')} > 1"),
        ("a / b[1] > 1", f"a / {nonzero('b[1]', '/ b[1]')} > 1"),
        ("MOD(a, b)", f"MOD(a, {nonzero('b', 'MOD(a, b)')})"),
        ("x / CASE WHEN a THEN b END > 1", f"x / {nonzero('CASE WHEN a THEN b END', '/ CASE WHEN a THEN b END')} > 1"),
        ("SUM(a) OVER w / COUNT(*) OVER w", f"SUM(a) OVER w / {nonzero('COUNT(*) OVER w', '/ COUNT(*) OVER w')}"),
        ("a / /* b */ c -- d", f"a / /* b */ {nonzero('c', '/ /* b */ c')} -- d"),
        ("REPEAT(a, n)", "REPEAT(a, room('rule r', 'REPEAT(a, n)', CAST(`event_id` AS STRING), n, CHAR_LENGTH(a)))"),
        (
            "TRIM(BOTH a FROM b)",
            f"attempt('rule r', 'TRIM(BOTH a FROM b)', {EVENT}, 'TRIM(BOTH a0 FROM a1)', CAST(NULL AS STRING), a, b)",
        ),
        (
            "DATE_FORMAT(t, 'YYYY-qq')",
            f"attempt('rule r', 'DATE_FORMAT(t, ''YYYY-qq'')', {EVENT}, 'DATE_FORMAT(a0, ''YYYY-qq'')',"
            " CAST(NULL AS STRING), t)",
        ),
        (
            "ROUND(a, n)",
            f"attempt('rule r', 'ROUND(a, n)', {EVENT}, 'ROUND(a0, a1)', CASE WHEN FALSE THEN ROUND(a, n) END, a,"
            f" room('rule r', 'ROUND(a, n)', {EVENT}, n, 1000))",
        ),
        (
            "JSON_VALUE(a, '$.b' RETURNING INT)",
            f"attempt('rule r', 'JSON_VALUE(a, ''$.b'' RETURNING INT)', {EVENT},"
            " 'JSON_VALUE(a0, ''$.b'' RETURNING INT)',"
            " CASE WHEN FALSE THEN JSON_VALUE(a, '$.b' RETURNING INT) END, a)",
        ),
    ],
)  # fmt: skip
def test_what_can_fail_is_guarded(text: str, wanted: str | None) -> None:
    if wanted is None:
        wanted = (
            f"attempt('rule r', 'cast( fee as DECIMAL(10, 2) )', {EVENT}, 'cast( a0 as DECIMAL(10, 2) )',"
            " CAST(NULL AS DECIMAL(10, 2)), fee) > 5"
        )
    assert sql(text) == wanted


def test_guards_stand_within_each_other() -> None:
    inner = cast("a", "DOUBLE") + " / " + nonzero("b", "/ b")
    written = "CAST(CAST(a AS DOUBLE) / b AS INT)"
    wanted = f"attempt('rule r', '{written}', {EVENT}, 'CAST(a0 AS INT)', CAST(NULL AS INT), {inner})"
    assert sql(written) == wanted


def test_names_are_replaced_everywhere_but_in_what_is_told() -> None:
    text = "CAST(fee AS INT) / :most > fee"
    places = [Reference("fee", 5, 8), Reference("most", 19, 24), Reference("fee", 27, 30)]
    new = [(places[0], "`fee`"), (places[1], "(7)"), (places[2], "`fee`")]
    nobody = "CAST(NULL AS STRING)"
    told = f"attempt('output o', 'CAST(fee AS INT)', {nobody}, 'CAST(a0 AS INT)', CAST(NULL AS INT), `fee`)"
    assert guarded(text, Told("output o"), new) == f"{told} / nonzero('output o', '/ :most', {nobody}, (7)) > `fee`"


def test_what_fails_is_told_of_the_event_whose_columns_it_reads() -> None:
    text = "a.x / b.y > b.y / b.z AND a.x / 0 > 1"
    places = [Reference(text[at + 2], at, at + 3, text[at]) for at in (0, 6, 12, 18, 26)]
    new = [(place, f"{place.table}.`{place.name}`") for place in places]
    sides = Told("rule r", events={"a": "a.`id`", "b": "b.`id`"})
    left, right = "CAST(a.`id` AS STRING)", "CAST(b.`id` AS STRING)"
    assert guarded(text, sides, new) == (
        f"a.`x` / nonzero('rule r', '/ b.y', {right}, b.`y`) > b.`y` / nonzero('rule r', '/ b.z', {right}, b.`z`)"
        " AND a.`x` / nonzero('rule r', '/ 0', CAST(NULL AS STRING), 0) > 1"
    )
    cast = guarded(
        "CAST(a.x || b.y AS INT)", sides, [(Reference("x", 5, 8, "a"), "a.`x`"), (Reference("y", 12, 15, "b"), "b.`y`")]
    )
    assert f", CONCAT_WS('/', {left}, {right}), 'CAST(a0 AS INT)'," in cast


def test_a_cast_of_a_number_stays() -> None:
    text = "CAST(amount AS INT) > CAST(`amount` AS DOUBLE)"
    assert guarded(text, RULE, [], {"amount"}) == text
    sides = [Reference("amount", 5, 13, "a")]
    found = guarded("CAST(a.amount AS INT)", RULE, [(one, "LAST(S0.`amount`)") for one in sides], {"amount"})
    assert found == "CAST(LAST(S0.`amount`) AS INT)"
    text = "CAST(MOD(amount, 10) AS DECIMAL(10, 0))"
    assert guarded(text, RULE, [], set()) == text


def test_what_is_told_has_an_end() -> None:
    found = sql(f"CAST('{'x' * 500}' || a AS INT)")
    assert f"…', {EVENT}, 'CAST(a0 AS INT)'" in found


def test_what_is_written_has_its_key_first() -> None:
    assert written("SELECT a, b FROM c", "output o", ["b", "a"], ["a"]) == (
        "SELECT * FROM (SELECT a, b FROM c) AS written(`b`, `a`) WHERE writable('output o', 1, `a`, `b`)"
    )


def test_rows_that_change_are_watched_by_a_column_beside_their_key() -> None:
    assert watched("SELECT a, b, c FROM d", "output o", ["a", "b", "c"], ["a"]) == (
        "SELECT `a`, watch_key('output o', 1, `a`, `b`) AS `b`, `c`"
        " FROM (SELECT a, b, c FROM d) AS written(`a`, `b`, `c`)"
    )
