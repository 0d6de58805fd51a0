"""What is deleted: buckets older than their retention, and all of a detector's where it is to go with it."""

import time

from elasticsearch import Elasticsearch

from fraud_api import FraudDetector, naming
from fraud_services.indices import templates
from fraud_services.indices.model import Index, indices_of
from fraud_services.indices.names import expired
from fraud_services.indices.verdicts import Verdict, judged


def drop_expired(client: Elasticsearch, detector: FraudDetector, now_ms: int | None = None) -> Verdict:
    """Delete buckets older than the retention; data streams do that themselves.

    Args:
        client: where.
        detector: whose.
        now_ms: the time, in milliseconds since 1970; the clock's by default.
    """
    now = round(time.time() * 1000) if now_ms is None else now_ms

    def drop() -> str:
        wanted = (index for index in indices_of(detector) if not index.upsert and not index.data_stream)
        old = [name for index in wanted for name in _expired(client, detector, index, now)]
        _delete(client, old)
        return f"{len(old)} buckets were older than their retention"

    return judged(detector, drop)


def remove(client: Elasticsearch, detector: FraudDetector) -> Verdict:
    """Delete everything that was ever made for a detector: indices of all versions, data streams and templates."""

    def delete() -> str:
        mine = f"{naming.prefix(detector)}.*"
        for index in indices_of(detector):
            if index.data_stream:
                client.indices.delete_data_stream(name=f"{index.alias}.v*")
        found = _ours(client, detector, mine)
        _delete(client, list(found))
        # a pattern that nothing matches is answered 404, with the same body
        asking = client.options(ignore_status=404)
        for one in asking.indices.get_index_template(name=mine).body.get("index_templates", []):
            if templates.is_ours(one["index_template"].get("_meta"), detector):
                client.indices.delete_index_template(name=one["name"])
        for one in asking.cluster.get_component_template(name=mine).body.get("component_templates", []):
            if templates.is_ours(one["component_template"].get("_meta"), detector):
                client.cluster.delete_component_template(name=one["name"])
        return f"{len(found)} indices and their templates are deleted"

    return judged(detector, delete)


def _expired(client: Elasticsearch, detector: FraudDetector, index: Index, now_ms: int) -> list[str]:
    return expired(_ours(client, detector, f"{index.alias}.v*"), index.retention_ms, now_ms)


def _ours(client: Elasticsearch, detector: FraudDetector, pattern: str) -> dict[str, int]:
    """The detector's own indices, and the length of each one's buckets in milliseconds."""
    found = client.indices.get_mapping(index=pattern, allow_no_indices=True).body
    told = {name: held["mappings"].get("_meta") for name, held in found.items()}
    return {name: meta["bucket_ms"] for name, meta in told.items() if templates.is_ours(meta, detector)}


def _delete(client: Elasticsearch, indices: list[str]) -> None:
    for name in indices:  # one by one: together their names may be longer than an address can be
        client.indices.delete(index=name, ignore_unavailable=True)
