"""From hits to alerts: one JSON shape for every rule, and an identity that a replay repeats."""

import hashlib
import json
import re
from collections.abc import Sequence

from fraud_api import FraudDetector
from fraud_api.base import milliseconds
from fraud_api.resource import FraudDetectorSpec
from fraud_api.rules import Rule
from fraud_api.sql import literal
from fraud_job import text
from fraud_job.hits import END, START, TIME, Field, Hits
from fraud_job.scope import Scope

_PLACEHOLDER = re.compile(r"\{(:?[A-Za-z_][A-Za-z0-9_.]*)\}")


def rule_version(rule: Rule, spec: FraudDetectorSpec) -> str:
    """Eight hex digits over what the rule means: its definition, its parameters, the views it reads.

    Mode, actions and description do not count: an alert of the same meaning keeps its version.
    """
    meaning = rule.model_dump(mode="json", by_alias=True, exclude={"mode", "actions", "description"})
    fragments = json.dumps(meaning)
    views = {view.name: view.query for view in spec.views if re.search(rf"\b{view.name}\b", fragments)}
    known = fragments + json.dumps(views)
    parameters = {p.name: [p.type, p.value] for p in spec.parameters if f":{p.name}" in known}
    digest = hashlib.sha256(json.dumps([meaning, views, parameters], sort_keys=True).encode())
    return digest.hexdigest()[:8]


def entity_id(rule: Rule, hits: Hits) -> str:
    """SQL of the entity's id: its column as text, or several joined by ``|``, escaped by a backslash."""
    parts = [f"CAST({hits.field(name).column} AS STRING)" for name in rule.entity.columns]
    if len(parts) == 1:
        return parts[0]
    escaped = [f"REPLACE(REPLACE(COALESCE({part}, ''), '\\', '\\\\'), '|', '\\|')" for part in parts]
    return f"CONCAT_WS('|', {', '.join(escaped)})"


def reason(rule: Rule, hits: Hits, scope: Scope) -> str:
    """SQL of the reason, with the observed values and the thresholds in it."""
    pieces = []
    for place, part in enumerate(_PLACEHOLDER.split(rule.reason)):
        if place % 2 == 0:
            pieces += [literal(part)] if part else []
        elif part.startswith(":"):
            value = next(p.value for p in scope.spec.parameters if p.name == part[1:])
            pieces.append(literal(value))
        else:
            pieces.append(_readable(hits.field(part)))
    return f"CONCAT({', '.join(pieces)})"


def alert_select(rule: Rule, hits: Hits, detector: FraudDetector, scope: Scope) -> str:
    """The SELECT of a rule's alerts: Kafka key and JSON value."""
    value = _object(_parts(rule, hits, detector, scope))
    return f"SELECT {key('`_entity`', rule)}, {value} FROM ({identified(rule, hits, scope)})"


def block_select(rule: Rule, hits: Hits, detector: FraudDetector, scope: Scope) -> str:
    """The SELECT of what the action ``block`` writes: who, why, when, until, amount."""
    if rule.actions.block is None:
        raise ValueError(f"rule {rule.name} does not block")
    amount = rule.actions.block.amount
    ttl = rule.actions.block.ttl or detector.spec.blocking.ttl
    parts = [
        ("who", "`_entity`"),
        ("entity_type", literal(rule.entity.type)),
        ("why", "`_reason`"),
        ("when", text.written_time(TIME)),
        ("until", text.written_time(f"CAST({TIME} AS TIMESTAMP_LTZ(3)) + {text.interval(ttl)}")),
        ("amount", hits.field(amount).column if amount else "CAST(NULL AS DOUBLE)"),
        ("rule", literal(rule.name)),
        ("alert_id", alert_id(rule, detector)),
    ]
    return f"SELECT {key('`_entity`', rule)}, {_object(parts)} FROM ({identified(rule, hits, scope)})"


def identified(rule: Rule, hits: Hits, scope: Scope) -> str:
    """Hits with their entity, identity and reason, once per period where the rule wants that."""
    entity = f"{entity_id(rule, hits)} AS `_entity`"
    said = f"{reason(rule, hits, scope)} AS `_reason`"
    if rule.first_only is None:
        return f"SELECT *, {entity}, {said}, {hits.identity} AS `_identity` FROM ({hits.sql})"
    seconds = milliseconds(rule.first_only) // 1000
    period = f"(EXTRACT(EPOCH FROM {TIME}) / {seconds})"
    # the reason is put into words last: what remembers the first hit does not depend on it
    return (
        f"SELECT *, {said}, CAST(`_period` * {seconds} AS STRING) AS `_identity` FROM ("
        f"SELECT *, ROW_NUMBER() OVER (PARTITION BY `_entity`, `_period` ORDER BY {TIME} ASC) AS `_rank` FROM ("
        f"SELECT *, {entity}, {period} AS `_period` FROM ({hits.sql}))) WHERE `_rank` = 1"
    )


def key(entity: str, rule: Rule) -> str:
    """SQL of the Kafka key: entities of two types never meet."""
    return f"CONCAT({literal(rule.entity.type + '/')}, COALESCE({entity}, ''))"


def alert_id(rule: Rule, detector: FraudDetector) -> str:
    """SQL of the alert's identity: 32 hex digits over detector, rule, entity and event, window or period."""
    fixed = f"{detector.metadata.namespace}/{detector.metadata.name}/{rule.name}"
    # the entity's length keeps a slash within it apart from the one behind it
    entity = "COALESCE(`_entity`, '')"
    parts = f"{literal(fixed)}, CAST(CHAR_LENGTH({entity}) AS STRING), {entity}, `_identity`"
    return f"SUBSTRING(SHA256(CONCAT_WS('/', {parts})), 1, 32)"


def _parts(rule: Rule, hits: Hits, detector: FraudDetector, scope: Scope) -> list[tuple[str, str]]:
    start, end = (START, END) if hits.windowed else ("", "")
    return [
        ("alert_id", alert_id(rule, detector)),
        ("namespace", literal(detector.metadata.namespace)),
        ("detector", literal(detector.metadata.name)),
        ("rule", literal(rule.name)),
        ("rule_version", literal(rule_version(rule, detector.spec))),
        ("severity", literal(rule.severity.value)),
        ("mode", literal(rule.mode.value)),
        ("entity", _object([("type", literal(rule.entity.type)), ("id", "`_entity`")])),
        ("event_time", text.written_time(TIME)),
        ("window_start", text.written_time(start) if start else "CAST(NULL AS STRING)"),
        ("window_end", text.written_time(end) if end else "CAST(NULL AS STRING)"),
        ("reason", "`_reason`"),
        ("evidence", _object([("count", hits.count), ("ids", hits.evidence)])),
        ("row", _row(hits.fields)),
    ]


def _row(fields: Sequence[Field]) -> str:
    """Nested JSON: fields, and those of a join's side or a sequence's step below its name."""
    groups = list(dict.fromkeys(field.group for field in fields if field.group))
    parts = [(field.name, _value(field)) for field in fields if field.group is None]
    for group in groups:
        parts.append((group, _object([(f.name, _value(f)) for f in fields if f.group == group])))
    return _object(parts)


def _value(field: Field) -> str:
    sql_type = field.type or ""
    if sql_type.startswith("TIMESTAMP"):
        return text.written_time(field.column)
    return f"CAST({field.column} AS STRING)" if sql_type == "DATE" else field.column


def _readable(field: Field) -> str:
    if (field.type or "").startswith("TIMESTAMP"):
        return f"COALESCE({text.written_time(field.column)}, 'null')"
    return text.readable(field.column, field.type)


def _object(parts: Sequence[tuple[str, str]]) -> str:
    return f"JSON_OBJECT({', '.join(f'KEY {literal(name)} VALUE {value}' for name, value in parts)})"
