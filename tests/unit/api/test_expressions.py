import pytest

from fraud_api.sql import parse_select
from fraud_api.understanding import condition, of_columns, query

COLUMNS = {
    "ti": "TINYINT",
    "i": "INT",
    "b": "BIGINT",
    "d": "DOUBLE",
    "c": "DECIMAL(10, 2)",
    "w": "DECIMAL(38, 18)",
    "s": "STRING",
    "o": "BOOLEAN",
    "day": "DATE",
    "event_time": "TIMESTAMP_LTZ(3)",
    "dark": None,
}
PARAMETERS = {"n": "INT", "m": "BIGINT", "p": "DECIMAL(4, 2)", "r": "DOUBLE", "t": "STRING"}


def told(text: str, *, warning: bool = False) -> list[str]:
    found = condition(text, of_columns(COLUMNS), PARAMETERS).told
    return [f"{one.message}; {one.hint}" if one.hint else one.message for one in found if one.warning is warning]


def column_type(expression: str) -> str | None:
    from fraud_api.scopes import output_columns

    ((_, found),) = output_columns(parse_select(f"SELECT {expression} AS x FROM t"), {"t": COLUMNS}, PARAMETERS)
    return found


@pytest.mark.parametrize(
    ("expression", "sql_type"),
    [
        ("1", "INT"),
        ("3000000000", "BIGINT"),
        ("1.5", "DECIMAL(2, 1)"),
        ("0.5", "DECIMAL(2, 1)"),
        ("1e3", "DOUBLE"),
        ("'x'", "STRING"),
        ("ti + 1", "INT"),
        ("c + c", "DECIMAL(11, 2)"),
        ("c * c", "DECIMAL(21, 4)"),
        ("c / c", "DECIMAL(23, 13)"),
        ("c + i", "DECIMAL(13, 2)"),
        ("c * i", "DECIMAL(21, 2)"),
        ("c / i", "DECIMAL(21, 13)"),
        ("c * d", "DOUBLE"),
        ("w / w", "DECIMAL(38, 6)"),
        ("c % i", "DECIMAL(10, 2)"),
        ("c * 1.5", "DECIMAL(13, 3)"),
        ("i * 0.5", "DECIMAL(13, 1)"),
        # what could wrap is done in more bits
        ("i + i", "BIGINT"),
        ("i * i", "BIGINT"),
        ("b + 1", "DECIMAL(20, 0)"),
        ("b * b", "DECIMAL(38, 0)"),
        ("SUM(i)", "BIGINT"),
        ("SUM(b)", "DECIMAL(38, 0)"),
        ("SUM(CAST(i AS BIGINT))", "BIGINT"),
        ("AVG(i)", "DOUBLE"),
        ("SUM(c)", "DECIMAL(38, 2)"),
        ("COUNT(*)", "BIGINT"),
        ("MAX(i)", "INT"),
        ("ROUND(c, 1)", "DECIMAL(10, 1)"),
        ("ROUND(w, 2)", "DECIMAL(23, 2)"),
        ("FLOOR(c)", "DECIMAL(10, 0)"),
        ("FLOOR(event_time TO DAY)", "TIMESTAMP_LTZ(3)"),
        ("CASE WHEN o THEN i ELSE c END", "DECIMAL(12, 2)"),
        ("CASE WHEN o THEN 1 ELSE 2.5 END", "DECIMAL(11, 1)"),
        ("CASE WHEN o THEN i END", "INT"),
        ("COALESCE(i, b)", "BIGINT"),
        ("IF(o, i, b)", "BIGINT"),
        ("NULLIF(i, 0)", "INT"),
        ("LEAST(c, i)", "DECIMAL(12, 2)"),
        ("EXTRACT(HOUR FROM event_time)", "BIGINT"),
        ("event_time + INTERVAL '1' DAY", "TIMESTAMP_LTZ(3)"),
        ("TIMESTAMPDIFF(SECOND, event_time, event_time)", "INT"),
        ("s || 'x'", "STRING"),
        ("SUBSTRING(s FROM 1 FOR 2)", "STRING"),
        ("JSON_VALUE(s, '$.a' NULL ON EMPTY)", "STRING"),
        ("s LIKE 'a%'", "BOOLEAN"),
        ("o AND i > 1", "BOOLEAN"),
        ("LAG(i) OVER (ORDER BY event_time)", "INT"),
        ("TRY_CAST(s AS DECIMAL(12, 2))", "DECIMAL(12, 2)"),
        (":n + :p", "DECIMAL(13, 2)"),
        ("distance_km(d, d, d, d)", "DOUBLE"),
        ("dark + 1", None),
    ],
)
def test_types_are_those_of_flink(expression: str, sql_type: str | None) -> None:
    assert column_type(expression) == sql_type


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("c", "not a condition: c is DECIMAL(10, 2)"),
        ("i + 1", "not a condition: i + 1 is"),
        ("o AND c", "not a condition: c is DECIMAL(10, 2)"),
        ("NOT s", "not a condition: s is STRING"),
        ("FOO(c)", "unknown function 'FOO'"),
        ("UPPR(s) = 'X'", "unknown function 'UPPR'; did you mean 'UPPER'?"),
        ("distance(d, d, d, d) > 1", "did you mean 'distance_km'?"),
        ("fill_text(s) = 'x'", "unknown function 'fill_text'"),
        ("ABS(i, 1) > 1", "ABS can't take 2 arguments; it is ABS(number)"),
        ("ABS(s) > 1", "ABS needs a number, but s is STRING; write TRY_CAST(s AS ...)"),
        ("ABS('1') > 1", "leave out the quotes"),
        ("UPPER(i) = 'X'", "UPPER needs text, but i is INT; write CAST(i AS STRING)"),
        ("MOD(d, 2) = 1", "MOD needs a whole number or a DECIMAL, but d is DOUBLE"),
        ("d % 2 = 1", "% takes no FLOAT or DOUBLE"),
        ("s > 5", "'s' is a STRING and is compared with a number; write TRY_CAST(s AS INT)"),
        ("UPPER(s) = 5", "UPPER(s) is a STRING and is compared with a number"),
        ("c = '5'", "leave out the quotes"),
        ("s IN (1, 2)", "'s' is a STRING and is compared with a number"),
        ("i IN (1, 3000000000)", "3000000000 is BIGINT, and IN makes INT of it, which may be another number"),
        ("i IN (2.5)", "2.5 is DECIMAL(2, 1), and IN makes INT of it"),
        ("ti IN (300, 1)", "300 is INT, and IN makes TINYINT of it"),
        ("i IN (:m)", "write CAST(i AS BIGINT) IN (...)"),
        ("s BETWEEN 1 AND 2", "'s' is a STRING and is compared with a number"),
        (":n < s", "'s' is a STRING and is compared with a number"),
        ("CASE s WHEN 1 THEN o END", "'s' is a STRING and is compared with a number"),
        ("s + 1 > 2", "s is a STRING and is taken for a number in s + 1"),
        ("-s > 2", "s is a STRING and is taken for a number"),
        ("o + 1 > 2", "o is a BOOLEAN and is taken for a number"),
        ("s || i = 'x'", "|| joins texts, but i is INT; write CAST(i AS STRING), or OR where"),
        ("CAST(s AS NUMBER) > 1", "unknown type 'NUMBER'; did you mean DECIMAL(12, 2)?"),
        ("TRY_CAST(s AS TEXT) = 'x'", "unknown type 'TEXT'; did you mean STRING?"),
        ("CAST(s AS STRNG) = 'x'", "unknown type 'STRNG'; did you mean 'STRING'?"),
        ("CAST(s AS ARRAY<LONG>) IS NULL", "unknown type 'LONG'; did you mean BIGINT?"),
        ("CAST(CAST(s AS INT64) AS STRING) = 'x'", "unknown type 'INT64'; did you mean BIGINT?"),
        ("CAST(s AS DECIMAL(40, 2)) > 1", "DECIMAL(40, 2): a DECIMAL has 1 to 38 digits"),
        ("CAST(s AS DECIMAL(0)) > 1", "a DECIMAL has 1 to 38 digits"),
        ("CAST(s AS NUMERIC(10, 12)) > 1", "NUMERIC(10, 12): of 10 digits no 12 can be decimal places"),
        ("CAST(s AS TIMESTAMP(12)) IS NULL", "TIMESTAMP(12): seconds have at most 9 decimal places"),
        ("CAST(s AS VARCHAR(0)) = 'x'", "VARCHAR(0): a length is 1 to"),
        ("CAST(s AS STRING(10)) = 'x'", "STRING(10): STRING takes no length"),
        ("len(s) > 3", "unknown function 'len'; write CHAR_LENGTH(text)"),
        ("nvl(i, 0) > 3", "write COALESCE(x, y)"),
        ("s IN 'KP'", "IN takes a list of values in parentheses; write s IN ('a', 'b')"),
        ("s IN ()", "IN takes a list of values in parentheses"),
        ("COALESCE(s, 0) = 0", "COALESCE mixes s, which is STRING, with INT"),
        ("CASE WHEN o THEN s ELSE i END = 1", "CASE mixes s, which is STRING, with INT"),
        ("CASE WHEN c THEN 1 END = 1", "not a condition: c is DECIMAL(10, 2)"),
        ("event_time > 5", "event_time is TIMESTAMP_LTZ(3) and is compared with 5, a number"),
        ("5 < i < 10", "5 < i is BOOLEAN and is compared with 10, a number; write two comparisons with AND"),
        ("o = 1", "o is BOOLEAN and is compared with 1, a number"),
        ("event_time + 1 > event_time", "adds a number to a time"),
        ("TIMESTAMPDIFF(YEAR, day, event_time) < 18", "TIMESTAMP_LTZ in both places, or in neither, but day is DATE"),
        ("TIMESTAMPDIFF(DAY, event_time, CAST(s AS TIMESTAMP)) < 1", "in both places, or in neither, but CAST(s"),
        ("b > 99999999999999999999", "is too large: Flink takes digits of at most 64 bits"),
        ("b > 12345678901234567890.5", "make it a parameter of type DECIMAL"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    assert any(message in one for one in told(text)), told(text)


@pytest.mark.parametrize(
    "text",
    [
        "c > 5 AND s = '5' AND o",
        "dark > 5 AND dark = '5' AND dark",
        "UPPER(dark) = 'X'",
        "event_time > '2024-01-01' AND day = '2024-01-01'",
        "TRIM(BOTH ' ' FROM s) = 'x' AND POSITION('a' IN s) > 0 AND OVERLAY(s PLACING 'x' FROM 1) <> ''",
        "JSON_EXISTS(s, '$.a' TRUE ON ERROR) AND JSON_VALUE(s, '$.b' RETURNING STRING DEFAULT '0' ON EMPTY) = '1'",
        "s IS JSON AND s IS NOT NULL AND o IS TRUE AND (i, s) IS NOT NULL",
        "s SIMILAR TO 'a|b' OR s LIKE 'a!%' ESCAPE '!'",
        "in_network(s, '10.0.0.0/8') AND local_hour(event_time, 'Europe/Berlin') < 6",
        "TIMESTAMPDIFF(MINUTE, event_time, event_time + INTERVAL '1' HOUR) > 1",
        "TIMESTAMPDIFF(YEAR, day, CAST(event_time AS DATE)) < 18 AND TIMESTAMPDIFF(DAY, dark, event_time) > 1",
        "TIMESTAMPDIFF(DAY, day, CAST(s AS TIMESTAMP)) < 18 AND TIMESTAMPDIFF(DAY, CAST(s AS TIMESTAMP(3)), day) > 1",
        "ARRAY['a', 'b'][1] = s",
        "s IS NULL AND i IS NOT DISTINCT FROM NULL AND NULLIF(i, 0) IS NOT NULL AND COALESCE(s, NULL) = 'x'",
        "TRY_CAST(s AS TIMESTAMP_LTZ(9)) IS NULL AND CAST(i AS DECIMAL(38, 38)) > 0",
        "CAST(i AS DOUBLE PRECISION) > 0",
        "CAST(s AS CHARACTER VARYING(5)) = 'x' AND s = 'CAST(x AS NUMBER)'",
        "d > c AND c >= i AND ti < b",
        "i IN (1, -2, :n) AND c IN (1, 2.5, -3.25) AND b IN (3000000000) AND d IN (1, 2.5) AND s IN ('a', :t)",
    ],
)
def test_what_is_right_is_not_told_of(text: str) -> None:
    assert told(text) == []
    assert told(text, warning=True) == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        # nothing can wrap: nothing changes
        ("ti + 1 > 5", None),
        ("c * 2 > 5", None),
        ("CAST(i AS BIGINT) * 1000 > 5", None),
        ("HOUR(event_time) * 60 > 5", None),
        ("d * i > 5", None),
        ("i > 5 AND b = 3", None),
        ("i * 100 > 5", "CAST(i AS BIGINT) * 100 > 5"),
        ("-i > 5", "-CAST(i AS BIGINT) > 5"),
        ("(i + i) * 2 > 5", "(CAST(i AS BIGINT) + CAST(i AS BIGINT)) * 2 > 5"),
        ("i * i * d > 5", "CAST(i AS BIGINT) * CAST(i AS BIGINT) * d > 5"),
        ("b + 1 > 5", "CAST(b AS DECIMAL(19, 0)) + 1 > 5"),
        ("b * i > 5", "CAST(b AS DECIMAL(19, 0)) * CAST(i AS DECIMAL(10, 0)) > 5"),
        ("i * :n > 5", "CAST(i AS BIGINT) * :n > 5"),
        ("CHAR_LENGTH(s) * 1000 > 5", "CAST(CHAR_LENGTH(s) AS BIGINT) * 1000 > 5"),
        ("ABS(i - ti) > `i` + 1", "ABS(CAST(i AS BIGINT) - CAST(ti AS BIGINT)) > CAST(`i` AS BIGINT) + 1"),
    ],
)
def test_arithmetic_that_could_wrap_is_done_in_more_bits(text: str, wanted: str | None) -> None:
    found = condition(text, of_columns(COLUMNS), PARAMETERS)
    assert found.text == (wanted or text)
    assert found.told == ()


@pytest.mark.parametrize("length", ["'100' SECOND(3)", "'120' MINUTE(3)", "'100 10:00:00.004' DAY(3) TO SECOND(3)"])
def test_intervals_may_say_how_many_digits_they_have(length: str) -> None:
    text = f"event_time > event_time - INTERVAL {length}"
    assert condition(text, of_columns({"event_time": "TIMESTAMP_LTZ(3)"}), PARAMETERS).told == ()


@pytest.mark.parametrize("text", ["i % i > 1", "i % b + 1 > 1", "i % -1 > 1", "b % ti > 5"])
def test_remainders_are_smaller_than_either_side(text: str) -> None:
    assert condition(text, of_columns(COLUMNS), PARAMETERS).text == text
    assert told(text, warning=True) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("b * b * b > 5", "b * b can reach 9e+37, more than BIGINT holds: it wraps silently"),
        (":m * :m > b", "more than BIGINT holds"),
        ("w * w > 5", "can need more digits than DECIMAL(38, 6) has: it is null then"),
        ("i / 2 > 5", "i / 2 divides whole numbers, so that 7 / 2 is 3; CAST(i AS DOUBLE) keeps the rest"),
    ],
)
def test_what_nothing_holds_is_warned_of(text: str, message: str) -> None:
    assert told(text) == []
    assert any(message in one for one in told(text, warning=True)), told(text, warning=True)
    assert condition(text, of_columns(COLUMNS), PARAMETERS).text == text


@pytest.mark.parametrize("text", ["c >= c * :r", "3 * :r < c", "c BETWEEN 1 AND (:r + 0.1)", "w = :r * :r"])
def test_money_compared_with_what_a_parameter_makes_inexact_is_warned_of(text: str) -> None:
    (found,) = told(text, warning=True)
    assert "is worked out in binary, as :r is a DOUBLE, and compared with a DECIMAL" in found
    assert found.endswith("give the parameter type: DECIMAL")


@pytest.mark.parametrize("text", ["c >= :r", "c >= c * :p", "c > d * :r", "d >= d * :r", "i > :r * 2", "c > 1.1 * c"])
def test_what_is_exact_or_measured_is_not_warned_of(text: str) -> None:
    assert told(text, warning=True) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("s = NULL", "s = NULL is never true; write s IS NULL"),
        ("NULL <> i", "NULL <> i is never true; write i IS NOT NULL"),
        ("i > NULL", "i > NULL is never true"),
        ("s NOT IN ('a', NULL)", "is never true; leave NULL out of the list"),
    ],
)
def test_comparisons_with_null_are_warned_of(text: str, message: str) -> None:
    assert told(text) == []
    assert any(message in one for one in told(text, warning=True)), told(text, warning=True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("SELECT SUM(i) FROM t", "SELECT SUM(CAST(i AS BIGINT)) FROM t"),
        ("SELECT SUM(DISTINCT i * 9) FROM t",
         "SELECT SUM(DISTINCT CAST(CAST(i AS BIGINT) * 9 AS DECIMAL(19, 0))) FROM t"),
        ("SELECT AVG(b) FROM t", "SELECT AVG(CAST(b AS DECIMAL(19, 0))) FROM t"),
        ("SELECT SUM(CASE WHEN o THEN 1 ELSE 0 END) FROM t", None),
        ("SELECT x.i + 1 FROM (SELECT i FROM t) AS x", "SELECT CAST(x.i AS BIGINT) + 1 FROM (SELECT i FROM t) AS x"),
        ("SELECT SUM(c), COUNT(*), MAX(i) FROM t", None),
    ],
)  # fmt: skip
def test_sums_in_queries_hold_what_they_sum(text: str, wanted: str | None) -> None:
    found = query(parse_select(text), {"t": COLUMNS}, PARAMETERS)
    assert found.text == (wanted or text)
    assert [one for one in found.told if not one.warning] == []


def test_a_sum_of_what_nobody_knows_is_warned_of() -> None:
    found = query(parse_select("SELECT SUM(dark) FROM t"), {"t": COLUMNS}, PARAMETERS).told
    assert [one.warning for one in found] == [True]
    assert "the type of dark can't be told" in found[0].message
