"""``filter``: every single event that matches."""

from fraud_api.rules import Edge, Filter
from fraud_api.sql import identifier
from fraud_job.hits import EVENT, EVENT_IN_TURN, ID, Hits, fields_of, identity, ids, keyed, where
from fraud_job.ordered import matching
from fraud_job.scope import Scope


def hits(rule: Filter, entity: list[str], scope: Scope, edge: Edge | None) -> Hits:
    """Events of the source that match."""
    fields = fields_of(scope.columns(rule.source))
    selected = [field.column for field in fields]
    selected += EVENT_IN_TURN if edge else EVENT
    known = scope.known(rule.source)
    conditions = keyed(scope, rule.source, entity, None) if edge else [scope.condition(rule.where, known)]
    sql = f"SELECT {', '.join(selected)} FROM {identifier(rule.source)}{where(conditions)}"
    return Hits(
        matching(scope, sql, rule.where, known, entity, edge, {}) if edge else sql,
        fields,
        identity=identity(scope, [rule.source], ID, fields),
        count="1",
        evidence=ids(ID),
    )
