"""The suite's Elasticsearch: what lies in its indices, and what tests do to it."""

from collections.abc import Mapping
from typing import Any

from elasticsearch import Elasticsearch, helpers
from harness import waiting

from fraud_api import FraudDetector
from fraud_services.elastic import connect

START_SECONDS = 600.0
"""A machine that does other things too takes its time."""
SETTINGS = {
    # one thread with a short queue: what is written to many buckets at once is partly put off with 429
    "thread_pool.write.queue_size": "10",
    # smaller than Kafka's largest record, so that a record can be too large
    "http.max_content_length": "8mb",
}


def indexed(detector: FraudDetector, url: str, **where: Any) -> FraudDetector:
    """A copy of a detector that is indexed at ``url``."""
    document = detector.model_dump(mode="json", by_alias=True, exclude_none=True, exclude_unset=True)
    document["spec"]["elasticsearch"] = {"url": url, **where}
    return FraudDetector.model_validate(document)


class Elastic:
    """A node that tests share; each has a namespace of its own.

    Attributes:
        url: its address.
        client: a client of it.
    """

    def __init__(self, url: str, secret: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.client: Elasticsearch = connect(url, secret or {})

    def count(self, name: str) -> int:
        """How many documents an alias or index has, once everything that was written can be seen."""
        self.client.indices.refresh(index=name)
        return int(self.client.count(index=name)["count"])

    def documents(self, name: str) -> dict[str, Any]:
        """All documents by id."""
        self.client.indices.refresh(index=name)
        return {hit["_id"]: hit["_source"] for hit in helpers.scan(self.client, index=name, size=5_000)}

    def indices(self, pattern: str) -> list[str]:
        """Names of indices."""
        return sorted(self.client.indices.get(index=pattern, allow_no_indices=True).body)

    def clear(self, namespace: str) -> None:
        """Delete what a detector had; a node with few indices starts quickly."""
        for name in self.indices(f"{namespace}.*"):
            self.client.indices.delete(index=name)
        there_or_not = self.client.options(ignore_status=404)
        there_or_not.indices.delete_index_template(name=f"{namespace}.*")
        there_or_not.cluster.delete_component_template(name=f"{namespace}.*")

    def wait_count(self, name: str, count: int, seconds: float = waiting.SECONDS) -> None:
        """Wait until there are so many documents."""
        waiting.until(lambda: self.count(name) == count, lambda: f"{self.count(name)} of {count} in {name}", seconds)
