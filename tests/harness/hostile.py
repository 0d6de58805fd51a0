"""Hostile values, and calls of every function that rules may use, for what must never stop a detector."""

import random
from collections.abc import Iterator
from typing import Any

TEXTS = [
    "",
    " ",
    "a",
    "n/a",
    "[",
    "(",
    "(a+)+$",
    "a" * 20_000,
    "a{99999999999}",
    "\\",
    "%",
    "_",
    "%\\",
    "12",
    "-1",
    "1e308",
    "NaN",
    "Infinity",
    "99999999999999999999",
    "0x1F",
    "2024-01-01",
    "9999999-13-45 99:99:99",
    "2024-02-30 00:00:00",
    "24:00:00",
    "292278994-08-17 07:12:55",
    '{"a":1}',
    '{"a":"x"}',
    '{"a":[1]}',
    "{",
    "null",
    "$.a",
    "lax $",
    "strict $.x",
    "yyyy-MM-dd",
    "QQQQbad pppp",
    "%zz",
    "Europe/Berlin",
    "Nowhere/Zone",
    "GMT+99",
    "UTF-8",
    "utf-99",
    "http://[::bad",
    "http://h/p?q=%zz",
    "\u00e9\U0001f600",
    "\ud800",
    "\u0000",
    "$1 \\",
    "10.0.0.1",
    "999.1",
    "a=1&b",
    "+",
    "*",
    "SECOND",
    "true",
    None,
]
WHOLE = {"tiny": 7, "number": 31, "digits": 31, "whole": 63, "long": 63}
REALS = [0, -0.0, 1.5, -1, 1e308, -1e308, 1e-320, 4.9e-324, 1e15, None]
EXACT = [0, -1, 1.5, 12345678901234567890, -99999999999999999999, 0.000001, None]
TIMES = [
    "1970-01-01T00:00:00.000",
    "9999-12-31T23:59:59.999",
    "0001-01-01T00:00:00.000",
    "2024-03-31T02:30:00.000",
    "2024-02-29T23:59:59.999",
    None,
]

TYPES = {
    **dict.fromkeys(("text", "other", "third"), "STRING"),
    "tiny": "TINYINT",
    **dict.fromkeys(("number", "digits"), "INT"),
    **dict.fromkeys(("whole", "long"), "BIGINT"),
    **dict.fromkeys(("weight", "ratio"), "DOUBLE"),
    **dict.fromkeys(("exact", "precise"), "DECIMAL(38, 18)"),
    **dict.fromkeys(("moment", "later"), "TIMESTAMP(3)"),
}
"""The columns that calls are about, all of them optional."""

CALLS = r"""
number / digits
whole / long
exact / precise
weight / ratio
number % digits
whole % long
exact % precise
MOD(number, digits)
exact * precise
exact + precise
whole * long
CAST(text AS INT)
CAST(text AS DECIMAL(10, 2))
CAST(text AS DOUBLE)
CAST(text AS BOOLEAN)
CAST(text AS TIMESTAMP(3))
CAST(text AS TIMESTAMP_LTZ(3))
CAST(text AS DATE)
CAST(text AS TIME)
CAST(text AS BYTES)
CAST(text AS VARCHAR(2))
CAST(exact AS INT)
CAST(exact AS DECIMAL(3, 1))
CAST(exact AS BIGINT)
CAST(exact AS STRING)
CAST(weight AS INT)
CAST(weight AS BIGINT)
CAST(weight AS DECIMAL(10, 2))
CAST(weight AS STRING)
CAST(weight AS FLOAT)
CAST(whole AS INT)
CAST(whole AS TINYINT)
CAST(whole AS DECIMAL(3, 0))
CAST(whole AS BOOLEAN)
CAST(whole AS STRING)
CAST(moment AS STRING)
CAST(moment AS DATE)
CAST(moment AS TIME)
CAST(moment AS TIMESTAMP_LTZ(3))
TRY_CAST(text AS TIMESTAMP(3))
ABS(number)
ABS(whole)
ABS(exact)
ACOS(weight)
ACOS(exact)
ASIN(weight)
ATAN(weight)
ATAN2(weight, ratio)
COS(weight)
COSH(weight)
COT(weight)
SIN(weight)
SINH(weight)
TAN(weight)
TANH(weight)
DEGREES(weight)
RADIANS(weight)
EXP(weight)
EXP(exact)
LN(weight)
LN(exact)
LN(number)
LOG(weight)
LOG(weight, ratio)
LOG10(weight)
LOG10(exact)
LOG2(weight)
LOG2(number)
POWER(weight, ratio)
POWER(exact, precise)
SQRT(weight)
SQRT(exact)
SIGN(exact)
SIGN(weight)
ROUND(weight, number)
ROUND(exact, number)
ROUND(whole, number)
ROUND(exact)
TRUNCATE(weight, number)
TRUNCATE(exact, number)
TRUNCATE(whole, number)
CEIL(exact)
CEIL(weight)
FLOOR(exact)
FLOOR(weight)
BIN(whole)
HEX(whole)
HEX(text)
CHR(whole)
CHR(number)
ASCII(text)
CHAR_LENGTH(text)
UPPER(text)
LOWER(text)
INITCAP(text)
TRIM(text)
TRIM(BOTH other FROM text)
LTRIM(text)
RTRIM(text)
BTRIM(text, other)
REPEAT(text, tiny)
LPAD(text, tiny, other)
RPAD(text, tiny, other)
REVERSE(text)
LEFT(text, number)
RIGHT(text, number)
SUBSTRING(text, number)
SUBSTRING(text, number, digits)
SUBSTRING(text FROM number FOR digits)
SUBSTR(text, number, digits)
SUBSTR(text, number)
OVERLAY(text PLACING other FROM number FOR digits)
OVERLAY(text PLACING other FROM number)
POSITION(other IN text)
LOCATE(other, text)
LOCATE(other, text, number)
INSTR(text, other)
REPLACE(text, other, third)
SPLIT_INDEX(text, other, number)
SPLIT_INDEX(text, digits, number)
SPLIT(text, other)
CONCAT(text, other)
CONCAT_WS(third, text, other)
text || other
ELT(number, text, other)
STARTSWITH(text, other)
ENDSWITH(text, other)
TRANSLATE(text, other, third)
REGEXP(text, other)
REGEXP_EXTRACT(text, other)
REGEXP_EXTRACT(text, other, number)
REGEXP_EXTRACT_ALL(text, other)
REGEXP_EXTRACT_ALL(text, other, number)
REGEXP_REPLACE(text, other, third)
REGEXP_REPLACE(third, text, other)
REGEXP_COUNT(text, other)
REGEXP_INSTR(text, other)
REGEXP_SUBSTR(text, other)
text LIKE other
STR_TO_MAP(text)
STR_TO_MAP(text, other, third)
PARSE_URL(text, other)
PARSE_URL(text, 'QUERY', other)
PARSE_URL(text, 'HOST')
URL_DECODE(text)
URL_ENCODE(text)
PRINTF(text, other)
PRINTF(text, number)
FROM_BASE64(text)
TO_BASE64(text)
UNHEX(text)
MD5(text)
SHA1(text)
SHA256(text)
JSON_EXISTS(text, '$.a')
JSON_EXISTS(text, 'strict $.a')
JSON_VALUE(text, '$.a')
JSON_VALUE(text, 'strict $.a')
JSON_VALUE(text, other)
JSON_QUERY(text, '$.a')
JSON_QUERY(text, 'strict $.a')
JSON_QUERY(text, other)
JSON_QUOTE(text)
JSON_UNQUOTE(text)
JSON_STRING(text)
JSON_OBJECT('a' VALUE text)
JSON_ARRAY(text, other)
INET_ATON(text)
INET_NTOA(whole)
TYPEOF(text)
UNIX_TIMESTAMP(text)
UNIX_TIMESTAMP(text, other)
FROM_UNIXTIME(whole)
FROM_UNIXTIME(whole, text)
TO_DATE(text)
TO_DATE(text, other)
TO_TIMESTAMP(text)
TO_TIMESTAMP(text, other)
TO_TIMESTAMP_LTZ(whole, 3)
TO_TIMESTAMP_LTZ(whole, 0)
TO_TIMESTAMP_LTZ(text)
TO_TIMESTAMP_LTZ(text, other)
TO_TIMESTAMP_LTZ(text, other, 'UTC')
TO_TIMESTAMP_LTZ(third, 'yyyy', text)
DATE_FORMAT(moment, text)
DATE_FORMAT(text, other)
DATE_FORMAT(CAST(moment AS TIMESTAMP_LTZ(3)), text)
CONVERT_TZ(text, other, 'UTC')
CONVERT_TZ('2024-01-01 00:00:00', text, other)
EXTRACT(EPOCH FROM moment)
EXTRACT(YEAR FROM moment)
EXTRACT(MILLENNIUM FROM moment)
EXTRACT(WEEK FROM moment)
EXTRACT(DOW FROM moment)
YEAR(moment)
HOUR(moment)
DAYOFWEEK(moment)
TIMESTAMPDIFF(SECOND, moment, later)
TIMESTAMPDIFF(MONTH, moment, later)
TIMESTAMPADD(DAY, number, moment)
TIMESTAMPADD(MONTH, number, moment)
TIMESTAMPADD(SECOND, number, moment)
TIMESTAMPADD(YEAR, number, moment)
moment + INTERVAL '99' DAY
moment - INTERVAL '99' YEAR
moment + INTERVAL '1' DAY * number
moment + INTERVAL '1' MONTH * number
FLOOR(moment TO DAY)
CEIL(moment TO DAY)
CEIL(moment TO YEAR)
FLOOR(moment TO MONTH)
GREATEST(text, other)
LEAST(number, digits)
COALESCE(text, other)
NULLIF(text, other)
NULLIF(number, digits)
IFNULL(text, other)
IF(number > 0, text, other)
CASE number WHEN 1 THEN text ELSE other END
text IN ('a', 'b')
number IN (1, 2)
number BETWEEN digits AND 5
text = other
text < other
number = whole
number = exact
ARRAY[text, other][number]
ARRAY[text, other][1]
ELEMENT(ARRAY[text, other])
ELEMENT(ARRAY[text])
CARDINALITY(SPLIT(text, other))
SPLIT(text, 'a')[number]
SPLIT(text, 'a')[2]
ARRAY_CONTAINS(ARRAY[text], other)
ARRAY_JOIN(ARRAY[text, other], third)
ARRAY_SLICE(ARRAY[text, other], number, digits)
ARRAY_POSITION(ARRAY[text], other)
ARRAY_MAX(ARRAY[number, digits])
ARRAY_REMOVE(ARRAY[text], other)
ARRAY_SORT(ARRAY[text, other])
ARRAY_DISTINCT(ARRAY[text, other])
MAP_FROM_ARRAYS(ARRAY[text], ARRAY[other, 'a'])
-number
+number
-exact
NOT number > 1
number IS DISTINCT FROM digits
text IS NOT DISTINCT FROM other
CAST(exact AS DOUBLE) > 1
CAST(weight AS BOOLEAN)
CAST(exact AS DOUBLE)
CAST(exact AS BOOLEAN)
CAST(text AS VARBINARY(2))
CAST(text AS CHAR(3))
CAST(text AS FLOAT)
CAST(moment AS TIMESTAMP(0))
CAST(whole AS FLOAT)
tiny + number
ARRAY[number] = ARRAY[digits]
CHR(tiny)
""".strip().splitlines()
"""Every function and operator with every kind of argument that it takes."""


def values(source: random.Random) -> dict[str, Any]:
    """Values for all columns, hostile ones."""
    found: dict[str, Any] = {}
    for name, kind in TYPES.items():
        if kind == "STRING":
            found[name] = source.choice(TEXTS)
        elif name in WHOLE:
            most = 2 ** WHOLE[name]
            found[name] = source.choice([0, 1, -1, 2, 5, most - 1, -most, source.randrange(most), None])
        else:
            found[name] = source.choice({"DOUBLE": REALS, "TIMESTAMP(3)": TIMES}.get(kind, EXACT))
    return found


def conditions(source: random.Random, size: int) -> Iterator[str]:
    """Conditions that are always true and evaluate all calls, up to ``size`` of them each."""
    calls = source.sample(CALLS, len(CALLS))
    for at in range(0, len(calls), size):
        parts = [f"CASE WHEN ({call}) IS NULL THEN 0 ELSE 1 END" for call in calls[at : at + size]]
        yield f"{' + '.join(parts)} >= 0"
