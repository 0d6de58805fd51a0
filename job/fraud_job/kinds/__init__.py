"""One module a kind of rule: each turns its part of the resource into hits."""

from fraud_api.rules import Rule
from fraud_job.hits import Hits
from fraud_job.kinds import change, first_seen, join, query, sequence, velocity, window
from fraud_job.kinds import filter as filter_kind
from fraud_job.scope import Scope

STATELESS = frozenset({"filter"})


def sources(rule: Rule) -> set[str]:
    """Names of the streams and views that a rule reads."""
    return query.sources(rule.sql) if rule.sql else set(rule.sources)


def hits(rule: Rule, scope: Scope) -> Hits:
    """The hits of a rule."""
    by = rule.entity.columns
    if rule.filter:
        return filter_kind.hits(rule.filter, by, scope, rule.edge)
    if rule.velocity:
        return velocity.hits(rule.velocity, by, scope, rule.edge)
    if rule.window:
        return window.hits(rule.window, by, scope, rule.edge)
    if rule.join:
        return join.hits(rule.join, scope, rule.first_only is not None)
    if rule.sequence:
        return sequence.hits(rule.sequence, by, scope)
    if rule.first_seen:
        return first_seen.hits(rule.first_seen, by, scope)
    if rule.change:
        return change.hits(rule.change, by, scope, rule.edge)
    if rule.sql:
        return query.hits(rule.sql, scope)
    raise ValueError(f"rule {rule.name} has no kind")
