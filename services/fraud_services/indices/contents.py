"""What is in a detector's indices."""

from elasticsearch import Elasticsearch

from fraud_api import FraudDetector
from fraud_services.indices.model import indices_of


def documents(client: Elasticsearch, detector: FraudDetector) -> dict[str, int]:
    """Documents by alias, those just written included; none where there is no index.

    Raises ApiError or TransportError when Elasticsearch does not tell.
    """
    aliases = [index.alias for index in indices_of(detector)]
    for alias in aliases:  # one by one: together their names may be longer than an address can be
        client.indices.refresh(index=alias, ignore_unavailable=True)
    return {alias: int(client.count(index=alias, ignore_unavailable=True)["count"]) for alias in aliases}
