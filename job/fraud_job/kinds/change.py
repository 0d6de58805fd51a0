"""``change``: each event of a key with the one before it."""

from fraud_api.rules import Change, Edge
from fraud_api.sql import identifier
from fraud_api.understanding import of_steps
from fraud_job import text
from fraud_job.hits import EVENT_IN_TURN, ID, Field, Hits, fields_of, identity, ids, keyed, where
from fraud_job.ordered import in_order, matching
from fraud_job.scope import Scope

PREVIOUS = "previous"
GAP = "gap"


def hits(rule: Change, entity: list[str], scope: Scope, edge: Edge | None) -> Hits:
    """Events that, compared with the one before, match; the first event of a key is compared with nothing."""
    by = rule.by or entity
    now = tuple(field for field in fields_of(scope.columns(rule.source)) if field.name != GAP)
    earlier = tuple(
        Field(field.name, identifier(f"{PREVIOUS}.{field.name}"), PREVIOUS) for field in now if field.name not in by
    )
    selected = [field.column for field in now]
    selected += EVENT_IN_TURN
    rows = (
        f"SELECT {', '.join(selected)} FROM {identifier(rule.source)}{where(keyed(scope, rule.source, by, rule.where))}"
    )
    compared = in_order(scope, "with_previous", rows, text.columns(by), [rule.within])
    names = {f"{PREVIOUS}.{field.name}": field.column for field in earlier} | {GAP: "`_gap`"}
    known = of_steps({**scope.columns(rule.source), GAP: "DOUBLE"})
    return Hits(
        matching(scope, compared, rule.having, known, by, edge, names),
        (*now, Field(GAP, "`_gap`"), *earlier),
        identity=identity(scope, [rule.source], ID, now),
        count="2",
        evidence=ids("`_previous_id`", ID),
    )
