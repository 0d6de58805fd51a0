"""From hits to alerts: one JSON shape for every rule, and an identity that a replay repeats."""

import hashlib
import json
import re
from collections.abc import Sequence

from fraud_api import FraudDetector
from fraud_api.resource import FraudDetectorSpec
from fraud_api.rules import Rule
from fraud_api.sql import literal
from fraud_api.templates import parse_template
from fraud_job import kinds, text
from fraud_job.hits import END, START, TIME, Field, Hits
from fraud_job.json_text import NULL, Json, constant, escaped, members, unescaped, value
from fraud_job.keys import owned
from fraud_job.ordered import in_order
from fraud_job.scope import Scope, with_views_below

_PARAMETER = re.compile(r":([a-z][a-z0-9_]*)")


def rule_version(rule: Rule, spec: FraudDetectorSpec) -> str:
    """Eight hex digits over what the rule means: its definition, its parameters, the views it reads.

    Mode, actions and description do not count: an alert of the same meaning keeps its version.
    """
    unsaid = {"mode", "actions", "description"}
    meaning = rule.model_dump(mode="json", by_alias=True, exclude=unsaid, exclude_defaults=True)
    read = with_views_below(spec, kinds.sources(rule))
    views = {view.name: view.query for view in spec.views if view.name in read}
    used = set(_PARAMETER.findall(json.dumps([meaning, views])))
    parameters = {p.name: [p.type, p.value] for p in spec.parameters if p.name in used}
    digest = hashlib.sha256(json.dumps([meaning, views, parameters], sort_keys=True).encode())
    return digest.hexdigest()[:8]


def entity_id(rule: Rule, hits: Hits) -> str:
    """SQL of the entity's id: its column as text, or several joined by ``|``, escaped by a backslash."""
    return text.joined([hits.field(name).column for name in rule.entity.columns])


def reason(rule: Rule, hits: Hits, scope: Scope) -> str:
    """SQL of the reason, with the observed values and the thresholds in it."""
    template, values = "", []
    for piece in parse_template(rule.reason).pieces:
        if isinstance(piece, str):
            template += escaped(piece, "#")
        elif piece.parameter:
            template += escaped(next(p.value for p in scope.spec.parameters if p.name == piece.name), "#")
        else:
            template += "#"
            values.append(hits.field(piece.full_name).column)
    return f"fill_text({', '.join([literal(template), *values])})" if values else literal(unescaped(template))


def alert_select(rule: Rule, hits: Hits, detector: FraudDetector, scope: Scope) -> str:
    """The SELECT of a rule's alerts: Kafka key and JSON value."""
    alert = _alert(rule, hits, detector).sql()
    return f"SELECT {key('`_entity`', rule)}, {alert} FROM ({identified(rule, hits, scope)})"


def block_select(rule: Rule, hits: Hits, detector: FraudDetector, scope: Scope) -> str:
    """The SELECT of what the action ``block`` writes: who, why, when, until, amount."""
    if rule.actions.block is None:
        raise ValueError(f"rule {rule.name} does not block")
    amount = rule.actions.block.amount
    ttl = rule.actions.block.ttl or detector.spec.blocking.ttl
    record = members(
        [
            ("who", value("`_entity`")),
            ("entity_type", constant(rule.entity.type)),
            ("why", value("`_reason`")),
            ("when", value(hits.at)),
            ("until", value(text.later(f"CAST({hits.at} AS TIMESTAMP_LTZ(3))", ttl))),
            ("amount", value(hits.field(amount).column) if amount else NULL),
            ("rule", constant(rule.name)),
            ("alert_id", value(alert_id(rule, hits, detector))),
        ]
    )
    return f"SELECT {key('`_entity`', rule)}, {record.sql()} FROM ({identified(rule, hits, scope)})"


def identified(rule: Rule, hits: Hits, scope: Scope) -> str:
    """Hits with their entity, identity and reason, at most one in any period where the rule wants that."""
    entity = f"{entity_id(rule, hits)} AS `_entity`, {hits.identity} AS `_identity`"
    said = f"{reason(rule, hits, scope)} AS `_reason`"
    found = owned(rule, hits, scope)
    if rule.first_only is None:
        return f"SELECT *, {entity}, {said} FROM ({found})"
    told = f"SELECT *, {entity}, CHAR_LENGTH({hits.identity}) AS `_identity_length` FROM ({found})"
    # the reason is put into words last: what remembers the first hit does not depend on it
    ties = [*([hits.at] if hits.at != TIME else []), "`_identity_length`", "`_identity`"]
    return f"SELECT *, {said} FROM ({in_order(scope, 'first_only', told, '`_entity`', [rule.first_only], ties)})"


def key(entity: str, rule: Rule) -> str:
    """SQL of the Kafka key: entities of two types never meet."""
    return f"CONCAT({literal(rule.entity.type + '/')}, COALESCE({entity}, ''))"


def alert_id(rule: Rule, hits: Hits, detector: FraudDetector) -> str:
    """SQL of the alert's identity: 32 hex digits over detector, rule, entity and event or window.

    An event is its id and its time; see docs/decisions/030-identity-of-an-alert.md.
    """
    fixed = f"{detector.metadata.namespace}/{detector.metadata.name}/{rule.name}"
    # the entity's length keeps a slash within it apart from the one behind it
    entity = "COALESCE(`_entity`, '')"
    parts = [literal(fixed), f"CAST(CHAR_LENGTH({entity}) AS STRING)", entity, "`_identity`"]
    parts += [f"CAST({time} AS STRING)" for time in hits.times]
    return f"SUBSTRING(SHA256(CONCAT_WS('/', {', '.join(parts)})), 1, 32)"


def _alert(rule: Rule, hits: Hits, detector: FraudDetector) -> Json:
    return members(
        [
            ("alert_id", value(alert_id(rule, hits, detector))),
            ("namespace", constant(detector.metadata.namespace)),
            ("detector", constant(detector.metadata.name)),
            ("rule", constant(rule.name)),
            ("rule_version", constant(rule_version(rule, detector.spec))),
            ("severity", constant(rule.severity.value)),
            ("mode", constant(rule.mode.value)),
            ("entity", members([("type", constant(rule.entity.type)), ("id", value("`_entity`"))])),
            ("event_time", value(hits.at)),
            ("window_start", value(START) if hits.windowed else NULL),
            ("window_end", value(END) if hits.windowed else NULL),
            ("reason", value("`_reason`")),
            ("evidence", members([("count", value(hits.count)), ("ids", hits.evidence)])),
            ("row", _row(hits.fields)),
        ]
    )


def _row(fields: Sequence[Field]) -> Json:
    """Fields, and those of a join's side or a sequence's step below its name."""
    groups = list(dict.fromkeys(field.group for field in fields if field.group))
    parts = [(field.name, value(field.column)) for field in fields if field.group is None]
    for group in groups:
        parts.append((group, members((f.name, value(f.column)) for f in fields if f.group == group)))
    return members(parts)
