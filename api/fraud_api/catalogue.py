"""The functions that SQL of a detector may call: those of Flink 2.3 and our own, with arguments and results.

A line is a signature: ``NAME(kind, [optional], repeated...) -> result``. Kinds of arguments: ``number``, ``whole``
(without places), ``exact`` (whole or DECIMAL), ``text``, ``boolean``, ``time`` (DATE or any TIMESTAMP), ``instant``
(TIMESTAMP_LTZ), ``local`` (DATE or TIMESTAMP), ``unit`` (SECOND, DAY, ...), ``any``. A result is a type, ``=N`` (the
type of argument N), ``~N`` (the common type of the arguments from N on) or ``?`` (only Flink can tell).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_TABLE = {
    "Numbers": """
        ABS(number) -> =1
        ACOS(number) -> DOUBLE
        ASIN(number) -> DOUBLE
        ATAN(number) -> DOUBLE
        ATAN2(number, number) -> DOUBLE
        BIN(whole) -> STRING
        CEIL(number) -> ?
        CEILING(number) -> ?
        COS(number) -> DOUBLE
        COSH(number) -> DOUBLE
        COT(number) -> DOUBLE
        DEGREES(number) -> DOUBLE
        E() -> DOUBLE
        EXP(number) -> DOUBLE
        FLOOR(number) -> ?
        HEX(any) -> STRING
        LN(number) -> DOUBLE
        LOG(number, [number]) -> DOUBLE
        LOG10(number) -> DOUBLE
        LOG2(number) -> DOUBLE
        MOD(exact, exact) -> ?
        PERCENTILE(number, any, [whole]) -> ?
        PI() -> DOUBLE
        POWER(number, number) -> DOUBLE
        RADIANS(number) -> DOUBLE
        RAND([number]) -> DOUBLE
        RAND_INTEGER(number, [number]) -> INT
        ROUND(number, [whole]) -> ?
        SIGN(number) -> =1
        SIN(number) -> DOUBLE
        SINH(number) -> DOUBLE
        SQRT(number) -> DOUBLE
        TAN(number) -> DOUBLE
        TANH(number) -> DOUBLE
        TRUNCATE(number, [whole]) -> ?
        UUID() -> STRING
    """,
    "Text": """
        ASCII(text) -> INT
        BTRIM(text, [text]) -> STRING
        CHARACTER_LENGTH(text) -> INT
        CHAR_LENGTH(text) -> INT
        CHR(whole) -> STRING
        CONCAT(text...) -> STRING
        CONCAT_WS(text...) -> STRING
        DECODE(any, text) -> STRING
        ELT(whole, any...) -> ?
        ENCODE(text, text) -> ?
        ENDSWITH(any, any) -> BOOLEAN
        FROM_BASE64(text) -> STRING
        HASH_CODE(any) -> INT
        INET_ATON(text) -> BIGINT
        INET_NTOA(whole) -> STRING
        INITCAP(text) -> STRING
        INSTR(text, text) -> INT
        IS_ALPHA(any) -> BOOLEAN
        IS_DECIMAL(any) -> BOOLEAN
        IS_DIGIT(any) -> BOOLEAN
        LEFT(text, whole) -> STRING
        LOCATE(text, text, [whole]) -> INT
        LOWER(text) -> STRING
        LPAD(text, whole, text) -> STRING
        LTRIM(text, [text]) -> STRING
        MD5(text) -> STRING
        OVERLAY(text, text, whole, [whole]) -> STRING
        PARSE_URL(text, text, [text]) -> STRING
        POSITION(text, text) -> INT
        PRINTF(text, any...) -> STRING
        REGEXP(text, text) -> BOOLEAN
        REGEXP_COUNT(text, text) -> INT
        REGEXP_EXTRACT(text, text, [whole]) -> STRING
        REGEXP_EXTRACT_ALL(text, text, [whole]) -> ?
        REGEXP_INSTR(text, text) -> INT
        REGEXP_REPLACE(text, text, text) -> STRING
        REGEXP_SUBSTR(text, text) -> STRING
        REPEAT(text, whole) -> STRING
        REPLACE(text, text, text) -> STRING
        REVERSE(text) -> STRING
        RIGHT(text, whole) -> STRING
        RPAD(text, whole, text) -> STRING
        RTRIM(text, [text]) -> STRING
        SHA1(text) -> STRING
        SHA224(text) -> STRING
        SHA256(text) -> STRING
        SHA384(text) -> STRING
        SHA512(text) -> STRING
        SHA2(text, whole) -> STRING
        SPLIT(text, text) -> ?
        SPLIT_INDEX(text, any, whole) -> STRING
        STARTSWITH(any, any) -> BOOLEAN
        STR_TO_MAP(text) -> ?
        STR_TO_MAP(text, text, text) -> ?
        SUBSTR(text, whole, [whole]) -> STRING
        SUBSTRING(text, whole, [whole]) -> STRING
        TO_BASE64(text) -> STRING
        TRANSLATE(text, text, text) -> STRING
        TRANSLATE3(text, text, text) -> STRING
        TRIM(text) -> STRING
        UNHEX(text) -> ?
        UPPER(text) -> STRING
        URL_DECODE(text) -> STRING
        URL_ENCODE(text) -> STRING
    """,
    "Times": """
        CONVERT_TZ(text, text, text) -> STRING
        CURRENT_ROW_TIMESTAMP() -> TIMESTAMP_LTZ(3)
        CURRENT_WATERMARK(time) -> ?
        DATE_FORMAT(any, text) -> STRING
        DAYOFMONTH(time) -> BIGINT
        DAYOFWEEK(time) -> BIGINT
        DAYOFYEAR(time) -> BIGINT
        EXTRACT(unit, time) -> BIGINT
        FROM_UNIXTIME(whole, [text]) -> STRING
        HOUR(time) -> BIGINT
        MINUTE(time) -> BIGINT
        MONTH(time) -> BIGINT
        NOW() -> TIMESTAMP_LTZ(3)
        PROCTIME() -> TIMESTAMP_LTZ(3)
        QUARTER(time) -> BIGINT
        SECOND(time) -> BIGINT
        TIMESTAMPADD(unit, whole, time) -> ?
        TIMESTAMPDIFF(unit, instant, instant) -> INT
        TIMESTAMPDIFF(unit, local, local) -> INT
        TO_DATE(text, [text]) -> DATE
        TO_TIMESTAMP(text, [text]) -> TIMESTAMP(3)
        TO_TIMESTAMP_LTZ(any, [any], [text]) -> TIMESTAMP_LTZ(3)
        UNIX_TIMESTAMP([text], [text]) -> BIGINT
        WEEK(time) -> BIGINT
        YEAR(time) -> BIGINT
    """,
    "Choices": """
        CAST(any) -> ?
        COALESCE(any...) -> ~1
        GREATEST(any...) -> ~1
        IF(boolean, any, any) -> ~2
        IFNULL(any, any) -> ~1
        LEAST(any...) -> ~1
        NULLIF(any, any) -> =1
        TRY_CAST(any) -> ?
        TYPEOF(any, [any]) -> STRING
    """,
    "JSON": """
        JSON(text) -> ?
        JSON_ARRAY([any]...) -> STRING
        JSON_EXISTS(any, text) -> BOOLEAN
        JSON_OBJECT([any]...) -> STRING
        JSON_QUERY(any, any) -> STRING
        JSON_QUOTE(text) -> STRING
        JSON_STRING(any) -> STRING
        JSON_UNQUOTE(text) -> STRING
        JSON_VALUE(any, text) -> STRING
        PARSE_JSON(text, [boolean]) -> ?
        TRY_PARSE_JSON(text, [boolean]) -> ?
    """,
    "Arrays, maps and rows": """
        ARRAY_APPEND(any, any) -> ?
        ARRAY_CONCAT(any...) -> ?
        ARRAY_CONTAINS(any, any) -> BOOLEAN
        ARRAY_DISTINCT(any) -> ?
        ARRAY_EXCEPT(any, any) -> ?
        ARRAY_INTERSECT(any, any) -> ?
        ARRAY_JOIN(any, text, [text]) -> STRING
        ARRAY_MAX(any) -> ?
        ARRAY_MIN(any) -> ?
        ARRAY_POSITION(any, any) -> INT
        ARRAY_PREPEND(any, any) -> ?
        ARRAY_REMOVE(any, any) -> ?
        ARRAY_REVERSE(any) -> ?
        ARRAY_SLICE(any, whole, [whole]) -> ?
        ARRAY_SORT(any, [boolean], [boolean]) -> ?
        ARRAY_UNION(any, any) -> ?
        BITMAP_AND(any, any) -> ?
        BITMAP_ANDNOT(any, any) -> ?
        BITMAP_BUILD(any) -> ?
        BITMAP_CARDINALITY(any) -> BIGINT
        BITMAP_FROM_BYTES(any) -> ?
        BITMAP_OR(any, any) -> ?
        BITMAP_TO_ARRAY(any) -> ?
        BITMAP_TO_BYTES(any) -> ?
        BITMAP_TO_STRING(any) -> STRING
        BITMAP_XOR(any, any) -> ?
        CARDINALITY(any) -> INT
        ELEMENT(any) -> ?
        MAP_ENTRIES(any) -> ?
        MAP_FROM_ARRAYS(any, any) -> ?
        MAP_KEYS(any) -> ?
        MAP_UNION(any...) -> ?
        MAP_VALUES(any) -> ?
        OBJECT_OF(text, any...) -> ?
        OBJECT_UPDATE(any, any...) -> ?
        ROW(any...) -> ?
    """,
    "Aggregates, in queries": """
        APPROX_COUNT_DISTINCT(any...) -> BIGINT
        ARRAY_AGG(any) -> ?
        AVG(number) -> ?
        BITMAP_AND_AGG(any) -> ?
        BITMAP_AND_CARDINALITY_AGG(any) -> BIGINT
        BITMAP_BUILD_AGG(any) -> ?
        BITMAP_BUILD_CARDINALITY_AGG(any) -> BIGINT
        BITMAP_OR_AGG(any) -> ?
        BITMAP_OR_CARDINALITY_AGG(any) -> BIGINT
        BITMAP_XOR_AGG(any) -> ?
        BITMAP_XOR_CARDINALITY_AGG(any) -> BIGINT
        COLLECT(any) -> ?
        COUNT([any]...) -> BIGINT
        CUME_DIST() -> DOUBLE
        DENSE_RANK() -> BIGINT
        FIRST_VALUE(any) -> =1
        GROUPING(any...) -> BIGINT
        GROUPING_ID(any...) -> BIGINT
        GROUP_ID() -> BIGINT
        JSON_ARRAYAGG(any) -> STRING
        JSON_OBJECTAGG(any) -> STRING
        LAG(any, [number], [any]) -> =1
        LAST_VALUE(any) -> =1
        LEAD(any, [number], [any]) -> =1
        LISTAGG(text, [text]) -> STRING
        MAX(any) -> =1
        MIN(any) -> =1
        NTILE(whole) -> BIGINT
        PERCENT_RANK() -> DOUBLE
        RANK() -> BIGINT
        ROW_NUMBER() -> BIGINT
        SINGLE_VALUE(any) -> =1
        STDDEV(number) -> ?
        STDDEV_POP(number) -> ?
        STDDEV_SAMP(number) -> ?
        SUM(number) -> ?
        VARIANCE(number) -> ?
        VAR_POP(number) -> ?
        VAR_SAMP(number) -> ?
    """,
    "Windows of GROUP BY": """
        HOP(time, any, any) -> ?
        HOP_END(time, any, any) -> TIMESTAMP(3)
        HOP_PROCTIME(time, any, any) -> ?
        HOP_ROWTIME(time, any, any) -> ?
        HOP_START(time, any, any) -> TIMESTAMP(3)
        SESSION(time, any) -> ?
        SESSION_END(time, any) -> TIMESTAMP(3)
        SESSION_PROCTIME(time, any) -> ?
        SESSION_ROWTIME(time, any) -> ?
        SESSION_START(time, any) -> TIMESTAMP(3)
        TUMBLE(time, any, [any]) -> ?
        TUMBLE_END(time, any) -> TIMESTAMP(3)
        TUMBLE_PROCTIME(time, any) -> ?
        TUMBLE_ROWTIME(time, any) -> ?
        TUMBLE_START(time, any) -> TIMESTAMP(3)
    """,
    "Our own": """
        distance_km(number, number, number, number) -> DOUBLE
        in_network(text, text) -> BOOLEAN
        local_hour(time, text) -> INT
        local_weekday(time, text) -> INT
    """,
}

_SIGNATURE = re.compile(r"(\w+)\((.*)\) -> (.+)")


@dataclass(frozen=True)
class Signature:
    """One way to call a function.

    Attributes:
        name: what it is called.
        kinds: kinds of its arguments.
        needed: how many of them can't be left out.
        repeats: whether the last of them may come again and again.
        result: what it gives: a type, ``=N``, ``~N`` or ``?``.
        group: what it belongs to.
        written: the signature as people read it.
    """

    name: str
    kinds: tuple[str, ...]
    needed: int
    repeats: bool
    result: str
    group: str
    written: str

    def takes(self, count: int) -> bool:
        """Whether it can be called with so many arguments."""
        return count >= self.needed and (self.repeats or count <= len(self.kinds))

    def kind(self, place: int) -> str:
        """Kind of the argument at a place, counted from 0."""
        return self.kinds[min(place, len(self.kinds) - 1)]


def _signatures() -> Mapping[str, tuple[Signature, ...]]:
    found: dict[str, tuple[Signature, ...]] = {}
    for group, lines in _TABLE.items():
        for line in lines.strip().splitlines():
            one = _signature(line.strip(), group)
            found[one.name.upper()] = (*found.get(one.name.upper(), ()), one)
    return found


def _signature(line: str, group: str) -> Signature:
    parts = _SIGNATURE.fullmatch(line)
    if parts is None:
        raise ValueError(f"not a signature: {line}")
    name, inside, result = parts.groups()
    arguments = inside.split(", ") if inside else []
    needed = sum("[" not in argument for argument in arguments)
    kinds = tuple(re.sub(r"[^a-z]", "", argument) for argument in arguments)
    return Signature(name, kinds, needed, inside.endswith("..."), result, group, f"{name}({inside})")


FUNCTIONS = _signatures()
"""Signatures by name in upper case."""

AGGREGATES = frozenset(name for name, (one, *_) in FUNCTIONS.items() if one.group.startswith("Aggregates"))

NUMBERS = ("TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL")
_FITTING = {
    "number": NUMBERS,
    "whole": ("TINYINT", "SMALLINT", "INT", "BIGINT"),
    "exact": ("TINYINT", "SMALLINT", "INT", "BIGINT", "DECIMAL"),
    "text": ("STRING",),
    "boolean": ("BOOLEAN",),
    "time": ("DATE", "TIMESTAMP"),
    "instant": ("TIMESTAMP_LTZ",),
    "local": ("DATE", "TIMESTAMP(", "TIMESTAMP "),
}
IN_WORDS = {
    "number": "a number",
    "whole": "a whole number",
    "exact": "a whole number or a DECIMAL",
    "text": "text",
    "boolean": "a condition",
    "time": "a time",
    "instant": "TIMESTAMP_LTZ in both places, or in neither",
}


def fits(kind: str, sql_type: str | None) -> bool:
    """Whether a value of a type can be an argument of a kind; one of an unknown type may be."""
    fitting = _FITTING.get(kind)
    # types are compared by their names, without sizes; a space ends the name of one that has no size
    return fitting is None or sql_type is None or f"{sql_type} ".startswith(fitting)
