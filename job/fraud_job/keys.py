"""Whose an event is: one whose entity or key has a null is nobody's, in every kind of rule alike.

It never alerts; ``has_key``, a function in Java, counts it for its rule.
"""

from pydantic.alias_generators import to_snake

from fraud_api.rules import Rule
from fraud_job.hits import Hits, has_key, nullable
from fraud_job.scope import Scope


def owned(rule: Rule, hits: Hits, scope: Scope) -> str:
    """The hits that are about somebody."""
    names = _unsure(rule, scope)
    if not names:
        return hits.sql
    columns = [hits.field(name).column for name in names]
    return f"SELECT * FROM ({hits.sql}) WHERE {has_key(scope.owner, names, hits.identity, columns)}"


def _unsure(rule: Rule, scope: Scope) -> list[str]:
    """Columns of the entity that may be null in a hit: not those of the key, which is never null."""
    kind = getattr(rule, to_snake(rule.kind))
    source = kind.left if rule.join else getattr(kind, "source", None)
    key = (kind.by or rule.entity.columns) if hasattr(kind, "by") else []
    return [name for name in rule.entity.columns if name not in key and nullable(scope, source, name)]
