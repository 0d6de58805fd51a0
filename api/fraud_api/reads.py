"""Which columns of a stream anything reads, and what a value does that such a column can't hold."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlglot import TokenType, exp

from fraud_api.resource import FraudDetectorSpec
from fraud_api.rules import Rule
from fraud_api.sql import parse_select
from fraud_api.sql_tokens import SqlError, tokens_of
from fraud_api.streams import OnInvalid, Stream
from fraud_api.templates import parse_template

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNREAD = {"name", "description", "severity", "mode", "reason"}
"""What of a rule is said to people; a reason reads what its placeholders name."""


def policies_of(spec: FraudDetectorSpec, stream: Stream) -> Mapping[str, OnInvalid]:
    """What an invalid value does, by column: its own word, else Refuse where it is read and SetNull where not."""
    read = columns_read(spec, stream)
    default = {True: OnInvalid.REFUSE, False: OnInvalid.SET_NULL}
    return {column.name: column.on_invalid or default[column.name in read] for column in stream.columns}


def columns_read(spec: FraudDetectorSpec, stream: Stream) -> frozenset[str]:
    """Names of the columns that an active rule, a view or an output names, and of time and id.

    A name in the text of a rule or query that can see the stream counts wherever it stands there, but for literals:
    rather one column too many is read strictly than one that decides something is null without a word.
    """
    columns = {column.name for column in stream.columns}
    read = {stream.event_time.column, stream.event_id}
    for rule in spec.active_rules():
        names = set(_rule_names(rule))
        if stream.name in names:
            read |= names
    read |= {output.index.time_column for output in spec.outputs if output.split and output.split.source == stream.name}
    for query in _queries(spec):
        names = set(_names(query))
        if stream.name in names:
            read |= columns if _selects_all(query, stream.name) else names
    return frozenset(columns & read)


def _queries(spec: FraudDetectorSpec) -> Iterator[str]:
    yield from (view.query for view in spec.views)
    yield from (output.query for output in spec.outputs if output.query)
    yield from (rule.sql.query for rule in spec.active_rules() if rule.sql)


def _selects_all(query: str, stream: str) -> bool:
    """Whether a ``*`` may stand for the stream's columns."""
    try:
        parsed = parse_select(query)
    except SqlError:
        return True
    stars = [star for star in parsed.tree.find_all(exp.Star) if not isinstance(star.parent, exp.Count)]
    return bool(stars) and any(table.name == stream for table in parsed.tables)


def _rule_names(rule: Rule) -> Iterator[str]:
    told = rule.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=_UNREAD)
    told["entity"].pop("type")
    yield from _names(told)
    for placeholder in parse_template(rule.reason).placeholders:
        yield placeholder.name


def _without_literals(text: str) -> str:
    """SQL without what is between single quotes; a text that is no SQL as it is."""
    if "'" not in text:
        return text
    try:
        found = tokens_of(text)
    except SqlError:
        return text
    return " ".join(token.text for token in found if token.token_type is not TokenType.STRING)


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _NAME.findall(_without_literals(value))
    elif isinstance(value, dict):
        for each in value.values():
            yield from _names(each)
    elif isinstance(value, list):
        for each in value:
            yield from _names(each)
