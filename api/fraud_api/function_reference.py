"""The table of functions, made from the catalogue: ``python -m fraud_api.function_reference [--check]``."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

from fraud_api.catalogue import FUNCTIONS, Signature
from fraud_api.generated import write_or_check

PATH = Path("docs/reference/functions.md")

HEADER = """\
<!-- Made from api/fraud_api/catalogue.py by `make reference`; a test fails when it is out of date. Do not edit. -->

# Functions

What conditions and queries may call: the functions of Flink 2.3 and our own. `validate` refuses others, and calls
with other numbers or kinds of arguments. Names are read in any case.

Kinds of arguments: `number`; `whole` (TINYINT to BIGINT); `exact` (whole or DECIMAL); `text` (STRING); `boolean`;
`time` (DATE or any TIMESTAMP); `unit` (SECOND, DAY, ...); `any`. Arguments in brackets may be left out, `...` means
again and again.

With a syntax of their own: `CAST(x AS type)`, `TRY_CAST(x AS type)`, `EXTRACT(unit FROM time)`,
`FLOOR(time TO unit)`, `CEIL(time TO unit)`, `TRIM(BOTH 'x' FROM text)`, `SUBSTRING(text FROM 1 FOR 2)`,
`POSITION('x' IN text)`, `OVERLAY(text PLACING 'x' FROM 1 FOR 2)`, `JSON_VALUE(text, path RETURNING type ... ON ERROR)`,
`text IS JSON`, `CASE WHEN ... THEN ... ELSE ... END`, `INTERVAL '1' DAY`, `ARRAY[...]`.
"""


def render() -> str:
    """The whole page."""
    groups: dict[str, list[Signature]] = {}
    for signatures in FUNCTIONS.values():
        for one in signatures:
            groups.setdefault(one.group, []).append(one)
    return HEADER + "".join(_table(group, signatures) for group, signatures in groups.items())


def _table(group: str, signatures: Iterable[Signature]) -> str:
    rows = [f"| `{one.written}` | {_result(one.result)} |" for one in signatures]
    return "\n".join([f"\n## {group}\n", "| function | gives |", "|---|---|", *rows]) + "\n"


def _result(result: str) -> str:
    if result == "?":
        return "by its arguments"
    first = re.fullmatch(r"=([0-9])", result)
    if first:
        return f"the type of argument {first[1]}"
    return "the common type of its arguments" if result.startswith("~") else f"`{result}`"


if __name__ == "__main__":
    sys.exit(write_or_check(PATH, render(), sys.argv[1:]))
