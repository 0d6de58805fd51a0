"""Names of Flink's SQL types with what may stand in their parentheses, and what others call them."""

import re
from collections.abc import Mapping, Sequence

from fraud_api.problems import did_you_mean

_LONGEST = 2**31 - 1
_DIGITS = 38
_FRACTION = 9

_DECIMALS = frozenset({"DECIMAL", "DEC", "NUMERIC"})
_LENGTHS = frozenset({"CHAR", "CHARACTER", "VARCHAR", "VARYING", "BINARY", "VARBINARY"})
_TIMES = frozenset({"TIME", "TIMESTAMP", "TIMESTAMP_LTZ"})
_PLAIN = frozenset(
    {"STRING", "BOOLEAN", "BYTES", "TINYINT", "SMALLINT", "INT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "DATE"}
)
_OTHERS = frozenset({"INTERVAL", "ARRAY", "MULTISET", "MAP", "ROW", "RAW", "VARIANT", "BITMAP"})
NAMES = _DECIMALS | (_LENGTHS - {"VARYING"}) | _TIMES | _PLAIN | _OTHERS

_FOREIGN: Mapping[str, str] = {
    **dict.fromkeys(("NUMBER", "MONEY", "SMALLMONEY", "CURRENCY", "BIGDECIMAL", "BIGNUMERIC"), "DECIMAL(12, 2)"),
    **dict.fromkeys(("TEXT", "NVARCHAR", "VARCHAR2", "NVARCHAR2", "NCHAR", "CLOB", "UUID", "JSON"), "STRING"),
    **dict.fromkeys(("LONG", "INT64", "INT8", "SIGNED", "UNSIGNED", "BIGSERIAL"), "BIGINT"),
    **dict.fromkeys(("INT32", "INT4", "SERIAL", "MEDIUMINT"), "INT"),
    **dict.fromkeys(("INT2", "INT16", "SHORT"), "SMALLINT"),
    **dict.fromkeys(("BYTE", "UINT8"), "TINYINT"),
    **dict.fromkeys(("BOOL", "BIT", "LOGICAL"), "BOOLEAN"),
    **dict.fromkeys(("REAL", "FLOAT4", "FLOAT32"), "FLOAT"),
    **dict.fromkeys(("FLOAT8", "FLOAT64"), "DOUBLE"),
    **dict.fromkeys(("DATETIME", "DATETIME2", "SMALLDATETIME"), "TIMESTAMP(3)"),
    **dict.fromkeys(("TIMESTAMPTZ", "TIMESTAMPLTZ", "INSTANT"), "TIMESTAMP_LTZ(3)"),
    **dict.fromkeys(("BLOB", "BYTEA"), "BYTES"),
}  # fmt: skip
"""What other databases call a type, and what comes closest in Flink."""


COLUMN_TYPES = (
    *("STRING", "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE"),
    *("DECIMAL(p, s)", "DATE", "TIMESTAMP(3)", "TIMESTAMP_LTZ(3)"),
)
"""Types that a column of a stream or output may have."""
_SIZED = re.compile(r"([A-Z]+)\(([0-9]+)(?:, ?([0-9]+))?\)")


def suggestion(name: str, known: Sequence[str]) -> str | None:
    """A question with the type that was probably meant; None when none is like it."""
    meant = _FOREIGN.get(name.upper())
    return f"did you mean {meant}?" if meant else did_you_mean(name, known)


def fault(name: str, numbers: Sequence[int]) -> str | None:
    """Why a type of Flink can't have these numbers in its parentheses; None when it can, or none are there."""
    if not numbers:
        return None
    written = f"{name}({', '.join(map(str, numbers))})"
    first, second = numbers[0], numbers[1] if len(numbers) > 1 else 0
    if name in _PLAIN:
        return f"{written}: {name} takes no length"
    if name in _DECIMALS and not 1 <= first <= _DIGITS:
        return f"{written}: a DECIMAL has 1 to {_DIGITS} digits"
    if name in _DECIMALS and second > first:
        return f"{written}: of {first} digits no {second} can be decimal places"
    if name in _TIMES and first > _FRACTION:
        return f"{written}: seconds have at most {_FRACTION} decimal places"
    if name in _LENGTHS and not 1 <= first <= _LONGEST:
        return f"{written}: a length is 1 to {_LONGEST}"
    return None


def column_type_fault(written: str) -> str | None:
    """Why a column can't have a type because of its sizes; None where they are not the reason."""
    match = _SIZED.fullmatch(written)
    if match is None:
        return None
    return fault(match[1], [int(number) for number in match.groups()[1:] if number])


def column_type_hint(written: str) -> str | None:
    """The type that was probably meant by something that is none a column may have."""
    name, _, sizes = written.upper().partition("(")
    if name in _DECIMALS and sizes:
        return f"did you mean DECIMAL({sizes}?"
    if name in ("TIMESTAMP", "TIMESTAMP_LTZ", "TIME"):
        return f"did you mean {'TIMESTAMP' if name == 'TIME' else name}(3)?"
    if name in _LENGTHS or name in ("INTEGER",):
        return f"did you mean {'INT' if name == 'INTEGER' else 'STRING'}?"
    return suggestion(name, COLUMN_TYPES)
