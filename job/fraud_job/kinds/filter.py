"""``filter``: every single event that matches."""

from fraud_api.rules import Filter
from fraud_api.sql import identifier
from fraud_job.hits import ID, TIME, Hits, fields_of, ids
from fraud_job.scope import Scope


def hits(rule: Filter, scope: Scope) -> Hits:
    """Events of the source that match."""
    fields = fields_of(scope.columns(rule.source))
    selected = [field.column for field in fields]
    selected += [f"`event_time` AS {TIME}", f"CAST(`event_id` AS STRING) AS {ID}"]
    return Hits(
        f"SELECT {', '.join(selected)} FROM {identifier(rule.source)} WHERE {scope.condition(rule.where)}",
        fields,
        identity=ID,
        count="1",
        evidence=ids(ID),
    )
