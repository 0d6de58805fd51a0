"""Templates of an index, and what becomes of the version that is there already."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fraud_api import FraudDetector
from fraud_services.indices.fields import Fields
from fraud_services.indices.model import Index

MANAGED_BY = "frauddetector.io"
PRIORITY = 500
"""Above the templates that clusters come with, so that ours count."""

Body = dict[str, Any]


@dataclass(frozen=True)
class Version:
    """A version of an index: where its fields changed their types, it gets a new one.

    Attributes:
        number: 1 and up.
        fields: what its documents may hold, the fields of former declarations included.
    """

    number: int
    fields: Fields


def next_version(wanted: Index, found: Version | None) -> Version:
    """The version to write to: the one that is there, with fields added, or a new one where a type changed."""
    if found is None:
        return Version(1, wanted.fields)
    if any(name in found.fields and found.fields[name] != field for name, field in wanted.fields.items()):
        return Version(found.number + 1, wanted.fields)
    return Version(found.number, {**found.fields, **wanted.fields})


def meta(detector: FraudDetector, index: Index, version: Version) -> Body:
    """What we write into templates and indices, to know them again."""
    return {
        "managed_by": MANAGED_BY,
        "detector": owner(detector),
        "version": version.number,
        "fingerprint": index.fingerprint,
        "bucket_ms": index.bucket_ms,
    }


def owner(detector: FraudDetector) -> str:
    """Whose an index is: ``namespace/name``."""
    return f"{detector.metadata.namespace}/{detector.metadata.name}"


def is_ours(told: Mapping[str, Any] | None, detector: FraudDetector) -> bool:
    """Whether what ``_meta`` tells of is this detector's."""
    told = told or {}
    return told.get("managed_by") == MANAGED_BY and told.get("detector") == owner(detector)


def component_name(index: Index) -> str:
    """Name of the template that holds fields and settings."""
    return f"{index.alias}@fields"


def component(detector: FraudDetector, index: Index, version: Version) -> Body:
    """Fields and settings of an index."""
    told = meta(detector, index, version)
    return {
        "template": {
            "settings": settings(index),
            "mappings": {
                "dynamic": "strict" if index.strict else False,
                "_meta": told,
                "properties": version.fields,
            },
        },
        "_meta": told,
    }


def settings(index: Index) -> Body:
    """Settings of an index."""
    return {
        "index.number_of_shards": index.shards,
        "index.number_of_replicas": index.replicas,
        # "12.5" is no number: who sends it shall hear of it
        "index.mapping.coerce": False,
    }


def template(detector: FraudDetector, index: Index, version: Version) -> Body:
    """Which indices get those fields, and the name that people read them by."""
    physical = index.physical(version.number)
    one = index.upsert or index.data_stream
    body: Body = {
        "index_patterns": [physical if one else f"{physical}.*"],
        "composed_of": [component_name(index)],
        "priority": PRIORITY,
        "template": {"aliases": {index.alias: {}}},
        "_meta": meta(detector, index, version),
    }
    if index.data_stream:
        body["data_stream"] = {}
        body["template"]["lifecycle"] = {"data_retention": f"{index.retention_ms // 1000}s"}
    return body
