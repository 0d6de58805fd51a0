"""``sql``: every row of a query of one's own."""

from fraud_api.columns import query_columns
from fraud_api.rules import Sql
from fraud_api.sql import parse_select
from fraud_job import text
from fraud_job.hits import COUNT, EVENT, ID, Hits, fields_of, ids, row_identity
from fraud_job.json_text import raw
from fraud_job.scope import Scope

IDS = "`_ids`"


def sources(rule: Sql) -> set[str]:
    """Names of the streams and views that the query reads."""
    return set(parse_select(rule.query).sources)


def hits(rule: Sql, scope: Scope) -> Hits:
    """The query's rows."""
    fields = fields_of(query_columns(scope.spec, rule.query))
    selected = [field.column for field in fields]
    selected += EVENT
    evidence, count = ids(ID), "1"
    if rule.evidence:
        given = text.columns(rule.evidence)
        selected += [f"ids_of({given}) AS {IDS}", f"how_many({given}) AS {COUNT}"]
        evidence, count = raw(IDS), COUNT
    return Hits(
        f"SELECT {', '.join(selected)} FROM ({scope.query(rule.query)})",
        fields,
        identity=row_identity(ID, fields) if scope.makes_several(rule.query) else ID,
        count=count,
        evidence=evidence,
    )
