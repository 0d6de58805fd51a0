"""pydantic's errors in an analyst's words."""

from collections.abc import Mapping
from typing import Any

from pydantic_core import ErrorDetails

from fraud_api.base import DURATION_PATTERN
from fraud_api.document import plain_text_value
from fraud_api.duration_words import duration_hint
from fraud_api.problems import Keys, closest, did_you_mean
from fraud_api.schema import pattern_at, schema_at, takes_texts
from fraud_api.streams import FIELD_PATH_PATTERN, SQL_TYPE_PATTERN
from fraud_api.type_names import COLUMN_TYPES, column_type_fault, column_type_hint

PATTERNS: Mapping[str, str] = {
    DURATION_PATTERN: "whole numbers with units (ms, s, m, h, d), such as 10s or 1h30m",
    SQL_TYPE_PATTERN: f"one of {', '.join(COLUMN_TYPES)}",
    FIELD_PATH_PATTERN: "names of fields, joined by dots, of letters, digits, blanks and _ @ $ # / -",
    r"^[A-Za-z_][A-Za-z0-9_]*$": "letters, digits and underscores, not beginning with a digit",
    r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$": "a column such as amount, or STEP.amount or SIDE.amount",
    r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$": "lower-case letters, digits and hyphens, beginning and ending with a letter "
    "or a digit",
    r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$": "lower-case letters, digits, dots and hyphens, beginning and ending with a"
    " letter or a digit",
    r"^[^\s]+$": "anything without blanks",
    r"^(file:/+|s3://)[^\s?*\\]+$": "a place such as file:/state/savepoints/... or s3://bucket/...",
    r"^[a-z][a-z0-9-]*$": "lower-case letters, digits and hyphens, beginning with a letter",
    r"^[a-z][a-z0-9_]*$": "lower-case letters, digits and underscores, beginning with a letter",
    r"^\.{0,2}[A-Za-z0-9_-][A-Za-z0-9._-]*$": "letters, digits, dots, underscores and hyphens",
    r"^[a-zA-Z0-9_.-]+$": "letters, digits, dots, underscores and hyphens",
    r"^[-._a-zA-Z0-9]+$": "letters, digits, dots, underscores and hyphens",
    r"^[a-z0-9_-]+$": "lower-case letters, digits, underscores and hyphens",
    r"^[a-z0-9-]+$": "lower-case letters, digits and hyphens",
    r"^[a-z][a-zA-Z0-9.-]*$": "letters, digits, dots and hyphens, beginning with a lower-case letter",
    r"^https?://[^\s@]+$": "an address that begins with http:// or https://, without credentials",
    r"^[^@\s]+@[^@\s]+$": "an e-mail address",
    r"^s3a?://[^\s]+$": "a bucket and path such as s3://bucket/flink",
    r"^[0-9]+(\.[0-9]+)?(m|k|Ki|M|Mi|G|Gi|T|Ti)?$": "a quantity such as 500m, 2 or 1Gi",
}
"""What the models' regular expressions ask for, in words."""

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a smaller whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping of fields",
    "model_type": "a mapping of fields",
    "model_attributes_type": "a mapping of fields",
}

_FEW = 12

_BOUNDS = {
    "greater_than": ("must be more than {}", "gt"),
    "greater_than_equal": ("must be at least {}", "ge"),
    "less_than": ("must be less than {}", "lt"),
    "less_than_equal": ("must be at most {}", "le"),
    "string_too_long": ("is too long: at most {} characters", "max_length"),
    "string_too_short": ("is too short: at least {} character(s)", "min_length"),
    "too_long": ("has too many entries: at most {}", "max_length"),
    "too_short": ("has too few entries: at least {}", "min_length"),
}


def explain(error: ErrorDetails) -> tuple[str, str | None]:
    """Message and hint for one of pydantic's errors."""
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    if kind == "extra_forbidden":
        return f"unknown field '{error['loc'][-1]}'", _field_hint(error["loc"])
    if kind == "missing":
        return f"'{error['loc'][-1]}' is missing", None
    if kind in {"enum", "literal_error"}:
        return _choice(error["loc"], value)
    if kind in _KINDS:
        if kind == "string_type" and pattern_at(error["loc"]) == DURATION_PATTERN and isinstance(value, int | float):
            return _mismatch(DURATION_PATTERN, value)
        return f"must be {_KINDS[kind]}, not {_shown(value)}", _shape_hint(error) or _quotes_hint(kind, value)
    if kind in _BOUNDS:
        text = kind in {"too_long", "too_short"} and not isinstance(value, list | dict)
        template, bound = _BOUNDS[f"string_{kind}" if text else kind]
        return template.format(context.get(bound)), None
    if kind == "string_pattern_mismatch":
        return _mismatch(str(context.get("pattern")), value)
    return error["msg"].removeprefix("Value error, "), None


def _mismatch(pattern: str, value: object) -> tuple[str, str | None]:
    text = str(value)
    if pattern == SQL_TYPE_PATTERN:
        fault = column_type_fault(text)
        if fault:
            return fault, None
    hints = {SQL_TYPE_PATTERN: column_type_hint, DURATION_PATTERN: duration_hint}
    hint = hints[pattern](text) if pattern in hints else None
    return f"{_shown(value)} must be {PATTERNS.get(pattern, 'like ' + pattern)}", hint


def suggested_field(location: Keys) -> str | None:
    """The field that an unknown one was probably meant to be."""
    return closest(str(location[-1]), _siblings(location))


def _field_hint(location: Keys) -> str | None:
    siblings = _siblings(location)
    nearest = did_you_mean(str(location[-1]), siblings)
    if nearest or not siblings:
        return nearest
    return "fields here: " + ", ".join(sorted(siblings))


def _siblings(location: Keys) -> list[str]:
    node = schema_at(location[:-1]) or {}
    return list(node.get("properties", {}))


def _choice(location: Keys, value: object) -> tuple[str, str | None]:
    node = schema_at(location) or {}
    values = [str(choice) for choice in node.get("enum", [node.get("const")])]
    return f"must be one of {', '.join(values)}; not {_shown(value)}", did_you_mean(str(value), values)


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = str(value)
    text = text if len(text) <= 60 else text[:57] + "..."
    return f"'{text}'" if isinstance(value, str) else text


def _shape_hint(error: ErrorDetails) -> str | None:
    """How to write a list or a mapping where one is asked for."""
    if error["type"] == "list_type" and isinstance(error["input"], str) and takes_texts(error["loc"]):
        return f"write [{error['input']}]"
    fields = (schema_at(error["loc"]) or {}).get("properties")
    return f"fields here: {', '.join(sorted(fields))}" if fields and len(fields) <= _FEW else None


def _quotes_hint(kind: str, value: object) -> str | None:
    if kind == "string_type" and isinstance(value, bool | int | float):
        return f"put quotes around it: '{_shown(value)}'"
    if kind != "string_type" and isinstance(value, str):
        return None if isinstance(plain_text_value(value), str | None) else "leave out the quotes"
    return None
